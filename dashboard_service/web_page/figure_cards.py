"""The cards at the top of the page: net, gross, cancelled, cancellation rate, occupancy."""

from datetime import date
from typing import Any, NamedTuple

from dashboard_service.figures.period_figures import first_and_last_day
from dashboard_service.room_nights import RoomNights, RoomNightsByDay, occupancy, total_between
from dashboard_service.web_page.page_choice import Choice
from dashboard_service.web_page.year_comparison import Comparison, room_nights_last_year


class _Card(NamedTuple):
    key: str
    name: str
    unit: str  # number, or percent for a share
    better: int  # 1 where more is better, -1 where less is


CARDS = (
    _Card("net", "Net room-nights", "number", 1),
    _Card("gross", "Gross bookings", "number", 1),
    _Card("cancelled", "Cancelled", "number", -1),
    _Card("rate", "Cancellation rate", "percent", -1),
    _Card("occupancy", "Occupancy", "percent", 1),
)


def figure_cards(
    choice: Choice,
    days: RoomNightsByDay,
    comparison: Comparison,
    rooms: int | None,
    first_day: date,
) -> list[dict[str, Any]]:
    """Return a card for each figure of the chosen span, with last year's value and the change.

    Args:
        days: room-nights on the chosen basis, of the chosen year and the year before.
        rooms: rooms to sell; without them there is no card for occupancy.
        first_day: the hotel's first day with data on the basis.
    """
    current = _values(total_between(days, *choice.span), choice.span, rooms, first_day)
    counts_last_year = room_nights_last_year(choice, days, comparison)
    span_last_year = first_and_last_day(choice.year - 1, choice.month)
    previous = (
        _values(counts_last_year, span_last_year, rooms, first_day)
        if counts_last_year is not None
        else {}
    )
    return [
        _serialize_card(card, current[card.key], previous.get(card.key))
        for card in CARDS
        if card.key in current
    ]


def _values(
    counts: RoomNights, span: tuple[date, date], rooms: int | None, first_day: date
) -> dict[str, float | None]:
    values: dict[str, float | None] = {
        "net": counts.net,
        "gross": counts.gross,
        "cancelled": counts.cancelled,
        "rate": counts.cancellation_rate,
    }
    if rooms:
        values["occupancy"] = occupancy(counts, rooms, span, first_day)
    return values


def _serialize_card(card: _Card, value: float | None, last: float | None) -> dict[str, Any]:
    """Return a card with its change: points for a share, else relative to last year's value."""
    change = None
    if value is not None and last is not None:
        if card.unit == "percent":
            change = (value - last) * 100
        elif last > 0:
            change = (value - last) / last
    sign = 0 if not change else 1 if change > 0 else -1
    return {
        "key": card.key,
        "name": card.name,
        "unit": card.unit,
        "value": value,
        "last": last,
        "change": change,
        "direction": ("same", "up", "down")[sign],
        "mood": ("", "good", "bad")[sign * card.better],
    }
