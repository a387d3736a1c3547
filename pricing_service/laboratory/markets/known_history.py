"""What a hotel's records say: bookings, cancellations and offered prices, up to yesterday.

The arrays are those that `pricing_service.engine.History` is built from. Room-nights are added up
by night and day, as the dashboard counts them: nobody sees which belong to one party.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pricing_service.demand.bookings import Bookings, Floats, Ints


class KnownHistory:
    """A hotel's records, day after day. Days and nights go in as days since `origin`."""

    def __init__(self, origin: int) -> None:
        """Begin without records; origin is the proleptic ordinal of day 0."""
        self._origin = origin
        self._bookings = _Columns(4)  # night, day, booked, cancelled
        self._offers = _Columns(3)  # night, day, price

    def copy(self) -> KnownHistory:
        """Return the same records, to be continued on their own."""
        other = KnownHistory(self._origin)
        other._bookings, other._offers = self._bookings.copy(), self._offers.copy()
        return other

    def add_bookings(self, day: int, booked: Ints, cancelled: Ints) -> None:
        """Add a day's room-nights booked and cancelled, by night from `origin` on."""
        night = np.flatnonzero((booked > 0) | (cancelled > 0))
        days = np.full(len(night), self._origin + day)
        self._bookings.append(night + self._origin, days, booked[night], cancelled[night])

    def add_offers(self, day: int, prices: Floats) -> None:
        """Add the prices in force at a day's end: of that night, the next, and so on."""
        nights = self._origin + day + np.arange(len(prices))
        self._offers.append(nights, np.full(len(prices), self._origin + day), prices)

    def bookings(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Return night and day as proleptic ordinals, room-nights booked and cancelled."""
        night, day, booked, cancelled = self._bookings.columns().astype(np.int64)
        return night, day, booked, cancelled

    def offers(self) -> tuple[Ints, Ints, Floats]:
        """Return night and day as proleptic ordinals, and the price in force at that day's end."""
        night, day, price = self._offers.columns()
        return night.astype(np.int64), day.astype(np.int64), price.copy()

    def net_bookings(self) -> Bookings:
        """Return the room-nights as the forecast and the proposals take them."""
        night, day, booked, cancelled = self.bookings()
        return Bookings(night, day, booked - cancelled)


class _Columns:
    """Columns of numbers of one length that grow at their ends."""

    def __init__(self, count: int) -> None:
        self._rows: Floats = np.empty((count, 1024))
        self._length = 0

    def copy(self) -> _Columns:
        other = _Columns(len(self._rows))
        other._rows, other._length = self._rows.copy(), self._length
        return other

    def append(self, *columns: npt.NDArray) -> None:
        end = self._length + len(columns[0])
        if end > self._rows.shape[1]:
            grown = np.empty((len(self._rows), max(end, 2 * self._rows.shape[1])))
            grown[:, : self._length] = self.columns()
            self._rows = grown
        for row, column in zip(self._rows, columns, strict=True):
            row[self._length : end] = column
        self._length = end

    def columns(self) -> Floats:
        return self._rows[:, : self._length]
