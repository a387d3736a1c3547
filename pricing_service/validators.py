"""Validators of the pricing models' fields."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from pricing_service.texts.written_values import written_number

LOWEST_FACTOR, HIGHEST_FACTOR = 0.1, 10.0
LARGEST_LEAD_DAYS = 730
MAX_LEAD_FACTORS = 20
MONTHS, WEEKDAYS = 12, 7


def validate_month_factors(value: Any) -> None:
    """Raises: ValidationError unless the value is a list of twelve factors, January first."""
    _validate_numbers(value, MONTHS, LOWEST_FACTOR, HIGHEST_FACTOR)


def validate_weekday_factors(value: Any) -> None:
    """Raises: ValidationError unless the value is a list of seven factors, Monday first."""
    _validate_numbers(value, WEEKDAYS, LOWEST_FACTOR, HIGHEST_FACTOR)


def validate_target_occupancy(value: Any) -> None:
    """Raises: ValidationError unless the value is a list of twelve shares, January first.

    No field has it any more; the migrations name it.
    """
    _validate_numbers(value, MONTHS, 0.05, 1.0)


def validate_lead_factors(value: Any) -> None:
    """Raises: ValidationError unless the value is a list of pairs [days before, factor]."""
    if not isinstance(value, list) or len(value) > MAX_LEAD_FACTORS:
        raise ValidationError(
            _("must be a list of at most %(most)d pairs [days before, factor]")
            % {"most": MAX_LEAD_FACTORS}
        )
    for pair in value:
        _validate_numbers(pair, 2, 0, LARGEST_LEAD_DAYS)
        if type(pair[0]) is not int:
            raise ValidationError(_("days before must be whole numbers"))
        _validate_numbers(pair[1:], 1, LOWEST_FACTOR, HIGHEST_FACTOR)
    if len({days for days, _ in value}) < len(value):
        raise ValidationError(_("the same number of days before is given twice"))


def validate_weekdays(value: Any) -> None:
    """Raises: ValidationError unless the value is a list of weekdays, 0 for Monday to 6."""
    if not isinstance(value, list) or len(value) > WEEKDAYS:
        raise ValidationError(_("must be a list of at most 7 weekdays"))
    if not all(type(day) is int and 0 <= day < WEEKDAYS for day in value):
        raise ValidationError(_("weekdays are whole numbers, 0 for Monday to 6 for Sunday"))
    if len(set(value)) < len(value):
        raise ValidationError(_("the same weekday is given twice"))


def validate_currency_code(value: str) -> None:
    """Raises: ValidationError unless the value is spelled like an ISO 4217 code."""
    if not re.fullmatch(r"[A-Z]{3}", value):
        raise ValidationError(_("must be three capital letters, like EUR"))


def _validate_numbers(value: Any, count: int, lowest: float, highest: float) -> None:
    is_list = isinstance(value, list) and len(value) == count
    # `type` and not `isinstance`: True and False are ints in Python, but not in JSON.
    if not is_list or not all(type(number) in (int, float) for number in value):
        raise ValidationError(_("must be a list of %(count)d numbers") % {"count": count})
    if not all(lowest <= number <= highest for number in value):
        raise ValidationError(
            _("each must be between %(lowest)s and %(highest)s")
            % {"lowest": written_number(lowest), "highest": written_number(highest)}
        )
