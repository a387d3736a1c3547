"""Request body and response of `POST /prices/group-quote/`."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.functional import classproperty
from django.utils.translation import gettext as _
from rest_framework import serializers

from common.strict_input import DateField, StrictInput, StrictListField
from common.value_limits import MAX_HOTEL_ID
from dashboard_service.figures_for_pricing import MAX_ROOMS
from pricing_service.group_quotes.group_quote import MAX_NIGHTS, GroupRequest
from pricing_service.rules.rule_list_serializers import MoneyField

EXAMPLE_AHEAD, EXAMPLE_NIGHTS = timedelta(days=30), timedelta(days=2)


class GroupQuoteInput(StrictInput):
    """A group: nights, rooms, and the rate that it offers."""

    hotel_id = serializers.IntegerField(min_value=1, max_value=MAX_HOTEL_ID)
    arrival = DateField(required=False, help_text="First night.")
    departure = DateField(
        required=False, help_text=f"Day after the last night; at most {MAX_NIGHTS} nights."
    )
    nights = StrictListField(
        child=DateField(),
        min_length=1,
        max_length=MAX_NIGHTS,
        required=False,
        help_text="Instead of arrival and departure: nights of stay, each once.",
    )
    rooms = serializers.IntegerField(
        min_value=1, max_value=MAX_ROOMS, help_text="Of the group, on each night."
    )
    rate = MoneyField(
        required=False,
        allow_null=True,
        min_value=Decimal(0),
        help_text="Offered per room-night, in the hotel's currency.",
    )

    class Meta:
        ref_name = "GroupQuoteInput"

        @classproperty
        def swagger_schema_fields(cls) -> dict[str, Any]:
            """An example with coming nights, whenever it is read."""
            arrival = timezone.now().date() + EXAMPLE_AHEAD
            return {
                "example": {
                    "hotel_id": 1,
                    "arrival": arrival.isoformat(),
                    "departure": (arrival + EXAMPLE_NIGHTS).isoformat(),
                    "rooms": 3,
                    "rate": "95.00",
                }
            }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Take `nights`, or the nights from arrival to departure as `nights`."""
        ends = [name for name in ("arrival", "departure") if name in attrs]
        if "nights" in attrs:
            if ends:
                raise serializers.ValidationError(
                    {"nights": _("give nights, or arrival and departure, not both")}
                )
            if len(set(attrs["nights"])) < len(attrs["nights"]):
                raise serializers.ValidationError({"nights": _("the same night is given twice")})
            return attrs
        if not ends:
            raise serializers.ValidationError({"arrival": _("is required, or `nights`")})
        missing = {name for name in ("arrival", "departure") if name not in attrs}
        if missing:
            raise serializers.ValidationError(dict.fromkeys(missing, _("is required")))
        days = (attrs["departure"] - attrs["arrival"]).days
        if days < 1:
            raise serializers.ValidationError({"departure": _("must be after the arrival")})
        if days > MAX_NIGHTS:
            raise serializers.ValidationError(
                {"departure": _("at most %(most)d nights") % {"most": MAX_NIGHTS}}
            )
        return attrs

    def group(self) -> GroupRequest:
        """Return what a valid body asks for."""
        values = self.validated_data
        listed: list[date] | None = values.get("nights")
        nights = listed or [
            values["arrival"] + timedelta(days=number)
            for number in range((values["departure"] - values["arrival"]).days)
        ]
        return GroupRequest(
            hotel_id=values["hotel_id"],
            nights=sorted(nights),
            is_listed=listed is not None,
            rooms=values["rooms"],
            rate=values.get("rate"),
        )


class GroupQuoteNight(serializers.Serializer):
    """A night of a group quote."""

    night = serializers.DateField()
    days_before = serializers.IntegerField()
    rooms_left = serializers.IntegerField(help_text="Before the group.")
    price = MoneyField(allow_null=True, help_text="In force; null where there is none.")
    least_rate = MoneyField(help_text="What the night loses, per room of the group.")
    displaced_room_nights = serializers.FloatField(
        help_text="Expected room-nights of other guests that the group takes the place of."
    )
    displaced_revenue = MoneyField(help_text="Expected revenue that the night loses.")
    note = serializers.CharField(help_text="Says where a night is nearly full; may be empty.")

    class Meta:
        ref_name = "GroupQuoteNight"


class GroupQuoteOutput(serializers.Serializer):
    """The least rate at which a hotel earns as much with the group as without it."""

    hotel_id = serializers.IntegerField()
    currency = serializers.CharField()
    rooms = serializers.IntegerField()
    least_rate = MoneyField(help_text="Per room-night, the mean of the nights, rounded up.")
    least_total = MoneyField(help_text="The least rate times the room-nights.")
    offered_rate = MoneyField(allow_null=True)
    offered_total = MoneyField(allow_null=True)
    gain = MoneyField(
        allow_null=True,
        help_text="Offered total less least total; negative where the hotel loses. Null without a "
        "rate.",
    )
    sentence = serializers.CharField(help_text="The quote in words.")
    nights = GroupQuoteNight(many=True)

    class Meta:
        ref_name = "GroupQuote"
