"""Fields that several pricing models have: amounts, percentages, stored texts; their defaults."""

from decimal import Decimal
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext_lazy as _

from common.currencies import MAX_DECIMALS
from pricing_service.validators import MONTHS, WEEKDAYS

DIGITS: Final = 13  # ten before the point, also in currencies of large numbers
HUNDREDTH, THOUSANDTH = Decimal("0.01"), Decimal("0.001")


def validate_positive(amount: Decimal) -> None:
    """Raises: ValidationError for zero and less."""
    if amount <= 0:
        raise ValidationError(_("must be more than 0"))


class AmountField(models.DecimalField):
    """An amount of money in some currency, with up to three decimals.

    It is read and stored with two decimals, and with three only where it needs them. On PostgreSQL
    the column keeps that, because processes of the version before, which know two decimals only, go
    on reading and checking it during an upgrade; to change its type rewrites no row.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        options |= {"max_digits": DIGITS, "decimal_places": MAX_DECIMALS}
        super().__init__(*args, **options)

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return "numeric" if connection.vendor == "postgresql" else super().db_type(connection)

    def to_python(self, value: Any) -> Decimal | None:
        amount = super().to_python(value)
        return None if amount is None else shortened(amount)

    def from_db_value(self, value: Decimal | None, *_: Any) -> Decimal | None:
        return None if value is None else shortened(value)

    def get_db_prep_value(
        self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> Any:
        if isinstance(value, Decimal):
            value = shortened(value)
        return super().get_db_prep_value(value, connection, prepared)


def shortened(amount: Decimal) -> Decimal:
    """Return the amount with two decimals, or with three if the third is not zero.

    One with more, or too many digits, stays as it is, for the validators to refuse.
    """
    if not amount.is_finite() or amount.adjusted() >= DIGITS or amount % THOUSANDTH:
        return amount
    exact = amount.quantize(THOUSANDTH)
    return exact.quantize(HUNDREDTH) if exact % HUNDREDTH == 0 else exact


def amount_field(**options: Any) -> AmountField:
    """A field for an amount of money of more than zero."""
    return AmountField(validators=[validate_positive], **options)


def percent_field(default: int, **options: Any) -> models.PositiveSmallIntegerField:
    """A field for a percentage of 0 to 100."""
    return models.PositiveSmallIntegerField(
        default=default, validators=[MaxValueValidator(100)], **options
    )


def texts_field(sentence: str) -> models.JSONField:
    """A field for what a sentence of the row says apart from the words; see `texts.stored_texts`.

    The default stays in the database, because the version before inserts rows without the column.

    Args:
        sentence: the name of the field that has the sentence.
    """
    return models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        editable=False,
        help_text=f"What `{sentence}` says, to be shown in other languages.",
    )


def default_month_factors() -> list[float]:
    return [1.0] * MONTHS


def default_weekday_factors() -> list[float]:
    return [1.0] * WEEKDAYS


def default_target_occupancy() -> list[float]:
    return [0.8] * MONTHS
