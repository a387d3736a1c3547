"""Bounds by season and weekday: of each night, in the price, and impossible ones."""

from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_service.engine import HotelRules, recommend
from pricing_service.engine.price_bounds import SeasonalBounds, night_bounds, wrong_bounds
from pricing_service.engine.price_steps import on_step
from pricing_service.engine.seasons import Season
from pricing_service.tests.unit.engine_hotels import AS_OF, hotel_rules, sold
from pricing_service.tests.unit.test_seasons import any_season
from pricing_service.texts.written_values import render_with_decimals

SATURDAY = date(2026, 7, 4)
SUMMER = Season(first=date(2026, 6, 1), last=date(2026, 8, 31), every_year=True)
WEEKENDS = Season(first=SUMMER.first, last=SUMMER.last, weekdays=frozenset({4, 5}), every_year=True)


def bounds(season: Season, low: Any = None, high: Any = None) -> SeasonalBounds:
    return SeasonalBounds(season, *(None if one is None else Decimal(one) for one in (low, high)))


def rules(*rows: SeasonalBounds, **changes: Any) -> HotelRules:
    return hotel_rules(bounds=rows, **changes)


def priced(told: HotelRules, books: int, night: date = SATURDAY) -> Decimal:
    """Return the price of a night of 12 rooms, so many of them booked today."""
    nights = (night - AS_OF).days + 1
    return recommend(told, sold(books, night), AS_OF, nights)[-1].price


def test_the_price_keeps_the_bounds_of_its_night() -> None:
    seasonal = rules(bounds(SUMMER, 110, 120))
    assert priced(seasonal, 0) == 110
    assert priced(seasonal, 12) == 120
    outside = date(2026, 9, 1)
    assert priced(seasonal, 0, outside) == priced(rules(), 0, outside) < 110
    assert seasonal.list_price(SATURDAY) == 110


def test_minimum_and_maximum_each_come_from_the_narrowest_rule_that_gives_one() -> None:
    seasonal = rules(bounds(SUMMER, 80, 200), bounds(WEEKENDS, 120))
    assert seasonal.bounds_of(SATURDAY) == (Decimal(120), Decimal(200))
    assert seasonal.bounds_of(SATURDAY + timedelta(days=1)) == (Decimal(80), Decimal(200))
    assert seasonal.bounds_of(date(2026, 12, 5)) == (Decimal(60), Decimal(250))


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ([bounds(SUMMER, 80, 100)], {}),
        ([bounds(SUMMER)], {0: "give a minimum or a maximum price"}),
        ([bounds(SUMMER, 120, 100)], {0: "the minimum 120 is above the maximum 100"}),
        ([bounds(SUMMER, 300)], {0: "above the maximum 250; that maximum is the hotel's"}),
        ([bounds(SUMMER, None, 50)], {0: "that minimum is the hotel's"}),
        ([bounds(SUMMER, 101, 104)], {0: "no multiple of the price step 5 is from 101 to 104"}),
        # Each is possible, and on a Saturday the minimum of one meets the maximum of the other.
        ([bounds(SUMMER, 80, 100), bounds(WEEKENDS, 120)], {1: "where row 0 applies"}),
        ([bounds(WEEKENDS, 120), bounds(SUMMER, 80, 100)], {1: "where row 0 applies"}),
        # The narrower rule gives both: it counts alone.
        ([bounds(SUMMER, 80, 100), bounds(WEEKENDS, 120, 150)], {}),
    ],
)
def test_impossible_bounds_are_found(rows: list[SeasonalBounds], wrong: dict[int, str]) -> None:
    found = wrong_bounds(rows, Decimal(60), Decimal(250), Decimal(5))
    assert found.keys() == wrong.keys()
    assert all(text in render_with_decimals(found[row]) for row, text in wrong.items()), found


money = st.integers(60, 250).map(Decimal)
any_bounds = st.builds(SeasonalBounds, any_season, st.none() | money, st.none() | money)


@given(st.lists(any_bounds, max_size=5), st.dates(date(2023, 1, 1), date(2026, 12, 31)))
def test_bounds_that_are_not_found_wrong_leave_every_night_a_price(
    rows: list[SeasonalBounds], night: date
) -> None:
    step = Decimal(7)
    low, high = Decimal(60), Decimal(250)
    if wrong_bounds(rows, low, high, step):
        return
    found = night_bounds(rows, night, low, high)
    assert on_step(found.minimum, step, ROUND_CEILING) <= on_step(found.maximum, step, ROUND_FLOOR)
    seasonal = rules(*rows, step=step)
    for amount in (1.0, 100.0, 1000.0):
        price, _ = seasonal.inside_bounds(amount, night)
        assert found.minimum <= price <= found.maximum
        assert price % step == 0
