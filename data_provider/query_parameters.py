"""Query parameters of the ledger's endpoints, and the SQL conditions that they translate to."""

import uuid
from datetime import UTC, date, datetime, time
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework import serializers

from common.error_limits import quote_value
from common.pagination import PageSizeField
from common.strict_input import QuerySerializer, WholeNumberField
from common.value_limits import MAX_FEED_SHARES, MAX_HOTEL_ID
from data_provider.event_validation import (
    FieldError,
    parse_date,
    parse_reservation_id,
    parse_timestamp,
)
from data_provider.ledger.query_conditions import Condition, Operator, Place, Share

NO_HOTEL = 0  # matches no event: hotel ids begin at 1
MAX_POSITION = 2**63 - 1


class TimestampField(serializers.DateTimeField):
    """A timestamp, or a date, which stands for its whole day (UTC).

    The value is a pair: the first and the last moment of the day, or the same timestamp twice. So
    `lte` a date includes that day and `gt` a date excludes it.
    """

    def to_internal_value(self, value: Any) -> Any:
        try:
            if isinstance(value, str) and len(value) == 10:
                day = parse_date(value)
                return tuple(datetime.combine(day, end, UTC) for end in (time.min, time.max))
            # A "+" that the client did not percent-encode arrives as a space.
            timestamp = parse_timestamp(
                value.replace(" ", "+") if value.count(" ") == 1 and "T" in value else value
            )
            return timestamp, timestamp
        except FieldError as error:
            raise serializers.ValidationError(str(error)) from error


class NightField(serializers.DateField):
    """A night of stay as YYYY-MM-DD."""

    def to_internal_value(self, value: Any) -> date:
        try:
            return parse_date(value)
        except FieldError as error:
            raise serializers.ValidationError(str(error)) from error


class ReservationIdField(serializers.UUIDField):
    """A UUID with or without hyphens."""

    def to_internal_value(self, data: Any) -> uuid.UUID:
        try:
            return uuid.UUID(parse_reservation_id(data))
        except FieldError as error:
            raise serializers.ValidationError(str(error)) from error


class CursorField(serializers.CharField):
    """The cursor of a page, from a `Link` header: timestamp and id of the last event before it."""

    def to_internal_value(self, data: Any) -> Any:
        stamp, _, number = str(data).rpartition("~")
        try:
            digits = number.isascii() and number.isdigit() and len(number) <= 19
            position = int(number) if digits else -1
            if not 0 <= position <= MAX_POSITION:
                raise FieldError
            return Place(parse_timestamp(stamp), position)
        except FieldError as error:
            raise serializers.ValidationError(
                f"is no cursor: take the address from the Link header, not {quote_value(data)}"
            ) from error


class PositionField(WholeNumberField):
    """A position in the feed; 0 is the start."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            required=False,
            default=0,
            min_value=0,
            max_value=MAX_POSITION,
            help_text="The `position` of the previous page; 0 for the start.",
            **options,
        )


class EpochField(serializers.CharField):
    """The epoch that an answer of the feed gave with the position."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            required=False,
            max_length=64,
            help_text="The epoch that the last page gave; 409 when the ledger has another one now.",
            **options,
        )


class EventQuery(QuerySerializer):
    """Parameters of `GET /events/`."""

    hotel_id = WholeNumberField(
        required=False, min_value=1, max_value=MAX_HOTEL_ID, help_text="One hotel only."
    )
    rpg_status = WholeNumberField(
        required=False,
        min_value=1,
        max_value=3,
        help_text="1 bookings, 2 cancellations, 3 changes.",
    )
    room_reservation_id = ReservationIdField(required=False, help_text="One reservation only.")
    updated__gte = TimestampField(required=False, help_text="Event time at or after.")
    updated__gt = TimestampField(required=False, help_text="Event time after.")
    updated__lte = TimestampField(
        required=False, help_text="Event time at or before; a date alone includes its day."
    )
    updated__lt = TimestampField(required=False, help_text="Event time before.")
    night_of_stay__gte = NightField(required=False, help_text="Nights from this date.")
    night_of_stay__lte = NightField(required=False, help_text="Nights up to this date.")
    page_size = PageSizeField()
    cursor = CursorField(required=False, help_text="The next page; from the Link header.")

    # parameter: (operator, index into the pair of a TimestampField)
    TIMESTAMP_FILTERS: ClassVar[dict[str, tuple[Operator, int]]] = {
        "updated__gte": (">=", 0),
        "updated__gt": (">", 1),
        "updated__lte": ("<=", 1),
        "updated__lt": ("<", 0),
    }
    # parameter: (column, operator)
    COLUMN_FILTERS: ClassVar[dict[str, tuple[str, Operator]]] = {
        "hotel_id": ("hotel_id", "="),
        "rpg_status": ("rpg_status", "="),
        "room_reservation_id": ("room_reservation_id", "="),
        "night_of_stay__gte": ("night_of_stay", ">="),
        "night_of_stay__lte": ("night_of_stay", "<="),
    }

    @classmethod
    def conditions(
        cls, parameters: dict[str, Any], hotels: frozenset[int] | None = None
    ) -> list[Condition]:
        """Return the conditions of valid parameters, without cursor and page size.

        Args:
            hotels: the hotels that the caller may see; None for all.
        """
        conditions = []
        if hotels is not None and "hotel_id" not in parameters:
            conditions.append(Condition("hotel_id", "IN", sorted(hotels) or [NO_HOTEL]))
        for name, (column, operator) in cls.COLUMN_FILTERS.items():
            if name in parameters:
                conditions.append(Condition(column, operator, parameters[name]))
        for name, (operator, end) in cls.TIMESTAMP_FILTERS.items():
            if name in parameters:
                conditions.append(Condition("timestamp", operator, parameters[name][end]))
        return conditions


class ShareQuery(QuerySerializer):
    """The two parameters that choose a share of the hotels; both or none."""

    share = WholeNumberField(
        required=False,
        min_value=0,
        max_value=MAX_FEED_SHARES - 1,
        help_text="Only events whose `hotel_id` leaves this remainder when divided by `shares`.",
    )
    shares = WholeNumberField(
        required=False,
        min_value=1,
        max_value=MAX_FEED_SHARES,
        help_text="Into how many shares the hotels are divided; required with `share`.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("share" in attrs) != ("shares" in attrs):
            missing, given = ("share", "shares") if "shares" in attrs else ("shares", "share")
            raise serializers.ValidationError(
                {missing: _("give it together with %(name)s") % {"name": given}}
            )
        if "share" in attrs and attrs["share"] >= attrs["shares"]:
            raise serializers.ValidationError(
                {
                    "share": _("must be less than shares, so at most %(most)d")
                    % {"most": attrs["shares"] - 1}
                }
            )
        return attrs

    @classmethod
    def share_of(cls, parameters: dict[str, Any]) -> Share | None:
        """Return the share that valid parameters choose; None for all hotels."""
        return Share(parameters["share"], parameters["shares"]) if "share" in parameters else None


class FeedQuery(ShareQuery):
    """Parameters of `GET /events/feed/`."""

    after = PositionField()
    epoch = EpochField()
    limit = PageSizeField()


class FeedStatusQuery(ShareQuery):
    """Parameters of `GET /events/feed/status/`."""

    after = PositionField()
    epoch = EpochField()


class HotelsQuery(QuerySerializer):
    """Parameters of `GET /events/hotels/`."""

    after = WholeNumberField(
        required=False,
        default=0,
        min_value=0,
        max_value=MAX_HOTEL_ID,
        help_text="Hotels with a higher number; the next page, from the Link header.",
    )
    page_size = PageSizeField()


class ReservationQuery(QuerySerializer):
    """Parameters of `GET /reservations/<hotel_id>/<reservation_id>/`."""

    with_events = serializers.BooleanField(
        required=False, help_text="Whether the answer lists the reservation's events."
    )
