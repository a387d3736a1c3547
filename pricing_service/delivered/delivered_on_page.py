"""The booking system's prices beside ours on the pricing page.

Promise: the calendar marks a coming night only where the price that the booking system confirmed
last is another than the price in force, or where it says what is wrong; the opened night says
price, time and reason in any case.
"""

from __future__ import annotations

from typing import Any

from common.currencies import format_amount
from pricing_service.delivered.delivered_prices import Confirmed, Delivered, delivered
from pricing_service.room_types.room_type_nights import reference_name
from pricing_service.rules.pricing_rules import HotelPricingRules


def with_delivered(
    hotel_rules: HotelPricingRules,
    cells: list[dict[str, Any]],
    opened: dict[str, Any] | None,
    room_type: str | None,
) -> dict[str, Any]:
    """Return the page's cells and opened night with what the booking system has of them.

    Args:
        cells: as `month_calendar.calendar_cells` returns them.
        opened: as `opened_night.night_content` returns it.
        room_type: whose prices the calendar shows; None for the reference's.
    """
    nights = [cell["night"] for cell in cells] + ([opened["night"]] if opened else [])
    found = delivered(hotel_rules.rules, min(nights), max(nights)) if nights else None
    if found is None:
        return {"cells": cells, "night": opened, "delivered": None}
    is_house = room_type is None
    name = room_type or reference_name(hotel_rules)
    marked = [{**cell, "there": _difference(cell, found, name, is_house)} for cell in cells]
    return {
        "cells": marked,
        "night": opened and {**opened, "there": _of_night(opened, found, hotel_rules)},
        "delivered": found,
        "delivered_differs": any(cell["there"] for cell in marked),
    }


def _difference(
    cell: dict[str, Any], found: Delivered, room_type: str | None, is_house: bool
) -> dict[str, Any] | None:
    """Return what the booking system has of a night where it is not our price; else None."""
    row = cell["row"]
    if row is None or row["price"] is None or cell["is_past"]:
        return None
    there = found.of(cell["night"], room_type, is_house)
    if there is None or not (there.problem or _is_other(there, row["price"], row["currency"])):
        return None
    return _shown(there)


def _of_night(
    night: dict[str, Any], found: Delivered, hotel_rules: HotelPricingRules
) -> list[dict[str, Any]]:
    """Return what the booking system has of a night, for the house and each other room type."""
    reference = reference_name(hotel_rules)
    ours = {reference: night["price"]}
    ours |= {row["room_type"]: row["price"] for row in night["room_types"]}
    rows = []
    for name, price in ours.items():
        there = found.of(night["night"], name, name == reference)
        if there is None and name != reference:
            continue
        is_other = bool(there and price and _is_other(there, price, night["currency"]))
        shown = _shown(there) if there else {"price": None, "confirmed_at": None, "problem": ""}
        rows.append({**shown, "room_type": name, "is_other": is_other, "ours": price})
    return rows


def _is_other(there: Confirmed, price: str, currency: str) -> bool:
    """Return whether the confirmed price is not the one in force; False where none was."""
    if there.price is None:
        return False
    return (format_amount(there.price, there.currency), there.currency) != (price, currency)


def _shown(there: Confirmed) -> dict[str, Any]:
    price = None if there.price is None else format_amount(there.price, there.currency)
    return {
        "price": price,
        "currency": there.currency,
        "confirmed_at": there.confirmed_at,
        "problem": there.problem,
    }
