"""Limits of automatic changes: smallest, largest, per day, changes per day, whole steps."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_service.decisions.change_limits import (
    ChangeLimits,
    DayChanges,
    count_day_changes,
    start_of_day,
)

LIMITS = ChangeLimits(
    smallest_change_percent=2,
    largest_change_percent=15,
    largest_day_percent=30,
    changes_per_day=3,
    price_step=Decimal(1),
)
amount = st.decimals("50", "500", places=0)


@pytest.mark.parametrize(
    ("current", "recommended", "limited"),
    [
        (100, 110, 110),
        (100, 101, 100),  # below the smallest change
        (100, 102, 102),
        (100, 200, 115),
        (100, 20, 85),
        (99, 200, 113),  # 113.85, on a whole step
        (99, 20, 85),  # 84.15, on a whole step
    ],
)
def test_one_change(current: int, recommended: int, limited: int) -> None:
    price = LIMITS.limited_price(Decimal(current), Decimal(recommended), DayChanges())
    assert price == limited


def test_the_day_limit_counts_from_the_first_price_of_the_day() -> None:
    today = DayChanges(count=2, first_old_price=Decimal(100))
    assert LIMITS.limited_price(Decimal(125), Decimal(200), today) == 130
    assert LIMITS.limited_price(Decimal(75), Decimal(20), today) == 70


def test_after_the_last_change_of_the_day_the_price_stays() -> None:
    today = DayChanges(count=3, first_old_price=Decimal(100))
    assert LIMITS.limited_price(Decimal(100), Decimal(110), today) == 100


@given(amount, amount, amount, st.integers(0, 4))
def test_a_change_never_passes_the_recommended_price_and_never_turns_back(
    current: Decimal, recommended: Decimal, day_start: Decimal, count: int
) -> None:
    price = LIMITS.limited_price(current, recommended, DayChanges(count, day_start))
    assert min(current, recommended) <= price <= max(current, recommended)


def test_changes_are_counted_by_night() -> None:
    first, second = date(2026, 7, 4), date(2026, 7, 5)
    changes = [(first, Decimal(100)), (second, Decimal(90)), (first, Decimal(110))]
    by_night = count_day_changes(changes)
    assert by_night[first] == DayChanges(2, Decimal(100))
    assert by_night[second] == DayChanges(1, Decimal(90))
    assert by_night[date(2026, 7, 6)] == DayChanges()


def test_the_day_begins_at_midnight() -> None:
    now = datetime(2026, 7, 4, 23, 59, tzinfo=UTC)
    assert start_of_day(now) == datetime(2026, 7, 4, tzinfo=UTC)


@pytest.mark.parametrize("limit", ["largest_change_percent", "largest_day_percent"])
def test_a_limit_of_zero_allows_not_even_one_step(limit: str) -> None:
    zero: dict[str, Any] = {limit: 0}
    limits = replace(LIMITS, smallest_change_percent=0, **zero)
    assert limits.limited_price(Decimal(100), Decimal(150), DayChanges()) == 100
    assert limits.limited_price(Decimal(100), Decimal(50), DayChanges()) == 100
