"""Simulated guests come in the numbers, and respond to price, as their market says."""

from dataclasses import replace

import numpy as np
import pytest

from pricing_service.demand.bookings import Floats
from pricing_service.laboratory.markets.market import (
    LATE_CALM_DAYS,
    USUAL_WINDOW,
    Competitor,
    Market,
    Shock,
)
from pricing_service.laboratory.markets.simulated_guests import (
    Guests,
    SimulatedGuests,
    draw_guests,
)

LARGE = Market(name="large", rooms=300, night_deviation=0.0, event_share=0.0)


def room_nights(guests: Guests, price: float) -> Floats:
    """Return the room-nights of each party at a price, cancelled ones included."""
    return np.where(guests.willingness >= price, guests.rooms * guests.nights, 0).astype(float)


def of_the_year(simulated: SimulatedGuests) -> np.ndarray:
    line, arrival = simulated.timeline, simulated.guests.arrival
    return (arrival >= line.start) & (arrival < line.end)


def test_equal_markets_and_seeds_give_equal_guests() -> None:
    market = Market(name="one")
    first, again = draw_guests(market, 1), draw_guests(market, 1)
    for column, same in zip(vars(first.guests).values(), vars(again.guests).values(), strict=True):
        np.testing.assert_array_equal(column, same)
    np.testing.assert_array_equal(first.effects, again.effects)
    assert len(draw_guests(market, 2).guests.day) != len(first.guests.day)
    assert len(draw_guests(replace(market, name="two"), 1).guests.day) != len(first.guests.day)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"group_share": 0.3, "stays": (0.5, 0.3, 0.2)},
        {"night_deviation": 0.3, "event_share": 0.05},
        {"form": "lognormal", "elasticity": 1.6, "cancelled_share": 0.25},
    ],
)
def test_demand_is_what_would_be_kept_at_the_reference_price(changes: dict) -> None:
    simulated = draw_guests(replace(LARGE, demand=0.9, **changes), 3)
    guests = simulated.guests
    kept = guests.kept_rooms * guests.nights * (guests.willingness >= 100)
    share = kept[of_the_year(simulated)].sum() / (300 * 365)
    assert share == pytest.approx(0.9, rel=0.05 if "event_share" in changes else 0.02)


@pytest.mark.parametrize("form", ["exponential", "lognormal", "logistic", "weibull", "linear"])
def test_demand_falls_with_price_by_the_elasticity_and_more_in_summer(form: str) -> None:
    simulated = draw_guests(replace(LARGE, form=form, summer_steeper=1.5), 1)
    year = of_the_year(simulated)
    dates = np.array(simulated.timeline.ordinals[simulated.guests.arrival])
    start = simulated.market.start.toordinal()
    summer = (dates >= start + 151) & (dates < start + 243)  # June to August
    for season, elasticity in ((year & ~summer, 1.2), (year & summer, 1.8)):
        dear, cheap = (room_nights(simulated.guests, p)[season].sum() for p in (108, 92))
        slope = np.log(cheap / dear) / np.log(108 / 92)
        assert slope == pytest.approx(elasticity, rel=0.06)


def test_late_guests_respond_less() -> None:
    elasticities = LARGE.elasticities(is_summer=False)
    assert (np.diff(elasticities) > 0).all()
    calm = 1 - np.exp(-180 / LATE_CALM_DAYS) * LARGE.late_calm
    assert elasticities[0] / elasticities[180] == pytest.approx((1 - LARGE.late_calm) / calm)
    assert elasticities @ USUAL_WINDOW.shares() == pytest.approx(1.2)


def test_groups_bring_their_share_of_the_room_nights() -> None:
    guests = draw_guests(replace(LARGE, group_share=0.3), 1).guests
    groups = guests.rooms > 1
    assert guests.rooms[groups].sum() / guests.rooms.sum() == pytest.approx(0.3, abs=0.01)
    assert np.bincount(guests.rooms)[2:] == pytest.approx(groups.sum() / 7, rel=0.1)


def test_stays_are_as_long_as_the_market_says() -> None:
    guests = draw_guests(replace(LARGE, stays=(0.5, 0.3, 0.2)), 1).guests
    shares = np.bincount(guests.nights)[1:] / len(guests.nights)
    assert shares == pytest.approx([0.5, 0.3, 0.2], abs=0.01)


def test_rooms_are_cancelled_after_the_booking_and_up_to_the_night() -> None:
    guests = draw_guests(replace(LARGE, group_share=0.2), 1).guests
    cancelled = guests.rooms - guests.kept_rooms
    np.testing.assert_array_equal(np.diff(guests.first_cancelled), cancelled)
    party = np.repeat(np.arange(len(guests.day)), cancelled)
    assert (guests.cancellation_day > guests.day[party]).all()
    assert (guests.cancellation_day <= guests.arrival[party]).all()
    before = guests.arrival > guests.day
    assert cancelled[before].sum() / guests.rooms[before].sum() == pytest.approx(0.15, abs=0.005)
    assert cancelled[~before].sum() == 0


def test_a_shock_changes_the_bookings_made_from_its_day_on() -> None:
    steady = draw_guests(LARGE, 1)
    shocked = draw_guests(replace(LARGE, shock=Shock(100, 0.7)), 1)
    day = steady.timeline.start + 100
    later = [one.guests.day >= day for one in (shocked, steady)]
    after, before = [np.sum(is_later) for is_later in later], [np.sum(~one) for one in later]
    assert after[0] / after[1] == pytest.approx(0.7, abs=0.02)
    assert before[0] / before[1] == pytest.approx(1.0, abs=0.02)


def test_a_competitor_takes_guests_from_its_day_on_and_more_at_higher_prices() -> None:
    competitor = Competitor(100)
    alone = draw_guests(LARGE, 1)
    beside = draw_guests(replace(LARGE, competitor=competitor), 1)
    day = alone.timeline.start + 100
    for price in (70.0, 95.0, 120.0):
        wants = [one.guests.willingness >= price for one in (beside, alone)]
        later = [one.guests.day >= day for one in (beside, alone)]
        after = [np.sum(a & b) for a, b in zip(wants, later, strict=True)]
        before = [np.sum(a & ~b) for a, b in zip(wants, later, strict=True)]
        staying = float(competitor.staying(np.array(price)))
        assert after[0] / after[1] == pytest.approx(staying, rel=0.03)
        assert before[0] / before[1] == pytest.approx(1.0, rel=0.03)


def test_a_new_hotel_has_no_guests_before_its_start() -> None:
    simulated = draw_guests(replace(LARGE, history_nights=0), 1)
    assert simulated.guests.day.min() == simulated.timeline.start
    assert simulated.guests.arrival.min() >= simulated.timeline.start
