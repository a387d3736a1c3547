"""Net room-nights of one hotel by night of stay and booking day.

Words of all modules of this package: *room-night*, one room sold for one night; *net*, bookings
less cancellations; *on the books*, net room-nights of a night of stay by the end of a day; *final*,
on the books at the end of the night itself; *pickup*, final less on the books; *lead* (lead time,
days before), night of stay less booking day, in days.

Pure computation: no database, no clock.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

WEEK: Final = 7  # days
YEAR: Final = 52 * WEEK  # days; a multiple of 7, so that a night and YEAR earlier share the weekday


class Bookings:
    """Every booking and cancellation of one hotel, as net room-nights."""

    def __init__(
        self,
        nights: npt.ArrayLike,
        booking_days: npt.ArrayLike,
        net: npt.ArrayLike,
    ) -> None:
        """Build from three arrays of equal length, in any order.

        Args:
            nights: nights of stay, as proleptic ordinals (`date.toordinal`).
            booking_days: days of the booking or cancellation, as proleptic ordinals.
            net: room-nights booked less room-nights cancelled.

        Raises:
            ValueError: the arrays differ in length.
        """
        columns = [
            np.asarray(column, dtype=np.int64).ravel() for column in (nights, booking_days, net)
        ]
        if len({len(column) for column in columns}) != 1:
            raise ValueError("nights, booking_days and net must be of equal length")
        order = np.argsort(columns[1], kind="stable")
        self._nights, self._days, self._net = (column[order] for column in columns)

    def without(self, others: Bookings) -> Bookings:
        """Return these bookings less others that are part of them."""
        return Bookings(
            np.concatenate([self._nights, others._nights]),
            np.concatenate([self._days, others._days]),
            np.concatenate([self._net, -others._net]),
        )

    def until(self, as_of: date) -> tuple[Ints, Ints, Ints]:
        """Return nights, booking days and net room-nights of all rows up to the end of as_of."""
        end = int(np.searchsorted(self._days, as_of.toordinal(), side="right"))
        return self._nights[:end], self._days[:end], self._net[:end]

    def on_the_books(self, as_of: date, first: date, days: int) -> Ints:
        """Return the net room-nights at the end of as_of of the nights first … first + days - 1."""
        nights, _, net = self.until(as_of)
        row = nights - first.toordinal()
        inside = (row >= 0) & (row < days)
        return np.bincount(row[inside], net[inside], minlength=days).astype(np.int64)
