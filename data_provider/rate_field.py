"""The model field of a rate: a decimal for Python, whole thousandths in the database.

SQLite has no decimals of its own, and sums of its floats are not exact; sums of integers are, on
every database.
"""

from decimal import Decimal
from typing import Any

from django.db import models

from common.currencies import THOUSANDTHS


class RateField(models.BigIntegerField):
    """An amount of a currency, as a Decimal with at most three decimals."""

    def from_db_value(self, value: int | None, *_: Any) -> Decimal | None:
        return None if value is None else Decimal(value) / THOUSANDTHS

    def to_python(self, value: Any) -> Decimal | None:
        return value if value is None else Decimal(value)

    def get_prep_value(self, value: Any) -> int | None:
        return None if value is None else int(Decimal(value) * THOUSANDTHS)
