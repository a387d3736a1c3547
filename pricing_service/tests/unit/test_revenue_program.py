"""The revenue program: chances of sales, prices and values against direct calculation."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing_service.demand.bookings import Floats
from pricing_service.engine.belief import Belief, learn
from pricing_service.engine.price_response import PriceResponse
from pricing_service.engine.revenue_program import RevenueProgram, sales_chances, solve
from pricing_service.engine.room_batches import MAX_BATCH, Batches
from pricing_service.tests.unit.small_hotels import SmallHotel, base_price, day

ALONE = Batches(np.eye(MAX_BATCH + 1)[1], np.full(366, np.inf))
PAIRS = Batches(np.array([0.0, 0.5, 0.5] + [0.0] * (MAX_BATCH - 2)), np.full(366, np.inf))


@pytest.fixture(scope="module")
def belief() -> Belief:
    """What is learned of a half year at the base price, without cancellations."""
    hotel = SmallHotel()
    learned = learn(hotel.rules, hotel.sell(180, base_price), day(180))
    return replace(learned, cancelling=np.zeros_like(learned.cancelling))


@pytest.fixture(scope="module")
def program(belief: Belief) -> RevenueProgram:
    return solve(belief, 20, 0.6, 2.2, 1.0)


@given(asked=st.floats(0.0, 8.0))
def test_single_guests_are_poisson(asked: float) -> None:
    """Batches of one room are a Poisson process."""
    chances = sales_chances(np.array(asked), ALONE, 10)
    poisson = [math.exp(-asked) * asked**n / math.factorial(n) for n in range(11)]
    assert chances == pytest.approx(poisson, abs=1e-9)


@given(asked=st.floats(0.0, 6.0))
def test_batches_keep_the_mean_and_spread_it(asked: float) -> None:
    """Groups ask for as many rooms in all, but not one by one."""
    chances = sales_chances(np.array(asked), PAIRS, 60)
    rooms = np.arange(61)
    mean = float(chances @ rooms)
    assert mean == pytest.approx(asked, abs=1e-6)
    variance = float(chances @ rooms**2) - mean**2
    assert variance == pytest.approx(asked * PAIRS.spread, abs=1e-5)


def test_the_last_night_is_the_best_single_price(belief: Belief) -> None:
    """On the day itself the price is the best of one period, found by trying all."""
    certain = replace(belief, night_shape=1e6, response=PriceResponse(covariance=np.eye(6) * 1e-9))
    program = solve(certain, 20, 0.6, 2.2, 1.0)
    prices = np.exp(np.linspace(math.log(0.6), math.log(2.2), 400))
    share = certain.response.expected_share(prices, 0.0, 1.0)
    for level, log_level in enumerate(program.log_levels):
        asked = math.exp(log_level) * float(certain.curve[0]) * share
        for books in (0, 12, 18, 19):
            revenue = prices * _mean_sales(asked, 20 - books)
            found = math.exp(program.log_prices[0, level, books])
            best = float(prices[revenue.argmax()])
            at_found = float(np.interp(found, prices, revenue))
            assert at_found >= 0.995 * revenue.max(), (level, books, found, best)


def test_values_are_what_selling_at_these_prices_earns(belief: Belief) -> None:
    """The value of an empty house is the mean revenue of many simulated nights."""
    certain = replace(belief, night_shape=1e6, response=PriceResponse(covariance=np.eye(6) * 1e-9))
    program = solve(certain, 20, 0.6, 2.2, 1.0)
    level = int(np.searchsorted(program.log_levels, math.log(20.0)))
    random = np.random.default_rng(1)
    earned = _simulated_revenue(program, certain, level, random)
    error = 4 * earned.std() / math.sqrt(len(earned))
    # The program's prices are a little better than those of its table, rounded and believed.
    assert earned.mean() == pytest.approx(program.values[-1, level, 0], abs=error + 0.15)


def test_prices_rise_with_books_and_demand(program: RevenueProgram) -> None:
    """No state of the table is cheaper than a state with more on the books or more demand."""
    assert (np.diff(program.log_prices, axis=2) >= 0).all()
    assert (np.diff(program.log_prices, axis=1) >= 0).all()


def test_a_room_more_is_worth_something_and_ever_less(program: RevenueProgram) -> None:
    """Values fall with the rooms on the books, and the faster the fewer are left."""
    falls = -np.diff(program.values, axis=2)
    assert (falls >= -1e-9).all()
    assert (np.diff(falls, axis=2) >= -2e-3).all()


@settings(max_examples=20)
@given(lead=st.integers(0, 364), demand=st.floats(0.5, 90.0), books=st.integers(0, 20))
def test_between_states_prices_are_between(
    program: RevenueProgram, lead: int, demand: float, books: int
) -> None:
    """Interpolation stays inside the prices of the table."""
    found = program.log_price(np.array([lead]), np.array([demand]), np.array([books]))[0]
    column = program.log_prices[:, :, books]
    assert column.min() - 1e-9 <= found <= column.max() + 1e-9


def _mean_sales(asked: Floats, rooms: int) -> Floats:
    """Return the mean of a Poisson number, at most the rooms."""
    chances = sales_chances(asked, ALONE, rooms)
    beyond = 1.0 - chances.sum(axis=-1)
    sales: Floats = chances @ np.arange(rooms + 1) + beyond * rooms
    return sales


def _simulated_revenue(
    program: RevenueProgram, belief: Belief, level: int, random: np.random.Generator
) -> Floats:
    """Return the revenue of nights that sell at the program's prices, period by period."""
    from pricing_service.engine.lead_bins import LEARNING, PRICING

    rates = LEARNING.spread(belief.curve)
    books = np.zeros(3000, dtype=np.int64)
    revenue = np.zeros(len(books))
    for period in reversed(range(PRICING.count)):
        prices = np.exp(program.log_prices[period, level, books])
        share = belief.response.expected_share(prices, float(PRICING.middles[period]), 1.0)
        first, end = PRICING.edges[period], PRICING.edges[period + 1]
        asked = math.exp(program.log_levels[level]) * rates[first:end].sum() * share
        booked = np.minimum(random.poisson(asked), 20 - books)
        books += booked
        revenue += booked * prices
    return revenue
