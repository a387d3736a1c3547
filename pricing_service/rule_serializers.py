"""Rows of the lists of a hotel's pricing rules, and rules that are proposed."""

from typing import Any

from rest_framework import serializers

from common.strict_input import DateField, StrictInput, StrictListField, StrictRows
from dashboard_service.figures_for_pricing import MAX_ROOMS
from pricing_service.models import DemandEvent, FixedPrice
from pricing_service.rule_models import MinimumStay, PriceBounds
from pricing_service.validators import WEEKDAYS


class MoneyField(serializers.DecimalField):
    """An amount in the hotel's currency, with two decimals."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=12, decimal_places=2, **options)


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
        missing = dict.fromkeys(self.fields.keys() - attrs.keys(), "is required")
        if missing:
            raise serializers.ValidationError(missing)
        if attrs["first"] > attrs["last"]:
            raise serializers.ValidationError({"last": "comes before the first night"})
        return attrs


class FixedPriceRow(StrictInput, serializers.ModelSerializer):
    """A row of the pricing rules' list `fixed_prices`."""

    class Meta:
        model = FixedPrice
        fields = ("night", "price")
        list_serializer_class = StrictRows
        ref_name = "FixedPrice"


class SeasonalRow(StrictInput, serializers.ModelSerializer):
    """A row that applies to the nights of a season: on some weekdays, once or every year."""

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
    booking_window_days = serializers.IntegerField(allow_null=True)
    weekday_factors = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    month_factors = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    target_occupancy = serializers.ListField(child=serializers.FloatField(), allow_null=True)

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
