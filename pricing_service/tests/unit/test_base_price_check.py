"""A base price that is far from the prices that earn the most is said to be so, once it is known."""

from decimal import Decimal

import pytest

from pricing_service.rules.base_price_check import BasePriceCheck, judge_base_price

BASE, STEP = Decimal(80), Decimal(5)
LEARNED = 0.15


@pytest.mark.parametrize(
    ("factor", "percent", "proposed"), [(1.3, 30, Decimal(105)), (0.75, -25, Decimal(60))]
)
def test_a_base_price_that_is_far_off_is_said_to_be(
    factor: float, percent: int, proposed: Decimal
) -> None:
    """With by how much, and a better one on the price step."""
    found = judge_base_price(BASE, STEP, [factor] * 100, LEARNED)
    assert found == BasePriceCheck(percent, proposed)


@pytest.mark.parametrize(
    ("factors", "uncertainty"),
    [
        ([1.05] * 100, LEARNED),
        ([1.3, 1 / 1.3] * 50, LEARNED),
        ([1.3] * 100, 0.4),
        ([1.3] * 20, LEARNED),
    ],
    ids=["near", "near on average", "not learned", "few nights"],
)
def test_otherwise_nothing_is_said(factors: list[float], uncertainty: float) -> None:
    """Neither of a good base price, nor before anything is known."""
    assert judge_base_price(BASE, STEP, factors, uncertainty) is None
