"""Rows of the lists of a hotel's pricing rules, and rules that are proposed."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from common.currencies import MAX_DECIMALS, format_amount
from common.strict_input import DateField, StrictInput, StrictListField, StrictRows
from dashboard_service.figures_for_pricing import MAX_ROOMS
from pricing_service.model_fields import DIGITS, AmountField, shortened
from pricing_service.models import DemandEvent, FixedPrice
from pricing_service.rules.amount_checks import LIST_AMOUNTS, PRICES, STEP
from pricing_service.rules.rule_list_models import MinimumStay, PriceBounds
from pricing_service.validators import WEEKDAYS


class MoneyField(serializers.DecimalField):
    """An amount in the hotel's currency, written with the currency's decimals.

    Which amounts a currency has check those who know the hotel; here, what no currency has.
    """

    default_error_messages = {
        "max_decimal_places": _("has more than {max_decimal_places} decimals, and no currency has"),
    }

    def __init__(self, **options: Any) -> None:
        limits = {"max_digits": DIGITS, "decimal_places": MAX_DECIMALS}
        super().__init__(**{**options, **limits})

    def to_internal_value(self, data: Any) -> Decimal:
        return shortened(super().to_internal_value(data))


class EventRow(StrictInput, serializers.ModelSerializer):
    """A row of the pricing rules' list `events`."""

    class Meta:
        model = DemandEvent
        fields = ("first", "last", "name", "factor")
        list_serializer_class = StrictRows
        ref_name = "PricingEvent"


class RoomsRow(StrictInput):
    """A row of the list `rooms_for_sale`, which belongs to the hotel's profile."""

    first = DateField(help_text="First night.")
    last = DateField(help_text="Last night.")
    rooms = serializers.IntegerField(min_value=0, max_value=MAX_ROOMS, help_text="0 = closed.")

    class Meta:
        list_serializer_class = StrictRows
        ref_name = "RoomsForSale"

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        # A change of the rules may leave fields out, a row of a list may not.
        missing = dict.fromkeys(self.fields.keys() - attrs.keys(), gettext("is required"))
        if missing:
            raise serializers.ValidationError(missing)
        if attrs["first"] > attrs["last"]:
            raise serializers.ValidationError({"last": gettext("comes before the first night")})
        return attrs


# Model fields that serializers declare otherwise than REST framework would.
AMOUNTS_AS_MONEY = {**serializers.ModelSerializer.serializer_field_mapping, AmountField: MoneyField}


class FixedPriceRow(StrictInput, serializers.ModelSerializer):
    """A row of the pricing rules' list `fixed_prices`."""

    serializer_field_mapping = AMOUNTS_AS_MONEY

    class Meta:
        model = FixedPrice
        fields = ("night", "price")
        list_serializer_class = StrictRows
        ref_name = "FixedPrice"


class SeasonalRow(StrictInput, serializers.ModelSerializer):
    """A row that applies to the nights of a season: on some weekdays, once or every year."""

    serializer_field_mapping = AMOUNTS_AS_MONEY

    weekdays = StrictListField(
        child=serializers.IntegerField(min_value=0, max_value=WEEKDAYS - 1),
        max_length=WEEKDAYS,
        required=False,
        help_text="0 = Monday to 6 = Sunday; empty: all.",
    )

    def validate_weekdays(self, value: list[int]) -> list[int]:
        return sorted(set(value))


class BoundsRow(SeasonalRow):
    """A row of the pricing rules' list `bounds`."""

    class Meta:
        model = PriceBounds
        fields = ("first", "last", "weekdays", "every_year", "minimum_price", "maximum_price")
        list_serializer_class = StrictRows
        ref_name = "PriceBounds"


class MinimumStayRow(SeasonalRow):
    """A row of the pricing rules' list `minimum_stays`."""

    class Meta:
        model = MinimumStay
        fields = ("first", "last", "weekdays", "every_year", "nights")
        list_serializer_class = StrictRows
        ref_name = "MinimumStay"


def with_written_amounts(response: dict[str, Any], currency: str) -> dict[str, Any]:
    """Return a response about pricing rules with its amounts as text in a currency."""

    def written(row: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
        amounts = {name: row[name] for name in names if row[name] is not None}
        texts = {name: format_amount(Decimal(text), currency) for name, text in amounts.items()}
        return {**row, **texts}

    for name, columns in LIST_AMOUNTS.items():
        response[name] = [written(row, columns) for row in response[name]]
    return written(response, (*PRICES, STEP))


class ProposedEvent(serializers.Serializer):
    """Public holidays as an event: the nights before each free day of the long weekend."""

    name = serializers.CharField()
    first = serializers.DateField(help_text="First night.")
    last = serializers.DateField(help_text="Last night.")
    factor = serializers.FloatField(
        allow_null=True,
        help_text="From what the hotel sold on the same holidays before; null without history.",
    )

    class Meta:
        ref_name = "ProposedEvent"


class ProposedMinimumStay(serializers.Serializer):
    """A minimum stay for strong nights whose neighbours would stay empty."""

    first = serializers.DateField(help_text="First night.")
    last = serializers.DateField(help_text="Last night.")
    nights = serializers.IntegerField(help_text="Fewest nights of a stay.")
    reason = serializers.CharField()

    class Meta:
        ref_name = "ProposedMinimumStay"


class ProposedRoomType(serializers.Serializer):
    """A room type that the hotel sold in the last year and has not told."""

    name = serializers.CharField(help_text="As most of the events spell it.")
    is_reference = serializers.BooleanField(
        help_text="The type with the most room-nights, of a hotel without room types."
    )
    percent = serializers.IntegerField(
        allow_null=True,
        help_text="Difference to the reference's rate on the same nights; null for the reference, "
        "and where too little was sold with a rate.",
    )
    rooms = serializers.IntegerField(help_text="As many as were sold on its fullest nights.")
    room_nights = serializers.IntegerField(help_text="Sold in the last year.")

    class Meta:
        ref_name = "ProposedRoomType"


class ProposalOutput(serializers.Serializer):
    """Pricing rules proposed from the hotel's history; null where there is too little of it."""

    hotel_id = serializers.IntegerField()
    rooms = serializers.IntegerField(allow_null=True)
    weekday_factors = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    month_factors = serializers.ListField(child=serializers.FloatField(), allow_null=True)

    events = ProposedEvent(
        many=True,
        help_text="Public holidays of the coming two years, by country and region of the hotel's "
        "profile, that are not events yet; none without a country.",
    )
    minimum_stays = ProposedMinimumStay(many=True)
    room_types = ProposedRoomType(
        many=True,
        help_text="Room types of the last year's bookings that the hotel has not told; none where "
        "the events say none.",
    )

    class Meta:
        ref_name = "PricingProposal"
