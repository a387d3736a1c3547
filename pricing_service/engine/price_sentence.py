"""The reasons of a recommended price in plain sentences, from the numbers of the engine.

    At 126 we expect 3 more bookings for the 12 free rooms, 378 in all until the night; at 116 it
    would be 3.9, and 452. 28 of 40 rooms are booked 14 days before, where 24 are usual. May +12 %,
    Saturday +8 %. Held at the minimum.

Expected are bookings that are not cancelled, at a price that stays until the night. The sentences
are returned apart from their words, because they are read in several languages.

Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import numpy as np

from common.translatable_text import Shown, Text, amount, day, plural
from pricing_service.engine.belief import Belief
from pricing_service.engine.hotel_rules import HotelRules
from pricing_service.engine.price_steps import on_step
from pricing_service.engine.recommendation import NightPrice
from pricing_service.engine.revenue_curve import expected_sales
from pricing_service.texts.text_parts import Part, all_joined_with_and, listed, season_text

CLOSED: Final = Text("No room is for sale on this night: it is closed.")
FIXED: Final = Text("The price of this night is fixed.")
NEIGHBOUR: Final = Decimal("0.08")  # how far the other price is, as a share
WHOLE_FROM: Final = 9.95  # bookings that are told without decimals
MOST_DECIMALS: Final = 2


@dataclass(frozen=True)
class Outcome:
    """What a price that stays until the night is expected to bring."""

    price: Decimal
    bookings: float
    revenue: float


def outcomes(
    rules: HotelRules, belief: Belief, nights: Sequence[NightPrice], day_left: float = 1.0
) -> list[tuple[Outcome, Outcome]]:
    """Return for each night the outcome of its price, and of its neighbour.

    The neighbour is 8 % lower, or higher where the minimum is closer; the price itself where the
    bounds leave no other.
    """
    if not nights:
        return []
    pairs = [(night.price, _neighbour(rules, night)) for night in nights]
    prices = np.array([[float(price) for price in pair] for pair in pairs])
    sales = expected_sales(belief, nights, prices, day_left)
    return [
        (
            Outcome(price, float(bookings[0]), float(revenue[0])),
            Outcome(other, float(bookings[1]), float(revenue[1])),
        )
        for (price, other), bookings, revenue in zip(
            pairs, sales.bookings, sales.revenue, strict=True
        )
    ]


def price_sentence(
    rules: HotelRules,
    night: NightPrice,
    outcome: tuple[Outcome, Outcome],
    usual: float,
    group_rooms: int = 0,
    figures_as_of: date | None = None,
) -> list[Text]:
    """Return the sentences.

    Args:
        outcome: of the night's price and of its neighbour.
        usual: room-nights that are usually on the books of such a night by now.
        group_rooms: of those on the books, booked as groups.
        figures_as_of: the day that the figures are of, where it is not today.
    """
    if night.bound == "fixed":
        return [FIXED]
    if not night.rooms:
        return [CLOSED]
    parts = [_expectation(night, *outcome), _sales(night, usual, group_rooms, figures_as_of)]
    more = [_calendar(rules, night), _trial(night), _limit(rules, night)]
    return parts + [part for part in more if part]


def price_amount(price: Decimal) -> Shown:
    """Return an amount with its decimals, if it has any: 1,512 or 126.50."""
    whole, _, decimals = f"{price:f}".partition(".")
    if not decimals.strip("0"):
        return amount(Decimal(whole), "amount:0")
    return amount(price, f"amount:{len(decimals)}")


def _neighbour(rules: HotelRules, night: NightPrice) -> Decimal:
    lowest, highest = rules.price_range(night.night)
    lower = max(on_step(night.price * (1 - NEIGHBOUR), rules.step), lowest)
    if lower < night.price:
        return lower
    return max(min(on_step(night.price * (1 + NEIGHBOUR), rules.step), highest), night.price)


def _expectation(night: NightPrice, here: Outcome, other: Outcome) -> Text:
    free = night.rooms - night.on_the_books
    if free <= 0:
        return Text(
            "No room is free; one that is given back costs %(price)s.",
            {"price": price_amount(here.price)},
        )
    fewest = 0 if min(here.bookings, other.bookings) >= WHOLE_FROM else 1
    count, other_count = _told_apart(here.bookings, other.bookings, fewest)
    revenue, other_revenue = _told_apart(here.revenue, other.revenue, 0)
    values = {
        "price": price_amount(here.price), "bookings": _more_bookings(count), "rooms": free,
        "revenue": revenue,
    }  # fmt: skip
    if other.price == here.price:
        return plural(
            "At %(price)s we expect %(bookings)s for the %(rooms)d free room, %(revenue)s in all "
            "until the night.",
            "At %(price)s we expect %(bookings)s for the %(rooms)d free rooms, %(revenue)s in all "
            "until the night.",
            free,
            values,
        )
    return plural(
        "At %(price)s we expect %(bookings)s for the %(rooms)d free room, %(revenue)s in all until "
        "the night; at %(other_price)s it would be %(other_bookings)s, and %(other_revenue)s.",
        "At %(price)s we expect %(bookings)s for the %(rooms)d free rooms, %(revenue)s in all "
        "until the night; at %(other_price)s it would be %(other_bookings)s, and "
        "%(other_revenue)s.",
        free,
        values
        | {
            "other_price": price_amount(other.price),
            "other_bookings": other_count,
            "other_revenue": other_revenue,
        },
    )


def _more_bookings(count: Shown) -> Text:
    number = Decimal(count.value)
    # The form for a number with decimals: French says 1.5 as it says 1, English as it says 2.
    form = 1 if number == 1 else 0 if number < 2 else 2
    return plural("%(count)s more booking", "%(count)s more bookings", form, {"count": count})


def _told_apart(one: float, other: float, digits: int) -> list[Shown]:
    """Return two numbers with so many decimals, with more where they would look the same."""
    while one != other and digits < MOST_DECIMALS and f"{one:.{digits}f}" == f"{other:.{digits}f}":
        digits += 1
    return [_rounded(number, digits) for number in (one, other)]


def _rounded(number: float, digits: int) -> Shown:
    """Return a number with so many decimals, or with none if all are zeros."""
    return price_amount(Decimal(f"{number:.{digits}f}"))


def _sales(night: NightPrice, usual: float, group_rooms: int, figures_as_of: date | None) -> Text:
    """Return what is on the books in words, beside what is usual by then."""
    usual_rooms = round(usual)
    values = {
        "booked": night.on_the_books, "rooms": night.rooms, "grouped": group_rooms,
        "usual": usual_rooms, "when": _days_before(night.days_before, figures_as_of),
    }  # fmt: skip
    if not group_rooms:
        del values["grouped"]
    if abs(night.on_the_books - usual) < 0.5 or usual_rooms == night.on_the_books:
        del values["usual"]
        if group_rooms:
            return Text(
                "%(booked)d of %(rooms)d rooms are booked %(when)s, %(grouped)d of them in groups, "
                "as usual.",
                values,
            )
        return Text("%(booked)d of %(rooms)d rooms are booked %(when)s, as usual.", values)
    if group_rooms:
        return plural(
            "%(booked)d of %(rooms)d rooms are booked %(when)s, %(grouped)d of them in groups, "
            "where %(usual)d is usual.",
            "%(booked)d of %(rooms)d rooms are booked %(when)s, %(grouped)d of them in groups, "
            "where %(usual)d are usual.",
            usual_rooms,
            values,
        )
    return plural(
        "%(booked)d of %(rooms)d rooms are booked %(when)s, where %(usual)d is usual.",
        "%(booked)d of %(rooms)d rooms are booked %(when)s, where %(usual)d are usual.",
        usual_rooms,
        values,
    )


def _days_before(days: int, figures_as_of: date | None) -> Text:
    if figures_as_of is None:
        return plural("%(days)d day before", "%(days)d days before", days, {"days": days})
    return plural(
        "(figures as of %(date)s, %(days)d day before this night)",
        "(figures as of %(date)s, %(days)d days before this night)",
        days,
        {"date": day(figures_as_of, "long"), "days": days},
    )


def _calendar(rules: HotelRules, night: NightPrice) -> Text | None:
    """Return the told factors that are not 1: May +12 %, Saturday +8 %."""
    parts: list[Part] = []
    factors: list[tuple[Part, float]] = [
        (day(night.night, "month-name"), rules.months[night.night.month - 1]),
        (day(night.night, "long-weekday"), rules.weekdays[night.night.weekday()]),
        (_event(rules, night.night, is_first=False), rules.event_factor(night.night)),
        (Text("so close to arrival"), rules.lead_factor(night.days_before)),
    ]
    for number, (name, factor) in enumerate(factors):
        if factor == 1.0:
            continue
        if not parts and number == 2:
            name = _event(rules, night.night, is_first=True)
        elif not parts and number == 3:
            name = Text("So close to arrival")
        parts.append(Text("%(what)s %(change)s", {"what": name, "change": percent_change(factor)}))
    return Text("%(factors)s.", {"factors": listed(parts)}) if parts else None


def _event(rules: HotelRules, night: date, *, is_first: bool) -> Part:
    """Return the names of a night's events.

    Args:
        is_first: they begin a sentence.
    """
    names = rules.event_names(night)
    if not names:
        return Text("Event") if is_first else Text("event")
    first = names[0][:1].upper() + names[0][1:] if is_first else names[0]
    return all_joined_with_and([first, *names[1:]])


def _trial(night: NightPrice) -> Text | None:
    """Return by how much a price was moved to learn; None without a move."""
    percent = abs(round(100 * night.trial))
    if not percent:
        return None
    if night.trial > 0:
        return Text(
            "Tried %(percent)d %% higher to learn how guests respond.", {"percent": percent}
        )
    return Text("Tried %(percent)d %% lower to learn how guests respond.", {"percent": percent})


def _limit(rules: HotelRules, night: NightPrice) -> Text | None:
    if not night.bound:
        return None
    season = rules.night_bounds(night.night).season(night.bound)
    is_minimum = night.bound == "minimum"
    if season is None:
        return Text("Held at the minimum.") if is_minimum else Text("Held at the maximum.")
    values = {"season": season_text(season)}
    if is_minimum:
        return Text("Held at the minimum of %(season)s.", values)
    return Text("Held at the maximum of %(season)s.", values)


def percent_change(factor: float) -> Text:
    """Return a factor as text: +12 % for 1.12, with U+2212 as the minus sign."""
    percent = round(100 * (factor - 1))
    values = {"percent": abs(percent)}
    if percent > 0:
        return Text("+%(percent)d %%", values)
    return Text("−%(percent)d %%", values) if percent < 0 else Text("±%(percent)d %%", values)
