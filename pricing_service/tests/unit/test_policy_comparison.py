"""Every policy meets the same guests, keeps to rooms and bounds, and the recommendations win."""

from datetime import timedelta
from functools import cache

import numpy as np
import pytest

from pricing_service.laboratory.confidence_interval import confidence_interval
from pricing_service.laboratory.policy_comparison import (
    COMPARED_NIGHTS,
    LEARNING_NIGHTS,
    simulate_year,
)
from pricing_service.laboratory.pricing_policies import (
    FIXED_PRICE,
    OCCUPANCY_LADDER,
    POLICIES,
    RECOMMENDATIONS,
)
from pricing_service.laboratory.simulated_guests import (
    MAXIMUM_PRICE,
    MINIMUM_PRICE,
    Market,
    draw_guests,
)
from pricing_service.laboratory.simulated_sales import Sales

MARKET = Market()
SEEDS = range(5)


@cache
def year(seed: int) -> dict[str, Sales]:
    return simulate_year(MARKET, seed)


def test_equal_seeds_give_equal_years() -> None:
    again = simulate_year(MARKET, 0)
    for name in POLICIES:
        np.testing.assert_array_equal(again[name].paid, year(0)[name].paid)
    assert year(1)[FIXED_PRICE].revenue != year(0)[FIXED_PRICE].revenue


def test_every_policy_meets_the_same_guests() -> None:
    alone = simulate_year(MARKET, 0, policies=[FIXED_PRICE])
    np.testing.assert_array_equal(alone[FIXED_PRICE].paid, year(0)[FIXED_PRICE].paid)
    guests = [year(0)[name].guests for name in POLICIES]
    assert guests[0] is guests[1] is guests[2]


def test_the_year_that_is_learned_from_has_other_guests_and_ends_before() -> None:
    before = draw_guests(MARKET, LEARNING_NIGHTS, 0)
    after = draw_guests(MARKET, COMPARED_NIGHTS, 0)
    assert LEARNING_NIGHTS.dates[-1] + timedelta(days=1) == COMPARED_NIGHTS.first
    assert not np.array_equal(before.willingness[:1000], after.willingness[:1000])


@pytest.mark.parametrize("policy", POLICIES)
def test_no_night_has_more_guests_than_rooms_on_any_day(policy: str) -> None:
    sales = year(0)[policy]
    booked = ~np.isnan(sales.paid)
    booked_at = sales.guests.days_before[booked]
    cancelled_at = sales.guests.cancels[booked]
    for days_before in (120, 30, 7, 1, 0):
        on_the_books = (booked_at >= days_before) & (cancelled_at < days_before)
        books = np.bincount(sales.guests.night[booked][on_the_books])
        assert books.max() <= MARKET.rooms
    assert books.max() == MARKET.rooms, "the test needs at least one full night"


@pytest.mark.parametrize("policy", POLICIES)
def test_guests_pay_at_most_their_willingness_and_prices_keep_to_their_bounds(policy: str) -> None:
    sales = year(0)[policy]
    booked = ~np.isnan(sales.paid)
    assert (sales.paid[booked] <= sales.guests.willingness[booked]).all()
    assert float(MINIMUM_PRICE) <= sales.paid[booked].min()
    assert sales.paid[booked].max() <= float(MAXIMUM_PRICE)
    assert (sales.paid[booked] == np.round(sales.paid[booked])).all(), "on the step"


@pytest.mark.parametrize("other", [FIXED_PRICE, OCCUPANCY_LADDER])
def test_the_recommendations_earn_more(other: str) -> None:
    more = [year(seed)[RECOMMENDATIONS].revenue - year(seed)[other].revenue for seed in SEEDS]
    assert confidence_interval(more).low > 0
