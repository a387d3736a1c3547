"""What makes an event valid: one set of rules for JSON bodies and CSV rows.

`parse_event` gives an `EventRow` of canonical values, or every field that is wrong with its
reason. Two spellings of the same event (offset or UTC, upper or lower case, quoted or not) give
the same row, because a row's first five values are the event's identity.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

MAX_HOTEL_ID = 2_147_483_647
# A year outside is a typing error (0024, 20224) that would stretch every chart over centuries.
MIN_YEAR, MAX_YEAR = 1900, 2199
MAX_SOURCE_ID = 2**63 - 1

REQUIRED = ("hotel_id", "event_timestamp", "status", "room_reservation_id", "night_of_stay")

_DIGITS = re.compile(r"[0-9]{1,10}", re.ASCII)
# Hours end at 23: newer Pythons read 24:00 as the next midnight, which would be a second spelling.
_HOUR = "(?:[01][0-9]|2[0-3])"
_PLAIN_TIMESTAMP = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[ T]{_HOUR}:[0-9]{{2}}:[0-9]{{2}}")
# ISO 8601 extended or basic, date and time of day; what is a real date is datetime's to say.
_TIMESTAMP = re.compile(
    r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8})[ Tt]"
    rf"{_HOUR}(?::[0-9]{{2}}(?::[0-9]{{2}}(?:[.,][0-9]{{1,9}})?)?|[0-9]{{2}}(?:[0-9]{{2}}(?:[.,][0-9]{{1,9}})?)?)"
    r"(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}")


# How nearly every file spells an event: each text that matches obeys the rules, but for whether its
# dates are real ones.
CANONICAL = {
    "hotel_id": r"(?P<hotel_id>[1-9][0-9]{0,8})",
    "event_timestamp": r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[ T]"
    rf"(?P<time>{_HOUR}:[0-5][0-9]:[0-5][0-9])",
    "status": r"(?P<status>[12])",
    "room_reservation_id": r"(?P<reservation>[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})",
    "night_of_stay": r"(?P<night>[0-9]{4}-[0-9]{2}-[0-9]{2})",
}
CANONICAL_SOURCE = r"(?P<source>[0-9]{0,18})"
CANONICAL_GROUPS = ("hotel_id", "day", "time", "reservation", "night", "status")


class EventRow(NamedTuple):
    """One valid event in canonical values; identity first, so that rows sort by hotel and time."""

    hotel_id: int
    timestamp: str  # UTC, `YYYY-MM-DD HH:MM:SS`, with six decimals where there are any
    room_reservation_id: str  # 32 lower-case hexadecimal digits
    night_of_stay: str  # `YYYY-MM-DD`
    rpg_status: int  # 1 booking, 2 cancellation
    source_id: int | None  # the sender's own number, no part of the identity


identity = itemgetter(slice(5))  # of a row; events with the same one are the same event


class FieldError(ValueError):
    """A value that is not allowed; the message is for the sender."""


def whole_number(value: Any, low: int, high: int) -> int:
    """An int within bounds from a JSON integer or a text of digits.

    Raises: FieldError.
    """
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if type(value) is not int:
        raise FieldError(f"must be a whole number, not {shown(value)}")
    if not low <= value <= high:
        raise FieldError(f"must be from {low} to {high}, not {shown(value)}")
    return value


def moment(value: Any) -> datetime:
    """A date and time of day, in UTC; without an offset it is UTC.

    Raises: FieldError.
    """
    if not isinstance(value, str):
        raise FieldError(f"must be a text like 2024-03-01T10:00:00Z, not {shown(value)}")
    if not _TIMESTAMP.fullmatch(value):
        raise FieldError(
            f"must be a date and a time like 2024-03-01T10:00:00Z or 2024-03-01 10:00:00, "
            f"not {shown(value)}"
        )
    try:
        parsed = datetime.fromisoformat(value.upper().replace(",", "."))
        parsed = parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise FieldError(f"is no real time: {shown(value)}") from error
    return parsed


def calendar_date(value: Any) -> date:
    """A date from `YYYY-MM-DD`. Raises: FieldError."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise FieldError(f"must be a date like 2024-05-01, not {shown(value)}")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise FieldError(f"is no real date: {shown(value)}") from error


def reservation(value: Any) -> str:
    """The 32 hexadecimal digits of a UUID. Raises: FieldError."""
    if isinstance(value, str):
        text = value.lower()
        if _UUID.fullmatch(text):
            return text.replace("-", "")
    raise FieldError(f"must be a UUID, not {shown(value)}")


def canonical_timestamp(value: datetime) -> str:
    """A moment as an `EventRow` and the SQLite table spell it."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")


def shown(value: Any) -> str:
    """A value as an error message shows it: quoted, and never long."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _event_timestamp(value: Any) -> str:
    if isinstance(value, str) and _PLAIN_TIMESTAMP.fullmatch(value):  # nearly all there are
        try:
            datetime.fromisoformat(value)
        except ValueError as error:
            raise FieldError(f"is no real time: {shown(value)}") from error
        text = value[:10] + " " + value[11:]
    else:
        text = canonical_timestamp(moment(value))
    _plausible_year(text)
    return text


@lru_cache(maxsize=100_000)  # the same dates come again and again
def _date_text(value: str) -> str:
    text = calendar_date(value).isoformat()
    _plausible_year(text)
    return text


def _night_of_stay(value: Any) -> str:
    return _date_text(value) if isinstance(value, str) else str(calendar_date(value))


def _plausible_year(text: str) -> None:
    if not MIN_YEAR <= int(text[:4]) <= MAX_YEAR:
        raise FieldError(f"must lie in the years {MIN_YEAR} to {MAX_YEAR}, not {shown(text)}")


def _hotel_id(value: Any) -> int:
    return whole_number(value, 1, MAX_HOTEL_ID)


def _status(value: Any) -> int:
    try:
        return whole_number(value, 1, 2)
    except FieldError as error:
        raise FieldError(f"must be 1 (booking) or 2 (cancellation), not {shown(value)}") from error


_PARSERS = {
    "hotel_id": _hotel_id,
    "event_timestamp": _event_timestamp,
    "room_reservation_id": reservation,
    "night_of_stay": _night_of_stay,
    "status": _status,
}


def source_number(value: Any) -> int | None:
    """The sender's number for tracing, where it is a 64-bit number; an event never fails for it."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 19:
        value = int(value)
    return value if type(value) is int and 0 <= value <= MAX_SOURCE_ID else None


def parse_event(values: Mapping[str, Any]) -> tuple[EventRow | None, dict[str, list[str]]]:
    """The valid event that `values` (by REST or CSV name) describe, or what is wrong.

    Exactly one of the two results is given: a row and no errors, or None and errors.
    """
    parsed: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for name, parse in _PARSERS.items():
        value = values.get(name)
        if value is None or value == "":
            errors[name] = ["is required"]
            continue
        try:
            parsed[name] = parse(value)
        except FieldError as error:
            errors[name] = [str(error)]
    if errors:
        return None, errors
    return EventRow._make([*parsed.values(), source_number(values.get("source_id"))]), {}


def canonical_event(
    hotel_id: str, day: str, time: str, reservation: str, night: str, status: str, source: str = ""
) -> EventRow | None:
    """The event that texts of CANONICAL's groups describe; None when a date is no real one."""
    try:
        _date_text(day), _date_text(night)
    except FieldError:
        return None
    number = int(source) if source else None
    digits = reservation.replace("-", "")
    return EventRow(int(hotel_id), f"{day} {time}", digits, night, int(status), number)
