"""Revenue, average rate, occupancy and RevPAR by period: the rows of `GET /dashboard/performance/`.

A night of a reservation counts once or not at all, with its latest rate. Sums are exact, amounts
are decimal texts of the hotel's currency. Room-nights in other currencies are counted as
room-nights, and their revenue is left out. A hotel whose events carry neither rates nor
descriptions has the room-nights of its events. None stands where something needed is unknown.
"""

from datetime import date
from typing import Any

from django.db.models import Max, Min, QuerySet

from dashboard_service.figures.period_figures import (
    Span,
    first_and_last_day,
    period_key,
    period_keys,
)
from dashboard_service.figures.rooms_for_sale import rooms_for_sale
from dashboard_service.figures.sold_room_nights import By, Sold, SoldRoomNights, figures
from dashboard_service.hotel_profiles import get_profile
from dashboard_service.models import Basis, DashboardData, PerformanceData

_KEY = ("hotel_id", "period", "basis", "year", "month", "day")
_FIGURES = (
    "room_nights", "room_nights_with_rate", "revenue", "currency", "average_rate",
    "rooms_for_sale", "occupancy", "revpar",
)  # fmt: skip


def columns(by: By | None) -> tuple[str, ...]:
    """Return the names of a row's fields in their order."""
    return (*_KEY, *([by] if by else []), *_FIGURES)


def performance_rows(span: Span, by: By | None = None) -> list[dict[str, Any]]:
    """Return the rows of a span by time; an empty list for a hotel without any data.

    Every period of the span is there; broken down, a period has a row for each word that has
    figures in it.
    """
    bounds = _bounds(span.hotel_id, span.basis)
    if bounds is None:
        return []
    first, last = span.dates() or bounds
    books = SoldRoomNights(span.hotel_id)
    sums: dict[tuple[tuple[int, ...], str], Sold] = {}
    if by is None:
        sums = {(key, ""): Sold() for key in period_keys(span.period, first, last)}
    for (day, word), sold in books.by_day_and_word(span.basis, by, first, last):
        if sold != Sold():
            sums.setdefault((period_key(span.period, day), word), Sold()).add(sold)
    rooms = rooms_for_sale(get_profile(span.hotel_id))
    # A month's rooms are the same for each of its rows, and those of a room type are not known.
    has_rooms = span.basis == Basis.STAY and by != "room_type"
    first_night = bounds[0]
    rows = []
    for (key, word), total in sorted(
        sums.items(), key=lambda item: (item[0][0], not item[0][1], item[0][1])
    ):
        begin, end = first_and_last_day(*key)
        for_sale = rooms.total(begin, end, first_night) if has_rooms else None
        names: dict[str, str | None] = {by: word or None} if by else {}
        rows.append(
            {
                "hotel_id": span.hotel_id,
                "period": span.period,
                "basis": span.basis,
                "year": key[0],
                "month": key[1] if len(key) > 1 else None,
                "day": key[2] if len(key) > 2 else None,
                **names,
                **figures(total, books.currency, for_sale),
            }
        )
    return rows


def _bounds(hotel_id: int, basis: str) -> tuple[date, date] | None:
    """Return the first and the last day with data on a basis; None without any."""
    days: list[date] = []
    for model in (DashboardData, PerformanceData):
        rows: QuerySet = model._default_manager.filter(hotel_id=hotel_id, basis=basis)
        found = rows.aggregate(first=Min("day"), last=Max("day"))
        days += [day for day in found.values() if day is not None]
    return (min(days), max(days)) if days else None
