"""Small hotels with guests of known demand and response, for tests of the engine.

Guests are Poisson by night and day before; of those who would pay the hotel's base price of 100,
exp(-elasticity × (price / 100 - 1)) pay another one. Equal arguments give equal histories.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

import numpy as np

from pricing_service.demand.bookings import Floats, Ints
from pricing_service.engine import History, HotelRules

FIRST_NIGHT = date(2025, 1, 6)
WINDOW = 60  # days before from which on guests book

# From the day (counted from FIRST_NIGHT) and the room-nights on the books to prices, night by night.
Policy = Callable[[int, Ints], Floats]


@dataclass(frozen=True, kw_only=True)
class SmallHotel:
    """A hotel and its guests: demand over the rooms at 100, its spread from night to night."""

    rooms: int = 20
    demand: float = 0.8
    elasticity: float = 1.2
    spread: float = 0.3
    group_rooms: int = 1
    foresight: float = 0.0  # power of a night's own effect by which its prices are higher

    @property
    def rules(self) -> HotelRules:
        return HotelRules(
            base=Decimal(100), minimum=Decimal(60), maximum=Decimal(220), rooms=self.rooms
        )

    @lru_cache(maxsize=20)  # noqa: B019 - few equal hotels, sold by many tests
    def sell(self, days: int, policy: Policy, seed: int = 1) -> History:
        """Return what happened on the days before day number `days` (0: FIRST_NIGHT)."""
        random = np.random.default_rng(seed)
        nights = days + WINDOW
        lead = np.arange(WINDOW)
        curve = np.exp(-lead / 15.0) / np.exp(-lead / 15.0).sum()
        effects = random.gamma(self.spread**-2, self.spread**2, nights)
        books = np.zeros(nights, dtype=np.int64)
        rows, offers = [], []
        for day in range(-WINDOW + 1, days):
            coming = np.arange(max(day, 0), min(day + WINDOW, nights))
            prices = policy(day, books)[coming] * effects[coming] ** self.foresight
            share = np.exp(-self.elasticity * (prices / 100.0 - 1.0))
            asked = self.rooms * self.demand * effects[coming] * curve[coming - day] * share
            booked = random.poisson(asked / self.group_rooms) * self.group_rooms
            booked = np.minimum(booked, self.rooms - books[coming])
            books[coming] += booked
            sold = booked > 0
            rows.append(np.stack([coming, np.full_like(coming, day), booked])[:, sold])
            offers.append(np.stack([coming, np.full_like(coming, day), prices]))
        first = FIRST_NIGHT.toordinal()
        night, day_of, rooms = np.concatenate(rows, axis=1)
        offered_night, offered_day, price = np.concatenate(offers, axis=1)
        return History(
            (night + first, day_of + first, rooms, np.zeros_like(rooms)),
            (offered_night.astype(int) + first, offered_day.astype(int) + first, price),
        )


def day(number: int) -> date:
    """Return the date of a day counted from FIRST_NIGHT."""
    return date.fromordinal(FIRST_NIGHT.toordinal() + number)


def base_price(day: int, books: Ints) -> Floats:
    """Return the base price for every night."""
    return np.full(len(books), 100.0)
