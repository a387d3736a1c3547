"""What Cloudbeds says of a reservation, as `POST /reservations/` takes it. Pure.

A reservation has one or more rooms, each with its own status, market segment and rates by night.
Nothing about guests is looked at.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from connections.adapters.adapter import Body, NotUnderstood, Raw
from connections.adapters.house_use import SEGMENT, SOURCE
from connections.adapters.vendor_values import moment_of

STATUSES: Final = {
    "confirmed": "confirmed",
    "checked_in": "confirmed",
    "checked_out": "confirmed",
    "not_confirmed": "tentative",
    "canceled": "cancelled",
    "no_show": "no_show",
}
MAX_WORD: Final = 40  # of a room type, channel or segment in the ledger


def reservation_body(raw: Raw, zone: ZoneInfo, currency: str) -> Body:
    """Return a reservation. Raises: NotUnderstood.

    Args:
        zone, currency: the property's.
    """
    one = raw["reservation"]
    status = STATUSES.get(one["status"])
    if status is None:
        raise NotUnderstood("its status is not one that Cloudbeds documents")
    updated = moment_there(one, "dateModified", zone)
    if raw["as_of"]:
        updated = max(updated, moment_of(raw["as_of"]))
    body: Body = {
        "reservation_id": str(one["reservationID"]),
        "status": status,
        "booked_at": moment_there(one, "dateCreated", zone).isoformat(),
        "updated_at": updated.isoformat(),
        "currency": one.get("propertyCurrency") or currency,
        "channel": _word(one.get("sourceName")),
        "segment": next((_word(room.get("marketName")) for room in one["rooms"]), None),
    }
    rooms = _open_rooms(one)
    if status == "cancelled" or one.get("isDeleted") or (not rooms and status != "no_show"):
        body["status"] = "cancelled"
        if one.get("dateCancelled") or one.get("dateCancelledUTC"):
            body["cancelled_at"] = moment_there(one, "dateCancelled", zone).isoformat()
        rooms = one["rooms"]
    return body | {"rooms": _rooms(rooms or one["rooms"])}


def moment_there(one: Raw, name: str, zone: ZoneInfo) -> datetime:
    """Return a moment of a reservation; without UTC it is by the property's clock."""
    if utc := one.get(f"{name}UTC"):
        return moment_of(utc)
    return datetime.fromisoformat(one[name]).replace(tzinfo=zone).astimezone(UTC)


def segment_of(room: Raw) -> tuple[str, str]:
    """Return a room's market segment, its code and its name; empty where it has none."""
    code, name = (str(room.get(f"market{part}") or "") for part in ("Code", "Name"))
    return code or name, name or code


def house_things(one: Raw) -> Mapping[str, str | None]:
    """Return what may tell house use: the source, and the segment if all rooms have the same."""
    segments = {segment_of(room)[0] for room in _open_rooms(one) or one["rooms"]}
    source = (one.get("source") or {}).get("sourceID")
    return {SEGMENT: segments.pop() if len(segments) == 1 else None, SOURCE: source}


def _open_rooms(one: Raw) -> list[Raw]:
    return [room for room in one["rooms"] if room.get("roomStatus") != "cancelled"]


def _word(value: Any) -> str | None:
    return str(value or "").strip()[:MAX_WORD] or None


def _rooms(rooms: Sequence[Raw]) -> list[Body]:
    found: dict[str, Body] = {}
    for room in rooms:
        number, room_type = str(room["subReservationID"]), _word(room["roomTypeName"])
        if number in found and found[number]["room_type"] != room_type:
            number = f"{number}/{room['roomTypeID']}"  # moved to another type during the stay
        begun = found.setdefault(number, {"room_id": number, "room_type": room_type, "nights": []})
        begun["nights"] += _nights(room)
    return list(found.values())


def _nights(room: Raw) -> list[Body]:
    """Return the nights with their rates; without rates, which cancelled rooms may lack, all."""
    if rates := room.get("detailedRoomRates"):  # an empty one may come as a list
        return [
            {"night": str(date.fromisoformat(night))}
            | ({} if rate is None else {"rate": str(max(Decimal(0), Decimal(str(rate))))})
            for night, rate in sorted(rates.items())
        ]
    first, departure = (
        date.fromisoformat(room[name][:10]) for name in ("roomCheckIn", "roomCheckOut")
    )
    if departure < first:
        raise NotUnderstood("it ends before it begins")
    return [{"night": str(first + timedelta(days=n))} for n in range((departure - first).days)]
