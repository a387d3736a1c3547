"""A reservation as it is now: the strict reading of `POST /reservations/`.

Promise: what `parse_reservation` returns is complete and canonical, so that two spellings of the
same reservation are equal; anything else is refused with a reason for each wrong field.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from common.error_limits import ErrorCollector, quote_value
from common.number_and_date_texts import number_text
from data_provider.event_validation import (
    canonical_timestamp,
    parse_event_timestamp,
    parse_hotel_id,
    parse_night_of_stay,
    parse_reservation_id,
)
from data_provider.field_errors import FieldError
from data_provider.rate_and_words import parse_currency, parse_rate, parse_text, parse_word

CONFIRMED, CANCELLED, NO_SHOW = STATUSES = ("confirmed", "cancelled", "no_show")
MAX_RESERVATIONS = 1_000  # in one array of `POST /reservations/`
MAX_ID_CHARACTERS = 100
MAX_ROOM_NIGHTS = 10_000  # of a reservation: a group of 300 rooms for a month
MAX_ROOM_NIGHTS_AT_ONCE = 50_000  # of an array; a span of years in two dates is small to send
ONLY_ROOM = "1"

# Of the ids that are made for rooms; it must never change.
ROOM_NAMESPACE = uuid.UUID("6c1d6f0e-4f0b-5d3b-9a52-8f4f1f0f7a11")


class ReservationErrors(ValueError):
    """A reservation is invalid.

    Attributes:
        errors: reasons by field, nested like the reservation.
    """

    def __init__(self, errors: dict[Any, Any]) -> None:
        super().__init__(str(errors))
        self.errors = errors


class ReservedNight(NamedTuple):
    """One night of one room."""

    night: str  # `YYYY-MM-DD`
    rate: int | None  # thousandths of the currency's unit; None where nobody knows it


class ReservedRoom(NamedTuple):
    """One room of a reservation."""

    room_id: str  # the sender's, unique in the reservation
    room_type: str | None
    nights: tuple[ReservedNight, ...]  # in order; empty for day use


class ReservationSnapshot(NamedTuple):
    """A reservation as it was at `updated_at`. Times as `EventRow` holds them: UTC."""

    hotel_id: int
    reservation_id: str  # the sender's
    status: str  # one of STATUSES
    booked_at: str
    updated_at: str
    cancelled_at: str | None  # only of a cancelled one
    currency: str | None
    channel: str | None
    segment: str | None
    rooms: tuple[ReservedRoom, ...]  # in order of their ids

    @property
    def room_nights(self) -> int:
        """The number of nights of all rooms, cancelled or not."""
        return sum(len(room.nights) for room in self.rooms)


def room_reservation_id(hotel_id: int, reservation_id: str, room_id: str) -> str:
    """Return the ledger's id of a reservation's room, as 32 hexadecimal digits.

    It is always the same for the same three values. A reservation whose number is a UUID keeps it
    for its only or first room, so that it is the reservation that events with this UUID speak of.
    """
    if _is_first_room(room_id, reservation_id):
        try:
            return parse_reservation_id(reservation_id)
        except FieldError:
            pass
    # With the length, no two triples give the same name.
    name = f"{hotel_id}:{len(reservation_id)}:{reservation_id}{room_id}"
    return uuid.uuid5(ROOM_NAMESPACE, name).hex


def _is_first_room(room_id: str, reservation_id: str | None) -> bool:
    return room_id in (ONLY_ROOM, reservation_id)


def parse_reservation(value: Any) -> ReservationSnapshot:
    """Read one reservation in the form of `POST /reservations/`.

    Args:
        value: a JSON object; times may also be datetimes with a time zone.
    Raises:
        ReservationErrors: with the reasons of each invalid field.
    """
    if not isinstance(value, Mapping):
        raise ReservationErrors({"non_field_errors": [_("must be a JSON object")]})
    errors = ErrorCollector()
    _refuse_unknown(value, _FIELDS, errors)
    parsed = _parse_fields(value, _FIELDS, errors, required=_REQUIRED)
    status = parsed.get("status")
    if status != CANCELLED and parsed.get("cancelled_at") is not None:
        errors.add("cancelled_at", [_("stands with the status cancelled only")])
    rooms = _parse_rooms(value.get("rooms"), status, errors)
    ids = [
        ONLY_ROOM if _is_first_room(room.room_id, parsed["reservation_id"]) else room.room_id
        for room in rooms
    ]
    if len(set(ids)) < len(ids):
        errors.add("rooms", [_("two rooms have the same room_id")])
    if parsed.get("currency") is None and any(
        night.rate is not None for room in rooms for night in room.nights
    ):
        errors.add("currency", [_("is required with a rate")])
    if errors:
        raise ReservationErrors(errors.detail())
    return ReservationSnapshot(**parsed, rooms=tuple(sorted(rooms)))


def parse_sender_id(value: Any) -> str:
    """Return a sender's number of a reservation or a room, trimmed. Raises: FieldError."""
    if type(value) is int:  # many systems count their reservations
        value = str(value)
    return parse_text(value, MAX_ID_CHARACTERS)


def _parse_time(value: Any) -> str:
    if isinstance(value, datetime):
        value = canonical_timestamp(value)
    return parse_event_timestamp(value)


def _parse_status(value: Any) -> str:
    if value not in STATUSES:
        raise FieldError(
            _("must be one of %(choices)s, not %(value)s")
            % {"choices": ", ".join(STATUSES), "value": quote_value(value)}
        )
    return str(value)


_FIELDS: dict[str, Callable[[Any], Any] | None] = {  # None: read by itself
    "hotel_id": parse_hotel_id,
    "reservation_id": parse_sender_id,
    "status": _parse_status,
    "booked_at": _parse_time,
    "updated_at": _parse_time,
    "cancelled_at": _parse_time,
    "currency": parse_currency,
    "channel": parse_word,
    "segment": parse_word,
    "rooms": None,
}
_REQUIRED = ("hotel_id", "reservation_id", "status", "booked_at", "updated_at")
_ROOM_FIELDS: dict[str, Callable[[Any], Any] | None] = {
    "room_id": parse_sender_id,
    "room_type": parse_word,
    "nights": None,
    "arrival": parse_night_of_stay,
    "departure": parse_night_of_stay,
    "rate": parse_rate,
}
_NIGHT_FIELDS: dict[str, Callable[[Any], Any] | None] = {
    "night": parse_night_of_stay,
    "rate": parse_rate,
}


def _refuse_unknown(
    value: Mapping[str, Any], fields: Mapping[str, Any], errors: ErrorCollector
) -> None:
    if value.keys() <= fields.keys():
        return
    for name in value:
        if name not in fields:
            errors.add(
                str(name),
                [_("unknown field; known are: %(fields)s") % {"fields": ", ".join(fields)}],
            )


def _parse_fields(
    value: Mapping[str, Any],
    fields: Mapping[str, Callable[[Any], Any] | None],
    errors: ErrorCollector,
    required: Iterable[str],
) -> dict[str, Any]:
    """Return the values of all fields that have a parser; None where one is absent or wrong."""
    parsed: dict[str, Any] = {}
    for name, parse in fields.items():
        if parse is None:
            continue
        given = value.get(name)
        parsed[name] = None
        if given is None:
            if name in required:
                errors.add(name, [_("is required")])
            continue
        try:
            parsed[name] = parse(given)
        except FieldError as error:
            errors.add(name, [str(error)])
    return parsed


def _parse_rooms(value: Any, status: str | None, errors: ErrorCollector) -> list[ReservedRoom]:
    if value is None and status == CANCELLED:
        return []
    if not isinstance(value, list):
        errors.add(
            "rooms", [_("must be a list of rooms") if value is not None else _("is required")]
        )
        return []
    if not value and status != CANCELLED:
        errors.add("rooms", [_("must not be empty, unless the reservation is cancelled")])
    if len(value) > MAX_ROOM_NIGHTS:
        errors.add(
            "rooms",
            [
                _("%(number)s rooms; send at most %(most)s")
                % {"number": number_text(len(value)), "most": number_text(MAX_ROOM_NIGHTS)}
            ],
        )
        return []
    rooms: list[ReservedRoom] = []
    wrong = ErrorCollector()
    left = MAX_ROOM_NIGHTS
    for index, item in enumerate(value):
        try:
            room = _parse_room(item, len(value) == 1, left)
        except ReservationErrors as error:
            wrong.add(str(index), error.errors)
            continue
        left -= len(room.nights)
        rooms.append(room)
    if wrong:
        errors.add("rooms", wrong.detail())
    return rooms


def _parse_room(value: Any, is_only: bool, max_nights: int) -> ReservedRoom:
    """Read one room. Raises: ReservationErrors."""
    if not isinstance(value, Mapping):
        raise ReservationErrors({"non_field_errors": [_("must be a JSON object")]})
    errors = ErrorCollector()
    _refuse_unknown(value, _ROOM_FIELDS, errors)
    has_span = any(value.get(name) is not None for name in ("arrival", "departure"))
    required = ["arrival", "departure"] if has_span else []
    if not is_only:
        required.append("room_id")
    parsed = _parse_fields(value, _ROOM_FIELDS, errors, required)
    given = value.get("nights")
    nights: list[ReservedNight] = []
    if given is None and not has_span:
        errors.add("nights", [_("is required, or arrival and departure")])
    elif given is not None and (has_span or parsed["rate"] is not None):
        errors.add("nights", [_("stands without arrival, departure and rate of the room")])
    elif given is not None:
        nights = _parse_nights(given, max_nights, errors)
    elif not errors:
        nights = _nights_of_span(parsed, max_nights, errors)
    if errors:
        raise ReservationErrors(errors.detail())
    return ReservedRoom(parsed["room_id"] or ONLY_ROOM, parsed["room_type"], tuple(sorted(nights)))


def _too_many_nights(errors: ErrorCollector, place: str) -> None:
    errors.add(
        place,
        [
            _("the reservation has more than %(most)s room-nights")
            % {"most": number_text(MAX_ROOM_NIGHTS)}
        ],
    )


def _parse_nights(value: Any, max_nights: int, errors: ErrorCollector) -> list[ReservedNight]:
    if not isinstance(value, list):
        errors.add("nights", [_("must be a list of nights")])
        return []
    if len(value) > max_nights:
        _too_many_nights(errors, "nights")
        return []
    nights: dict[str, ReservedNight] = {}
    wrong = ErrorCollector()
    for index, item in enumerate(value):
        if not isinstance(item, Mapping):
            wrong.add(str(index), {"non_field_errors": [_("must be a JSON object")]})
            continue
        reasons = ErrorCollector()
        _refuse_unknown(item, _NIGHT_FIELDS, reasons)
        night = ReservedNight(**_parse_fields(item, _NIGHT_FIELDS, reasons, ["night"]))
        if night.night in nights:
            reasons.add("night", [_("%(night)s stands twice") % {"night": night.night}])
        if reasons:
            wrong.add(str(index), reasons.detail())
        else:
            nights[night.night] = night
    if wrong:
        errors.add("nights", wrong.detail())
    return list(nights.values())


def _nights_of_span(
    parsed: dict[str, Any], max_nights: int, errors: ErrorCollector
) -> list[ReservedNight]:
    first, departure = (date.fromisoformat(parsed[name]) for name in ("arrival", "departure"))
    count = (departure - first).days
    if count < 0:
        errors.add("departure", [_("must not lie before the arrival")])
        return []
    if count > max_nights:
        _too_many_nights(errors, "departure")
        return []
    return [
        ReservedNight((first + timedelta(days=day)).isoformat(), parsed["rate"])
        for day in range(count)
    ]
