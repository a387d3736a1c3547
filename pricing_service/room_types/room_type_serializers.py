"""Room types over REST: rows of the pricing rules, and a night's prices by type."""

from typing import Any

from rest_framework import serializers

from common.strict_input import StrictInput, StrictRows
from pricing_service.room_types.room_type_models import MAX_NAME_LENGTH, RoomType
from pricing_service.rules.rule_list_serializers import MoneyField

NIGHT_STATES = ["in force", "suggested", "held", "closed", "sold out"]


class RoomTypeField(serializers.CharField):
    """The query parameter `room_type`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_length=MAX_NAME_LENGTH,
            help_text="Rows of this room type, or of all with `*`; default: the prices of the "
            "house, which are those of the reference type.",
            **options,
        )


class RoomTypeRow(StrictInput, serializers.ModelSerializer):
    """A row of the pricing rules' list `room_types`."""

    class Meta:
        model = RoomType
        fields = (
            "name", "is_reference", "percent", "amount", "minimum_price", "maximum_price", "rooms",
        )  # fmt: skip
        list_serializer_class = StrictRows
        ref_name = "RoomType"


class RoomTypeNightOutput(serializers.Serializer):
    """A night's price of one room type."""

    room_type = serializers.CharField()
    is_reference = serializers.BooleanField()
    price = MoneyField(allow_null=True)
    recommended = MoneyField(allow_null=True)
    state = serializers.ChoiceField(NIGHT_STATES)
    rooms = serializers.IntegerField()
    on_the_books = serializers.IntegerField(allow_null=True)
    sentence = serializers.CharField(help_text="How the price follows from the reference's.")

    class Meta:
        ref_name = "RoomTypeNight"
