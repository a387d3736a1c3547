"""What apaleo says of a reservation or block, as `POST /reservations/` takes it. Pure.

A reservation is one room; its nights are its overnight time slices, each with its own price. What
a block holds and nobody has picked yet is stated as a reservation of several rooms. Nothing about
guests is looked at.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from connections.adapters.adapter import Body, NotUnderstood, Raw
from connections.adapters.vendor_values import moment_of

ON_THE_BOOKS: Final = ("Confirmed", "InHouse", "CheckedOut")
BLOCK_STATES: Final = ("Optional", "Tentative", "Definite", "Canceled")
BEDROOM: Final = "BedRoom"  # other types of unit groups are meeting rooms and parking lots
CHANNELS: Final = {
    "Direct": "Reception",
    "Ibe": "Own website",
    "BookingCom": "Booking.com",
    "ChannelManager": "Channel manager",
    "Expedia": "Expedia",
    "Homelike": "Homelike",
    "Hrs": "HRS",
}
BLOCK_NUMBER: Final = "block-"  # begins the number of a reservation that stands for a block
MAX_WORD: Final = 40  # of a room type, channel or segment in the ledger
ODD_STATUS: Final = "its status is not one that apaleo documents"


def reservation_body(raw: Raw, zone: ZoneInfo, currency: str) -> Body:
    """Return a reservation. Raises: NotUnderstood.

    Args:
        zone, currency: the property's.
    """
    status = raw["status"]
    if status not in (*ON_THE_BOOKS, "NoShow", "Canceled"):
        raise NotUnderstood(ODD_STATUS)
    body: Body = {
        "reservation_id": raw["id"],
        "status": "confirmed",
        "booked_at": raw["created"],
        "updated_at": raw["modified"],
        "currency": currency,
        "channel": CHANNELS.get(raw["channelCode"]),
        "segment": _segment(raw),
    }
    if not is_bedroom(raw["unitGroup"]):
        return body | {"status": "cancelled", "rooms": []}
    if status == "NoShow":
        body["status"] = "no_show"
    elif status == "Canceled":
        body |= {"status": "cancelled", "cancelled_at": raw.get("cancellationTime")}
    slices = (raw.get("timeSlices") or ()) if status == "Canceled" else raw["timeSlices"]
    amounts: dict[date, Decimal] = defaultdict(Decimal)
    for one in slices:
        if _is_overnight(one, zone):
            amounts[date.fromisoformat(one["serviceDate"])] += _amount(one, currency)
    return body | {"rooms": [_room("1", raw["unitGroup"], amounts)]}


def block_number(block: Raw) -> str:
    """Return the number of the reservation that stands for a block."""
    return f"{BLOCK_NUMBER}{block['id']}"


def is_block_number(number: str) -> bool:
    """Return whether a number is that of a reservation that stands for a block."""
    return number.startswith(BLOCK_NUMBER)


def block_id_of(number: str) -> str:
    """Return the block's id in apaleo."""
    return number.removeprefix(BLOCK_NUMBER)


def block_body(block: Raw, read_until: str, zone: ZoneInfo, currency: str) -> Body:
    """Return what nobody has picked of a block yet. Raises: NotUnderstood.

    Args:
        read_until: until when it is known. A pick need not change the block's own time.
    """
    if block["status"] not in BLOCK_STATES:
        raise NotUnderstood(ODD_STATUS)
    rooms: dict[int, dict[date, Decimal]] = defaultdict(dict)
    for one in block["timeSlices"] if block["status"] != "Canceled" else ():
        night = moment_of(one["from"]).astimezone(zone).date()
        for number in range(1, one["blockedUnits"] - one["pickedUnits"] + 1):
            rooms[number][night] = _amount(one, currency)
    return {
        "reservation_id": block_number(block),
        "status": "tentative" if rooms else "cancelled",
        "booked_at": block["created"],
        "updated_at": max(block["modified"], read_until, key=moment_of),
        "currency": currency,
        "rooms": [
            _room(str(number), block["unitGroup"], amounts) for number, amounts in rooms.items()
        ],
    }


def is_bedroom(group: Raw) -> bool:
    """Return whether a unit group's units are rooms for the night."""
    return (group.get("type") or BEDROOM) == BEDROOM


def name_of(row: Raw) -> str:
    """Return a thing's name, which is a text, or texts by language."""
    name = row.get("name")
    if isinstance(name, Mapping):
        name = next(iter(name.values()), "")
    return str(name or row.get("code") or row["id"])


def word_of(row: Raw) -> str:
    """Return a thing's name as a word of the ledger."""
    return name_of(row)[:MAX_WORD].strip()


def _segment(raw: Raw) -> str | None:
    """Return the market segment, else whether the trip is for business or leisure."""
    if segment := raw.get("marketSegment"):
        return word_of(segment)
    purpose = raw.get("travelPurpose")
    return purpose if purpose in ("Business", "Leisure") else None


def _is_overnight(one: Raw, zone: ZoneInfo) -> bool:
    begin, end = (moment_of(one[name]).astimezone(zone) for name in ("from", "to"))
    return begin.date() != end.date()


def _amount(one: Raw, currency: str) -> Decimal:
    """Return what a night costs without the services in it. Raises: NotUnderstood."""
    amount = one["baseAmount"]
    if amount["currency"] != currency:
        raise NotUnderstood("it has another currency than the property")
    return Decimal(str(amount["grossAmount"]))


def _room(number: str, group: Raw, amounts: Mapping[date, Decimal]) -> Body:
    nights = [
        {"night": str(night), "rate": str(round(max(Decimal(0), amount), 3))}
        for night, amount in sorted(amounts.items())
    ]
    return {"room_id": number, "room_type": word_of(group), "nights": nights}
