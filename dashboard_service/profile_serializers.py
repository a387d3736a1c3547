"""Serializers of a hotel's profile: what a person enters, and what REST returns of it."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from common.number_and_date_texts import offered_languages
from common.strict_input import DateField, StrictInput
from dashboard_service.hotel_profiles import MAX_ROOM_SPANS, MAX_ROOMS
from dashboard_service.models import known_currency, known_time_zone


class RoomsByDateRow(StrictInput):
    """Rooms for sale from a first to a last night, both included; 0 where the hotel is closed."""

    first = DateField(help_text="First night.")
    last = DateField(help_text="Last night.")
    rooms = serializers.IntegerField(min_value=0, max_value=MAX_ROOMS, help_text="0 = closed.")

    class Meta:
        ref_name = "RoomsByDate"

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["last"] < attrs["first"]:
            raise serializers.ValidationError({"last": _("lies before the first night")})
        return attrs


class ProfileInput(StrictInput):
    """Changes to a hotel's profile; fields that are left out stay unchanged."""

    name = serializers.CharField(max_length=100, allow_blank=True, required=False)
    time_zone = serializers.CharField(
        max_length=64,
        required=False,
        validators=[known_time_zone],
        help_text="A name like Europe/Zurich; a change recounts the hotel.",
    )
    rooms = serializers.IntegerField(
        min_value=1,
        max_value=MAX_ROOMS,
        allow_null=True,
        required=False,
        help_text="Rooms to sell.",
    )
    rooms_by_date = serializers.ListField(
        child=RoomsByDateRow(),
        required=False,
        max_length=MAX_ROOM_SPANS,
        help_text="Replaces the list. Where spans overlap, the one that begins later counts.",
    )
    currency = serializers.CharField(
        max_length=3,
        allow_null=True,
        required=False,
        validators=[known_currency],
        help_text="ISO 4217; null for the proposed one, which most room-nights have.",
    )
    country = serializers.CharField(
        max_length=2,
        allow_null=True,
        required=False,
        help_text="ISO 3166-1 alpha-2, like DE: its public holidays are proposed as events.",
    )
    region = serializers.CharField(
        max_length=40,
        allow_null=True,
        required=False,
        help_text="A part of the country with holidays of its own, like BY; null for none.",
    )
    language = serializers.ChoiceField(
        choices=offered_languages(),
        allow_null=True,
        required=False,
        help_text="Of mails to people who have chosen none, and of texts for programs, like de.",
    )
    counts_room_nights = serializers.BooleanField(
        required=False,
        help_text="True: performance counts each night of a reservation once, also for a hotel "
        "whose events carry no rates. It stays so.",
    )

    class Meta:
        ref_name = "HotelProfileChange"
        swagger_schema_fields = {
            "example": {
                "name": "Seaside",
                "time_zone": "Europe/Lisbon",
                "rooms": 30,
                "rooms_by_date": [{"first": "2025-11-01", "last": "2026-02-28", "rooms": 0}],
                "currency": "EUR",
                "country": "PT",
            }
        }

    def validate_counts_room_nights(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError(_("can only be set to true"))
        return value


class ProfileOutput(serializers.Serializer):
    """A hotel's profile."""

    hotel_id = serializers.IntegerField()
    name = serializers.CharField(help_text="For example `Hotel 101` until a name is entered.")
    time_zone = serializers.CharField(help_text="The time zone of the days of the booked basis.")
    rooms = serializers.IntegerField(
        allow_null=True, help_text="Rooms to sell; null until entered."
    )
    recounting = serializers.BooleanField(
        help_text="True while the figures are still in the previous time zone."
    )

    class Meta:
        ref_name = "HotelProfile"


class ProfileFiguresOutput(ProfileOutput):
    """A hotel's profile with all that belongs to its revenue."""

    rooms_by_date = RoomsByDateRow(many=True)
    currency = serializers.CharField(allow_null=True, help_text="Null until entered.")
    country = serializers.CharField(allow_null=True, help_text="Null until entered.")
    region = serializers.CharField(allow_null=True)
    language = serializers.CharField(allow_null=True, help_text="Null until entered.")
    proposed_currency = serializers.CharField(
        allow_null=True,
        help_text="That of most room-nights on the books; it counts until one is entered.",
    )
    counts_room_nights = serializers.BooleanField(
        help_text="Whether each night of a reservation counts once, with its rate, and not each "
        "event: so for hotels whose events carry rates or descriptions."
    )
    room_nights_in_other_currencies = serializers.IntegerField(
        help_text="On the books; counted as room-nights, and not in revenue."
    )
    events_beyond_room_nights = serializers.IntegerField(
        help_text="By how many room-nights /dashboard/, which counts events, is above "
        "/dashboard/performance/: room-nights that were booked twice less those cancelled twice."
    )

    class Meta:
        ref_name = "HotelProfileWithFigures"
