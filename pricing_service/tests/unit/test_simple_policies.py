"""The policies without an engine: one price, ladder, proposed calendar, and the former formula."""

from datetime import date, timedelta
from functools import cache

import numpy as np
import pytest

from pricing_service.laboratory.markets.known_history import KnownHistory
from pricing_service.laboratory.markets.market import Market
from pricing_service.laboratory.markets.simulated_guests import draw_guests
from pricing_service.laboratory.markets.simulated_sales import (
    Morning,
    SimulatedHotel,
    sell_history,
    sell_year,
)
from pricing_service.laboratory.policies.former_formula import former_recommendations
from pricing_service.laboratory.policies.simple_policies import (
    calendar_and_ladder,
    calendar_factors,
    fixed_price,
    ladder,
    occupancy_ladder,
    on_price_list,
)
from pricing_service.rules.rule_proposals import propose

MARKET = Market(name="policies", rooms=20)


@cache
def hotel() -> SimulatedHotel:
    return sell_history(draw_guests(MARKET, 1))


def morning(books: int | np.ndarray = 0) -> Morning:
    return Morning(MARKET.start, 0, np.zeros(365, dtype=np.int64) + books, hotel().history)


def test_the_ladder_goes_by_occupancy_alone() -> None:
    books = np.array([0, 5, 6, 9, 10, 13, 14, 16, 17, 20])
    expected = [0.9, 0.9, 1.0, 1.0, 1.1, 1.1, 1.25, 1.25, 1.4, 1.4]
    assert ladder(books, 20).tolist() == expected
    assert set(occupancy_ladder(MARKET)(morning(14))) == {125.0}


def test_prices_are_on_the_list() -> None:
    assert on_price_list(np.array([59.4, 99.5, 220.4])).tolist() == [60.0, 100.0, 220.0]


def test_calendar_factors_are_those_that_the_product_proposes() -> None:
    proposal = propose(hotel().history.net_bookings(), date(2025, 12, 31), 20)
    assert proposal.month_factors
    assert proposal.weekday_factors
    prices = calendar_factors(MARKET)(morning())
    for ahead in (0, 100, 220, 364):
        night = MARKET.start + timedelta(days=ahead)
        factor = proposal.month_factors[night.month - 1] * proposal.weekday_factors[night.weekday()]
        assert prices[ahead] == pytest.approx(100 * factor, abs=0.51)
    assert prices.max() > 110
    both = calendar_and_ladder(MARKET)(morning(20))
    assert both == pytest.approx(np.clip(1.4 * prices, 60, 220), abs=1.3)


def test_a_new_hotel_has_no_factors_before_its_history_gives_some() -> None:
    new = Morning(MARKET.start, 0, np.zeros(365, dtype=np.int64), KnownHistory(0))
    assert set(calendar_factors(MARKET)(new)) == {100.0}
    assert set(former_recommendations(MARKET)(new)) == {45.0 + 15.0}, "far behind the target"


def test_the_former_formula_follows_the_distance_from_the_curve() -> None:
    prices = [former_recommendations(MARKET)(morning(books)) for books in (0, 8, 16, 20)]
    assert (np.diff(prices, axis=0) >= 0).all(), "fuller is never cheaper"
    calendar = calendar_factors(MARKET)(morning())
    far = slice(200, 365)  # nothing is usually on the books by then
    assert prices[0][far] == pytest.approx(calendar[far], abs=0.6)
    scarce = np.exp(0.8 + 0.5 * 0.25)  # 80 % on the books long before: ahead by all of them
    assert prices[2][far] == pytest.approx(np.clip(calendar[far] * scarce, 60, 220), abs=1.5)


def test_the_former_formula_earns_more_than_the_base_price_here() -> None:
    former = sell_year(hotel(), former_recommendations(MARKET)).revenue
    assert former > 1.03 * sell_year(hotel(), fixed_price(MARKET.base)).revenue
