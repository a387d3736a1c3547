"""The policies that need no engine: one price, a calendar, a ladder by occupancy, and both.

All use the same bounds and step. A policy is told the hotel's rooms, the base price that a person
told, and each morning what the hotel's records say; nothing of the simulated guests.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final

import numpy as np

from pricing_service.demand.bookings import Floats, Ints
from pricing_service.laboratory.markets.market import (
    MAXIMUM_PRICE,
    MINIMUM_PRICE,
    PRICE_STEP,
    YEAR_NIGHTS,
    Market,
)
from pricing_service.laboratory.markets.simulated_sales import Morning, Policy
from pricing_service.rules.rule_proposals import propose

# Pairs: the share of the rooms on the books, and the multiple of the base price asked below it.
LADDER: Final = ((0.3, 0.9), (0.5, 1.0), (0.7, 1.1), (0.85, 1.25), (np.inf, 1.4))

PROPOSED_EVERY: Final = 28  # days, until there is history enough for the first proposal

# The single prices that are tried in hindsight.
SINGLE_PRICES: Final = tuple(range(int(MINIMUM_PRICE), int(MAXIMUM_PRICE) + 1, 5))


def fixed_price(price: Decimal) -> Policy:
    """Return the policy that asks one price, always."""
    prices = np.full(YEAR_NIGHTS, float(price))
    return lambda morning: prices


def occupancy_ladder(market: Market) -> Policy:
    """Return the policy that steps up LADDER from the base price by occupancy alone."""
    return lambda morning: on_price_list(float(market.base) * ladder(morning.books, market.rooms))


def ladder(books: Ints, rooms: int) -> Floats:
    """Return the ladder's multiples for nights with so much on the books."""
    limits, multiples = np.array(LADDER).T
    steps: Floats = multiples[np.searchsorted(limits, books / rooms, side="right")]
    return steps


def calendar_factors(market: Market) -> Policy:
    """Return the policy base × month × weekday, by the factors that the product proposes."""
    calendar = ProposedCalendar(market.rooms)
    return lambda morning: on_price_list(float(market.base) * calendar.factors(morning))


def calendar_and_ladder(market: Market) -> Policy:
    """Return the policy base × month × weekday × ladder."""
    calendar = ProposedCalendar(market.rooms)

    def policy(morning: Morning) -> Floats:
        multiples = calendar.factors(morning) * ladder(morning.books, market.rooms)
        return on_price_list(float(market.base) * multiples)

    return policy


class ProposedCalendar:
    """Month and weekday factors, as the product proposes them.

    They are accepted on the first day on which history gives them, and stay. On a new hotel, 1.
    """

    def __init__(self, rooms: int) -> None:
        self._rooms = rooms
        self.months: list[float] | None = None
        self.weekdays: list[float] | None = None

    def factors(self, morning: Morning) -> Floats:
        """Return month × weekday of the coming nights, tonight first."""
        is_incomplete = self.months is None or self.weekdays is None
        if is_incomplete and morning.day % PROPOSED_EVERY == 0:
            yesterday = morning.as_of - timedelta(days=1)
            proposal = propose(morning.history.net_bookings(), yesterday, self._rooms)
            self.months = self.months or proposal.month_factors
            self.weekdays = self.weekdays or proposal.weekday_factors
        nights = [morning.as_of + timedelta(days=ahead) for ahead in range(YEAR_NIGHTS)]
        months, weekdays = self.months or [1.0] * 12, self.weekdays or [1.0] * 7
        return np.array([months[night.month - 1] * weekdays[night.weekday()] for night in nights])


def on_price_list(amounts: Floats) -> Floats:
    """Return the nearest prices on the list's steps, between minimum and maximum."""
    steps: Floats = np.floor(amounts / float(PRICE_STEP) + 0.5) * float(PRICE_STEP)
    return np.clip(steps, float(MINIMUM_PRICE), float(MAXIMUM_PRICE))
