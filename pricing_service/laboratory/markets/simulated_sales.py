"""A simulated hotel sells its rooms to simulated guests in calendar days, at a policy's prices.

Each morning a policy is given what a hotel knows by then, nothing of the guests, and sets the
prices of the coming YEAR_NIGHTS nights. Then that day's guests come, in their order; at the end of
the day rooms are cancelled, to be sold again from the next day on. The hotel never overbooks.

The history, up to the start, is sold at the base price that a person told: coming nights too, so
that every policy begins with the same books. What a policy earns are the room-nights of the year
that are booked from the start on and not cancelled, each at the price at which it was booked.

No clock and no randomness of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np

from pricing_service.demand.bookings import Floats, Ints
from pricing_service.laboratory.markets.known_history import KnownHistory
from pricing_service.laboratory.markets.market import (
    MAXIMUM_PRICE,
    MINIMUM_PRICE,
    PRICE_STEP,
    YEAR_NIGHTS,
)
from pricing_service.laboratory.markets.simulated_guests import Guests, SimulatedGuests


class Morning(NamedTuple):
    """What a hotel knows in the morning, before it sets prices.

    Attributes:
        as_of: today; the first coming night is tonight.
        day: days since the start.
        books: on the books of the coming nights, tonight first.
        history: bookings, cancellations and offers up to the end of yesterday.
    """

    as_of: date
    day: int
    books: Ints
    history: KnownHistory


# The price of each coming night, tonight first: inside the bounds and on the step.
Policy = Callable[[Morning], Floats]


@dataclass(frozen=True)
class Sales:
    """What a hotel sold under a policy: room-nights of the year that were kept, by night.

    Attributes:
        revenue_by_night, sold_by_night: of bookings made from the start on.
    """

    rooms: int
    revenue_by_night: Floats
    sold_by_night: Ints

    @property
    def revenue(self) -> float:
        return float(self.revenue_by_night.sum())

    @property
    def room_nights(self) -> int:
        return int(self.sold_by_night.sum())

    @property
    def occupancy(self) -> float:
        """Share of the room-nights for sale that were sold from the start on."""
        return self.room_nights / (self.rooms * len(self.sold_by_night))

    @property
    def average_rate(self) -> float:
        """Revenue per room-night sold (ADR); nan if none was."""
        return self.revenue / self.room_nights if self.room_nights else float("nan")


class SimulatedHotel:
    """The hotel of a market, with its books, on one day after another."""

    def __init__(self, simulated: SimulatedGuests) -> None:
        """Begin with empty books on the timeline's first day."""
        self.simulated = simulated
        line = simulated.timeline
        self._edges = np.searchsorted(simulated.guests.day, np.arange(line.size + 1))
        self._longest_stay = len(simulated.market.stays)
        self.books: Ints = np.zeros(line.size, dtype=np.int64)
        self._cancellations = np.zeros((line.size, line.size), dtype=np.int16)  # [day, night]
        self._revenue: Floats = np.zeros(line.size)
        self._sold: Ints = np.zeros(line.size, dtype=np.int64)
        self.history = KnownHistory(line.origin)

    def copy(self) -> SimulatedHotel:
        """Return the same hotel with books of its own."""
        other = SimulatedHotel(self.simulated)
        other.books, other._cancellations = self.books.copy(), self._cancellations.copy()
        other.history = self.history.copy()
        return other

    def sell_day(self, day: int, prices: Floats) -> None:
        """Sell a day's guests their rooms; prices by night of the timeline."""
        guests = self.simulated.guests
        parties = np.arange(self._edges[day], self._edges[day + 1])
        arrival, nights = guests.arrival[parties], guests.nights[parties]
        until = np.concatenate([[0.0], np.cumsum(prices)])
        total = until[arrival + nights] - until[arrival]
        parties = parties[total <= guests.willingness[parties] * nights + 1e-6]
        parties = self._with_room(parties)
        booked = self._by_night(parties, guests.rooms[parties])
        sold = self._by_night(parties, guests.kept_rooms[parties])
        self._sold += sold
        self._revenue += sold * prices
        self._schedule_cancellations(guests, parties)
        cancelled = self._cancellations[day].astype(np.int64)
        self.books += booked - cancelled
        self.history.add_bookings(day, booked, cancelled)

    def _with_room(self, parties: Ints) -> Ints:
        """Return the parties that find room, first come first served."""
        guests = self.simulated.guests
        free = self.simulated.market.rooms - self.books
        arrival, nights = guests.arrival[parties], guests.nights[parties]
        rooms = guests.rooms[parties]
        least = free[arrival]
        for later in range(1, self._longest_stay):
            least = np.where(nights > later, np.minimum(least, free[arrival + later]), least)
        fits = rooms <= least
        parties, arrival, nights, rooms = parties[fits], arrival[fits], nights[fits], rooms[fits]
        scarce = self._by_night(parties, rooms) > free
        if not scarce.any():
            return parties
        scarce_before = np.concatenate([[0], np.cumsum(scarce)])
        is_contested = scarce_before[arrival + nights] > scarce_before[arrival]
        accepted = ~is_contested
        for place in np.flatnonzero(is_contested).tolist():
            stay = slice(arrival[place], arrival[place] + nights[place])
            if (free[stay] >= rooms[place]).all():
                accepted[place] = True
                # On nights that are not scarce there is room for all of them.
                free[stay] -= np.where(scarce[stay], rooms[place], 0)
        accepted_parties: Ints = parties[accepted]
        return accepted_parties

    def _by_night(self, parties: Ints, rooms: Ints) -> Ints:
        """Return the sum of the parties' rooms on each night of the timeline."""
        arrival, nights = self.simulated.guests.arrival[parties], self.simulated.guests.nights
        total = np.zeros(len(self.books))
        for later in range(self._longest_stay):
            stays = nights[parties] > later
            total += np.bincount(arrival[stays] + later, rooms[stays], len(total))
        return total.astype(np.int64)

    def _schedule_cancellations(self, guests: Guests, parties: Ints) -> None:
        first, last = guests.first_cancelled[parties], guests.first_cancelled[parties + 1]
        count = last - first
        if not count.sum():
            return
        before = np.concatenate([[0], np.cumsum(count)[:-1]])
        rooms = np.repeat(first - before, count) + np.arange(count.sum())
        day = guests.cancellation_day[rooms]
        arrival = np.repeat(guests.arrival[parties], count)
        nights = np.repeat(guests.nights[parties], count)
        for later in range(self._longest_stay):
            stays = nights > later
            np.add.at(self._cancellations, (day[stays], arrival[stays] + later), 1)

    def sales(self) -> Sales:
        """Return what was sold since the books of this hotel were begun or copied."""
        line = self.simulated.timeline
        year = slice(line.start, line.end)
        return Sales(self.simulated.market.rooms, self._revenue[year], self._sold[year])


def sell_history(simulated: SimulatedGuests) -> SimulatedHotel:
    """Return the hotel on the morning of the start: the history sold at the base price told."""
    hotel, market, line = SimulatedHotel(simulated), simulated.market, simulated.timeline
    prices = np.full(line.size, float(market.base))
    for day in range(line.start):
        hotel.sell_day(day, prices)
        if market.past_offers_known and day >= line.first_night:
            hotel.history.add_offers(day, prices[day : day + YEAR_NIGHTS])
    return hotel


def sell_year(hotel: SimulatedHotel, policy: Policy) -> Sales:
    """Return a year's sales under a policy, beginning with a copy of the hotel at the start.

    Raises:
        ValueError: the policy gave a price outside the bounds or off the step.
    """
    hotel, line = hotel.copy(), hotel.simulated.timeline
    prices = np.full(line.size, float(MAXIMUM_PRICE))
    for day in range(line.start, line.end):
        coming = slice(day, day + YEAR_NIGHTS)
        as_of = date.fromordinal(line.origin + day)
        morning = Morning(as_of, day - line.start, hotel.books[coming].copy(), hotel.history)
        prices[coming] = policy(morning)
        _check(prices[coming], as_of)
        hotel.sell_day(day, prices)
        hotel.history.add_offers(day, prices[coming])
    return hotel.sales()


def _check(prices: Floats, as_of: date) -> None:
    low, high, step = float(MINIMUM_PRICE), float(MAXIMUM_PRICE), float(PRICE_STEP)
    is_wrong = (prices < low) | (prices > high) | (np.abs(prices / step % 1) > 1e-9)
    if is_wrong.any() or np.isnan(prices).any():
        wrong = prices[is_wrong | np.isnan(prices)][0]
        raise ValueError(f"a policy's price on {as_of}: {wrong} is outside the bounds or the steps")
