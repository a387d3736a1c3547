"""Parts of sentences about prices: lists, dates in figures, weekdays, seasons.

Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from common.currencies import format_amount
from common.translatable_text import Shown, Text, amount, day
from pricing_service.engine.seasons import WEEK, Season

Part = Text | Shown | str

MONTHS: Final = (
    Text("January"), Text("February"), Text("March"), Text("April"), Text("May"), Text("June"),
    Text("July"), Text("August"), Text("September"), Text("October"), Text("November"),
    Text("December"),
)  # fmt: skip
WEEKDAYS: Final = (
    Text("Monday"), Text("Tuesday"), Text("Wednesday"), Text("Thursday"), Text("Friday"),
    Text("Saturday"), Text("Sunday"),
)  # fmt: skip
WEEKDAYS_SHORT: Final = (
    Text("Mon"), Text("Tue"), Text("Wed"), Text("Thu"), Text("Fri"), Text("Sat"), Text("Sun"),
)  # fmt: skip
WEEKDAY_PLURALS: Final = (
    Text("Mondays"), Text("Tuesdays"), Text("Wednesdays"), Text("Thursdays"), Text("Fridays"),
    Text("Saturdays"), Text("Sundays"),
)  # fmt: skip


def listed(parts: Sequence[Part]) -> Part:
    """Return parts in a row: "a, b, c"; empty for none."""
    whole: Part = parts[0] if parts else ""
    for part in parts[1:]:
        whole = Text("%(before)s, %(next)s", {"before": whole, "next": part})
    return whole


def listed_with_and(parts: Sequence[Part]) -> Part:
    """Return parts as people name them: "a, b and c"; empty for none."""
    *before, last = parts or [""]
    return (
        Text("%(before)s and %(last)s", {"before": listed(before), "last": last})
        if before
        else last
    )


def all_joined_with_and(parts: Sequence[Part]) -> Part:
    """Return parts with "and" between all of them: "a and b and c"; empty for none."""
    whole: Part = parts[0] if parts else ""
    for part in parts[1:]:
        whole = Text("%(before)s and %(last)s", {"before": whole, "last": part})
    return whole


def day_in_figures(value: date) -> Text:
    """Return a date in figures, in the order of the reader's language; in English 2026-12-31."""
    return Text(
        "%(year)04d-%(month)02d-%(day)02d",
        {"year": value.year, "month": value.month, "day": value.day},
    )


def season_text(season: Season) -> Part:
    """Return a season as people write it: 1 Jun to 31 Aug of every year, Fri, Sat."""
    form = "short" if season.every_year else "date"
    first, last = day(season.first, form), day(season.last, form)
    text: Part = first
    if season.first != season.last:
        text = Text("%(first)s to %(last)s", {"first": first, "last": last})
    if season.every_year:
        text = Text("%(span)s of every year", {"span": text})
    if not season.weekdays or len(season.weekdays) == WEEK:
        return text
    return listed([text, *(WEEKDAYS_SHORT[weekday] for weekday in sorted(season.weekdays))])


def season_as_json(season: Season | None) -> dict[str, Any] | None:
    """Return a season as it is stored with a price; None for none."""
    if season is None:
        return None
    return {
        "first": season.first.isoformat(),
        "last": season.last.isoformat(),
        "weekdays": sorted(season.weekdays),
        "every_year": season.every_year,
    }


def season_from_json(stored: dict[str, Any]) -> Season:
    """Return the season that `season_as_json` has made."""
    return Season(
        first=date.fromisoformat(stored["first"]),
        last=date.fromisoformat(stored["last"]),
        weekdays=frozenset(stored["weekdays"]),
        every_year=stored["every_year"],
    )


def stored_amount(price: Decimal, currency: str) -> Shown:
    """Return an amount with its currency's decimals, and more if it has more."""
    text = format_amount(price, currency)
    return amount(Decimal(text), f"amount:{len(text.partition('.')[2])}")
