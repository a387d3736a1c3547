"""Events and reservations over REST, for the documentation only.

`event_validation` and `reservations.snapshot` hold the rules.
"""

from rest_framework import serializers

from common.value_limits import MAX_HOTEL_ID
from data_provider.models import Event
from data_provider.rate_and_words import MAX_WORD_CHARACTERS
from data_provider.reservations.snapshot import MAX_ID_CHARACTERS, STATUSES

RATE_PATTERN = r"^[0-9]{1,9}(\.[0-9]{1,3})?$"


class EventInput(serializers.Serializer):
    """One room-night that was booked, cancelled or changed."""

    hotel_id = serializers.IntegerField(min_value=1, max_value=MAX_HOTEL_ID)
    event_timestamp = serializers.DateTimeField(
        help_text="When it happened: ISO 8601, or YYYY-MM-DD HH:MM:SS; without an offset it is UTC."
    )
    status = serializers.ChoiceField(
        Event.Status.choices,
        help_text="1 booking, 2 cancellation, 3 change: the room-night stays booked, with another "
        "rate or description from now on.",
    )
    room_reservation_id = serializers.UUIDField(help_text="The reservation of one room.")
    night_of_stay = serializers.DateField(help_text="The date of the night.")
    rate = serializers.RegexField(
        RATE_PATTERN,
        required=False,
        help_text="What the room-night costs the guest: a decimal as text or number, at most 9 "
        "digits before and 3 after the point. Needs a currency.",
    )
    currency = serializers.RegexField(
        "^[A-Z]{3}$", required=False, help_text="ISO 4217; with a rate only."
    )
    room_type = serializers.CharField(
        required=False, max_length=MAX_WORD_CHARACTERS, help_text="In the sender's words."
    )
    channel = serializers.CharField(
        required=False, max_length=MAX_WORD_CHARACTERS, help_text="In the sender's words."
    )
    segment = serializers.CharField(
        required=False, max_length=MAX_WORD_CHARACTERS, help_text="In the sender's words."
    )

    class Meta:
        ref_name = "NewEvent"
        swagger_schema_fields = {
            "example": {
                "hotel_id": 1,
                "event_timestamp": "2025-06-01T10:00:00Z",
                "status": 1,
                "room_reservation_id": "3f2b8c1e-0d4a-4b6e-9a51-0123456789ab",
                "night_of_stay": "2025-07-04",
                "rate": "129.00",
                "currency": "EUR",
                "room_type": "Double room",
                "channel": "Website",
                "segment": "Leisure",
            }
        }


class EventOutput(EventInput):
    """An event of the ledger."""

    id = serializers.IntegerField(help_text="Position in the ledger.")

    class Meta:
        ref_name = "Event"


class EventHotelOutput(serializers.Serializer):
    """A hotel that has events."""

    hotel_id = serializers.IntegerField()

    class Meta:
        ref_name = "EventHotel"


class FeedOutput(serializers.Serializer):
    """A page of the feed."""

    events = EventOutput(many=True)
    position = serializers.IntegerField(help_text="The `after` of the next request.")
    has_more = serializers.BooleanField(help_text="True when another page is available now.")
    epoch = serializers.CharField(
        help_text="The `epoch` of the next request: which ledger the position belongs to."
    )


class FeedStatusOutput(serializers.Serializer):
    """The events that were recorded after a position."""

    events_after = serializers.IntegerField(
        help_text="The number of these events, 0 exactly when there is none."
    )
    is_estimate = serializers.BooleanField(
        required=False, help_text="True, and only present, when many events were estimated."
    )
    oldest_recorded_at = serializers.DateTimeField(
        allow_null=True, help_text="When the first of them was recorded."
    )
    newest_position = serializers.IntegerField(
        allow_null=True,
        help_text="The newest event's id; less than `after` when an older ledger was restored.",
    )
    epoch = serializers.CharField(help_text="Which ledger positions belong to.")


class ReservedNightInput(serializers.Serializer):
    """One night of one room."""

    night = serializers.DateField()
    rate = serializers.RegexField(RATE_PATTERN, required=False, allow_null=True)

    class Meta:
        ref_name = "ReservedNight"


class ReservedRoomInput(serializers.Serializer):
    """One room, with its nights, or with arrival, departure and the same rate for each night."""

    room_id = serializers.CharField(
        max_length=MAX_ID_CHARACTERS,
        required=False,
        help_text="Unique in the reservation; may be left out where there is one room.",
    )
    room_type = serializers.CharField(required=False, max_length=MAX_WORD_CHARACTERS)
    nights = ReservedNightInput(many=True, required=False)
    arrival = serializers.DateField(required=False)
    departure = serializers.DateField(required=False)
    rate = serializers.RegexField(RATE_PATTERN, required=False)

    class Meta:
        ref_name = "ReservedRoom"


class ReservationInput(serializers.Serializer):
    """A reservation as it is now."""

    hotel_id = serializers.IntegerField(min_value=1, max_value=MAX_HOTEL_ID)
    reservation_id = serializers.CharField(max_length=MAX_ID_CHARACTERS, help_text="The sender's.")
    status = serializers.ChoiceField(STATUSES, help_text="A no_show stays on the books.")
    booked_at = serializers.DateTimeField(help_text="Without an offset it is UTC.")
    updated_at = serializers.DateTimeField(help_text="Which of two statements is the newer one.")
    cancelled_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Of a cancelled one; else `updated_at` counts."
    )
    currency = serializers.RegexField(
        "^[A-Z]{3}$", required=False, allow_null=True, help_text="ISO 4217; required with a rate."
    )
    channel = serializers.CharField(required=False, allow_null=True, max_length=MAX_WORD_CHARACTERS)
    segment = serializers.CharField(required=False, allow_null=True, max_length=MAX_WORD_CHARACTERS)
    rooms = ReservedRoomInput(many=True)

    class Meta:
        ref_name = "NewReservation"
        swagger_schema_fields = {
            "example": {
                "hotel_id": 1,
                "reservation_id": "R-1001",
                "status": "confirmed",
                "booked_at": "2025-06-01T10:00:00Z",
                "updated_at": "2025-06-01T10:00:00Z",
                "currency": "EUR",
                "channel": "Website",
                "segment": "Leisure",
                "rooms": [
                    {
                        "room_id": "1",
                        "room_type": "Double room",
                        "arrival": "2025-07-04",
                        "departure": "2025-07-06",
                        "rate": "129.00",
                    }
                ],
            }
        }


class ReservationOutput(ReservationInput):
    """A reservation with what is on the books of it."""

    events = EventOutput(many=True, required=False, help_text="With `with_events=true` only.")

    class Meta:
        ref_name = "Reservation"


class AppendedOutput(serializers.Serializer):
    """What one stated reservation appended to the ledger."""

    hotel_id = serializers.IntegerField()
    reservation_id = serializers.CharField()
    bookings = serializers.IntegerField()
    cancellations = serializers.IntegerField()
    changes = serializers.IntegerField()
    is_outdated = serializers.BooleanField(
        help_text="True when a newer statement of it is known: nothing was appended."
    )
