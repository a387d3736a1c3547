"""What a group displaces: never negative, more on fuller nights and for larger groups, and the
price of a room where a night will surely sell out."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing_service.engine import History, HotelRules, recommend
from pricing_service.engine.belief import Belief, learn
from pricing_service.engine.group_value import (
    GroupDoesNotFit,
    NightForSale,
    displaced,
    expected_sales,
    group_nights,
    least_rate,
)
from pricing_service.engine.lead_bins import LEARNING, PRICING
from pricing_service.engine.revenue_program import CALENDAR_UNCERTAINTY
from pricing_service.engine.room_batches import Batches

AS_OF = date(2026, 11, 25)
RULES = HotelRules(base=Decimal(100), minimum=Decimal(50), maximum=Decimal(300), rooms=40)
NO_HISTORY = History(((), (), (), ()))
BELIEF = learn(RULES, NO_HISTORY, AS_OF)
IN_GROUPS = np.array([0, 0.6, 0.1, 0.1, 0.1, 0.1, *[0.0] * 7])


def night_for_sale(**changes: Any) -> NightForSale:
    usual = NightForSale(
        lead=30, demand=30.0, evidence=BELIEF.evidence, lowest=0.5, highest=3.0, seasonal=1.0,
        lead_factors=np.ones(PRICING.count),
    )  # fmt: skip
    return replace(usual, **changes)


def belief(cancelling: float = 0.004, in_groups: bool = False) -> Belief:
    sizes = IN_GROUPS if in_groups else BELIEF.batches.sizes
    return replace(
        BELIEF,
        cancelling=np.full_like(BELIEF.cancelling, cancelling),
        batches=Batches(sizes, BELIEF.batches.usual_most),
    )


def booked(rows: list[tuple[date, int]]) -> History:
    """A history with room-nights of nights, all booked on the day before AS_OF."""
    nights = [night.toordinal() for night, _ in rows]
    days = [AS_OF.toordinal() - 1] * len(rows)
    return History((nights, days, [count for _, count in rows], [0] * len(rows)))


beliefs = st.builds(belief, st.sampled_from([0.0, 0.004, 0.05, 0.15]), st.booleans())
nights = st.builds(
    night_for_sale,
    lead=st.integers(0, 400),
    demand=st.floats(0.0, 90.0),
    lowest=st.floats(0.2, 1.0),
    highest=st.floats(1.0, 6.0),
    seasonal=st.floats(0.7, 1.5),
)


@settings(max_examples=40, deadline=None)
@given(beliefs, nights, st.integers(1, 14), st.data())
def test_what_is_displaced_rises_with_the_books_and_with_the_rooms_wanted(
    believed: Belief, night: NightForSale, rooms: int, data: st.DataObject
) -> None:
    wanted = data.draw(st.integers(1, rooms))
    books = data.draw(st.integers(0, rooms - wanted))
    revenue, room_nights = displaced(believed, night, rooms, books, wanted)
    assert revenue >= 0
    assert 0 <= room_nights <= wanted
    if books:
        assert displaced(believed, night, rooms, books - 1, wanted)[0] <= revenue
    if wanted > 1:
        assert displaced(believed, night, rooms, books, wanted - 1)[0] <= revenue + 1e-8
    assert displaced(believed, night, rooms, books, wanted) == (revenue, room_nights)


@settings(max_examples=20, deadline=None)
@given(beliefs, nights, st.integers(2, 20))
def test_it_is_the_difference_of_what_the_night_is_worth_with_fewer_rooms(
    believed: Belief, night: NightForSale, rooms: int
) -> None:
    value, _ = expected_sales(believed, night, rooms)
    fewer, _ = expected_sales(believed, night, rooms - 1)
    revenue, _ = displaced(believed, night, rooms, 0, 1)
    assert revenue == pytest.approx(max(0.0, value[0] - fewer[0]))


def test_the_less_is_known_of_a_night_the_likelier_it_is_to_sell_out() -> None:
    """Of two nights that are expected to stay half empty, the surer one costs a group nothing."""
    usual = night_for_sale(demand=20.0)
    sure = displaced(BELIEF, replace(usual, evidence=1000.0), 40, 10, 15)[0]
    assert sure < displaced(BELIEF, replace(usual, evidence=5.0), 40, 10, 15)[0]


@pytest.mark.parametrize("cancelling", [0.0, 0.01])
@pytest.mark.parametrize("demand", [40.0, 70.0])
def test_it_is_what_simulated_guests_would_have_paid(cancelling: float, demand: float) -> None:
    """Day by day, at a fixed price, with single bookings and cancellations."""
    believed = belief(cancelling)
    night = night_for_sale(demand=demand, lowest=1.1, highest=1.1)
    revenue, room_nights = displaced(believed, night, 40, 15, 10)
    all_rooms, fewer = (simulated_sales(believed, night, rooms) for rooms in (40, 30))
    assert room_nights == pytest.approx(all_rooms - fewer, rel=0.02)
    assert revenue == pytest.approx(1.1 * room_nights, rel=0.001)


def simulated_sales(believed: Belief, night: NightForSale, rooms: int) -> float:
    """Return the mean of the room-nights sold to guests who stay, 15 rooms being booked before."""
    random, runs = np.random.default_rng(3), 20_000
    spread = np.log1p(1.0 / night.evidence + CALENDAR_UNCERTAINTY**2)
    level = night.demand * random.lognormal(-spread / 2, spread**0.5, runs)
    rates = LEARNING.spread(believed.curve)
    before, sold = np.full(runs, 15), np.zeros(runs, dtype=np.int64)
    for lead in range(night.lead, -1, -1):
        middle = float(PRICING.middles[PRICING.bin_of_lead[lead]])
        share = believed.response.expected_share(np.array([night.lowest]), middle, night.seasonal)
        asked = random.poisson(level * rates[lead] * share[0])
        sold += np.minimum(asked, rooms - before - sold)
        stays = 1.0 - believed.cancelling[LEARNING.bin_of_lead[lead]]
        before, sold = random.binomial(before, stays), random.binomial(sold, stays)
    return float(sold.mean())


def test_a_night_that_stays_half_empty_costs_nothing() -> None:
    revenue, room_nights = displaced(BELIEF, night_for_sale(demand=10.0), 40, 2, 10)
    assert revenue / 10 < 0.005
    assert room_nights < 0.05


def test_on_a_night_that_surely_sells_out_a_room_costs_its_price() -> None:
    fixed = night_for_sale(lead=60, demand=400.0, lowest=1.2, highest=1.2)
    revenue, room_nights = displaced(belief(cancelling=0.0), fixed, 40, 10, 8)
    assert revenue / 8 == pytest.approx(1.2, rel=1e-5)
    assert room_nights == pytest.approx(8)


def test_a_group_keeps_its_rooms_where_guests_cancel_theirs() -> None:
    """Else a group would be told that a third of its rooms come back to be sold again."""
    fixed = night_for_sale(lead=60, demand=4000.0, lowest=1.0, highest=1.0)
    revenue, _ = displaced(belief(cancelling=0.01), fixed, 40, 0, 20)
    assert revenue / 20 > 0.95


def test_bounds_and_fixed_prices_of_the_night_limit_what_it_loses() -> None:
    busy = night_for_sale(demand=120.0)
    free, _ = displaced(BELIEF, busy, 40, 20, 10)
    bounded, _ = displaced(BELIEF, replace(busy, highest=1.1), 40, 20, 10)
    fixed, _ = displaced(BELIEF, replace(busy, lowest=0.8, highest=0.8), 40, 20, 10)
    assert fixed / 10 == pytest.approx(0.8, rel=0.02)
    assert fixed < bounded < free
    assert bounded / 10 < 1.1


def test_a_told_lead_factor_moves_value_as_it_moves_prices() -> None:
    plain, _ = displaced(BELIEF, night_for_sale(demand=60.0), 40, 10, 10)
    dearer = night_for_sale(
        demand=60.0, lowest=0.6, highest=3.6, lead_factors=np.full(PRICING.count, 1.2)
    )
    assert displaced(BELIEF, dearer, 40, 10, 10)[0] == pytest.approx(1.2 * plain, rel=0.01)


def test_a_stay_is_told_night_by_night() -> None:
    saturday = AS_OF + timedelta(days=17)
    stay = [saturday - timedelta(days=1), saturday]
    history = booked([(saturday, 28)])
    closed = replace(RULES, rooms_by_date={stay[0]: 20})
    friday_night, saturday_night = group_nights(closed, BELIEF, history, AS_OF, stay, 10)
    assert (friday_night.rooms, friday_night.rooms_left) == (20, 20)
    assert (saturday_night.rooms, saturday_night.rooms_left) == (40, 12)
    assert saturday_night.night == saturday
    assert saturday_night.least_rate > 1.5 * friday_night.least_rate > 0
    mean = (friday_night.least_rate + saturday_night.least_rate) / 2
    assert least_rate([friday_night, saturday_night]) == pytest.approx(mean)


def test_a_price_that_a_person_keeps_is_what_a_full_night_loses() -> None:
    night = AS_OF + timedelta(days=60)
    history = booked([(night, 38)])
    [held] = group_nights(RULES, BELIEF, history, AS_OF, [night], 2, held={night: Decimal(70)})
    [fixed] = group_nights(
        replace(RULES, fixed={night: Decimal(70)}), BELIEF, history, AS_OF, [night], 2
    )
    [free] = group_nights(RULES, BELIEF, history, AS_OF, [night], 2)
    assert held == fixed
    assert held.least_rate == pytest.approx(70, rel=0.02)
    assert free.least_rate > 110


def test_the_last_rooms_cost_about_what_the_engine_would_ask() -> None:
    night = AS_OF + timedelta(days=60)
    history = booked([(night, 39)])
    price = recommend(RULES, history, AS_OF, nights=61, belief=BELIEF)[60].price
    [quoted] = group_nights(RULES, BELIEF, history, AS_OF, [night], 1)
    assert 0.7 * float(price) < quoted.least_rate <= float(price)


def test_tonight_counts_what_is_left_of_the_day() -> None:
    history = booked([(AS_OF, 38)])
    rates = [
        group_nights(RULES, BELIEF, history, AS_OF, [AS_OF], 2, day_left=left)[0].least_rate
        for left in (0.0, 0.3, 1.0)
    ]
    assert rates[0] == 0 < rates[1] < rates[2]


def test_rooms_that_are_not_there_are_refused_with_the_night_and_how_many_are_left() -> None:
    full, stay = AS_OF + timedelta(days=3), [AS_OF + timedelta(days=day) for day in (2, 3)]
    with pytest.raises(
        GroupDoesNotFit, match="5 rooms are wanted, and fewer are left: 4 on 2026-11-28"
    ) as refused:
        group_nights(RULES, BELIEF, booked([(full, 36)]), AS_OF, stay, 5)
    assert refused.value.rooms_left == {full: 4}
    with pytest.raises(GroupDoesNotFit, match="0 on 2026-11-28"):
        group_nights(RULES, BELIEF, booked([(full, 45)]), AS_OF, stay, 5)
    for nights, rooms in (([], 5), ([AS_OF - timedelta(days=1)], 5), (stay, 0)):
        with pytest.raises(ValueError, match="a group needs a room"):
            group_nights(RULES, BELIEF, NO_HISTORY, AS_OF, nights, rooms)


def test_nothing_that_happens_after_the_day_counts() -> None:
    night = AS_OF + timedelta(days=9)
    later = History(([night.toordinal()], [AS_OF.toordinal() + 1], [30], [0]))
    assert group_nights(RULES, BELIEF, later, AS_OF, [night], 5) == group_nights(
        RULES, BELIEF, NO_HISTORY, AS_OF, [night], 5
    )
