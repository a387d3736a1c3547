"""The query parameters of the ledger's endpoints, and the queries that they stand for."""

import uuid
from datetime import UTC, date, datetime, time
from typing import Any, ClassVar

from rest_framework import serializers

from common.pagination import PageSizeField
from common.strict_input import QuerySerializer, WholeNumberField
from data_provider.event_validation import (
    MAX_HOTEL_ID,
    FieldError,
    calendar_date,
    moment,
    reservation,
    shown,
)
from data_provider.ledger.conditions import Condition, Operator, Place

NO_HOTEL = 0  # hotels are numbered from 1
MAX_POSITION = 2**63 - 1


class MomentField(serializers.DateTimeField):
    """A time, or a date alone that means its whole day.

    Gives the first moment and the first moment after: equal times for a time, so that `lte` a
    date takes that day in and `gt` a date leaves it out.
    """

    def to_internal_value(self, value: Any) -> Any:
        try:
            if isinstance(value, str) and len(value) == 10:
                day = calendar_date(value)
                return tuple(datetime.combine(day, end, UTC) for end in (time.min, time.max))
            # A "+" that was not encoded arrives as a space.
            found = moment(
                value.replace(" ", "+") if value.count(" ") == 1 and "T" in value else value
            )
            return found, found
        except FieldError as error:
            raise serializers.ValidationError(str(error)) from error


class NightField(serializers.DateField):
    """A night of stay as YYYY-MM-DD."""

    def to_internal_value(self, value: Any) -> date:
        try:
            return calendar_date(value)
        except FieldError as error:
            raise serializers.ValidationError(str(error)) from error


class ReservationField(serializers.UUIDField):
    """A UUID with or without hyphens."""

    def to_internal_value(self, data: Any) -> uuid.UUID:
        try:
            return uuid.UUID(reservation(data))
        except FieldError as error:
            raise serializers.ValidationError(str(error)) from error


class CursorField(serializers.CharField):
    """Where a page begins: the time and id of the event before it, as a `Link` header gave it."""

    def to_internal_value(self, data: Any) -> Any:
        stamp, _, number = str(data).rpartition("~")
        try:
            digits = number.isascii() and number.isdigit() and len(number) <= 19
            position = int(number) if digits else -1
            if not 0 <= position <= MAX_POSITION:
                raise FieldError
            return Place(moment(stamp), position)
        except FieldError as error:
            raise serializers.ValidationError(
                f"is no cursor: take the address from the Link header, not {shown(data)}"
            ) from error


class PositionField(WholeNumberField):
    """A position in the feed, 0 for its start."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            required=False,
            default=0,
            min_value=0,
            max_value=MAX_POSITION,
            help_text="The position that the last page gave; 0 for the start.",
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
        required=False, min_value=1, max_value=2, help_text="1 bookings, 2 cancellations."
    )
    room_reservation_id = ReservationField(required=False, help_text="One reservation only.")
    updated__gte = MomentField(required=False, help_text="Event time at or after.")
    updated__gt = MomentField(required=False, help_text="Event time after.")
    updated__lte = MomentField(
        required=False, help_text="Event time at or before; a date alone includes its day."
    )
    updated__lt = MomentField(required=False, help_text="Event time before.")
    night_of_stay__gte = NightField(required=False, help_text="Nights from this date.")
    night_of_stay__lte = NightField(required=False, help_text="Nights up to this date.")
    page_size = PageSizeField()
    cursor = CursorField(required=False, help_text="The next page; from the Link header.")

    # parameter: (operator, which end of a day the value means)
    MOMENTS: ClassVar[dict[str, tuple[Operator, int]]] = {
        "updated__gte": (">=", 0),
        "updated__gt": (">", 1),
        "updated__lte": ("<=", 1),
        "updated__lt": ("<", 0),
    }
    # parameter: (column, operator)
    PLAIN: ClassVar[dict[str, tuple[str, Operator]]] = {
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
        """What valid parameters ask for, beside where the page begins and ends.

        Args:
            hotels: of these alone; None for all.
        """
        found = []
        if hotels is not None and "hotel_id" not in parameters:
            found.append(Condition("hotel_id", "IN", sorted(hotels) or [NO_HOTEL]))
        for name, (column, operator) in cls.PLAIN.items():
            if name in parameters:
                found.append(Condition(column, operator, parameters[name]))
        for name, (operator, end) in cls.MOMENTS.items():
            if name in parameters:
                found.append(Condition("timestamp", operator, parameters[name][end]))
        return found


class FeedQuery(QuerySerializer):
    """Parameters of `GET /events/feed/`."""

    after = PositionField()
    epoch = EpochField()
    limit = PageSizeField()


class FeedStatusQuery(QuerySerializer):
    """Parameters of `GET /events/feed/status/`."""

    after = PositionField()
    epoch = EpochField()
