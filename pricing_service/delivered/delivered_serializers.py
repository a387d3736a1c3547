"""Query parameters, request body and responses of delivered prices."""

from collections import Counter
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.functional import classproperty
from rest_framework import serializers

from common.strict_input import DateField, HotelField, QuerySerializer, StrictInput, StrictRows
from common.value_limits import MAX_HOTEL_ID
from pricing_service.delivered.delivered_models import MAX_PROBLEM, MAX_SYSTEM
from pricing_service.room_types.room_type_models import MAX_NAME_LENGTH
from pricing_service.rules.rule_list_serializers import MoneyField
from pricing_service.serializers import NightsQuery
from pricing_service.validators import validate_currency_code


class DeliveredQuery(NightsQuery):
    """Parameters of `GET /prices/delivered/`."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {
            **super().get_fields(),
            "from": DateField(required=False, help_text="First night; default: all."),
            "to": DateField(required=False, help_text="Last night; default: all."),
        }


class ForgetQuery(QuerySerializer):
    """Parameters of `DELETE /prices/delivered/`."""

    hotel_id = HotelField()


class DeliveredRow(StrictInput):
    """A night's price that the booking system has confirmed, or why it has not taken it."""

    night = DateField()
    room_type = serializers.CharField(
        max_length=MAX_NAME_LENGTH, required=False, allow_null=True,
        help_text="As `GET /prices/` names it; null or left out: the whole house.",
    )  # fmt: skip
    price = MoneyField(
        required=False, allow_null=True, help_text="Null or left out: none was ever confirmed."
    )
    currency = serializers.CharField(max_length=3, validators=[validate_currency_code])
    confirmed_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Required with a price."
    )
    problem = serializers.CharField(
        max_length=MAX_PROBLEM, required=False, allow_null=True,
        help_text="Why it has not the present price, in words; null or left out: nothing is wrong.",
    )  # fmt: skip

    class Meta:
        ref_name = "DeliveredPriceInput"
        list_serializer_class = StrictRows

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        price, confirmed_at = attrs.get("price"), attrs.get("confirmed_at")
        if price is not None and price <= 0:
            raise serializers.ValidationError({"price": "must be more than 0"})
        if (price is None) != (confirmed_at is None):
            raise serializers.ValidationError(
                {"confirmed_at": "stands with a price, and a price with it"}
            )
        return {
            **attrs,
            "price": price,
            "confirmed_at": confirmed_at,
            "room_type": attrs.get("room_type") or "",
            "problem": attrs.get("problem") or "",
        }


class DeliveredInput(StrictInput):
    """Body of `PUT /prices/delivered/`: a booking system's report."""

    hotel_id = serializers.IntegerField(min_value=1, max_value=MAX_HOTEL_ID)
    system = serializers.CharField(max_length=MAX_SYSTEM, help_text="Its name, for people.")
    problem = serializers.CharField(
        max_length=MAX_PROBLEM, required=False, allow_null=True,
        help_text="Why no price goes there now, in words; null or left out: it is mended.",
    )  # fmt: skip
    prices = DeliveredRow(many=True, required=False)

    class Meta:
        ref_name = "DeliveredPricesInput"

        @classproperty
        def swagger_schema_fields(cls) -> dict[str, Any]:
            """An example with a night that has a price, whenever it is read."""
            now = timezone.now()
            night = (now.date() + timedelta(days=30)).isoformat()
            row = {
                "night": night, "price": "120.00", "currency": "EUR",
                "confirmed_at": now.isoformat(timespec="seconds"),
            }  # fmt: skip
            return {"example": {"hotel_id": 1, "system": "Our channel manager", "prices": [row]}}

    def validate_prices(self, prices: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Raises: ValidationError for a night that is there twice."""
        counts = Counter((row["night"], row["room_type"]) for row in prices)
        if twice := [night for (night, _), count in counts.items() if count > 1]:
            raise serializers.ValidationError(f"the night {min(twice)} is there more than once")
        return prices


class DeliveredOutput(serializers.Serializer):
    """What the booking system has of a night."""

    hotel_id = serializers.IntegerField()
    night = serializers.DateField()
    room_type = serializers.CharField(allow_null=True)
    price = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    confirmed_at = serializers.DateTimeField(allow_null=True)
    problem = serializers.CharField(help_text="The night's, else the hotel's; empty: none.")
    system = serializers.CharField()

    class Meta:
        ref_name = "DeliveredPrice"


class ReportOutput(serializers.Serializer):
    """How many rows of nights a request saved or forgot."""

    hotel_id = serializers.IntegerField()
    rows = serializers.IntegerField()

    class Meta:
        ref_name = "DeliveryReport"
