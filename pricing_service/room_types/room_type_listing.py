"""Prices of room types as REST, CSV and the pricing page show them.

A row has the keys of a row of `price_listing`; what nobody knows of a type is null: its forecast,
and the room-nights on course for a target. A type that is sold out says so instead of the state of
the night's price.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from common.currencies import format_amount
from pricing_service import price_listing
from pricing_service.engine.room_type_prices import RoomTypePrice, name_key
from pricing_service.models import Mode, NightPrice
from pricing_service.room_types.room_type_models import ALL_TYPES, RoomType
from pricing_service.room_types.room_type_nights import (
    RoomTypeNight,
    reference_name,
    room_type_nights,
)
from pricing_service.rules.pricing_rules import HotelPricingRules, load_rules
from pricing_service.texts.written_values import written_amount, written_number

SOLD_OUT = "sold out"
OF_THE_HOUSE = (
    "expected_on_the_books", "forecast", "forecast_low", "forecast_high", "group_rooms",
)  # fmt: skip


class UnknownRoomType(ValueError):
    """A hotel has no room type of this name; the text names those that it has."""


def find_room_types(hotel_rules: HotelPricingRules | None, name: str) -> list[RoomType]:
    """Return the room type of a name, or all of them for "*". Raises: UnknownRoomType."""
    known = hotel_rules.room_types if hotel_rules else []
    if not known:
        raise UnknownRoomType(_("the hotel has no room types: leave the parameter out"))
    if name.strip() == ALL_TYPES:
        return list(known)
    found = [room_type for room_type in known if name_key(room_type.name) == name_key(name)]
    if not found:
        names = ", ".join(room_type.name for room_type in known)
        raise UnknownRoomType(
            _("no such room type; known are: %(names)s; * for all") % {"names": names}
        )
    return found


def list_room_type_prices(
    hotel_id: int, room_type: str, first: date | None = None, last: date | None = None
) -> list[dict[str, Any]]:
    """Return the nights of a room type, or of all for "*", as `price_listing.list_prices` does.

    Raises: UnknownRoomType.
    """
    hotel_rules = load_rules(hotel_id)
    chosen = find_room_types(hotel_rules, room_type)
    if hotel_rules is None:
        return []
    rows = price_listing.price_rows(hotel_rules, first, last)
    nights = room_type_nights(hotel_rules, rows, chosen)
    return [_serialize(hotel_rules, night) for night in nights]


def room_types_of_night(hotel_id: int, night: date) -> list[dict[str, Any]]:
    """Return a night's prices by room type; none for a hotel without types or prices."""
    hotel_rules = load_rules(hotel_id)
    if hotel_rules is None or hotel_rules.rules.mode == Mode.OFF:
        return []
    rows = list(NightPrice.objects.filter(hotel_id=hotel_id, night=night))
    keys = ("room_type", "price", "recommended", "state", "rooms", "on_the_books", "sentence")
    return [
        {
            **{key: row[key] for key in keys},
            "is_reference": row["room_type"] == reference_name(hotel_rules),
        }
        for row in map(partial(_serialize, hotel_rules), room_type_nights(hotel_rules, rows))
    ]


def _serialize(hotel_rules: HotelPricingRules, night: RoomTypeNight) -> dict[str, Any]:
    row = price_listing.serialize_price(hotel_rules, night.house, has_sentence=False)
    sold, rooms, currency = night.on_the_books, night.rooms, row["currency"]
    return {
        **row,
        **dict.fromkeys(OF_THE_HOUSE),
        "room_type": night.room_type.name,
        "price": None if night.price is None else format_amount(night.price, currency),
        "recommended": _amount(night.recommended, currency),
        "state": SOLD_OUT if night.is_sold_out else row["state"],
        "rooms": rooms,
        "on_the_books": sold,
        "occupancy": round(sold / rooms, 4) if rooms and sold is not None else None,
        "sentence": _sentence(hotel_rules, night),
    }


def _sentence(hotel_rules: HotelPricingRules, night: RoomTypeNight) -> str:
    """Return how a type's recommended price follows from the reference's."""
    house, room_type, recommended = night.house, night.room_type, night.recommended
    currency = hotel_rules.rules.currency
    if room_type.is_reference or recommended is None:
        return house.shown_sentence
    sentence = _distance(room_type) % {
        "reference": reference_name(hotel_rules),
        "price": written_amount(house.recommended, currency),
        "difference": _difference(room_type, currency),
    }
    limit = {"price": written_amount(recommended.amount, currency)}
    match recommended.bound:
        case "minimum":
            sentence += " " + _("Limited to its minimum, %(price)s.") % limit
        case "maximum":
            sentence += " " + _("Limited to its maximum, %(price)s.") % limit
        case "hotel's minimum":
            sentence += " " + _("Limited to the hotel's minimum, %(price)s.") % limit
    return sentence


def _amount(price: RoomTypePrice | None, currency: str) -> str | None:
    return format_amount(price.amount, currency) if price else None


def _distance(room_type: RoomType) -> str:
    """Return the message that says a type's difference to the reference."""
    value = room_type.amount if room_type.percent is None else room_type.percent
    if not value:
        return _("The same as %(reference)s at %(price)s.")
    if room_type.percent is not None:
        if value > 0:
            return _("%(difference)s %% above %(reference)s at %(price)s.")
        return _("%(difference)s %% below %(reference)s at %(price)s.")
    if value > 0:
        return _("%(difference)s above %(reference)s at %(price)s.")
    return _("%(difference)s below %(reference)s at %(price)s.")


def _difference(room_type: RoomType, currency: str) -> str:
    if room_type.percent is not None:
        return written_number(abs(room_type.percent).normalize())
    return written_amount(abs(room_type.amount or Decimal(0)), currency)
