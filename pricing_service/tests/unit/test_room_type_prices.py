"""Prices of room types: on a step, inside their bounds, and never falling when the reference rises."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pricing_service.engine.price_steps import on_step
from pricing_service.engine.room_type_prices import (
    HIGHEST_PERCENT,
    LOWEST_PERCENT,
    Difference,
    RoomTypePrice,
    room_type_price,
    why_no_price,
)
from pricing_service.texts.written_values import render_with_decimals

MINIMUM = Decimal(60)


def difference(**values: Any) -> Difference:
    return Difference(**{name: Decimal(value) for name, value in values.items()})


@pytest.mark.parametrize(
    ("reference", "values", "expected", "bound"),
    [
        (100, {"percent": 25}, "125", ""),
        (100, {"percent": "-12.5"}, "88", ""),  # 87.5, half up
        (100, {"amount": -15}, "85", ""),
        (100, {}, "100", ""),
        (70, {"percent": -20}, "60", "hotel's minimum"),
        (70, {"percent": -20, "minimum": 50}, "56", ""),
        (60, {"percent": -20, "minimum": 50}, "50", "minimum"),
        (200, {"percent": 50, "maximum": 260}, "260", "maximum"),
        (100, {"percent": -60, "maximum": 50}, "50", "hotel's minimum"),  # its own bounds hold
        (40, {"percent": -20}, "40", "hotel's minimum"),  # a fixed price below the hotel's minimum
        (40, {"amount": -100, "minimum": "0.5"}, "1", "minimum"),
        (40, {"maximum": "0.5"}, "1", "maximum"),  # refused when told; a room is never free
    ],
)
def test_a_type_costs_its_difference_inside_its_bounds(
    reference: int, values: dict[str, Any], expected: str, bound: str
) -> None:
    price = room_type_price(Decimal(reference), difference(**values), Decimal(1), MINIMUM)
    assert price == RoomTypePrice(Decimal(expected), bound)


def test_bounds_between_which_no_price_lies_are_named() -> None:
    def reason(**bounds: int) -> str:
        text = why_no_price(difference(**bounds), Decimal(5))
        return render_with_decimals(text) if text else ""

    assert "above the maximum" in reason(minimum=80, maximum=70)
    assert "from 71 to 74" in reason(minimum=71, maximum=74)
    assert "up to 4" in reason(maximum=4)
    assert reason(minimum=71, maximum=75) == ""
    assert reason(minimum=71) == ""


cents = st.integers(1, 1_000_00).map(lambda number: Decimal(number) / 100)
steps = st.sampled_from([Decimal(text) for text in ("0.01", "0.5", "1", "5", "10")])


@st.composite
def differences(draw: st.DrawFn) -> Difference:
    low, high = draw(st.none() | cents), draw(st.none() | cents)
    if draw(st.booleans()):
        percent = draw(st.decimals(LOWEST_PERCENT, HIGHEST_PERCENT, places=2))
        return Difference(percent=percent, minimum=low, maximum=high)
    amount = draw(st.integers(-1_000_00, 1_000_00)) / Decimal(100)
    return Difference(amount=amount, minimum=low, maximum=high)


@given(cents, differences(), steps, cents)
def test_every_price_is_on_a_step_and_inside_the_bounds(
    reference: Decimal, terms: Difference, step: Decimal, hotel_minimum: Decimal
) -> None:
    assume(not why_no_price(terms, step))
    price = room_type_price(reference, terms, step, hotel_minimum).amount
    assert price > 0
    assert price % step == 0
    if terms.maximum is not None:
        assert price <= on_step(terms.maximum, step, ROUND_FLOOR)
    if terms.minimum is not None:
        assert price >= on_step(terms.minimum, step, ROUND_CEILING)
    elif terms.maximum is None or terms.maximum >= min(hotel_minimum, reference) + step:
        assert price >= min(hotel_minimum, reference)


@given(cents, cents, differences(), steps, cents)
def test_a_higher_reference_is_never_a_lower_price(
    one: Decimal, other: Decimal, terms: Difference, step: Decimal, hotel_minimum: Decimal
) -> None:
    low, high = (
        room_type_price(reference, terms, step, hotel_minimum).amount
        for reference in sorted((one, other))
    )
    assert low <= high
