"""The cards at the top of the page: money and occupancy, then room-nights by events.

Cancelled by booked room-nights is a cancellation rate by night of stay only. By day of booking the
cancellations of a period are mostly those of earlier bookings, so the card has another name there.
"""

from datetime import date
from typing import Any, Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from dashboard_service.figures.period_figures import first_and_last_day
from dashboard_service.figures.sold_room_nights import Sold, sold_between
from dashboard_service.room_nights import RoomNights, total_between
from dashboard_service.web_page.hotel_data import HotelData
from dashboard_service.web_page.page_choice import Choice
from dashboard_service.web_page.year_comparison import (
    Comparison,
    room_nights_last_year,
    sold_last_year,
)


class _Card(NamedTuple):
    key: str
    name: Promise
    unit: str  # number, percent for a share, whole for an amount without cents, or amount
    better: int  # 1 where more is better, -1 where less is


CARDS = (
    _Card("revenue", gettext_lazy("Revenue"), "whole", 1),
    _Card("adr", gettext_lazy("ADR"), "amount", 1),
    _Card("revpar", gettext_lazy("RevPAR"), "amount", 1),
    _Card("net", gettext_lazy("Net room-nights"), "number", 1),
    _Card("gross", gettext_lazy("Gross bookings"), "number", 1),
    _Card("cancelled", gettext_lazy("Cancelled"), "number", -1),
    _Card("rate", gettext_lazy("Cancellation rate"), "percent", -1),
    _Card("occupancy", gettext_lazy("Occupancy"), "percent", 1),
)
MONEY_ROW = ("revenue", "adr", "revpar", "occupancy")
RATE_BY_DAY_OF_BOOKING: Final = gettext_lazy("Cancelled against booked")
_MONEY = {"revenue": "revenue", "adr": "average_rate", "revpar": "revpar"}


def figure_cards(choice: Choice, data: HotelData, comparison: Comparison) -> list[dict[str, Any]]:
    """Return a card for each figure of the chosen span, with last year's value and the change.

    Against a last year that is known in part only there is no change.
    """
    current = _values(
        data, total_between(data.days, *choice.span), sold_between(data.sold, *choice.span),
        choice.span,
    )  # fmt: skip
    counts_last_year = room_nights_last_year(choice, data.days, comparison)
    span_last_year = first_and_last_day(choice.year - 1, choice.month)
    previous = (
        _values(data, counts_last_year, sold_last_year(data, comparison), span_last_year)
        if counts_last_year is not None
        else {}
    )
    # Beside money, occupancy stands with RevPAR; without it, after the room-nights.
    cards = sorted(CARDS, key=lambda card: card.key not in MONEY_ROW) if data.has_money else CARDS
    return [
        _serialize_card(
            card, data, current[card.key], previous.get(card.key), is_in_part=comparison.is_in_part
        )
        for card in cards
        if card.key in current
    ]


def _values(
    data: HotelData, counts: RoomNights, sold: Sold, span: tuple[date, date]
) -> dict[str, Any]:
    values: dict[str, Any] = {
        "net": counts.net,
        "gross": counts.gross,
        "cancelled": counts.cancelled,
        "rate": counts.cancellation_rate,
    }
    figures = data.figures(sold, *span)
    if data.has_occupancy:
        values["occupancy"] = figures["occupancy"]
    if data.has_money:
        values |= {
            key: figures[name]
            for key, name in _MONEY.items()
            if key != "revpar" or data.has_occupancy
        }
    return values


def _serialize_card(
    card: _Card, data: HotelData, value: Any, last: Any, *, is_in_part: bool
) -> dict[str, Any]:
    """Return a card with its change: points for a share, else relative to last year's value."""
    change = None
    if value is not None and last is not None and not is_in_part:
        if card.unit == "percent":
            change = (value - last) * 100
        elif float(last) > 0:
            change = (float(value) - float(last)) / float(last)
    sign = 0 if not change else 1 if change > 0 else -1
    unit = {"whole": "amount:0", "amount": f"amount:{data.decimals}"}.get(card.unit, card.unit)
    name = RATE_BY_DAY_OF_BOOKING if card.key == "rate" and not data.is_stay else card.name
    return {
        "key": card.key,
        "name": f"{name}, {data.books.currency}" if card.key in _MONEY else str(name),
        "unit": unit,
        "value": value,
        "last": last,
        "change": change,
        "direction": ("same", "up", "down")[sign],
        "mood": ("", "good", "bad")[sign * card.better],
    }
