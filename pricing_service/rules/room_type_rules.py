"""What must be true of a hotel's room types together: one reference, different names, some price.

The number of rooms of all types need not be the hotel's: out-of-order rooms, types that share
rooms. `rooms_difference` says when it is another, for the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from pricing_service.engine.room_type_prices import name_key, why_no_price
from pricing_service.room_types.room_type_models import RoomType

MAX_ROOM_TYPES: Final = 50


def wrong_room_types(room_types: Sequence[RoomType], step: Decimal) -> list[str]:
    """Return what is wrong with the list; a reason begins with its row's index where it has one.

    Args:
        step: the hotel's price step.
    """
    if not room_types:
        return []
    if len(room_types) > MAX_ROOM_TYPES:
        return [f"{len(room_types):,} rows; at most {MAX_ROOM_TYPES}"]
    reasons = []
    first_row: dict[str, int] = {}
    for row, room_type in enumerate(room_types):
        key = name_key(room_type.name)
        if key in first_row:
            reasons.append(f"{row}: the name {room_type.name!r} is given in row {first_row[key]}")
        first_row.setdefault(key, row)
        if reason := why_no_price(room_type.difference, step):
            reasons.append(f"{row}: {reason}")
    references = [room_type.name for room_type in room_types if room_type.is_reference]
    if len(references) != 1:
        found = f"{len(references)} are: {', '.join(references)}" if references else "none is"
        reasons.append(f"exactly one type is the reference (`is_reference`); {found}")
    return reasons


def reference_of(room_types: Sequence[RoomType]) -> RoomType | None:
    """Return the reference type; None for a hotel without room types."""
    return next((room_type for room_type in room_types if room_type.is_reference), None)


def rooms_difference(room_types: Sequence[RoomType], hotel_rooms: int | None) -> str:
    """Return a sentence when the types' rooms are not the hotel's together; else ""."""
    total = sum(room_type.rooms for room_type in room_types)
    if not room_types or hotel_rooms is None or total == hotel_rooms:
        return ""
    return f"The types have {total:,} rooms together, the hotel has {hotel_rooms:,}."
