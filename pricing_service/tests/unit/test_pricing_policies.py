"""The policies of the simulation: the ladder by occupancy, the recommendations as in production."""

from decimal import Decimal

import numpy as np
import pytest

from pricing_service.demand.bookings import Ints
from pricing_service.laboratory import pricing_policies, simulated_guests
from pricing_service.laboratory.old_formula import Rules, Situation, price
from pricing_service.laboratory.policy_comparison import COMPARED_NIGHTS, LEARNING_NIGHTS
from pricing_service.laboratory.pricing_policies import (
    fixed_price,
    learn_recommendations,
    occupancy_ladder,
    recommendations,
)
from pricing_service.laboratory.simulated_guests import (
    BASE_PRICE,
    MAXIMUM_PRICE,
    MINIMUM_PRICE,
    PRICE_STEP,
    WINDOW_DAYS,
    Market,
    draw_guests,
)
from pricing_service.laboratory.simulated_sales import sell


def test_the_ladder_goes_by_occupancy_alone() -> None:
    ladder = occupancy_ladder(20)
    books = np.array([0, 5, 6, 9, 10, 13, 14, 16, 17, 20])
    expected = [90, 90, 100, 100, 110, 110, 125, 125, 140, 140]
    assert ladder(100, books).tolist() == ladder(0, books).tolist() == expected


@pytest.mark.parametrize("aggressiveness", [1, 3, 5])
def test_the_recommendations_are_those_of_the_price_formula(aggressiveness: int) -> None:
    random = np.random.default_rng(aggressiveness)
    rules = Rules(
        base=BASE_PRICE, minimum=MINIMUM_PRICE, maximum=MAXIMUM_PRICE, step=PRICE_STEP,
        aggressiveness=aggressiveness, targets=random.uniform(0.4, 0.95, 12).tolist(),
        months=random.uniform(0.7, 1.4, 12).tolist(), weekdays=random.uniform(0.8, 1.3, 7).tolist(),
    )  # fmt: skip
    shares = random.uniform(0, 1.2, (WINDOW_DAYS + 1, COMPARED_NIGHTS.count))
    policy = recommendations(rules, shares, COMPARED_NIGHTS, 40)
    for days_before in (WINDOW_DAYS, 60, 7, 0):
        books: Ints = random.integers(0, 41, COMPARED_NIGHTS.count)
        nights = zip(COMPARED_NIGHTS.dates, books, shares[days_before], strict=True)
        expected = [
            price(rules, Situation(night, days_before, 40, int(booked), float(share))).amount
            for night, booked, share in nights
        ]
        assert [Decimal(amount) for amount in policy(days_before, books)] == expected


def test_the_recommendations_learn_from_the_bookings_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    market = Market()
    before = sell(draw_guests(market, LEARNING_NIGHTS, 0), market.rooms, fixed_price)
    for name in ("draw_guests", "expected_guests", "elasticities", "booking_window"):
        monkeypatch.setattr(simulated_guests, name, None)
        monkeypatch.setattr(pricing_policies, name, None, raising=False)  # where it is imported
    policy = learn_recommendations(before.bookings, COMPARED_NIGHTS, market.rooms, 3)
    prices = policy(0, np.full(COMPARED_NIGHTS.count, 32))
    month, weekday = COMPARED_NIGHTS.months_and_weekdays
    assert prices[month == 7].mean() > prices[month == 0].mean(), "August sold better"
    assert prices[weekday == 5].mean() > prices[weekday == 0].mean(), "so did Saturdays"
