"""Seasons: which nights a rule by dates and weekdays applies to, and which of several rules counts.

A season is a span of nights, first and last included, of all weekdays or of some; with
`every_year` it comes back each year, also across New Year. Where several rules apply to a night,
the narrowest counts: the one whose season has the fewest nights (in a year), so that a weekend
inside a season, or an exception inside both, is simply one more rule, whatever the order in which
they are told. Of two equally narrow ones a single year's counts before one of every year, then the
one that begins later.

Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final, Protocol, TypeVar

WEEK: Final = 7
WEEKDAY_NAMES: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, kw_only=True)
class Season:
    """The nights first … last on some weekdays; with `every_year`, month and day count only."""

    first: date
    last: date
    weekdays: frozenset[int] = frozenset()  # 0 is Monday; empty: all
    every_year: bool = False

    def has(self, night: date) -> bool:
        """Return whether the rule applies to a night."""
        if self.weekdays and night.weekday() not in self.weekdays:
            return False
        if not self.every_year:
            return self.first <= night <= self.last
        day, first, last = _day_of_year(night), _day_of_year(self.first), _day_of_year(self.last)
        return first <= day <= last if first <= last else day >= first or day <= last

    @property
    def breadth(self) -> float:
        """How many nights the season has; of a season that comes back, in a year."""
        nights = (self.last - self.first).days + 1
        return nights * (len(self.weekdays) or WEEK) / WEEK

    def meets(self, other: Season) -> bool:
        """Return whether a night can be in both seasons."""
        if self.weekdays and other.weekdays and not self.weekdays & other.weekdays:
            return False
        if not self.every_year and not other.every_year:
            return self.first <= other.last and other.first <= self.last
        return any(
            first <= other_last and other_first <= last
            for first, last in self._days_of_years
            for other_first, other_last in other._days_of_years
        )

    @cached_property
    def _days_of_years(self) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        """Return the spans of months and days that the season has in any year."""
        start, end = (1, 1), (12, 31)
        if (self.last - self.first).days >= 365:
            return [(start, end)]
        first, last = _day_of_year(self.first), _day_of_year(self.last)
        return [(first, last)] if first <= last else [(first, end), (start, last)]

    def __str__(self) -> str:
        """Return the season as people write it: 1 Jun to 31 Aug of every year, Fri, Sat."""
        year = "" if self.every_year else " %Y"
        first, last = (f"{day.day} {day.strftime('%b' + year)}" for day in (self.first, self.last))
        text = first if self.first == self.last else f"{first} to {last}"
        names = ", ".join(WEEKDAY_NAMES[weekday] for weekday in sorted(self.weekdays))
        text += " of every year" if self.every_year else ""
        return f"{text}, {names}" if names and len(self.weekdays) < WEEK else text


class SeasonalRule(Protocol):
    """Anything that applies to the nights of a season."""

    @property
    def season(self) -> Season: ...


AnyRule = TypeVar("AnyRule", bound=SeasonalRule)


def narrowest(rules: Iterable[AnyRule], night: date) -> AnyRule | None:
    """Return the rule that counts on a night; None where none applies."""
    return min((rule for rule in rules if rule.season.has(night)), key=_narrowness, default=None)


def is_narrower(one: SeasonalRule, other: SeasonalRule) -> bool:
    """Return whether the one rule counts where both apply."""
    return _narrowness(one) < _narrowness(other)


def _narrowness(rule: SeasonalRule) -> tuple[float, bool, int]:
    season = rule.season
    return season.breadth, season.every_year, -season.first.toordinal()


def _day_of_year(day: date) -> tuple[int, int]:
    return day.month, day.day
