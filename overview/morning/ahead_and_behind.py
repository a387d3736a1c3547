"""The coming nights that need a person, ahead of or behind their pace, with what is at stake.

A night needs a person where the price in force is not the recommended one and does not move by
itself: a suggestion waits, or a person holds another price. What is at stake is estimated as the
difference of the two prices for each room that is still expected to sell:

    |recommended - in force| × (forecast - on the books)

Where room is left, nights follow that are far off what is usual by now: their price may be right,
and a person may know why. Who accepts, sets or keeps the price of such a night has seen it: it does
not come again that day.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

from overview.morning.hotel_morning import HotelMorning
from pricing_service.decisions.change_limits import ChangeLimits
from pricing_service.models import NightPrice
from pricing_service.web_page.month_calendar import curve_distance

MOST_NIGHTS: Final = 8
FAR_LEVEL: Final = 3  # of `curve_distance`: 15 % of the rooms off what is usual


def nights_that_need_a_person(morning: HotelMorning) -> list[dict[str, Any]]:
    """Return at most MOST_NIGHTS nights, those with the most money at stake first."""
    if morning.hotel_rules is None:
        return []
    found = [
        (row, reason, money_at_stake(row) if reason != "far" else Decimal(0))
        for night, row in morning.prices.items()
        if night >= morning.first_on_sale and (reason := _reason(morning, row))
    ]
    found.sort(key=lambda item: (-item[2], -_distance(item[0]), item[0].night))
    return [_shown(morning, *item) for item in found[:MOST_NIGHTS]]


def money_at_stake(row: NightPrice) -> Decimal:
    """Return what the difference of the two prices makes for the rooms still expected to sell."""
    rooms = max(0.0, min(row.forecast, row.rooms) - row.on_the_books)
    difference: Decimal = abs(row.recommended - row.price)
    return difference * Decimal(str(round(rooms, 2)))


def _reason(morning: HotelMorning, row: NightPrice) -> str:
    """Return why a night needs a person: "held", "waiting", "far"; "" if it needs none."""
    if row.is_closed or morning.hotel_rules is None:
        return ""
    differs = ChangeLimits.from_rules(morning.hotel_rules.rules).allows_change(
        row.price, row.recommended
    )
    if differs and row.is_held:
        return "held"
    if differs and not row.is_fixed and not morning.moves_by_itself:
        return "waiting"
    if row.night in morning.decided_today:
        return ""
    return "far" if curve_distance(_as_row(row))["level"] >= FAR_LEVEL else ""


def _distance(row: NightPrice) -> float:
    return abs(row.on_the_books - row.expected_on_the_books) / row.rooms if row.rooms else 0.0


def _as_row(row: NightPrice) -> dict[str, Any]:
    return {
        "on_the_books": row.on_the_books,
        "expected_on_the_books": row.expected_on_the_books,
        "rooms": row.rooms,
    }


def _shown(morning: HotelMorning, row: NightPrice, reason: str, stake: Decimal) -> dict[str, Any]:
    night: date = row.night
    price = morning.price_rows[night]
    return {
        "night": night,
        "reason": reason,
        "stake": stake.quantize(Decimal(1)) or None,  # an estimate
        **curve_distance(_as_row(row)),
        "on_the_books": morning.on_the_books(night),
        "rooms": morning.rooms_of(night),
        "occupancy": morning.occupancy(night),
        "pace": morning.pace_difference(night),
        "price": price["price"],
        "recommended": price["recommended"],
        "difference": row.recommended - row.price,
        "currency": price["currency"],
        "sentence": row.shown_sentence,
        "is_recommended": row.price == row.recommended,
    }
