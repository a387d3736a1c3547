"""The simulated hotel sells its rooms to the simulated guests at a policy's prices.

It renews the price of every night once a day, from what is on the books that morning. It never
overbooks. A room-night earns the price at which it was booked, and nothing if cancelled.

Nights do not share guests, so that all nights are sold side by side, from the longest time before
to the night itself. Pure computation: no database, no clock, no randomness.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pricing_service.demand.bookings import Bookings, Floats, Ints
from pricing_service.laboratory.simulated_guests import WINDOW_DAYS, Guests

# From days before and what is on the books of each night to the price of each night.
Policy = Callable[[int, Ints], Floats]


@dataclass(frozen=True)
class Sales:
    """What a hotel sold to guests under a policy.

    Attributes:
        paid: the price at which each guest booked; nan for those who did not.
    """

    rooms: int
    guests: Guests
    paid: Floats

    @property
    def final_prices(self) -> Floats:
        """Prices of the room-nights that were booked and not cancelled."""
        prices: Floats = self.paid[~np.isnan(self.paid) & (self.guests.cancels < 0)]
        return prices

    @property
    def revenue(self) -> float:
        return float(self.final_prices.sum())

    @property
    def occupancy(self) -> float:
        """Share of the room-nights for sale that were sold."""
        return len(self.final_prices) / (self.rooms * self.guests.nights.count)

    @property
    def average_rate(self) -> float:
        """Revenue per room-night sold (ADR); nan if none was."""
        return self.revenue / len(self.final_prices) if len(self.final_prices) else float("nan")

    @property
    def revpar(self) -> float:
        """Revenue per room-night for sale."""
        return self.revenue / (self.rooms * self.guests.nights.count)

    @property
    def bookings(self) -> Bookings:
        """Bookings and cancellations: all that the hotel sees, without willingness to pay."""
        booked = ~np.isnan(self.paid)
        cancelled = booked & (self.guests.cancels >= 0)
        night = self.guests.nights.first.toordinal() + self.guests.night
        booking_day = night - self.guests.days_before
        cancellation_day = night - self.guests.cancels
        return Bookings(
            np.concatenate([night[booked], night[cancelled]]),
            np.concatenate([booking_day[booked], cancellation_day[cancelled]]),
            np.repeat([1, -1], [booked.sum(), cancelled.sum()]),
        )


def sell(guests: Guests, rooms: int, policy: Policy) -> Sales:
    """Offer every night to its guests, day by day, at the policy's prices."""
    nights = guests.nights.count
    books = np.zeros(nights, dtype=np.int64)
    cancellations = np.zeros((WINDOW_DAYS + 1, nights), dtype=np.int64)
    paid = np.full(len(guests.night), np.nan)
    edges = np.searchsorted(-guests.days_before, np.arange(-WINDOW_DAYS, 2))
    for place, days_before in enumerate(range(WINDOW_DAYS, -1, -1)):
        books -= cancellations[days_before]
        prices = policy(days_before, books)
        buyers = np.arange(edges[place], edges[place + 1])
        buyers = buyers[guests.willingness[buyers] >= prices[guests.night[buyers]]]
        night = guests.night[buyers]
        # Guests are sorted by night: the place in a night's queue is the distance to its first.
        queue_place = np.arange(len(night)) - np.searchsorted(night, night)
        has_room = queue_place < (rooms - books)[night]
        buyers, night = buyers[has_room], night[has_room]
        paid[buyers] = prices[night]
        books += np.bincount(night, minlength=nights)
        cancels = guests.cancels[buyers]
        np.add.at(cancellations, (cancels[cancels >= 0], night[cancels >= 0]), 1)
    return Sales(rooms, guests, paid)
