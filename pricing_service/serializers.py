"""The prices' query parameters and bodies, and the shapes of their answers.

Money goes out as text with two decimals, so that no program rounds it on the way.
"""

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from common.pagination import PageSizeField
from common.strict_input import (
    DateField,
    HotelField,
    QuerySerializer,
    StrictInput,
    WholeNumberField,
)
from common.value_limits import MAX_HOTEL_ID
from pricing_service.models import Action, DemandEvent, FixedPrice, PricingProfile, RoomsForSale
from pricing_service.rules.pricing_rules import LISTS

MAX_NIGHTS = 731
PERSONS_ACTIONS = [Action.ACCEPT, Action.OVERRIDE, Action.LOCK, Action.RELEASE]


class MoneyField(serializers.DecimalField):
    """An amount in the hotel's currency, with two decimals."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=12, decimal_places=2, **options)


class _SpanQuery(QuerySerializer):
    """A hotel, and nights from … to, both included."""

    hotel_id = HotelField()

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        return {
            "hotel_id": fields.pop("hotel_id"),
            "from": DateField(required=False, help_text="First night; without it, tomorrow."),
            "to": DateField(
                required=False, help_text="Last night; without it, a year after the first."
            ),
            **fields,
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "from" in attrs and "to" in attrs:
            if attrs["from"] > attrs["to"]:
                raise serializers.ValidationError({"to": "comes before from"})
            if attrs["to"] - attrs["from"] >= timedelta(days=MAX_NIGHTS):
                raise serializers.ValidationError({"to": f"more than {MAX_NIGHTS} nights"})
        return attrs


class PricesQuery(_SpanQuery):
    """Parameters of `GET /prices/`."""


class NightQuery(QuerySerializer):
    """Parameters of `GET /prices/night/`."""

    hotel_id = HotelField()
    night = DateField(help_text="Which night of stay.")


class DecisionsQuery(_SpanQuery):
    """Parameters of `GET /prices/decisions/`."""

    page_size = PageSizeField()
    cursor = WholeNumberField(required=False, min_value=1, help_text="From `Link`.")


class DecisionInput(StrictInput):
    """What a person, or a program for one, decides about nights of a hotel."""

    hotel_id = serializers.IntegerField(min_value=1, max_value=MAX_HOTEL_ID)
    nights = serializers.ListField(
        child=DateField(), min_length=1, max_length=MAX_NIGHTS, help_text="Nights of stay."
    )
    action = serializers.ChoiceField([action.value for action in PERSONS_ACTIONS])
    price = MoneyField(
        required=False,
        help_text="With override, the price; with accept, the recommended price that was seen: "
        "the decision is refused where it changed meanwhile.",
    )
    reason = serializers.CharField(max_length=500, required=False, help_text="Kept with it.")

    class Meta:
        ref_name = "PriceDecisionInput"


class EventRow(StrictInput, serializers.ModelSerializer):
    class Meta:
        model = DemandEvent
        fields = ("first", "last", "name", "factor")
        ref_name = "PricingEvent"


class RoomsRow(StrictInput, serializers.ModelSerializer):
    class Meta:
        model = RoomsForSale
        fields = ("first", "last", "rooms")
        ref_name = "RoomsForSale"


class FixedPriceRow(StrictInput, serializers.ModelSerializer):
    class Meta:
        model = FixedPrice
        fields = ("night", "price")
        ref_name = "FixedPrice"


TOLD = [
    field.name
    for field in PricingProfile._meta.concrete_fields
    if field.name not in ("hotel_id", "updated_at")
]


class RulesInput(StrictInput, serializers.ModelSerializer):
    """What can be told of a hotel's prices; what is left out stays as it is."""

    events = EventRow(many=True, required=False)
    rooms_for_sale = RoomsRow(many=True, required=False)
    fixed_prices = FixedPriceRow(many=True, required=False)

    class Meta:
        model = PricingProfile
        fields = (*TOLD, *LISTS)
        extra_kwargs = {name: {"required": False} for name in TOLD}
        ref_name = "PricingProfileChange"
        swagger_schema_fields = {
            "example": {"base_price": "100.00", "mode": "suggest", "aggressiveness": 3}
        }


class RulesOutput(serializers.ModelSerializer):
    """What is told of a hotel's prices."""

    events = EventRow(many=True)
    rooms_for_sale = RoomsRow(many=True)
    fixed_prices = FixedPriceRow(many=True)
    has_webhook_secret = serializers.BooleanField(help_text="The secret itself is not shown.")

    class Meta:
        model = PricingProfile
        fields = (
            "hotel_id",
            *(name for name in TOLD if name != "webhook_secret"),
            "has_webhook_secret",
            *LISTS,
            "updated_at",
        )
        ref_name = "PricingProfile"


class PriceOutput(serializers.Serializer):
    """One night."""

    hotel_id = serializers.IntegerField()
    night = serializers.DateField()
    price = MoneyField(help_text="In force.")
    currency = serializers.CharField()
    recommended = MoneyField()
    state = serializers.ChoiceField(
        ["in force", "suggested", "held"],
        help_text="`suggested`: another price is recommended, by more than the hotel's threshold; "
        "`held`: a person set or locked it.",
    )
    days_before = serializers.IntegerField()
    rooms = serializers.IntegerField(help_text="Rooms to sell.")
    on_the_books = serializers.IntegerField(help_text="Net room-nights.")
    occupancy = serializers.FloatField(allow_null=True, help_text="On the books by rooms.")
    expected_on_the_books = serializers.FloatField(help_text="On course for the target.")
    forecast = serializers.FloatField(help_text="Final net room-nights.")
    forecast_low = serializers.FloatField(help_text="Lower end of the 80 % interval.")
    forecast_high = serializers.FloatField()
    sentence = serializers.CharField(help_text="Why the recommended price is what it is.")
    priced_at = serializers.DateTimeField()

    class Meta:
        ref_name = "Price"


class CurvePoint(serializers.Serializer):
    """What was, is usually and was last year on the books so many days before a night."""

    days_before = serializers.IntegerField()
    on_the_books = serializers.IntegerField(allow_null=True, help_text="Null for what is to come.")
    expected = serializers.FloatField(help_text="On course for the target occupancy.")
    last_year = serializers.IntegerField(
        allow_null=True, help_text="Of the night 364 days before; null where not known."
    )

    class Meta:
        ref_name = "BookingCurvePoint"


class DecisionOutput(serializers.Serializer):
    """A decision, as it is kept."""

    id = serializers.IntegerField()
    hotel_id = serializers.IntegerField()
    night = serializers.DateField()
    made_at = serializers.DateTimeField()
    action = serializers.ChoiceField(Action.choices)
    old_price = MoneyField(allow_null=True)
    new_price = MoneyField()
    recommended = MoneyField()
    on_the_books = serializers.IntegerField()
    reason = serializers.CharField()
    who = serializers.CharField()

    class Meta:
        ref_name = "PriceDecision"


class NightOutput(PriceOutput):
    """One night with all that stands behind its price."""

    factors = serializers.DictField(
        child=serializers.FloatField(), help_text="They multiply the base price."
    )
    base_price = MoneyField()
    minimum_price = MoneyField()
    maximum_price = MoneyField()
    curve = CurvePoint(many=True)
    decisions = DecisionOutput(many=True, help_text="The newest first, at most 50.")

    class Meta:
        ref_name = "NightPrice"


class ProposalOutput(serializers.Serializer):
    """What the hotel's own history says; null where there is too little of it."""

    hotel_id = serializers.IntegerField()
    rooms = serializers.IntegerField(allow_null=True)
    booking_window_days = serializers.IntegerField(allow_null=True)
    weekday_factors = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    month_factors = serializers.ListField(child=serializers.FloatField(), allow_null=True)
    target_occupancy = serializers.ListField(child=serializers.FloatField(), allow_null=True)

    class Meta:
        ref_name = "PricingProposal"


class PreviewOutput(serializers.Serializer):
    """A night as it would be recommended."""

    hotel_id = serializers.IntegerField()
    night = serializers.DateField()
    price = MoneyField(allow_null=True, help_text="In force now.")
    recommended = MoneyField(allow_null=True, help_text="Now.")
    would_be = MoneyField(help_text="Recommended after the change.")
    sentence = serializers.CharField()

    class Meta:
        ref_name = "PricingPreview"
