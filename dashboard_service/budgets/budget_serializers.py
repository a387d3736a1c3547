"""Query parameters, request body and responses of budgets."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from common.currencies import why_not_in_minor_units
from common.strict_input import (
    HotelField,
    QuerySerializer,
    StrictInput,
    StrictRows,
    WholeNumberField,
)
from common.value_limits import MAX_HOTEL_ID, MAX_YEAR, MIN_YEAR
from dashboard_service.budgets.monthly_budgets import MAX_REVENUE, MAX_ROOM_NIGHTS, MONTHS

REVENUE_DIGITS = 15  # three of them after the point


class BudgetsQuery(QuerySerializer):
    """Parameters of `GET /dashboard/budgets/`."""

    hotel_id = HotelField()
    year = WholeNumberField(min_value=MIN_YEAR, max_value=MAX_YEAR, help_text="The year of stay.")


class MonthInput(StrictInput):
    """What is planned for one month; null or left out: nothing."""

    month = serializers.IntegerField(min_value=1, max_value=MONTHS)
    room_nights = serializers.IntegerField(
        min_value=0, max_value=MAX_ROOM_NIGHTS, required=False, allow_null=True
    )
    revenue = serializers.DecimalField(
        REVENUE_DIGITS,
        3,
        min_value=Decimal(0),
        max_value=MAX_REVENUE,
        required=False,
        allow_null=True,
        help_text="In the hotel's currency.",
    )

    class Meta:
        ref_name = "MonthlyBudgetInput"
        list_serializer_class = StrictRows


class BudgetsInput(StrictInput):
    """Body of `PUT /dashboard/budgets/`: a hotel's budget of a year."""

    hotel_id = serializers.IntegerField(min_value=1, max_value=MAX_HOTEL_ID)
    year = serializers.IntegerField(min_value=MIN_YEAR, max_value=MAX_YEAR)
    months = MonthInput(many=True)

    class Meta:
        ref_name = "BudgetsInput"

    def validate_months(self, months: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Raises: ValidationError for a month that is there twice."""
        numbers = [month["month"] for month in months]
        if twice := sorted({number for number in numbers if numbers.count(number) > 1}):
            named = ", ".join(map(str, twice))
            raise serializers.ValidationError(
                _("the month %(month)s is there more than once") % {"month": named}
            )
        return months


def check_decimals(months: list[dict[str, Any]], currency: str) -> None:
    """Raises: ValidationError naming the rows whose revenue the currency cannot have."""
    errors: dict[Any, Any] = {
        index: {"revenue": [reason]}
        for index, month in enumerate(months)
        if month.get("revenue") is not None
        and (reason := why_not_in_minor_units(month["revenue"], currency))
    }
    if errors:
        raise serializers.ValidationError({"months": errors})


class BudgetOutput(serializers.Serializer):
    """A month's budget; null where nothing is planned."""

    hotel_id = serializers.IntegerField()
    year = serializers.IntegerField()
    month = serializers.IntegerField()
    room_nights = serializers.IntegerField(allow_null=True)
    revenue = serializers.CharField(allow_null=True, help_text="A decimal text.")
    currency = serializers.CharField(allow_null=True, help_text="Of the revenue.")
    updated_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        ref_name = "MonthlyBudget"
