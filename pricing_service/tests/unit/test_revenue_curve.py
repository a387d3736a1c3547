"""What a night is expected to sell at a price, beside guests that are drawn; and what is usual."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from pricing_service.engine import NightPrice, recommend
from pricing_service.engine.belief import Belief
from pricing_service.engine.belief_json import belief_from_json, belief_to_json
from pricing_service.engine.revenue_curve import expected_on_the_books, expected_sales
from pricing_service.engine.room_batches import Batches
from pricing_service.tests.unit.engine_hotels import (
    AS_OF,
    hotel_rules,
    past_year,
    past_year_belief,
)

PRICES = np.linspace(60.0, 250.0, 15)


def coming(nights: int = 40) -> list[NightPrice]:
    return recommend(hotel_rules(), past_year(), AS_OF, nights, belief=past_year_belief())


def sales(belief: Belief, night: NightPrice) -> tuple[list[float], list[float]]:
    found = expected_sales(belief, [night], PRICES[None, :])
    return found.bookings[0].tolist(), found.revenue[0].tolist()


def test_dearer_rooms_sell_less_and_never_more_than_are_free() -> None:
    for night in coming():
        bookings, revenue = sales(past_year_belief(), night)
        assert bookings == sorted(bookings, reverse=True)
        assert 0 <= bookings[-1] < bookings[0] <= max(night.rooms - night.on_the_books, 0)
        assert revenue == pytest.approx((PRICES * bookings).tolist())


def test_nights_together_are_as_each_alone() -> None:
    nights = [replace(night, rooms=12 + 20 * (night.days_before % 2)) for night in coming()]
    together = expected_sales(past_year_belief(), nights, np.tile(PRICES, (len(nights), 1)))
    for night, bookings in zip(nights, together.bookings.tolist(), strict=True):
        assert bookings == pytest.approx(sales(past_year_belief(), night)[0])


@pytest.mark.parametrize(("demand", "free"), [(3.0, 40), (30.0, 12), (30.0, 60), (2.0, 1)])
def test_bookings_are_those_of_guests_drawn_from_the_belief(demand: float, free: int) -> None:
    """At the worth of the night every guest who asks books: the gamma-Poisson mean, cut off."""
    belief = replace(past_year_belief(), cancelling=np.zeros(len(past_year_belief().cancelling)))
    night = replace(coming()[39], demand=demand, rooms=free, on_the_books=0, evidence=8.0)
    rng = np.random.default_rng(1)
    to_come = float(belief.curve[:15].sum())  # nearly all that is booked in the last 39 days
    mean = demand * to_come
    spread = belief.batches.evidence_spread / 8.0 + 0.07**2
    drawn = rng.poisson(mean * rng.gamma(1 / spread, spread, size=400_000))
    [[expected]] = expected_sales(belief, [night], np.array([[night.worth]])).bookings
    assert expected == pytest.approx(np.minimum(drawn, free).mean(), rel=0.02)


def test_groups_fill_the_free_rooms_less_evenly() -> None:
    sizes = np.zeros(13)
    sizes[[1, 8]] = 0.5
    single = past_year_belief()
    batches = Batches(sizes, single.batches.usual_most, 1.0, single.batches.evidence_spread)
    night = coming()[20]
    alone, groups = sales(single, night)[0], sales(replace(single, batches=batches), night)[0]
    assert groups[0] < alone[0]


def test_the_rest_of_the_day_counts_tonight() -> None:
    [tonight] = coming(1)
    prices = np.array([[tonight.worth]])
    whole = expected_sales(past_year_belief(), [tonight], prices, day_left=1.0).bookings[0, 0]
    half = expected_sales(past_year_belief(), [tonight], prices, day_left=0.5).bookings[0, 0]
    assert half == pytest.approx(whole / 2, rel=0.1)


def test_the_usual_books_rise_to_the_demand_less_what_cancels() -> None:
    belief = past_year_belief()
    night = np.full(366, AS_OF.toordinal() + 5)
    usual = expected_on_the_books(belief, night, np.arange(366))
    assert (np.diff(usual) <= 1e-9).all()
    demand = belief.expected_demand(night[:1])[0]
    assert 0.5 * demand < usual[0] < demand
    never = replace(belief, cancelling=np.zeros(len(belief.cancelling)))
    assert expected_on_the_books(never, night[:1], np.array([0]))[0] == pytest.approx(demand)


def test_a_belief_comes_back_from_json_to_the_last_bit() -> None:
    belief = past_year_belief()
    back = belief_from_json(belief_to_json(belief))
    assert belief_to_json(back) == belief_to_json(belief)
    assert np.array_equal(back.batches.usual_most, belief.batches.usual_most)
    rules = hotel_rules(step=Decimal("0.01"))
    assert recommend(rules, past_year(), AS_OF, 40, belief=back) == recommend(
        rules, past_year(), AS_OF, 40, belief=belief
    )
