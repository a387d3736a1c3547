"""The calendar's nights, the decisions about them, and a group's quote as columns and rows.

Every number is one that the page shows: the rows are those of `price_listing` and `group_quote`.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from common.currencies import currency_decimals
from common.table_files import Column, Kind, TableFile, hotel_time
from dashboard_service.figures_for_pricing import Hotel
from pricing_service import price_listing
from pricing_service.demand.demand_outlook import first_coming_night
from pricing_service.notes.night_notes import notes_by_night
from pricing_service.rules.pricing_rules import HotelPricingRules
from pricing_service.web_page.month_calendar import curve_distance
from pricing_service.web_page.room_type_choice import room_type_choice, with_prices_of

MOST_DECISIONS: Final = 10_000  # of a file, the newest ones


class UnknownType(Exception):
    """The hotel has no room type of this name."""


def nights_table(
    hotel: Hotel, hotel_rules: HotelPricingRules, month: date | None, room_type: str | None
) -> TableFile:
    """Return the calendar's nights: a month, or all coming ones.

    Args:
        month: its first day.
        room_type: whose prices; None for those of the house, which are the reference's.
    Raises:
        UnknownType, django.db.Error.
    """
    hotel_id = hotel.hotel_id
    first = month or first_coming_night(hotel, hotel_rules)
    last = month and _last_day(month)
    choice = room_type_choice(hotel_rules, first, room_type)
    if choice["unknown_room_type"]:
        raise UnknownType(choice["unknown_room_type"])
    listed = {row["night"]: row for row in price_listing.list_prices(hotel_id, first, last)}
    span = (first, last or max(listed, default=first))
    rows = with_prices_of(listed, hotel_id, choice["shown_room_type"], span)
    notes = notes_by_night(hotel_id, *span)
    zone = ZoneInfo(hotel.time_zone)
    decimals = currency_decimals(hotel_rules.rules.currency)
    columns = [
        Column("Night", "night", Kind.DATE),
        Column("Weekday", "weekday"),
        *([Column("Room type", "room_type")] if hotel_rules.room_types else []),
        Column("State", "state"),
        Column("Price", "price", Kind.AMOUNT, decimals),
        Column("Recommended price", "recommended", Kind.AMOUNT, decimals),
        Column("Currency", "currency"),
        Column("Minimum stay, nights", "minimum_stay", Kind.WHOLE),
        Column("Rooms for sale", "rooms", Kind.WHOLE),
        Column("Room-nights on the books", "on_the_books", Kind.WHOLE),
        Column("Occupancy", "occupancy", Kind.SHARE),
        Column("Usual by now (booking curve)", "expected_on_the_books", Kind.NUMBER),
        Column("Ahead (+) or behind (−) the curve", "gap", Kind.WHOLE),
        Column("Forecast, room-nights", "forecast", Kind.NUMBER),
        Column("Forecast, low", "forecast_low", Kind.NUMBER),
        Column("Forecast, high", "forecast_high", Kind.NUMBER),
        Column("Rooms in groups", "group_rooms", Kind.WHOLE),
        Column("Note", "note"),
        Column("Why this price", "sentence"),
        Column(f"Priced at ({hotel.time_zone})", "priced", Kind.TIME),
    ]
    cells = [
        {
            **row,
            **curve_distance(row),
            "weekday": f"{night:%A}",
            "note": notes[night].text if night in notes else None,
            "priced": hotel_time(row["priced_at"], zone),
        }
        for night, row in rows.items()
    ]
    return TableFile(title="Prices", columns=columns, rows=cells)


def decisions_table(hotel: Hotel, currency: str, month: date | None) -> TableFile:
    """Return the decisions about a month's nights, or about all nights, newest first.

    Args:
        currency: the hotel's, of decisions that have none of their own.
        month: its first day.
    """
    decisions = price_listing.decisions_to_show(hotel.hotel_id)
    if month:
        decisions = decisions.filter(night__range=(month, _last_day(month)))
    zone = ZoneInfo(hotel.time_zone)
    decimals = currency_decimals(currency)
    columns = [
        Column(f"Decided at ({hotel.time_zone})", "decided", Kind.TIME),
        Column("Night", "night", Kind.DATE),
        Column("Decision", "action"),
        Column("Price before", "old_price", Kind.AMOUNT, decimals),
        Column("Price after", "new_price", Kind.AMOUNT, decimals),
        Column("Recommended price", "recommended", Kind.AMOUNT, decimals),
        Column("Currency", "currency"),
        Column("Room-nights on the books", "on_the_books", Kind.WHOLE),
        Column("Who", "who"),
        Column("Reason", "reason"),
    ]
    listed = (
        price_listing.serialize_decision(decision, currency)
        for decision in decisions[:MOST_DECISIONS]
    )
    rows = [row | {"decided": hotel_time(row["made_at"], zone)} for row in listed]
    return TableFile(title="Decisions", columns=columns, rows=rows)


def quote_table(quote: dict[str, Any]) -> TableFile:
    """Return a group's quote night by night.

    Args:
        quote: as `group_quote.quote_group` returns it.
    """
    decimals = currency_decimals(quote["currency"])
    columns = [
        Column("Night", "night", Kind.DATE),
        Column("Rooms of the group", "rooms", Kind.WHOLE),
        Column("Rooms left", "rooms_left", Kind.WHOLE),
        Column("Price", "price", Kind.AMOUNT, decimals),
        Column("Least rate", "least_rate", Kind.AMOUNT, decimals),
        Column("Displaced room-nights", "displaced_room_nights", Kind.NUMBER),
        Column("Displaced revenue", "displaced_revenue", Kind.AMOUNT, decimals),
        Column("Currency", "currency"),
        Column("Note", "note"),
    ]
    common = {"rooms": quote["rooms"], "currency": quote["currency"]}
    rows = [night | common for night in quote["nights"]]
    whole = {"night": "Whole stay", "least_rate": quote["least_rate"], "note": quote["sentence"]}
    return TableFile(title="Group quote", columns=columns, rows=rows, total=whole | common)


def _last_day(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])
