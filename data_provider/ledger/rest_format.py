"""Events in the form that REST and the feed return, built from the text that a database gives.

SQLite and PostgreSQL spell timestamps and UUIDs differently; both give the same result here.
"""

from typing import Any

from common.currencies import format_thousandths


def serialize_event(
    position: int,
    hotel: int,
    timestamp: str,
    status: int,
    reservation: str,
    night: str,
    rate: int | None = None,
    currency: str | None = None,
    room_type: str | None = None,
    channel: str | None = None,
    segment: str | None = None,
) -> dict[str, Any]:
    """Return an event as REST shows it. An optional field stands only where the event has it.

    Args:
        position: the event's id.
        timestamp: UTC, as the database casts it to text.
        reservation: a UUID, with or without hyphens.
        night: the night of stay as `YYYY-MM-DD`.
        rate: in thousandths of the currency's unit.
    """
    r = reservation
    event: dict[str, Any] = {
        "id": position,
        "hotel_id": hotel,
        # The usual spellings are handled in place: a function call costs as much as all the rest.
        "event_timestamp": f"{timestamp[:10]}T{timestamp[11:]}Z"
        if len(timestamp) == 19
        else rest_timestamp(timestamp),
        "status": status,
        "room_reservation_id": f"{r[:8]}-{r[8:12]}-{r[12:16]}-{r[16:20]}-{r[20:]}"
        if len(r) == 32
        else r,
        "night_of_stay": night,
    }
    if rate is not None and currency is not None:
        event["rate"] = format_thousandths(rate, currency)
        event["currency"] = currency
    if room_type is not None:
        event["room_type"] = room_type
    if channel is not None:
        event["channel"] = channel
    if segment is not None:
        event["segment"] = segment
    return event


def rest_timestamp(text: str) -> str:
    """Return a database's text of a UTC timestamp as ISO 8601 with `Z`."""
    if len(text) == 19:  # SQLite, whole seconds
        return f"{text[:10]}T{text[11:]}Z"
    text = text.removesuffix("+00")
    seconds, _, fraction = text.partition(".")
    digits = f".{fraction.ljust(6, '0')}" if fraction else ""
    return f"{seconds[:10]}T{seconds[11:]}{digits}Z"


def rest_uuid(text: str) -> str:
    """Return a database's text of a UUID with hyphens."""
    if len(text) == 36:
        return text
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
