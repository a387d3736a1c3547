"""Public holidays as events: which nights a holiday fills, and what it was worth before.

A hotel sells the night *before* a free day. Free are holidays, weekends, and a single working day
between two free days (a bridge day), and free days in a row belong together: an event covers the
nights from the eve of the first of them to the eve of the last. So a Thursday holiday is the nights
of Wednesday to Saturday, a Monday one of Friday to Sunday, a Wednesday one its eve alone; Good
Friday to Easter Monday is one event of four nights. The night *of* the last free day is an ordinary
one.

A factor is learned from the same holidays of the past two years: what was sold on the nights of
each, divided by what was sold on ordinary open nights of the same weekdays in the weeks around,
and, as the other proposals do, it follows the difference half the way. Without such nights there is
no factor.

Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from pricing_service.demand.bookings import WEEK
from pricing_service.demand.on_the_books_history import SEASON_DAYS
from pricing_service.rules.rule_proposals import DEMAND_WEIGHT

FACTOR_BOUNDS: Final = (0.7, 1.5)
MIN_ORDINARY_NIGHTS: Final = 4  # of one weekday around a holiday: half of what SEASON_DAYS have
# Holidays move in the calendar: Easter by up to 35 days, those of the moon by 11 a year.
SAME_HOLIDAY_DAYS: Final = 45
MAX_NAME_LENGTH: Final = 60  # of an event
DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class HolidayEvent:
    """The nights that free days in a row fill; `factor` is None until it is learned."""

    name: str
    first: date
    last: date
    holidays: frozenset[str]
    factor: float | None = None


def holiday_events(
    holidays: Mapping[date, Sequence[str]], weekend: frozenset[int]
) -> list[HolidayEvent]:
    """Return the events of some holidays, in order of time.

    Args:
        holidays: names by day, whole years.
        weekend: weekdays on which people are free, 0 for Monday.
    """

    def is_day_off(day: date) -> bool:
        return day in holidays or day.weekday() in weekend

    def is_free(day: date) -> bool:
        return is_day_off(day) or (is_day_off(day - DAY) and is_day_off(day + DAY))

    events: list[HolidayEvent] = []
    reached = date.min
    for holiday in sorted(holidays):
        if holiday <= reached:
            continue
        start = end = holiday
        while is_free(start - DAY):
            start -= DAY
        while is_free(end + DAY):
            end += DAY
        reached = end
        days = [start + timedelta(days=number) for number in range((end - start).days + 1)]
        named = [day for day in days if day in holidays]
        names = list(dict.fromkeys(name for day in named for name in holidays[day]))
        is_unbroken = named[-1] - named[0] == timedelta(days=len(named) - 1)
        name = _name(names, "and" if is_unbroken and len(names) == 2 else "to")
        events.append(HolidayEvent(name, start - DAY, end - DAY, frozenset(names)))
    return events


def with_learned_factors(
    events: Sequence[HolidayEvent],
    past: Sequence[HolidayEvent],
    sold: Mapping[date, float],
) -> list[HolidayEvent]:
    """Return events with a factor where the hotel has history of the same holidays.

    Args:
        past: events of the years before; one that is not over is left out.
        sold: final room-nights of past nights in which the hotel was open, by night.
    """
    special = {
        event.first + timedelta(days=number)
        for event in past
        for number in range((event.last - event.first).days + 1)
    }
    return [
        replace(event, factor=_factor([one for one in past if _is_same(event, one)], special, sold))
        for event in events
    ]


def _factor(
    past: Sequence[HolidayEvent], special: set[date], sold: Mapping[date, float]
) -> float | None:
    """Return the factor learned from past events; None without enough nights to compare."""
    actual = usual = 0.0
    for event in past:
        for number in range((event.last - event.first).days + 1):
            night = event.first + timedelta(days=number)
            around = [
                night + timedelta(days=shift)
                for shift in range(-SEASON_DAYS, SEASON_DAYS + 1, WEEK)
                if shift
            ]
            ordinary = [sold[other] for other in around if other in sold and other not in special]
            if night in sold and len(ordinary) >= MIN_ORDINARY_NIGHTS:
                actual += sold[night]
                usual += sum(ordinary) / len(ordinary)
    if usual <= 0:
        return None
    lowest, highest = FACTOR_BOUNDS
    factor = 1.0 + DEMAND_WEIGHT * (actual / usual - 1.0)
    return round(min(max(factor, lowest), highest), 2)


def _is_same(event: HolidayEvent, past: HolidayEvent) -> bool:
    """Return whether an event has a holiday of a past one, at about the same time of the year."""
    if not event.holidays & past.holidays:
        return False
    years = round((event.first - past.first).days / 365.25)
    moved = (event.first - past.first).days - round(365.25 * years)
    return years >= 1 and abs(moved) <= SAME_HOLIDAY_DAYS


def _name(names: Sequence[str], link: str) -> str:
    """Return the name of an event: of its holiday, or of the first and the last one."""
    joined = names[0] if len(names) == 1 else f"{names[0]} {link} {names[-1]}"
    return joined if len(joined) <= MAX_NAME_LENGTH else names[0][:MAX_NAME_LENGTH]
