"""A base price that is far from the prices that earn the most is said to be so, once it is known."""

from decimal import Decimal

import pytest

from pricing_service.rules.base_price_check import BasePriceCheck, judge_base_price

BASE, STEP = Decimal(80), Decimal(5)


@pytest.mark.parametrize(
    ("factor", "percent", "proposed"), [(1.3, 30, Decimal(105)), (0.75, -25, Decimal(60))]
)
def test_a_base_price_that_is_far_off_is_said_to_be(
    factor: float, percent: int, proposed: Decimal
) -> None:
    """With by how much, and a better one on the price step."""
    found = judge_base_price(BASE, STEP, [factor] * 100)
    assert found == BasePriceCheck(percent, proposed)


@pytest.mark.parametrize(
    ("factors", "step"),
    [([1.05] * 100, STEP), ([1.3, 1 / 1.3] * 50, STEP), ([1.3] * 20, STEP), ([1.15] * 100, 40)],
    ids=["near", "near on average", "few nights", "less than a step"],
)
def test_otherwise_nothing_is_said(factors: list[float], step: int) -> None:
    """Neither of a good base price, nor where no better one is on the price step."""
    assert judge_base_price(BASE, Decimal(step), factors) is None
