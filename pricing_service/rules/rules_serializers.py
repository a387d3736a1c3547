"""A hotel's pricing rules in REST: a change of them, the rules themselves, and their preview."""

from typing import Any

from django.db.models import JSONField
from rest_framework import serializers

from common.strict_input import (
    ParsedJsonField,
    StrictInput,
)
from pricing_service.delivery.delivery_status import delivery_status
from pricing_service.delivery.receiver_address import shortened
from pricing_service.delivery.webhook_serializers import WebhookStatusOutput
from pricing_service.demand.stale_hotels import stale_since
from pricing_service.models import PricingRules
from pricing_service.room_types.room_type_serializers import (
    RoomTypeRow,
)
from pricing_service.rules.pricing_rules import LIST_NAMES, HotelPricingRules
from pricing_service.rules.rule_list_serializers import (
    AMOUNTS_AS_MONEY,
    BoundsRow,
    EventRow,
    FixedPriceRow,
    MinimumStayRow,
    MoneyField,
    RoomsRow,
    with_written_amounts,
)

RULE_FIELDS = [
    field.name
    for field in PricingRules._meta.concrete_fields
    if field.editable and field.name not in ("hotel_id", "updated_at")
]


class RulesInput(StrictInput, serializers.ModelSerializer):
    """A change of a hotel's pricing rules; fields that are left out keep their values."""

    serializer_field_mapping = {
        **AMOUNTS_AS_MONEY,
        JSONField: ParsedJsonField,
    }

    events = EventRow(many=True, required=False)
    rooms_for_sale = RoomsRow(many=True, required=False)
    fixed_prices = FixedPriceRow(many=True, required=False)
    bounds = BoundsRow(many=True, required=False)
    minimum_stays = MinimumStayRow(many=True, required=False)
    room_types = RoomTypeRow(many=True, required=False)

    class Meta:
        model = PricingRules
        fields = (*RULE_FIELDS, *LIST_NAMES)
        extra_kwargs = {name: {"required": False} for name in RULE_FIELDS}
        ref_name = "PricingRulesChange"
        swagger_schema_fields = {
            "example": {"base_price": "100.00", "mode": "suggest", "aggressiveness": 3}
        }


class RulesOutput(serializers.ModelSerializer):
    """A hotel's pricing rules with their lists.

    The webhook's secret is shown once, to whoever had it made. Its address often contains a token
    of the receiver: those who may not change it see its host only.
    """

    events = EventRow(many=True)
    rooms_for_sale = RoomsRow(many=True)
    fixed_prices = FixedPriceRow(many=True)
    bounds = BoundsRow(many=True)
    minimum_stays = MinimumStayRow(many=True)
    room_types = RoomTypeRow(many=True)
    stale_since = serializers.DateField(
        allow_null=True,
        help_text="The day of the newest event, if the hotel's events have stopped: its automatic "
        "prices stand still.",
    )
    has_webhook_secret = serializers.BooleanField(
        help_text="Whether a secret is set. A secret is shown once, in the answer to the request "
        "that made it."
    )
    webhook_secret = serializers.CharField(
        source="made_secret",
        required=False,
        help_text="Only in the answer to the change that made a secret: store it, it is not shown "
        "again.",
    )
    webhook_status = WebhookStatusOutput(allow_null=True, help_text="Null without an address.")

    class Meta:
        model = PricingRules
        fields = (
            "hotel_id",
            *(name for name in RULE_FIELDS if name != "webhook_secret"),
            "stale_since",
            "has_webhook_secret",
            "webhook_secret",
            "webhook_status",
            *LIST_NAMES,
            "updated_at",
        )
        ref_name = "PricingRules"

    @classmethod
    def of(cls, hotel_rules: HotelPricingRules, *, may_set: bool) -> dict[str, Any]:
        """Return the response for a hotel's pricing rules.

        Args:
            may_set: whether the request's sender may change them.
        """
        rules = hotel_rules.rules
        # ModelSerializer reads all fields from one object: what else is shown is added to it.
        rules.stale_since = stale_since(rules.hotel_id)  # type: ignore[attr-defined]
        rules.has_webhook_secret = bool(rules.webhook_secret)  # type: ignore[attr-defined]
        rules.made_secret = hotel_rules.made_secret  # type: ignore[attr-defined]
        rules.webhook_status = delivery_status(rules)  # type: ignore[attr-defined]
        for name in LIST_NAMES:
            setattr(rules, name, getattr(hotel_rules, name))
        response = with_written_amounts(dict(cls(rules).data), rules.currency)
        if not may_set:
            response["webhook_url"] = shortened(rules.webhook_url)
        if not hotel_rules.made_secret:
            del response["webhook_secret"]
        return response


class PreviewOutput(serializers.Serializer):
    """A night's recommended price before and after a change of the pricing rules."""

    hotel_id = serializers.IntegerField()
    night = serializers.DateField()
    price = MoneyField(allow_null=True, help_text="The price in force now.")
    recommended = MoneyField(allow_null=True, help_text="The recommended price now.")
    currency = serializers.CharField(help_text="Of the two amounts before.")
    would_be = MoneyField(
        allow_null=True, help_text="The recommended price after the change; null when closed."
    )
    price_would_be = MoneyField(
        allow_null=True,
        help_text="The price in force after the change: what saving it would do at once.",
    )
    currency_would_be = serializers.CharField(help_text="Of the two amounts before.")
    sentence = serializers.CharField()

    class Meta:
        ref_name = "PricingPreview"
