"""The promises of `recommend`: bounds, steps, determinism, no future, fuller never cheaper."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing_service.engine import History, HotelRules, recommend
from pricing_service.engine.event_combination import Occasion
from pricing_service.tests.unit.small_hotels import SmallHotel, base_price, day

NIGHTS = 40
NOTHING = History(([], [], [], []))
TODAY = date(2026, 3, 12)  # a Thursday: four days of the week have passed

# Bookings and cancellations around today, a few rooms each.
ROWS = st.lists(
    st.tuples(st.integers(-60, 60), st.integers(-90, 5), st.integers(0, 4), st.integers(0, 2)),
    max_size=60,
)
OFFERS = st.lists(
    st.tuples(st.integers(-60, 60), st.integers(-60, 5), st.floats(40.0, 300.0)), max_size=40
)


def history(rows: list[tuple[int, int, int, int]], offers: list[tuple[int, int, float]]) -> History:
    """Return a history from rows relative to TODAY: night, days before or after, rooms."""
    today = TODAY.toordinal()
    columns = np.array(rows, dtype=np.int64).reshape(-1, 4)
    prices = np.array(offers).reshape(-1, 3)
    return History(
        (columns[:, 0] + today, columns[:, 1] + today, columns[:, 2], columns[:, 3]),
        (prices[:, 0].astype(int) + today, prices[:, 1].astype(int) + today, prices[:, 2]),
    )


def with_booking(of: History, night: int, day: int, rooms: int) -> History:
    """Return the history with one more booking."""
    return History(
        (
            np.append(of.night, night),
            np.append(of.day, day),
            np.append(of.booked, rooms),
            np.append(of.cancelled, 0),
        ),
        (of.offer_night, of.offer_day, of.offer_price),
    )


RULES = st.builds(
    HotelRules,
    base=st.sampled_from([Decimal(80), Decimal(100), Decimal("99.5")]),
    minimum=st.sampled_from([Decimal(60), Decimal(75)]),
    maximum=st.sampled_from([Decimal(110), Decimal(220)]),
    step=st.sampled_from([Decimal(1), Decimal(5), Decimal("0.5")]),
    rooms=st.sampled_from([1, 8, 30]),
    aggressiveness=st.integers(1, 5),
    try_prices=st.booleans(),
)


@settings(max_examples=25)
@given(rules=RULES, rows=ROWS, offers=OFFERS)
def test_prices_are_on_steps_inside_the_bounds(
    rules: HotelRules, rows: list[tuple[int, int, int, int]], offers: list[tuple[int, int, float]]
) -> None:
    """Whatever happened, every night has a price that the hotel may ask."""
    prices = recommend(rules, history(rows, offers), TODAY, NIGHTS)
    assert [price.night for price in prices] == [TODAY + timedelta(days=n) for n in range(NIGHTS)]
    for price in prices:
        assert rules.minimum <= price.price <= rules.maximum
        assert price.price % rules.step == 0


@settings(max_examples=15)
@given(rules=RULES, rows=ROWS, offers=OFFERS, seed=st.integers(0, 2**31))
def test_equal_input_gives_equal_prices_in_any_order(
    rules: HotelRules,
    rows: list[tuple[int, int, int, int]],
    offers: list[tuple[int, int, float]],
    seed: int,
) -> None:
    """Prices depend on what happened, not on the order in which it is told."""
    once = recommend(rules, history(rows, offers), TODAY, NIGHTS, seed)
    assert recommend(rules, history(rows[::-1], offers), TODAY, NIGHTS, seed) == once


@settings(max_examples=15)
@given(rules=RULES, rows=ROWS, offers=OFFERS)
def test_nothing_after_the_day_is_used(
    rules: HotelRules, rows: list[tuple[int, int, int, int]], offers: list[tuple[int, int, float]]
) -> None:
    """A simulation that gives the whole history gets the prices of the day."""
    known = [row for row in rows if row[1] <= 0], [offer for offer in offers if offer[1] <= 0]
    everything = recommend(rules, history(rows, offers), TODAY, NIGHTS)
    assert everything == recommend(rules, history(*known), TODAY, NIGHTS)


@settings(max_examples=15)
@given(
    rules=RULES,
    rows=ROWS,
    offers=OFFERS,
    night=st.integers(0, NIGHTS - 1),
    ago=st.integers(0, 3),
    rooms=st.integers(1, 9),
)
def test_the_fuller_night_is_never_cheaper(
    rules: HotelRules,
    rows: list[tuple[int, int, int, int]],
    offers: list[tuple[int, int, float]],
    night: int,
    ago: int,
    rooms: int,
) -> None:
    """More bookings of a night this week never lower its price, and move no other night's."""
    before = history(rows, offers)
    today = TODAY.toordinal()
    fuller = with_booking(before, today + night, today - ago, rooms)
    prices, after = (recommend(rules, told, TODAY, NIGHTS) for told in (before, fuller))
    assert after[night].price >= prices[night].price
    del after[night], prices[night]
    assert [price.price for price in after] == [price.price for price in prices]


@pytest.fixture(scope="module")
def sold() -> History:
    """A hotel's first half year at the base price."""
    return SmallHotel().sell(180, base_price)


def test_prices_rise_as_a_night_fills(sold: History) -> None:
    """The last rooms of a night cost more than the first ones."""
    rules = replace(SmallHotel().rules, try_prices=False)
    night = day(194).toordinal()
    prices = [
        recommend(rules, with_booking(sold, night, night - 15, rooms), day(180))[14].price
        for rooms in (0, 5, 10, 15)
    ]
    assert prices == sorted(prices)
    assert prices[-1] > prices[0]


def test_a_told_factor_moves_the_price_by_the_factor(sold: History) -> None:
    """An event of +20 % on a night without bookings or prices so far makes it 20 % dearer."""
    rules = replace(
        SmallHotel().rules, try_prices=False, maximum=Decimal(400), step=Decimal("0.01")
    )
    event = Occasion(day(280), day(280), 1.2, "fair")
    plain = recommend(rules, sold, day(180))[100]
    dearer = recommend(replace(rules, occasions=[event]), sold, day(180))[100]
    assert float(dearer.price / plain.price) == pytest.approx(1.2, abs=0.01)


def test_fixed_and_closed_nights_keep_what_was_told(sold: History) -> None:
    """A fixed price holds outside the bounds too; a closed night has its calendar price."""
    rules = replace(
        SmallHotel().rules,
        fixed={day(183): Decimal(333)},
        rooms_by_date={day(184): 0},
        weekdays=(1.1,) * 7,
    )
    prices = recommend(rules, sold, day(180))
    assert (prices[3].price, prices[3].bound) == (Decimal(333), "fixed")
    assert prices[4].price == Decimal(110)


def test_aggressiveness_goes_from_sooner_full_to_dearer(sold: History) -> None:
    """A higher aggressiveness never lowers a price, and raises some."""
    rules = replace(SmallHotel().rules, try_prices=False)
    by_aggressiveness = [
        [price.price for price in recommend(replace(rules, aggressiveness=level), sold, day(180))]
        for level in (1, 3, 5)
    ]
    for lower, higher in pairwise(by_aggressiveness):
        assert all(low <= high for low, high in zip(lower, higher, strict=True))
        assert lower != higher


def test_prices_are_calm(sold: History) -> None:
    """Without bookings, a night's price changes by a few per cent from one day to the next."""
    rules = SmallHotel().rules
    today, tomorrow = (recommend(rules, sold, day(number), seed=7) for number in (182, 183))
    # From the 15th day before on: the last days sell what is left.
    for before, after in zip(today[16:100], tomorrow[15:], strict=False):
        assert abs(after.price / before.price - 1) < Decimal("0.16"), before.night


def test_a_hotel_without_history_is_priced_around_its_base() -> None:
    """The first prices of a new hotel are near what its owner thinks a room is worth."""
    rules = replace(SmallHotel().rules, try_prices=False)
    for price in recommend(rules, NOTHING, TODAY):
        assert Decimal(80) <= price.price <= Decimal(125)


def test_tonight_is_cheaper_when_the_day_is_over(sold: History) -> None:
    """With less of the day left, fewer guests are to come for the last rooms."""
    rules = replace(SmallHotel().rules, try_prices=False)
    tonight = day(180).toordinal()
    nearly_full = with_booking(sold, tonight, tonight - 1, 12)
    morning, evening = (
        recommend(rules, nearly_full, day(180), 2, day_left=left) for left in (1.0, 0.1)
    )
    assert evening[0].price < morning[0].price
    assert evening[1] == morning[1]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"minimum": Decimal(300)}, "above the maximum"),
        ({"base": Decimal(0)}, "greater than 0"),
        ({"rooms": -1}, "must not be negative"),
        ({"aggressiveness": 6}, "1 to 5"),
    ],
)
def test_impossible_rules_are_refused(changes: dict[str, object], reason: str) -> None:
    """Rules that no price can keep are an error at once."""
    with pytest.raises(ValueError, match=reason):
        replace(SmallHotel().rules, **changes)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    ("bookings", "offers", "reason"),
    [
        (([1], [1], [1], [1, 2]), ([], [], []), "bookings: the arrays"),
        (([1], [1], [-1], [0]), ([], [], []), "must not be negative"),
        (([], [], [], []), ([1], [1], []), "offers: nights"),
        (([], [], [], []), ([1], [1], [0.0]), "greater than 0"),
    ],
)
def test_impossible_histories_are_refused(
    bookings: tuple[list[int], ...], offers: tuple[list[float], ...], reason: str
) -> None:
    """Arrays that fit nothing are an error at once."""
    with pytest.raises(ValueError, match=reason):
        History(bookings, offers)  # type: ignore[arg-type]  # wrong on purpose
