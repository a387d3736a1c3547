"""The room type whose prices the pricing page's calendar shows, and the links to the others.

Only price, recommended price and state are a type's; the rest of a night is the whole house's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from pricing_service.room_types.room_type_listing import (
    UnknownRoomType,
    find_room_types,
    list_room_type_prices,
)
from pricing_service.room_types.room_type_models import ALL_TYPES
from pricing_service.rules.pricing_rules import HotelPricingRules
from pricing_service.web_page.page_address import page_address

OF_THE_TYPE: Final = ("room_type", "price", "recommended", "state")


def room_type_choice(
    hotel_rules: HotelPricingRules, month: date, wanted: str | None
) -> dict[str, Any]:
    """Return what the page says about the shown room type.

    `shown_room_type` is None for the house, which has the reference's prices. Of a name that the
    hotel has not, which an old link may have, it says so.
    """
    hotel_id, room_types = hotel_rules.rules.hotel_id, hotel_rules.room_types
    shown = None
    if wanted and wanted != ALL_TYPES:
        try:
            [shown] = find_room_types(hotel_rules, wanted)
        except UnknownRoomType:
            shown = None
    is_other = shown is not None and not shown.is_reference
    return {
        "shown_room_type": shown.name if shown and is_other else None,
        "unknown_room_type": wanted if wanted and shown is None else None,
        "room_type_links": [
            {
                "name": one.name,
                "is_reference": one.is_reference,
                "is_shown": one.name == shown.name if shown else one.is_reference,
                "address": page_address(
                    hotel_id, month, room_type=None if one.is_reference else one.name
                ),
            }
            for one in room_types
        ],
    }


def with_prices_of(
    rows: Mapping[date, dict[str, Any]], hotel_id: int, room_type: str | None, span: Any
) -> dict[date, dict[str, Any]]:
    """Return the nights of the house with the prices of a room type.

    Args:
        rows: by night, as `price_listing.list_prices` returns them.
        room_type: None for the house's own.
        span: the first and the last night.
    """
    if room_type is None:
        return dict(rows)
    of_type = {row["night"]: row for row in list_room_type_prices(hotel_id, room_type, *span)}
    return {
        night: {**row, **{name: of_type[night][name] for name in OF_THE_TYPE}}
        for night, row in rows.items()
        if night in of_type
    }
