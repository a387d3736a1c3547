"""The calendar's nights, the decisions about them, and a group's quote as columns and rows.

Every number is one that the page shows: the rows are those of `price_listing` and `group_quote`.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from common.currencies import currency_decimals
from common.number_and_date_texts import date_text
from common.table_files import Column, Kind, TableFile, hotel_time
from dashboard_service.figures_for_pricing import Hotel
from pricing_service import price_listing
from pricing_service.demand.demand_outlook import first_coming_night
from pricing_service.market_rates.latest_rates import MarketNight, market_of_nights
from pricing_service.notes.night_notes import notes_by_night
from pricing_service.rules.pricing_rules import HotelPricingRules
from pricing_service.texts.action_names import ACTION_NAMES, STATE_NAMES, name_in_words
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
    market = market_of_nights(
        hotel_id,
        *span,
        rows,
        currency=hotel_rules.rules.currency,
        room_type=choice["shown_room_type"],
    )
    has_market = any(one.median for one in market.values())
    zone = ZoneInfo(hotel.time_zone)
    decimals = currency_decimals(hotel_rules.rules.currency)
    columns = [
        Column(_("Night"), "night", Kind.DATE),
        Column(_("Weekday"), "weekday"),
        *([Column(_("Room type"), "room_type")] if hotel_rules.room_types else []),
        Column(_("State"), "state"),
        Column(_("Price"), "price", Kind.AMOUNT, decimals),
        Column(_("Recommended price"), "recommended", Kind.AMOUNT, decimals),
        Column(_("Currency"), "currency"),
        Column(_("Minimum stay, nights"), "minimum_stay", Kind.WHOLE),
        Column(_("Rooms for sale"), "rooms", Kind.WHOLE),
        Column(_("Room-nights on the books"), "on_the_books", Kind.WHOLE),
        Column(_("Occupancy"), "occupancy", Kind.SHARE),
        Column(_("Usual by now (booking curve)"), "expected_on_the_books", Kind.NUMBER),
        Column(_("Ahead (+) or behind (−) the curve"), "gap", Kind.WHOLE),
        Column(_("Forecast, room-nights"), "forecast", Kind.NUMBER),
        Column(_("Forecast, low"), "forecast_low", Kind.NUMBER),
        Column(_("Forecast, high"), "forecast_high", Kind.NUMBER),
        Column(_("Rooms in groups"), "group_rooms", Kind.WHOLE),
        *(_market_columns(decimals) if has_market else []),
        Column(_("Note"), "note"),
        Column(_("Why this price"), "sentence"),
        Column(_("Priced at (%(zone)s)") % {"zone": hotel.time_zone}, "priced", Kind.TIME),
    ]
    cells = [
        {
            **row,
            **curve_distance(row),
            **_market_cells(market.get(night)),
            "weekday": date_text(night, "long-weekday"),
            "state": name_in_words(STATE_NAMES, row["state"]),
            "note": notes[night].text if night in notes else None,
            "priced": hotel_time(row["priced_at"], zone),
        }
        for night, row in rows.items()
    ]
    return TableFile(title=_("Prices"), columns=columns, rows=cells)


def _market_columns(decimals: int) -> list[Column]:
    return [
        Column(_("Competitors' median"), "market_median", Kind.AMOUNT, decimals),
        Column(_("Our place from the cheapest"), "market_place", Kind.WHOLE),
        Column(_("Hotels compared, with ours"), "market_hotels", Kind.WHOLE),
    ]


def _market_cells(market: MarketNight | None) -> dict[str, Any]:
    if market is None or market.median is None:
        return {}
    return {
        "market_median": market.median,
        "market_place": market.place,
        "market_hotels": market.hotels,
    }


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
        Column(_("Decided at (%(zone)s)") % {"zone": hotel.time_zone}, "decided", Kind.TIME),
        Column(_("Night"), "night", Kind.DATE),
        Column(_("Decision"), "action"),
        Column(_("Price before"), "old_price", Kind.AMOUNT, decimals),
        Column(_("Price after"), "new_price", Kind.AMOUNT, decimals),
        Column(_("Recommended price"), "recommended", Kind.AMOUNT, decimals),
        Column(_("Currency"), "currency"),
        Column(_("Room-nights on the books"), "on_the_books", Kind.WHOLE),
        Column(_("Who"), "who"),
        Column(_("Reason"), "reason"),
    ]
    listed = (
        price_listing.serialize_decision(decision, currency)
        for decision in decisions[:MOST_DECISIONS]
    )
    rows = [
        {
            **row,
            "decided": hotel_time(row["made_at"], zone),
            "action": name_in_words(ACTION_NAMES, row["action"]),
        }
        for row in listed
    ]
    return TableFile(title=_("Decisions"), columns=columns, rows=rows)


def quote_table(quote: dict[str, Any]) -> TableFile:
    """Return a group's quote night by night.

    Args:
        quote: as `group_quote.quote_group` returns it.
    """
    decimals = currency_decimals(quote["currency"])
    columns = [
        Column(_("Night"), "night", Kind.DATE),
        Column(_("Rooms of the group"), "rooms", Kind.WHOLE),
        Column(_("Rooms left"), "rooms_left", Kind.WHOLE),
        Column(_("Price"), "price", Kind.AMOUNT, decimals),
        Column(_("Least rate"), "least_rate", Kind.AMOUNT, decimals),
        Column(_("Displaced room-nights"), "displaced_room_nights", Kind.NUMBER),
        Column(_("Displaced revenue"), "displaced_revenue", Kind.AMOUNT, decimals),
        Column(_("Currency"), "currency"),
        Column(_("Note"), "note"),
    ]
    common = {"rooms": quote["rooms"], "currency": quote["currency"]}
    rows = [night | common for night in quote["nights"]]
    whole = {"night": _("Whole stay"), "least_rate": quote["least_rate"], "note": quote["sentence"]}
    return TableFile(title=_("Group quote"), columns=columns, rows=rows, total=whole | common)


def _last_day(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])
