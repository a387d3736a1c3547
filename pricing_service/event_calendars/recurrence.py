"""The days of an iCalendar recurrence rule (RFC 5545, 3.3.10) within a span of days.

Each day of the span is asked whether the rule has it, so that no rule takes longer than its span
has days: calendars are strangers' files, and one line that matches no day keeps a library that
searches for the next match busy for seconds. Known are rules by day, week, month and year with
interval, count, end, months, days of the month and weekdays; others raise UnknownRule.

Pure: no database, no clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

WEEKDAYS: Final = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
FREQUENCIES: Final = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
MOST_VALUES: Final = 100  # of one part of a rule
_BY_DAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
# Parts that say at what hour, which makes no other day.
_OF_THE_CLOCK: Final = {"BYHOUR", "BYMINUTE", "BYSECOND"}
ONE_DAY: Final = timedelta(days=1)


class UnknownRule(ValueError):
    """The rule is not valid, or has parts that are not known here."""


@dataclass(frozen=True)
class Rule:
    """A recurrence rule of whole days."""

    frequency: str
    interval: int = 1
    count: int | None = None
    until: date | None = None  # included
    months: frozenset[int] = frozenset()
    month_days: frozenset[int] = frozenset()  # negative: from the month's end
    weekdays: frozenset[tuple[int, int]] = frozenset()  # ordinal (0: every) and weekday
    week_start: int = 0

    def days(self, start: date, first: date, last: date) -> Iterator[date]:
        """Yield the rule's days from `first` to `last`, both included, in order.

        Args:
            start: the first occurrence; what the rule leaves open follows from it.
        """
        last = min(last, self.until or last)
        # Without a count nothing before the span matters.
        day = start if self.count else max(start, first)
        left = self.count
        while day <= last:
            if self._has(day, start):
                if left is not None:
                    if left == 0:
                        return
                    left -= 1
                if day >= first:
                    yield day
            day += ONE_DAY

    def _has(self, day: date, start: date) -> bool:
        if self.months and day.month not in self.months:
            return False
        if _PERIODS[self.frequency](day, start, self) % self.interval:
            return False
        if self.month_days and not self._has_month_day(day):
            return False
        if self.weekdays:
            return any(self._is_ordinal(day, *one) for one in self.weekdays)
        if self.month_days or self.frequency == "DAILY":
            return True
        if self.frequency == "WEEKLY":
            return day.weekday() == start.weekday()
        is_month = self.frequency == "MONTHLY" or bool(self.months) or day.month == start.month
        return is_month and day.day == start.day

    def _has_month_day(self, day: date) -> bool:
        from_end = day.day - _days_of_month(day) - 1
        return day.day in self.month_days or from_end in self.month_days

    def _is_ordinal(self, day: date, ordinal: int, weekday: int) -> bool:
        if day.weekday() != weekday:
            return False
        if ordinal == 0:
            return True
        if self.frequency == "YEARLY" and not self.months:
            number = day.timetuple().tm_yday
            length = date(day.year, 12, 31).timetuple().tm_yday
        else:
            number, length = day.day, _days_of_month(day)
        if ordinal > 0:
            return (number - 1) // 7 + 1 == ordinal
        return (length - number) // 7 + 1 == -ordinal


def parse_rule(text: str, until_of: Callable[[str], date]) -> Rule:
    """Return the rule of an RRULE's value.

    Args:
        until_of: reads the value of UNTIL. Raises: ValueError.
    Raises: UnknownRule.
    """
    parts: dict[str, str] = {}
    for part in text.strip().upper().split(";"):
        name, sign, value = part.partition("=")
        if part and (not sign or name in parts):
            raise UnknownRule(part)
        if part and name not in _OF_THE_CLOCK:
            parts[name] = value
    frequency = parts.pop("FREQ", "")
    if frequency not in FREQUENCIES:
        raise UnknownRule(frequency)
    try:
        rule = Rule(
            frequency,
            interval=_whole(parts.pop("INTERVAL", "1")),
            count=_whole(parts.pop("COUNT")) if "COUNT" in parts else None,
            until=until_of(parts.pop("UNTIL")) if "UNTIL" in parts else None,
            months=frozenset(_numbers(parts.pop("BYMONTH", ""), 1, 12)),
            month_days=frozenset(_numbers(parts.pop("BYMONTHDAY", ""), -31, 31)),
            weekdays=frozenset(_weekdays(parts.pop("BYDAY", ""))),
            week_start=WEEKDAYS[parts.pop("WKST", "MO")],
        )
    except (ValueError, KeyError) as error:
        raise UnknownRule(text) from error
    if parts:
        raise UnknownRule(", ".join(parts))
    return rule


def _whole(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text) or int(text) < 1:
        raise ValueError(text)
    return int(text)


def _numbers(text: str, low: int, high: int) -> list[int]:
    numbers = [int(value) for value in _values(text) if re.fullmatch(r"[+-]?[0-9]{1,2}", value)]
    if len(numbers) != len(_values(text)) or any(not n or not low <= n <= high for n in numbers):
        raise ValueError(text)
    return numbers


def _weekdays(text: str) -> list[tuple[int, int]]:
    found = [_BY_DAY.fullmatch(value) for value in _values(text)]
    if not all(found):
        raise ValueError(text)
    return [(int(match[1] or 0), WEEKDAYS[match[2]]) for match in found if match]


def _values(text: str) -> list[str]:
    values = text.split(",") if text else []
    if len(values) > MOST_VALUES:
        raise ValueError(text[:50])
    return values


def _days_of_month(day: date) -> int:
    following = day.replace(day=28) + timedelta(days=4)
    return (following - timedelta(days=following.day)).day


def _weeks(day: date, start: date, rule: Rule) -> int:
    begins = [one.toordinal() - (one.weekday() - rule.week_start) % 7 for one in (day, start)]
    return (begins[0] - begins[1]) // 7


_PERIODS: Final[dict[str, Callable[[date, date, Rule], int]]] = {
    "DAILY": lambda day, start, _: (day - start).days,
    "WEEKLY": _weeks,
    "MONTHLY": lambda day, start, _: (day.year - start.year) * 12 + day.month - start.month,
    "YEARLY": lambda day, start, _: day.year - start.year,
}
