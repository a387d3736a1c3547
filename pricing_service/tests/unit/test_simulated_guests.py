"""Simulated guests respond to price, and come in the numbers, that the market's settings say."""

import math

import numpy as np
import pytest

from pricing_service.laboratory.policy_comparison import COMPARED_NIGHTS
from pricing_service.laboratory.pricing_policies import fixed_price
from pricing_service.laboratory.simulated_guests import (
    LATE_CALM,
    WINDOW_DAYS,
    Market,
    booking_window,
    draw_guests,
    elasticities,
)
from pricing_service.laboratory.simulated_sales import Policy, sell

ROOMS_FOR_ALL = 10**6


def price_of(amount: float) -> Policy:
    return lambda days_before, books: np.full(len(books), amount)


@pytest.mark.parametrize("elasticity", [0.8, 2.0])
def test_demand_falls_with_price_by_the_stated_elasticity(elasticity: float) -> None:
    market = Market(elasticity=elasticity, rooms=200)

    def booked(amount: float) -> int:
        """Count the room-nights booked where rooms never run out."""
        years = (
            sell(draw_guests(market, COMPARED_NIGHTS, seed), ROOMS_FOR_ALL, price_of(amount))
            for seed in range(3)
        )
        return sum(int((~np.isnan(sales.paid)).sum()) for sales in years)

    higher, base, lower = booked(105), booked(100), booked(95)
    assert higher < base < lower
    slope = math.log(lower / higher) / math.log(105 / 95)
    assert slope == pytest.approx(elasticity, rel=0.05)


def test_demand_is_what_would_be_kept_at_the_base_price() -> None:
    market = Market(demand=0.9, rooms=200)
    room_nights = [
        len(
            sell(
                draw_guests(market, COMPARED_NIGHTS, seed), ROOMS_FOR_ALL, fixed_price
            ).final_prices
        )
        for seed in range(5)
    ]
    share = np.mean(room_nights) / (200 * COMPARED_NIGHTS.count)
    assert share == pytest.approx(0.9, rel=0.03)


def test_late_guests_respond_less() -> None:
    market = Market()
    by_days_before = elasticities(market)
    assert (np.diff(by_days_before) > 0).all()
    assert by_days_before[0] / by_days_before[WINDOW_DAYS] == pytest.approx(1 - LATE_CALM, rel=1e-3)
    assert by_days_before @ booking_window() == pytest.approx(market.elasticity)
