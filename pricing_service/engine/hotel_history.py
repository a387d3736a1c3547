"""What the engine is told of a hotel's past: bookings, cancellations, and the prices offered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from pricing_service.demand.bookings import Floats, Ints

NO_OFFERS: Final[tuple[Sequence[int], Sequence[int], Sequence[float]]] = ((), (), ())


class History:
    """A hotel's bookings, and the prices in force at the end of each day.

    Nights and days are proleptic ordinals (`datetime.date.toordinal`). Rows of the same night and
    day add up; their order has no meaning.

    Attributes:
        night, day: of each row of bookings.
        booked, cancelled: room-nights of the row, both at least 0.
        offer_night, offer_day, offer_price: the price of a night that was in force at the end of a
            day, in the hotel's currency.
    """

    def __init__(
        self,
        bookings: tuple[Any, Any, Any, Any],
        offers: tuple[Any, Any, Any] = NO_OFFERS,
    ) -> None:
        """Take the arrays.

        Args:
            bookings: night of stay, day of the event, room-nights booked, room-nights cancelled.
            offers: night of stay, day, price; empty where nobody knows.

        Raises:
            ValueError: arrays of different lengths, negative room-nights, a price that is not
                positive.
        """
        self.night, self.day, self.booked, self.cancelled = _whole_numbers("bookings", bookings)
        self.offer_night, self.offer_day = _whole_numbers("offers", offers[:2])
        self.offer_price: Floats = np.asarray(offers[2], dtype=np.float64)
        if len(self.offer_price) != len(self.offer_night):
            raise ValueError("offers: nights, days and prices must be arrays of one length")
        if len(self.booked) and min(self.booked.min(), self.cancelled.min()) < 0:
            raise ValueError("bookings: room-nights booked and cancelled must not be negative")
        if len(self.offer_price) and not self.offer_price.min() > 0:
            raise ValueError("offers: prices must be greater than 0")

    def until(self, day: int) -> History:
        """Return what was known at the end of a day (an ordinal)."""
        known, offered = self.day <= day, self.offer_day <= day
        return History(
            (self.night[known], self.day[known], self.booked[known], self.cancelled[known]),
            (self.offer_night[offered], self.offer_day[offered], self.offer_price[offered]),
        )


def _whole_numbers(name: str, columns: Sequence[Any]) -> list[Ints]:
    """Return the columns as arrays of integers. Raises: ValueError."""
    arrays = [np.asarray(column, dtype=np.int64) for column in columns]
    if len({array.shape for array in arrays}) != 1 or arrays[0].ndim != 1:
        raise ValueError(f"{name}: the arrays must be of one length")
    return arrays
