"""The second limit learns the nights' effects by the exact posterior, and stays below the first."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import gamma, poisson

from pricing_service.laboratory.markets.market import BookingWindow, Market, Shock
from pricing_service.laboratory.markets.simulated_guests import draw_guests
from pricing_service.laboratory.markets.simulated_sales import sell_history, sell_year
from pricing_service.laboratory.policies.limit_without_night_demand import (
    limit_without_night_demand,
    posterior_means,
)
from pricing_service.laboratory.policies.revenue_limit import limit_policy
from pricing_service.laboratory.policies.simple_policies import fixed_price

pytestmark = pytest.mark.long

SMALL = Market(name="small", rooms=12, window=BookingWindow(3.0, 14.0, 0.5, 40), demand=1.2)


@pytest.mark.parametrize(("count", "exposure"), [(0, 0.0), (0, 5.0), (9, 5.0), (3, 3.0)])
def test_the_posterior_mean_is_that_of_a_numerical_integration(count: int, exposure: float) -> None:
    effects = np.linspace(1e-4, 8, 400_001)
    shape, mean_event = 0.3**-2, 1 + 0.8 * 0.05
    prior = 0.95 * gamma.pdf(effects, shape, scale=1 / mean_event / shape)
    prior += 0.05 * gamma.pdf(effects, shape, scale=1.8 / mean_event / shape)
    weight = prior * poisson.pmf(count, effects * exposure)
    found = posterior_means(SMALL, np.array([float(count)]), np.array([exposure]))
    assert found[0] == pytest.approx((weight * effects).sum() / weight.sum(), rel=1e-4)


def shares(market: Market, seeds: range) -> tuple[float, float]:
    """Return the means of the second limit and of the base price, over the first limit."""
    found = []
    for seed in seeds:
        simulated = draw_guests(market, seed)
        hotel = sell_history(simulated)
        limit = sell_year(hotel, limit_policy(simulated)[0]).revenue
        second = sell_year(hotel, limit_without_night_demand(market)).revenue
        fixed = sell_year(hotel, fixed_price(market.base)).revenue
        found.append((second / limit, fixed / limit))
    second, fixed = np.mean(found, axis=0).tolist()
    return second, fixed


def test_it_earns_nearly_what_the_first_limit_does() -> None:
    second, fixed = shares(SMALL, range(3))
    assert 0.97 < second < 1.0
    assert fixed < second - 0.05


def test_without_effects_of_nights_there_is_nothing_that_it_is_not_told() -> None:
    known = replace(SMALL, night_deviation=0.0, event_share=0.0, shock=Shock(0, 0.7))
    second, _ = shares(known, range(2))
    assert second == pytest.approx(1.0, abs=0.004)


def test_it_learns_the_nights_effects_from_their_bookings() -> None:
    market = replace(SMALL, night_deviation=0.7, demand=1.4)
    believes_in_none = replace(market, night_deviation=0.0, event_share=0.0)
    simulated = draw_guests(market, 1)
    hotel = sell_history(simulated)
    learning, blind = (
        sell_year(hotel, limit_without_night_demand(belief)).revenue
        for belief in (market, believes_in_none)
    )
    assert learning > 1.01 * blind
