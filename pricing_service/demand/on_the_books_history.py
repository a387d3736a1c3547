"""What was on the books of each night of stay, by days before, as known at the end of one day.

The tables that every pickup method and booking curve reads. Means over ranges of past nights are
differences of running sums, so that one forecast asks for any number of them at the same cost.
Nothing booked after the day is in them. A night on which the hotel was closed is in no mean: that
nobody stayed says nothing about demand.

Pure computation: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final

import numpy as np

from pricing_service.demand.bookings import WEEK, YEAR, Bookings, Floats, Ints

RECENT_DAYS: Final = 8 * WEEK  # what "recent" nights and booking days are: the last 8 weeks
SEASON_DAYS: Final = 4 * WEEK  # days to each side of a night that count as the same season
MAX_NIGHTS: Final = 4 * YEAR  # past nights to learn from; older ones say little about today
SETTLING_NIGHTS: Final = 2 * WEEK  # the first nights lack guests who arrived before the first day
COMPLETE_SHARE: Final = 0.9  # of the usual pickup: a night observed for so much of it is complete
PACE_NIGHTS: Final = WEEK  # nights to each side over which the pace of bookings is smoothed
MAX_DAYS_BEFORE: Final = 365  # earlier bookings count as made so many days before


class OnTheBooksHistory:
    """Tables of room-nights by night of stay (row) and days before (lead).

    Row r is the night first_ordinal + r; as_of_row is the night of as_of, the last past one.

    Attributes:
        final: net room-nights per row so far; those of past nights are final.
        books: room-nights on the books [row, lead].
        is_open: per row, whether the night counts; 1.0, and 0.0 where the hotel was closed.
        assumed_rooms: rooms per day up to as_of: the capacity or the largest final seen by then.
        first_day: row of the first booking day; negative where it lies before the first row.
        first_complete_row: first row all of whose bookings were made while the hotel was observed.
    """

    def __init__(
        self,
        bookings: Bookings,
        as_of: date,
        days: int,
        capacity: int | None,
        closed_nights: Collection[int] = (),
    ) -> None:
        """Build the tables.

        Args:
            as_of: the day at whose end the hotel is looked at.
            days: coming nights that the tables must include.
            capacity: rooms to sell, or None if unknown.
            closed_nights: ordinals of nights without a room for sale; what is booked on them is
                left out.
        """
        nights, booked, net = bookings.until(as_of)
        as_of_ordinal = as_of.toordinal()
        first_night = int(nights.min()) if len(nights) else as_of_ordinal + 1
        first_day = int(booked[0]) if len(booked) else as_of_ordinal + 1
        self.max_lead = max(days, MAX_DAYS_BEFORE) + PACE_NIGHTS
        self.capacity = capacity or 0
        self.first_ordinal = min(max(first_night, as_of_ordinal + 1 - MAX_NIGHTS), as_of_ordinal)
        self.as_of_row = as_of_ordinal - self.first_ordinal
        self.first_day = first_day - self.first_ordinal
        self.rows = self.as_of_row + 1 + self.max_lead
        self.is_open: Floats = np.ones(self.rows)
        closed = np.array(list(closed_nights), dtype=np.int64) - self.first_ordinal
        self.is_open[closed[(closed >= 0) & (closed < self.rows)]] = 0.0
        gains = self._gains(nights, booked, net) * self.is_open[:, None]
        self.final: Floats = gains.sum(axis=1)
        self.books: Floats = gains[:, :0:-1].cumsum(axis=1)[:, ::-1]
        self._books_sums = _sums_before(self.books)
        self._final_sums = _sums_before(self.final)
        self._books_weekly_sums = _sums_before(self.books, WEEK)
        self._final_weekly_sums = _sums_before(self.final, WEEK)
        self._open_sums = _sums_before(self.is_open)
        self._open_weekly_sums = _sums_before(self.is_open, WEEK)
        self._advanced_pickup = self._advanced_pickup_table(gains)
        largest_final = np.maximum.accumulate(self.final[: self.as_of_row + 1])
        self.assumed_rooms: Floats = np.maximum(largest_final, self.capacity)
        self.first_complete_row = self._first_complete_row(first_night - self.first_ordinal)

    def _gains(self, nights: Ints, booked: Ints, net: Ints) -> Floats:
        """Return net room-nights by row and lead + 1; column 0 is after the night."""
        row = nights - self.first_ordinal
        inside = (row >= 0) & (row < self.rows)
        lead = np.clip((nights - booked)[inside], -1, self.max_lead)
        width = self.max_lead + 2
        cell = row[inside] * width + lead + 1
        flat = np.bincount(cell, net[inside], minlength=self.rows * width)
        return flat.astype(np.float64).reshape(self.rows, -1)

    def _advanced_pickup_table(self, gains: Floats) -> Floats:
        """Return the mean pickup per (day, lead) of bookings made in the 8 weeks up to that day.

        The "advanced" pickup of Zakhary, El Gayar and Atiya (2008), net room-nights taken at fewer
        than lead days before: it also counts what the nights still to come have gained, so that a
        month of history gives an estimate for 3 months before.
        """
        day = np.arange(self.as_of_row + 1)
        lead = np.arange(self.max_lead + 1)
        night = np.minimum(day[:, None] + lead, self.rows - 1)
        sums = _sums_before(gains[night, lead + 1])
        open_nights = _sums_before(self.is_open[night])
        # The first day is observed in part, or holds all that was booked before it.
        first = np.clip(np.maximum(day - RECENT_DAYS + 1, self.first_day + 1), 0, day + 1)
        days = np.maximum(open_nights[day + 1] - open_nights[first], WEEK)
        mean = (sums[day + 1] - sums[first]) / days
        return np.concatenate([np.zeros((len(day), 1)), mean.cumsum(axis=1)], axis=1)

    def _first_complete_row(self, first_night_row: int) -> int:
        curve = self._advanced_pickup[-1]
        window = int(np.argmax(curve >= COMPLETE_SHARE * curve.max()))
        return max(self.first_day + window, first_night_row + SETTLING_NIGHTS)

    def first_observed_row(self, lead: Ints) -> Ints:
        """Return the first row for which the room-nights on the books lead days before exist."""
        return np.maximum(self.first_day + lead, 0)

    def mean(self, first: Ints, last: Ints, lead: Ints) -> tuple[Floats, Floats]:
        """Return mean final and mean on the books, lead days before, of the rows first … last.

        Closed rows, and rows that were not observed so many days before, are left out; nan where
        none remains.
        """
        first = np.maximum(first, self.first_observed_row(lead))
        is_range = last >= first
        low, high = np.where(is_range, first, 0), np.where(is_range, last + 1, 0)
        count = self._open_sums[high] - self._open_sums[low]
        divisor = np.where(count > 0, count, np.nan)
        final = self._final_sums[high] - self._final_sums[low]
        books = self._books_sums[high, lead] - self._books_sums[low, lead]
        return final / divisor, books / divisor

    def mean_weekly(self, last: Ints, weeks: Ints | int, lead: Ints) -> tuple[Floats, Floats]:
        """Return the same means of the rows last, last - 7, last - 14, … (at most weeks rows)."""
        observed = (last - self.first_observed_row(lead)) // WEEK + 1
        rows = np.minimum(weeks, observed)
        high = np.where(rows > 0, last + WEEK, 0)
        low = np.where(rows > 0, high - WEEK * rows, 0)
        count = self._open_weekly_sums[high] - self._open_weekly_sums[low]
        divisor = np.where(count > 0, count, np.nan)
        final = self._final_weekly_sums[high] - self._final_weekly_sums[low]
        books = self._books_weekly_sums[high, lead] - self._books_weekly_sums[low, lead]
        return final / divisor, books / divisor

    def advanced_pickup(self, day: Ints, lead: Ints) -> Floats:
        """Return the advanced pickup still to come, lead days before, as of the row day."""
        return self._advanced_pickup[np.maximum(day, 0), lead]

    def pace(self, row: Ints, lead: Ints) -> Floats:
        """Return the mean on the books of the nights around row, on the day lead days before it."""
        total = np.zeros(np.broadcast(row, lead).shape)
        nights = np.zeros_like(total)
        for shift in range(-PACE_NIGHTS, PACE_NIGHTS + 1):
            near = np.clip(row + shift, 0, self.rows - 1)
            total += self.books[near, np.clip(lead + shift, 0, self.max_lead)]
            nights += self.is_open[near]
        return np.maximum(total / np.maximum(nights, 1.0), 0.0)


def _sums_before(table: Floats, step: int = 1) -> Floats:
    """Return, for each row r, the sum of the rows r - step, r - 2 step, …

    The result has at least step more rows than table; its rows 0 … step - 1 are 0.
    """
    blocks = -(-len(table) // step)
    padded = np.zeros((blocks * step, *table.shape[1:]))
    padded[: len(table)] = table
    sums = padded.reshape(blocks, step, *table.shape[1:]).cumsum(axis=0).reshape(padded.shape)
    return np.concatenate([np.zeros((step, *table.shape[1:])), sums])
