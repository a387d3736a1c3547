"""Events over REST, for the documentation only; `event_validation` holds the rules."""

from rest_framework import serializers

from common.value_limits import MAX_HOTEL_ID
from data_provider.models import Event
from data_provider.rate_and_words import MAX_WORD_CHARACTERS

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
