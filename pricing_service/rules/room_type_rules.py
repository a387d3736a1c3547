"""What must be true of a hotel's room types together: one reference, different names, some price.

The number of rooms of all types need not be the hotel's: out-of-order rooms, types that share
rooms. `rooms_difference` says when it is another, for the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.number_and_date_texts import number_text
from pricing_service.engine.room_type_prices import name_key, why_no_price
from pricing_service.room_types.room_type_models import RoomType
from pricing_service.texts.written_values import render_with_decimals

MAX_ROOM_TYPES: Final = 50


def wrong_room_types(room_types: Sequence[RoomType], step: Decimal) -> list[str]:
    """Return what is wrong with the list; a reason begins with its row's index where it has one.

    Args:
        step: the hotel's price step.
    """
    if not room_types:
        return []
    if len(room_types) > MAX_ROOM_TYPES:
        return [
            _("%(rows)s rows; at most %(most)d")
            % {"rows": number_text(len(room_types)), "most": MAX_ROOM_TYPES}
        ]
    reasons = []
    first_row: dict[str, int] = {}
    for row, room_type in enumerate(room_types):
        key = name_key(room_type.name)
        if key in first_row:
            reason = _("the name %(name)s is given in row %(row)d") % {
                "name": repr(room_type.name), "row": first_row[key],
            }  # fmt: skip
            reasons.append(f"{row}: {reason}")
        first_row.setdefault(key, row)
        if why_not := why_no_price(room_type.difference, step):
            reasons.append(f"{row}: {render_with_decimals(why_not)}")
    references = [room_type.name for room_type in room_types if room_type.is_reference]
    if len(references) != 1:
        reasons.append(
            _("exactly one type is the reference (`is_reference`); %(count)d are: %(names)s")
            % {"count": len(references), "names": ", ".join(references)}
            if references
            else _("exactly one type is the reference (`is_reference`); none is")
        )
    return reasons


def reference_of(room_types: Sequence[RoomType]) -> RoomType | None:
    """Return the reference type; None for a hotel without room types."""
    return next((room_type for room_type in room_types if room_type.is_reference), None)


def rooms_difference(room_types: Sequence[RoomType], hotel_rooms: int | None) -> str:
    """Return a sentence when the types' rooms are not the hotel's together; else ""."""
    total = sum(room_type.rooms for room_type in room_types)
    if not room_types or hotel_rooms is None or total == hotel_rooms:
        return ""
    return ngettext(
        "The types have %(rooms)s room together, the hotel has %(hotel_rooms)s.",
        "The types have %(rooms)s rooms together, the hotel has %(hotel_rooms)s.",
        total,
    ) % {"rooms": number_text(total), "hotel_rooms": number_text(hotel_rooms)}
