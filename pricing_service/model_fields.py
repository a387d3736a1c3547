"""Fields that several pricing models have: amounts of money and percentages."""

from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

CENT = Decimal("0.01")


def amount_field(**options: Any) -> models.DecimalField:
    """A field for an amount of money of at least one cent."""
    return models.DecimalField(
        max_digits=12, decimal_places=2, validators=[MinValueValidator(CENT)], **options
    )


def percent_field(default: int, **options: Any) -> models.PositiveSmallIntegerField:
    """A field for a percentage of 0 to 100."""
    return models.PositiveSmallIntegerField(
        default=default, validators=[MaxValueValidator(100)], **options
    )
