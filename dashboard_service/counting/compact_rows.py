"""Expected rows of a hotel with whole numbers as keys and values, a third of the memory of tuples.

A hotel with very many rows is compared in parts: each part holds the rows whose first date, or
whose reservation, falls into it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache

from dashboard_service.counting.event_counts import TableRows
from dashboard_service.counting.revenue_counts import RevenueCounts
from dashboard_service.encoded_reservations import History

MAX_PART_ROWS = 400_000  # about 50 MB
_DATES = 4_000_000  # more than there are proleptic ordinals
_WORDS = 1 << 24  # more than there are descriptions of one hotel
_WITH_RATE, _REVENUE = 1 << 40, 1 << 80  # places of the three sums in one number
_HASHES = (1 << 64) - 1

DAY_TABLES = {"booked": 0, "stay": 1}
NIGHTS, HOURS, PACE = 2, 3, 4


class TooManyRows(Exception):
    """A part needs more memory than is allowed: divide the hotel into more parts."""


class Part:
    """Which rows are compared at once: one of `parts` that together are all."""

    def __init__(self, number: int, parts: int) -> None:
        self._number = number
        self._parts = parts

    def has(self, value: int) -> bool:
        return value % self._parts == self._number

    def has_reservation(self, name: str) -> bool:
        return self._parts == 1 or self.has(
            int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest())
        )


class CompactCounts:
    """Bookings and cancellations by table and dates."""

    def __init__(self, part: Part) -> None:
        self.rows: dict[int, int] = {}
        self._part = part

    def add(self, rows: TableRows) -> None:
        """Add counts of this part."""
        for _, basis, day, both in rows.days:
            self._add_one(DAY_TABLES[basis], ordinal(day), 0, both)
        for _, night, day, both in rows.nights:
            self._add_one(NIGHTS, ordinal(night), ordinal(day), both)
        for _, hour, both in rows.hours:
            self._add_one(HOURS, ordinal(hour[:10]), int(hour[11:13]), both)

    def _add_one(self, table: int, first: int, second: int, both: int) -> None:
        if self._part.has(first):
            key = (table * _DATES + first) * _DATES + second
            self.rows[key] = self.rows.get(key, 0) + both

    def take(self, table: int, first: int, second: int) -> int | None:
        """Remove and return a row of this part, 0 if there is none; None if it is of another."""
        if not self._part.has(first):
            return None
        return self.rows.pop((table * _DATES + first) * _DATES + second, 0)


def count_place(key: int) -> tuple[int, int, int]:
    """Return the table and the two numbers of a key of CompactCounts."""
    rest, second = divmod(key, _DATES)
    table, first = divmod(rest, _DATES)
    return table, first, second


class CompactHistories:
    """For each reservation a number that depends on its events, and not on their order."""

    def __init__(self, part: Part) -> None:
        self.rows: dict[int | str, int] = {}
        self._part = part

    def add(self, histories: Mapping[tuple[int, str], History]) -> None:
        """Add events of the reservations of this part."""
        for (_, name), history in histories.items():
            if self._part.has_reservation(name):
                key = _compact_name(name)
                self.rows[key] = (self.rows.get(key, 0) + content(history)) & _HASHES

    def take(self, name: str) -> int | None:
        """Remove and return the number of a reservation; None without events."""
        return self.rows.pop(_compact_name(name), None)

    def names(self) -> Iterable[str]:
        """Yield the reservations that were not taken."""
        for key in self.rows:
            yield key if isinstance(key, str) else _uuid_text(key)


def content(history: History) -> int:
    """Return a number that two histories have in common exactly when they have the same events."""
    # Salted anew in each process, so nobody can choose events whose numbers add up alike.
    return sum(hash((move, night)) for move, nights in history.items() for night in nights) & (
        _HASHES
    )


class CompactSums:
    """Room-nights and revenue by table, dates and description."""

    def __init__(self, part: Part) -> None:
        self.rows: dict[int, int] = {}
        self._part = part
        self._words: dict[tuple[str, ...], int] = {}
        self._texts: list[tuple[str, ...]] = []

    def add(self, counts: RevenueCounts) -> None:
        """Add sums of this part."""
        for (_, basis, day, *words), sums in counts.performance().items():
            self._add_one(DAY_TABLES[basis], ordinal(day), 0, words, sums)
        for (_, night, day, currency), sums in counts.pace().items():
            self._add_one(PACE, ordinal(night), ordinal(day), (currency,), sums)

    def _add_one(
        self, table: int, first: int, second: int, words: Iterable[str], sums: tuple[int, ...]
    ) -> None:
        if self._part.has(first):
            key = self._key(table, first, second, words)
            self.rows[key] = self.rows.get(key, 0) + packed(sums)

    def take(self, table: int, first: int, second: int, words: Iterable[str]) -> int | None:
        """Remove and return a row of this part, 0 if there is none; None if it is of another."""
        if not self._part.has(first):
            return None
        return self.rows.pop(self._key(table, first, second, words), 0)

    def _key(self, table: int, first: int, second: int, words: Iterable[str]) -> int:
        texts = tuple(words)
        number = self._words.get(texts)
        if number is None:
            number = self._words[texts] = len(self._texts)
            self._texts.append(texts)
        return ((table * _DATES + first) * _DATES + second) * _WORDS + number

    def place(self, key: int) -> tuple[int, int, int, tuple[str, ...]]:
        """Return the table, the two dates and the words of a key."""
        rest, number = divmod(key, _WORDS)
        return *count_place(rest), self._texts[number]


def packed(sums: Iterable[int]) -> int:
    """Return three sums as one number; numbers add up as the sums do."""
    room_nights, with_rate, revenue = sums
    return room_nights + with_rate * _WITH_RATE + revenue * _REVENUE


def unpacked(number: int) -> tuple[int, int, int]:
    """Return the three sums of a packed number, each of which may be negative."""
    room_nights = (number + _WITH_RATE // 2) % _WITH_RATE - _WITH_RATE // 2
    number = (number - room_nights) // _WITH_RATE
    with_rate = (number + _WITH_RATE // 2) % _WITH_RATE - _WITH_RATE // 2
    return room_nights, with_rate, (number - with_rate) // _WITH_RATE


@lru_cache(maxsize=20_000)  # the same dates come again and again
def ordinal(text: str) -> int:
    """Return a date as a proleptic ordinal."""
    return date.fromisoformat(text).toordinal()


def _compact_name(name: str) -> int | str:
    """Return a reservation's UUID as a number; another text as it is."""
    if len(name) == 36:
        try:
            number = int(name.replace("-", ""), 16)
        except ValueError:
            return name
        if _uuid_text(number) == name:
            return number
    return name


def _uuid_text(number: int) -> str:
    digits = f"{number:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
