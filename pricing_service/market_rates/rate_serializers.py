"""Query parameters of `GET /market/rates/`, and competitors' rates for the documentation.

`rate_validation` holds the rules of a body.
"""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from common.pagination import PageSizeField
from common.strict_input import DateField, HotelField, QuerySerializer
from common.value_limits import MAX_HOTEL_ID
from pricing_service.market_rates.rate_models import MAX_NAME_CHARACTERS

RATE_PATTERN = r"^[0-9]{1,10}(\.[0-9]{1,3})?$"
MAX_ID = 2**63 - 1


class RateCursorField(serializers.CharField):
    """The cursor of a page, from a `Link` header: night and id of the last rate before it."""

    def to_internal_value(self, data: Any) -> Any:
        night, _, number = str(data).partition("~")
        try:
            day = DateField().to_internal_value(night)
            is_number = number.isascii() and number.isdigit() and len(number) <= len(str(MAX_ID))
            if not is_number or int(number) > MAX_ID:
                raise ValueError
        except (ValueError, serializers.ValidationError) as error:
            raise serializers.ValidationError(
                "is no cursor: take the address from the Link header"
            ) from error
        return day, int(number)


class RatesQuery(QuerySerializer):
    """Parameters of `GET /market/rates/`."""

    hotel_id = HotelField()
    competitor = serializers.CharField(
        required=False, max_length=MAX_NAME_CHARACTERS, help_text="One competitor only."
    )
    page_size = PageSizeField()
    cursor = RateCursorField(required=False, help_text="The next page; from the Link header.")

    def get_fields(self) -> dict[str, serializers.Field]:
        return {
            **super().get_fields(),
            "from": DateField(required=False, help_text="First night; default: all."),
            "to": DateField(required=False, help_text="Last night; default: all."),
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        first, last = attrs.get("from"), attrs.get("to")
        if first and last and first > last:
            raise serializers.ValidationError({"to": _("is before `from`")})
        return attrs


class RateInput(serializers.Serializer):
    """What a competitor asked for a night when it was looked at."""

    hotel_id = serializers.IntegerField(
        min_value=1, max_value=MAX_HOTEL_ID, help_text="The hotel whose competitor it is."
    )
    competitor = serializers.CharField(max_length=MAX_NAME_CHARACTERS, help_text="Its name.")
    night = serializers.DateField(help_text="The night of stay.")
    room_type = serializers.CharField(
        required=False,
        allow_null=True,
        max_length=MAX_NAME_CHARACTERS,
        help_text="In the rate shopper's words.",
    )
    rate = serializers.RegexField(
        RATE_PATTERN,
        allow_null=True,
        help_text="For one room and night, as text or number; null: sold out.",
    )
    currency = serializers.RegexField(
        "^[A-Z]{3}$",
        required=False,
        allow_null=True,
        help_text="ISO 4217; required with a rate. A rate in another currency than the hotel's is "
        "kept, and not compared.",
    )
    seen_at = serializers.DateTimeField(
        help_text="When it was looked at: ISO 8601; without an offset it is UTC."
    )

    class Meta:
        ref_name = "NewMarketRate"
        swagger_schema_fields = {
            "example": {
                "hotel_id": 1,
                "competitor": "Hotel Post",
                "night": "2027-07-04",
                "room_type": "Double room",
                "rate": "119.00",
                "currency": "EUR",
                "seen_at": "2026-11-01T06:00:00Z",
            }
        }


class RateOutput(RateInput):
    """A competitor's rate as it was seen."""

    id = serializers.IntegerField(help_text="Given by the server.")
    recorded_at = serializers.DateTimeField(help_text="When it came here.")

    class Meta:
        ref_name = "MarketRate"
