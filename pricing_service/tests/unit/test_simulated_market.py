"""The made-up market: the same guests for every policy, who respond to price as stated."""

import math
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import numpy as np
import pytest

from pricing_service.demand.bookings import Ints
from pricing_service.engine.price_formula import Rules, Situation, price
from pricing_service.laboratory import simulated_market
from pricing_service.laboratory.simulated_market import (
    FIXED_PRICE,
    HISTORY,
    OCCUPANCY_LADDER,
    POLICIES,
    RECOMMENDATIONS,
    WINDOW,
    YEAR,
    Guests,
    Sold,
    Span,
    World,
    draw,
    fixed_price,
    live,
    occupancy_ladder,
    recommended,
    sell,
)
from pricing_service.management.commands.simulate_market import interval

WORLD = World()
SEEDS = range(5)


@cache
def year(seed: int) -> dict[str, Sold]:
    return live(WORLD, seed)


def at(amount: float) -> simulated_market.Policy:
    return lambda days_before, books: np.full(len(books), amount)


def made_up(days_before: list[int], willingness: list[float], cancels: list[int]) -> Guests:
    """Guests of one and the same night."""
    columns = (np.array(column) for column in (days_before, willingness, cancels))
    early, willing, gone = columns
    return Guests(Span(date(2026, 1, 1), 1), early, np.zeros_like(early), willing, gone)


def test_a_seed_is_a_world() -> None:
    again = live(WORLD, 0)
    for name in POLICIES:
        np.testing.assert_array_equal(again[name].paid, year(0)[name].paid)
    assert year(1)[FIXED_PRICE].revenue != year(0)[FIXED_PRICE].revenue


def test_every_policy_meets_the_same_guests() -> None:
    alone = live(WORLD, 0, policies=[FIXED_PRICE])
    np.testing.assert_array_equal(alone[FIXED_PRICE].paid, year(0)[FIXED_PRICE].paid)
    guests = [year(0)[name].guests for name in POLICIES]
    assert guests[0] is guests[1] is guests[2]


def test_the_year_that_is_learned_from_has_other_guests_and_ends_before() -> None:
    before, after = draw(WORLD, HISTORY, 0), draw(WORLD, YEAR, 0)
    assert HISTORY.dates[-1] + timedelta(days=1) == YEAR.first
    assert not np.array_equal(before.willingness[:1000], after.willingness[:1000])


@pytest.mark.parametrize("policy", POLICIES)
def test_no_night_has_more_guests_than_rooms_on_any_day(policy: str) -> None:
    sold = year(0)[policy]
    booked = ~np.isnan(sold.paid)
    days = sold.guests.days_before[booked, None]
    gone = sold.guests.cancels[booked, None]
    for days_before in (120, 30, 7, 1, 0):
        there = (days >= days_before) & (gone < days_before)
        books = np.bincount(sold.guests.night[booked][there[:, 0]])
        assert books.max() <= WORLD.rooms
    assert books.max() == WORLD.rooms, "some night is full, or this says nothing"


@pytest.mark.parametrize("policy", POLICIES)
def test_nobody_pays_more_than_they_would_and_no_price_leaves_its_bounds(policy: str) -> None:
    sold = year(0)[policy]
    booked = ~np.isnan(sold.paid)
    assert (sold.paid[booked] <= sold.guests.willingness[booked]).all()
    assert float(simulated_market.MINIMUM) <= sold.paid[booked].min()
    assert sold.paid[booked].max() <= float(simulated_market.MAXIMUM)
    assert (sold.paid[booked] == np.round(sold.paid[booked])).all(), "on the step"


def test_a_guest_books_where_price_and_rooms_allow_and_a_cancelled_room_is_sold_again() -> None:
    guests = made_up([9, 9, 5, 3, 2], [100.0, 99.0, 150.0, 150.0, 150.0], [3, -1, -1, -1, -1])
    sold = sell(guests, 2, fixed_price)
    booked = [True, False, True, True, False]
    assert (~np.isnan(sold.paid)).tolist() == booked, "the first guest's room is free again"
    assert sold.revenue == 200, "what was cancelled earns nothing"
    assert (sold.occupancy, sold.average_rate, sold.revpar) == (1.0, 100.0, 100.0)


def test_the_hotel_sees_bookings_and_cancellations_when_they_come() -> None:
    sold = sell(made_up([9, 5], [100.0, 150.0], [3, -1]), 2, fixed_price)
    night = date(2026, 1, 1)
    books = [
        int(sold.bookings.on_the_books(night - timedelta(days=k), night, 1)[0])
        for k in (10, 9, 5, 4, 3, 0)
    ]
    assert books == [0, 1, 2, 2, 1, 1]


def test_demand_falls_with_price_by_the_stated_elasticity() -> None:
    def booked(amount: float) -> int:
        """Room-nights of hotels that never run out of rooms."""
        everybody = (sell(draw(world, YEAR, seed), 10**6, at(amount)) for seed in range(3))
        return sum(int((~np.isnan(sold.paid)).sum()) for sold in everybody)

    for elasticity in (0.8, 2.0):
        world = World(elasticity=elasticity, rooms=200)
        dearer, base, cheaper = booked(105), booked(100), booked(95)
        assert dearer < base < cheaper
        slope = math.log(cheaper / dearer) / math.log(105 / 95)
        assert slope == pytest.approx(elasticity, rel=0.05)


def test_demand_is_what_would_be_kept_at_the_base_price() -> None:
    world = World(demand=0.9, rooms=200)
    kept = [len(sell(draw(world, YEAR, seed), 10**6, fixed_price).kept) for seed in range(5)]
    assert np.mean(kept) / (200 * YEAR.nights) == pytest.approx(0.9, rel=0.03)


def test_late_guests_respond_less() -> None:
    of_days = simulated_market.elasticities(WORLD)
    assert (np.diff(of_days) > 0).all()
    assert of_days[0] / of_days[WINDOW] == pytest.approx(1 - simulated_market.CALM, rel=1e-3)
    assert of_days @ simulated_market.booking_window() == pytest.approx(WORLD.elasticity)


def test_the_ladder_asks_by_occupancy_alone() -> None:
    ladder = occupancy_ladder(20)
    books = np.array([0, 5, 6, 9, 10, 13, 14, 16, 17, 20])
    expected = [90, 90, 100, 100, 110, 110, 125, 125, 140, 140]
    assert ladder(100, books).tolist() == ladder(0, books).tolist() == expected


@pytest.mark.parametrize("aggressiveness", [1, 3, 5])
def test_the_recommendations_are_those_of_the_price_formula(aggressiveness: int) -> None:
    random = np.random.default_rng(aggressiveness)
    rules = Rules(
        base=simulated_market.BASE, minimum=simulated_market.MINIMUM, maximum=simulated_market.MAXIMUM, step=simulated_market.STEP,
        aggressiveness=aggressiveness, targets=random.uniform(0.4, 0.95, 12).tolist(),
        months=random.uniform(0.7, 1.4, 12).tolist(), weekdays=random.uniform(0.8, 1.3, 7).tolist(),
    )  # fmt: skip
    shares = random.uniform(0, 1.2, (WINDOW + 1, YEAR.nights))
    policy = recommended(rules, shares, YEAR, 40)
    for days_before in (WINDOW, 60, 7, 0):
        books: Ints = random.integers(0, 41, YEAR.nights)
        expected = [
            price(rules, Situation(night, days_before, 40, int(booked), float(share))).amount
            for night, booked, share in zip(YEAR.dates, books, shares[days_before], strict=True)
        ]
        assert [Decimal(amount) for amount in policy(days_before, books)] == expected


def test_the_recommendations_know_the_bookings_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bookings = sell(draw(WORLD, HISTORY, 0), WORLD.rooms, fixed_price).bookings
    monkeypatch.setattr(simulated_market, "draw", None)
    monkeypatch.setattr(simulated_market, "arrivals", None)
    policy = simulated_market.learned(bookings, YEAR, WORLD.rooms, 3)
    prices = policy(0, np.full(YEAR.nights, 32))
    month, weekday = YEAR.calendar
    assert prices[month == 7].mean() > prices[month == 0].mean(), "August sold better"
    assert prices[weekday == 5].mean() > prices[weekday == 0].mean(), "so did Saturdays"


@pytest.mark.parametrize("other", [FIXED_PRICE, OCCUPANCY_LADDER])
def test_the_recommendations_beat(other: str) -> None:
    more = [year(seed)[RECOMMENDATIONS].revenue - year(seed)[other].revenue for seed in SEEDS]
    assert interval(more).low > 0


def test_an_interval_is_that_of_student() -> None:
    for count, quantile in ((3, 4.303), (5, 2.776), (20, 2.093)):
        values = [float(value) for value in range(count)]
        one = interval(values)
        reach = quantile * float(np.std(values, ddof=1)) / math.sqrt(count)
        assert one.mean == np.mean(values)
        assert one.high - one.mean == pytest.approx(reach, rel=0.01)
        assert one.mean - one.low == pytest.approx(reach, rel=0.01)
