"""The rules of a valid event: one set for JSON bodies and CSV rows.

`parse_event` returns an `EventRow` of canonical values, or the reasons of every invalid field.
Different spellings of the same event (offset or UTC, upper or lower case, quoted or not) give
equal rows, because the first five values of a row are the event's identity.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from common.error_limits import quote_value
from common.value_limits import MAX_HOTEL_ID, MAX_YEAR, MIN_YEAR
from data_provider.field_errors import FieldError as FieldError
from data_provider.rate_and_words import (
    NO_OPTIONAL_VALUES,
    optional_values_from_canonical_texts,
    parse_optional_values,
)

MAX_SOURCE_ID = 2**63 - 1

REQUIRED = ("hotel_id", "event_timestamp", "status", "room_reservation_id", "night_of_stay")

_DIGITS = re.compile(r"[0-9]{1,10}", re.ASCII)
# Hours end at 23: newer Pythons read 24:00 as the next midnight, which would be a second spelling.
_HOUR = "(?:[01][0-9]|2[0-3])"
_PLAIN_TIMESTAMP = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[ T]{_HOUR}:[0-9]{{2}}:[0-9]{{2}}")
# ISO 8601, extended or basic, date and time of day. `datetime` then checks that the date exists.
_TIMESTAMP = re.compile(
    r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8})[ Tt]"
    rf"{_HOUR}(?::[0-9]{{2}}(?::[0-9]{{2}}(?:[.,][0-9]{{1,9}})?)?|[0-9]{{2}}(?:[0-9]{{2}}(?:[.,][0-9]{{1,9}})?)?)"
    r"(?: ?(?:[Zz]|[Uu][Tt][Cc]|[+-][0-9]{2}(?::?[0-9]{2})?))?"
)
_OFFSET = re.compile(r"[Zz]|[Uu][Tt][Cc]|[+-]")  # where one may stand in a text of _TIMESTAMP
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}")


# The spelling that nearly every file uses. A text that matches is valid, except that its dates may
# not exist in the calendar.
CANONICAL_PATTERNS = {
    "hotel_id": r"(?P<hotel_id>[1-9][0-9]{0,8})",
    "event_timestamp": r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[ T]"
    rf"(?P<time>{_HOUR}:[0-5][0-9]:[0-5][0-9])",
    "status": r"(?P<status>[123])",
    "room_reservation_id": r"(?P<reservation>[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})",
    "night_of_stay": r"(?P<night>[0-9]{4}-[0-9]{2}-[0-9]{2})",
}
CANONICAL_SOURCE_ID_PATTERN = r"(?P<source>[0-9]{0,18})"
CANONICAL_GROUPS = ("hotel_id", "day", "time", "reservation", "night", "status")


class EventRow(NamedTuple):
    """One valid event in canonical values; identity first, so that rows sort by hotel and time."""

    hotel_id: int
    timestamp: str  # UTC, `YYYY-MM-DD HH:MM:SS`, followed by six decimals if it has a fraction
    room_reservation_id: str  # 32 lower-case hexadecimal digits
    night_of_stay: str  # `YYYY-MM-DD`
    rpg_status: int  # 1 booking, 2 cancellation, 3 change
    source_id: int | None  # the sender's own number, no part of the identity
    rate: int | None = None  # thousandths of the currency's unit
    currency: str | None = None  # ISO 4217, in capitals
    room_type: str | None = None
    channel: str | None = None
    segment: str | None = None


FIRST_OPTIONAL = EventRow._fields.index("rate")  # the optional values follow to the end
plain_values = itemgetter(slice(FIRST_OPTIONAL))  # of an EventRow, without the optional values
optional_values = itemgetter(slice(FIRST_OPTIONAL, None))
identity = itemgetter(slice(5))  # of an EventRow; rows with equal identities are the same event


def parse_whole_number(value: Any, low: int, high: int) -> int:
    """Return an int from `low` to `high`, read from a JSON integer or a string of digits.

    Raises: FieldError.
    """
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if type(value) is not int:
        raise FieldError(_("must be a whole number, not %(value)s") % {"value": quote_value(value)})
    if not low <= value <= high:
        raise FieldError(
            _("must be from %(low)d to %(high)d, not %(value)s")
            % {"low": low, "high": high, "value": quote_value(value)}
        )
    return value


def parse_timestamp(value: Any, zone: tzinfo = UTC) -> datetime:
    """Return a date and time in UTC. A timestamp without an offset is in `zone`.

    Raises: FieldError.
    """
    if not isinstance(value, str):
        raise FieldError(
            _("must be a text like 2024-03-01T10:00:00Z, not %(value)s")
            % {"value": quote_value(value)}
        )
    if not _TIMESTAMP.fullmatch(value):
        raise FieldError(
            _(
                "must be a date and a time like 2024-03-01T10:00:00Z or 2024-03-01 10:00:00, "
                "not %(value)s"
            )
            % {"value": quote_value(value)}
        )
    try:
        text = value.upper().replace(",", ".").replace("UTC", "Z")
        text = text[:11] + text[11:].replace(" ", "")  # a blank before the offset
        parsed = datetime.fromisoformat(text)
        parsed = parsed.replace(tzinfo=zone) if parsed.tzinfo is None else parsed
        return parsed.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise FieldError(_("is no real time: %(value)s") % {"value": quote_value(value)}) from error


def has_offset(timestamp: str) -> bool:
    """Return whether a valid timestamp names its offset from UTC, so that no zone is needed."""
    return _OFFSET.search(timestamp, 10) is not None  # hyphens of the date stand before


def parse_date(value: Any) -> date:
    """Return a date read from `YYYY-MM-DD`. Raises: FieldError."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise FieldError(
            _("must be a date like 2024-05-01, not %(value)s") % {"value": quote_value(value)}
        )
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise FieldError(_("is no real date: %(value)s") % {"value": quote_value(value)}) from error


def parse_reservation_id(value: Any) -> str:
    """Return the 32 lower-case hexadecimal digits of a UUID. Raises: FieldError."""
    if isinstance(value, str):
        text = value.lower()
        if _UUID.fullmatch(text):
            return text.replace("-", "")
    raise FieldError(_("must be a UUID, not %(value)s") % {"value": quote_value(value)})


def parse_source_id(value: Any) -> int | None:
    """Return the sender's number, or None if it is not a 64-bit number. It is for tracing only, so
    an invalid one does not make the event invalid.
    """
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 19:
        value = int(value)
    return value if type(value) is int and 0 <= value <= MAX_SOURCE_ID else None


def canonical_timestamp(value: datetime) -> str:
    """Format a timestamp as `EventRow` and the SQLite table store it."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")


def parse_event_timestamp(value: Any) -> str:
    """Return a time as `EventRow` holds it. Raises: FieldError."""
    if isinstance(value, str) and _PLAIN_TIMESTAMP.fullmatch(value):  # the fast, common case
        try:
            datetime.fromisoformat(value)
        except ValueError as error:
            raise FieldError(
                _("is no real time: %(value)s") % {"value": quote_value(value)}
            ) from error
        text = value[:10] + " " + value[11:]
    else:
        text = canonical_timestamp(parse_timestamp(value))
    _check_year(text)
    return text


@lru_cache(maxsize=10_000)  # the same dates occur again and again
def _parse_date_text(value: str) -> str:
    text = parse_date(value).isoformat()
    _check_year(text)
    return text


def parse_night_of_stay(value: Any) -> str:
    """Return a night as `EventRow` holds it. Raises: FieldError."""
    return _parse_date_text(value) if isinstance(value, str) else str(parse_date(value))


def _check_year(text: str) -> None:
    if not MIN_YEAR <= int(text[:4]) <= MAX_YEAR:
        raise FieldError(
            _("must lie in the years %(first)d to %(last)d, not %(value)s")
            % {"first": MIN_YEAR, "last": MAX_YEAR, "value": quote_value(text)}
        )


def parse_hotel_id(value: Any) -> int:
    """Return a hotel's id. Raises: FieldError."""
    return parse_whole_number(value, 1, MAX_HOTEL_ID)


def _parse_status(value: Any) -> int:
    try:
        return parse_whole_number(value, 1, 3)
    except FieldError as error:
        raise FieldError(
            _("must be 1 (booking), 2 (cancellation) or 3 (change), not %(value)s")
            % {"value": quote_value(value)}
        ) from error


_PARSERS = {  # in the order of EventRow
    "hotel_id": parse_hotel_id,
    "event_timestamp": parse_event_timestamp,
    "room_reservation_id": parse_reservation_id,
    "night_of_stay": parse_night_of_stay,
    "status": _parse_status,
}


def parse_event(values: Mapping[str, Any]) -> tuple[EventRow | None, dict[str, list[str]]]:
    """Validate an event given by its REST or CSV field names.

    Returns:
        The row and an empty dict; or None and the reasons by field, for every invalid field.
    """
    parsed: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, parse in _PARSERS.items():
        value = values.get(name)
        if value is None or value == "":
            errors[name] = [_("is required")]
            continue
        try:
            parsed[name] = parse(value)
        except FieldError as error:
            errors[name] = [str(error)]
    optional, optional_errors = parse_optional_values(values)
    errors |= optional_errors
    if errors:
        return None, errors
    source_id = parse_source_id(values.get("source_id"))
    return EventRow._make([*parsed.values(), source_id, *optional]), {}


def event_from_canonical_groups(
    hotel_id: str, day: str, time: str, reservation: str, night: str, status: str, source: str = ""
) -> EventRow | None:
    """Build the event from texts that matched CANONICAL_PATTERNS, given in CANONICAL_GROUPS' order.

    Returns: None when one of the dates does not exist or its year is out of range.
    """
    try:
        _parse_date_text(day), _parse_date_text(night)
    except FieldError:
        return None
    number = int(source) if source else None
    digits = reservation.replace("-", "")
    return EventRow(int(hotel_id), f"{day} {time}", digits, night, int(status), number)


def event_from_all_canonical_groups(
    rate: str, currency: str, room_type: str, channel: str, segment: str, *groups: str
) -> EventRow | None:
    """Build an event as `event_from_canonical_groups` does, with the optional values before.

    Returns: None when a date or an optional value is invalid.
    """
    row = event_from_canonical_groups(*groups)
    optional = optional_values_from_canonical_texts(rate, currency, room_type, channel, segment)
    if row is None or optional is None:
        return None
    if optional == NO_OPTIONAL_VALUES:
        return row
    return EventRow._make((*plain_values(row), *optional))
