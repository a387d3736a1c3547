"""The pricing policies that the simulation compares: fixed price, ladder, recommendations.

All use the same minimum, maximum and step, so that differences come from the rules alone. A policy
is given the hotel's rooms and bookings, and nothing of the simulated guests.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import numpy as np

from pricing_service.demand.booking_curve import usual_shares
from pricing_service.demand.bookings import Bookings, Floats, Ints
from pricing_service.demand.on_the_books_history import OnTheBooksHistory
from pricing_service.laboratory.old_formula import Rules, Situation, occupancy_factor
from pricing_service.laboratory.simulated_guests import (
    BASE_PRICE,
    MAXIMUM_PRICE,
    MINIMUM_PRICE,
    PRICE_STEP,
    WINDOW_DAYS,
    Nights,
)
from pricing_service.laboratory.simulated_sales import Policy
from pricing_service.rules.rule_proposals import propose

FIXED_PRICE: Final = "fixed base price"
OCCUPANCY_LADDER: Final = "occupancy ladder"
RECOMMENDATIONS: Final = "recommendations"
POLICIES: Final = (FIXED_PRICE, OCCUPANCY_LADDER, RECOMMENDATIONS)

# Pairs: the share of the rooms on the books, and the multiple of the base price asked below it.
LADDER: Final = ((0.3, 0.9), (0.5, 1.0), (0.7, 1.1), (0.85, 1.25), (np.inf, 1.4))


def fixed_price(days_before: int, books: Ints) -> Floats:
    """Return the base price, always."""
    return np.full(len(books), float(BASE_PRICE))


def occupancy_ladder(rooms: int) -> Policy:
    """Return a policy that steps up LADDER by occupancy alone, whatever the days before."""
    limits, multiples = np.array(LADDER).T
    return lambda days_before, books: _on_price_list(
        float(BASE_PRICE) * multiples[np.searchsorted(limits, books / rooms, side="right")]
    )


def learn_recommendations(
    bookings: Bookings, nights: Nights, rooms: int, aggressiveness: int
) -> Policy:
    """Return the recommendations for nights of a hotel, learned from its bookings before them."""
    as_of = nights.first - timedelta(days=1)
    proposal = propose(bookings, as_of, rooms)
    rules = Rules(
        base=BASE_PRICE,
        minimum=MINIMUM_PRICE,
        maximum=MAXIMUM_PRICE,
        step=PRICE_STEP,
        aggressiveness=aggressiveness,
        months=proposal.month_factors or (1.0,) * 12,
        weekdays=proposal.weekday_factors or (1.0,) * 7,
    )
    history = OnTheBooksHistory(bookings, as_of, nights.count, None)
    ahead, days_before = np.meshgrid(np.arange(1, nights.count + 1), np.arange(WINDOW_DAYS + 1))
    shares = np.clip(usual_shares(history, ahead, days_before), 0.0, 1.5)
    return recommendations(rules, np.nan_to_num(shares, nan=1.0), nights, rooms)


def recommendations(rules: Rules, shares: Floats, nights: Nights, rooms: int) -> Policy:
    """Return what `price_formula.price` recommends, for all nights at once.

    For rules without events, fixed prices and lead steps only. A test compares the two.

    Args:
        shares: usually on the books, as a share of the final [days before, night].
    """
    month, weekday = nights.months_and_weekdays
    by_calendar = np.array(rules.months)[month] * np.array(rules.weekdays)[weekday]
    targets = np.array(rules.targets)[month].tolist()
    dates = nights.dates

    def policy(days_before: int, books: Ints) -> Floats:
        columns = zip(dates, books.tolist(), shares[days_before].tolist(), targets, strict=True)
        factors = [
            occupancy_factor(
                Situation(night, days_before, rooms, on_the_books, share),
                target,
                rules.aggressiveness,
            )
            for night, on_the_books, share, target in columns
        ]
        return _on_price_list(float(rules.base) * (by_calendar * np.array(factors)))

    return policy


def _on_price_list(amounts: Floats) -> Floats:
    """Return the nearest prices on the list's steps, between minimum and maximum."""
    steps: Floats = np.floor(amounts / float(PRICE_STEP) + 0.5) * float(PRICE_STEP)
    return np.clip(steps, float(MINIMUM_PRICE), float(MAXIMUM_PRICE))
