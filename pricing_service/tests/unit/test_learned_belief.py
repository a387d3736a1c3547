"""What the engine learns of hotels whose guests are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pricing_service.demand.bookings import Floats, Ints
from pricing_service.engine.belief import Belief, believed_nights, learn
from pricing_service.engine.hotel_history import History
from pricing_service.engine.price_trials import trial_moves
from pricing_service.tests.unit.small_hotels import FIRST_NIGHT, SmallHotel, base_price, day

DAYS = 420


def following_prices(rooms: int) -> object:
    """Return a policy that asks more the more is on the books, and tries small steps."""

    def policy(day: int, books: Ints) -> Floats:
        nights = np.arange(len(books))
        moves = trial_moves(nights, np.maximum(nights - day, 0), 3)
        return 85.0 * (1.0 + 0.9 * books / rooms) * (1.0 + 0.06 * moves)

    return policy


def elasticity(belief: Belief) -> float:
    """Return minus the log of the share that pays 30 % more, ten days before, over 0.3."""
    share = belief.response.expected_share(np.array([1.3]), 10.0, 1.0)
    return float(-np.log(share[0]) / 0.3)


@pytest.mark.parametrize("true_elasticity", [0.7, 2.0])
def test_the_response_is_found_though_prices_follow_demand(true_elasticity: float) -> None:
    """Dear nights sell well because demand made them dear; the belief is not fooled.

    Means over hotels: a single one is uncertain.
    """
    hotel = SmallHotel(rooms=30, elasticity=true_elasticity)
    found = [
        elasticity(learn(hotel.rules, hotel.sell(DAYS, following_prices(30), seed), day(DAYS)))
        for seed in range(1, 5)
    ]
    assert np.mean(found) == pytest.approx(true_elasticity, rel=0.15)


def test_a_person_who_knows_of_fairs_does_not_fool_the_belief() -> None:
    """Prices that were high from the start where demand was to be high teach little."""
    hotel = SmallHotel(rooms=30, foresight=0.5)
    belief = learn(hotel.rules, hotel.sell(DAYS, base_price), day(DAYS))
    assert 0.9 < elasticity(belief) < 1.6  # the first belief: 1.2


def test_first_prices_that_followed_bookings_tell_nothing_of_fairs() -> None:
    """Prices known from one day on only: those of nights with bookings are no person's foresight."""
    hotel = SmallHotel(rooms=30)
    history = hotel.sell(DAYS, following_prices(30))
    start = day(DAYS - 60).toordinal()
    known = history.offer_day >= start
    offers = (history.offer_night[known], history.offer_day[known], history.offer_price[known])
    bookings = (history.night, history.day, history.booked, history.cancelled)
    belief = learn(hotel.rules, History(bookings, offers), day(DAYS))
    assert abs(belief.calendar.weights[-1]) < 0.1  # of the first price; 0: it tells nothing


def test_one_price_teaches_nothing_of_the_response() -> None:
    """Without another price the first belief stays."""
    hotel = SmallHotel()
    belief = learn(hotel.rules, hotel.sell(DAYS, base_price), day(DAYS))
    assert belief.response.uncertainty == pytest.approx(0.4, abs=0.01)


def test_a_hotel_that_may_not_learn_keeps_the_first_belief() -> None:
    """`learn_response` is a choice of the hotel."""
    hotel = SmallHotel()
    history = hotel.sell(DAYS, following_prices(hotel.rooms))
    belief = learn(replace(hotel.rules, learn_response=False), history, day(DAYS))
    assert belief.response.uncertainty == pytest.approx(0.4)


@pytest.mark.parametrize("demand", [0.5, 1.5])
def test_demand_is_that_of_guests_and_not_of_rooms(demand: float) -> None:
    """Sold-out nights hide demand: the belief finds it from the days before they sold out."""
    hotel = SmallHotel(demand=demand)
    belief = learn(hotel.rules, hotel.sell(DAYS, base_price), day(DAYS))
    nights = FIRST_NIGHT.toordinal() + np.arange(DAYS)
    believed = belief.expected_demand(nights).mean()
    assert believed / hotel.rooms == pytest.approx(demand, rel=0.1)


def test_nights_differ_as_much_as_they_do() -> None:
    """The spread of the nights' own effects is learned: a shape of 1 / variance."""
    for spread in (0.15, 0.5):
        hotel = SmallHotel(rooms=40, spread=spread)
        belief = learn(hotel.rules, hotel.sell(DAYS, base_price), day(DAYS))
        assert belief.night_shape**-0.5 == pytest.approx(spread, rel=0.25)


def test_a_shock_is_followed_within_weeks() -> None:
    """When a third of the guests stays away, coming demand falls by about a third."""
    before = SmallHotel().sell(DAYS, base_price)
    fewer = SmallHotel(demand=0.8 * 0.65).sell(DAYS, base_price, seed=2)
    turn = day(DAYS - 42).toordinal()
    early, late = before.day < turn, fewer.day >= turn
    history = History(
        tuple(  # type: ignore[arg-type]  # four arrays
            np.concatenate([getattr(before, name)[early], getattr(fewer, name)[late]])
            for name in ("night", "day", "booked", "cancelled")
        )
    )
    belief = learn(SmallHotel().rules, history, day(DAYS))
    assert belief.trend.now == pytest.approx(0.65, abs=0.12)


def test_groups_are_seen_as_batches() -> None:
    """A hotel of groups of five has batches of five, and single guests batches of one."""
    singles = SmallHotel()
    groups = SmallHotel(group_rooms=5, rooms=40)
    of_singles = learn(singles.rules, singles.sell(DAYS, base_price), day(DAYS)).batches
    of_groups = learn(groups.rules, groups.sell(DAYS, base_price), day(DAYS)).batches
    assert of_singles.spread == 1.0
    assert of_groups.mean == pytest.approx(5.0, rel=0.15)
    assert of_groups.evidence_spread < 2.5  # a group is a little more evidence than one booking


def test_nothing_is_learned_from_this_week() -> None:
    """A belief changes once a week, with the cut-off."""
    hotel = SmallHotel()
    history = hotel.sell(DAYS, base_price)
    sunday = next(n for n in range(DAYS - 7, DAYS) if day(n).toordinal() % 7 == 0)
    beliefs = [learn(hotel.rules, history, day(number)) for number in (sunday, sunday + 6)]
    assert beliefs[0].calendar.level_log == beliefs[1].calendar.level_log
    assert (beliefs[0].curve == beliefs[1].curve).all()


def test_a_hotel_that_begins_in_the_week_has_no_days_without_bookings_before() -> None:
    """What is believed of its nights does not depend on the weekday on which it begins."""
    rules, nothing = SmallHotel().rules, History(([], [], [], []))
    thursday = next(day(number) for number in range(7) if day(number).weekday() == 3)
    belief = learn(rules, nothing, thursday)
    believed = believed_nights(belief, rules, nothing, thursday, 30).demand
    expected = belief.expected_demand(thursday.toordinal() + np.arange(30))
    assert believed == pytest.approx(expected)
