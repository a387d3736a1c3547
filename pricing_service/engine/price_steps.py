"""Amounts as whole numbers of price steps. Pure arithmetic."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal


def on_step(amount: Decimal, step: Decimal, rounding: str = ROUND_HALF_UP) -> Decimal:
    """Return the amount rounded to a whole number of steps."""
    steps = (amount / step).quantize(Decimal(1), rounding=rounding)
    return (steps * step).quantize(step if step.as_tuple().exponent else Decimal(1))


def neighbours(amount: Decimal, step: Decimal) -> tuple[Decimal, Decimal]:
    """Return the whole numbers of steps at and below, and at and above an amount."""
    return on_step(amount, step, ROUND_FLOOR), on_step(amount, step, ROUND_CEILING)
