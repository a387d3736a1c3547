"""The parts of one reservation put together to its present state.

A line may be a whole reservation, one of its rooms, or one night of a room. A total is spread over
the room-nights of its line in the currency's smallest unit; what does not divide goes to the first
nights, a unit each, so that the sum is the total.
"""

from typing import Any

from django.utils.translation import gettext as _

from common.currencies import CURRENCY_DECIMALS, MAX_DECIMALS, format_thousandths
from data_provider.reservation_import.reservation_lines import Part
from data_provider.reservations.snapshot import (
    CANCELLED,
    CONFIRMED,
    ReservationSnapshot,
    parse_reservation,
)


class Contradiction(ValueError):
    """The lines of a reservation contradict one another; the message says in what."""


def assemble(line: str, parts: list[Part], exported_at: str) -> ReservationSnapshot:
    """Return a reservation.

    Args:
        line: what one line is: "reservation", "room" or "night".
        parts: its lines, in the order of the file.
        exported_at: as of when the file states it, where it has no column of that.
    Raises:
        Contradiction, ReservationErrors.
    """
    if line == "reservation" and len(parts) > 1:
        raise Contradiction(
            _(
                "the reservation stands in several lines: is one line a room? "
                '(line = "room" in a mapping)'
            )
        )
    currency = _one(parts, "currency")
    statuses = {part["status"] for part in parts}
    kept = statuses - {CANCELLED} or statuses
    status = kept.pop() if len(kept) == 1 else CONFIRMED
    # Of a reservation that is partly cancelled, the other rooms are on the books.
    sold = [part for part in parts if status == CANCELLED or part["status"] != CANCELLED]
    booked_at = min(part["booked_at"] for part in parts)
    cancelled_at = max((part.get("cancelled_at") or "" for part in parts), default="") or None
    if status != CANCELLED:
        cancelled_at = None
    stated_at = max((part.get("updated_at") or "" for part in parts), default="") or exported_at
    rooms: dict[str, dict[str, Any]] = {}
    before = 0
    for part in parts:
        # Cancelled rooms keep their numbers, so that the others keep theirs.
        if part in sold:
            _add_rooms(rooms, line, part, currency, before if line == "room" else 0)
        before += part["rooms"]
    return parse_reservation(
        {
            "hotel_id": parts[0]["hotel_id"],
            "reservation_id": parts[0]["reservation_id"],
            "status": status,
            "booked_at": booked_at,
            "updated_at": max(stated_at, booked_at, cancelled_at or ""),
            "cancelled_at": cancelled_at,
            "currency": currency,
            "channel": _first(sold, "channel"),
            "segment": _first(sold, "segment"),
            "rooms": list(rooms.values()),
        }
    )


def spread(total: int, nights: int, currency: str) -> list[int]:
    """Return a total as amounts of nights, in thousandths, that add up to it.

    >>> spread(100_000, 3, "EUR")
    [33340, 33330, 33330]
    """
    unit = 10 ** (MAX_DECIMALS - min(CURRENCY_DECIMALS.get(currency, 2), MAX_DECIMALS))
    if total % unit:
        unit = 1
    each, left = divmod(total // unit, nights)
    return [(each + (night < left)) * unit for night in range(nights)]


def _add_rooms(
    rooms: dict[str, dict[str, Any]], line: str, part: Part, currency: str | None, before: int
) -> None:
    """Add the rooms and nights of a line.

    Args:
        before: the number of rooms in the lines before.
    """
    nights = part["nights"]
    count = part["rooms"] * len(nights)
    amounts: list[int | None] = [part.get("rate")] * count
    if part.get("total") is not None and count:
        amounts = list(spread(part["total"], count, currency or ""))
    for number in range(part["rooms"]):
        room_id = part.get("room_id")
        if room_id is None:
            room_id = str(before + number + 1)
        elif part["rooms"] > 1:
            room_id = f"{room_id}-{number + 1}"
        if line == "room" and room_id in rooms:
            raise Contradiction(_("the room %(room)s stands in two lines") % {"room": room_id})
        room = rooms.setdefault(
            room_id, {"room_id": room_id, "room_type": part.get("room_type"), "nights": []}
        )
        for index, night in enumerate(nights):
            amount = amounts[number * len(nights) + index]
            rate = None if amount is None else format_thousandths(amount, currency or "")
            room["nights"].append({"night": night, "rate": rate})


def _one(parts: list[Part], name: str) -> Any:
    values = {part[name] for part in parts if part.get(name) is not None}
    if len(values) > 1:
        raise Contradiction(
            _("several values of %(field)s: %(values)s")
            % {"field": name, "values": ", ".join(sorted(map(str, values)))}
        )
    return values.pop() if values else None


def _first(parts: list[Part], name: str) -> Any:
    return next((part[name] for part in parts if part.get(name) is not None), None)
