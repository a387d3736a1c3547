"""Revenue, average rate, occupancy and RevPAR by period: the rows of `GET /dashboard/performance/`.

A night of a reservation counts once or not at all, with its latest rate. Sums are exact, amounts
are decimal texts of the hotel's currency. Room-nights in other currencies are counted as
room-nights, and their revenue is left out. A hotel whose events carry neither rates nor
descriptions has the room-nights of its events. None stands where something needed is unknown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from django.db.models import F, Max, Min, QuerySet, Sum

from common.currencies import CURRENCY_DECIMALS, THOUSANDTHS, format_thousandths
from dashboard_service.figures.hotel_currency import hotel_currency, is_followed
from dashboard_service.figures.period_figures import (
    Span,
    first_and_last_day,
    period_key,
    period_keys,
)
from dashboard_service.figures.rooms_for_sale import rooms_for_sale
from dashboard_service.hotel_profiles import get_profile
from dashboard_service.models import Basis, DashboardData, PerformanceData

By = Literal["room_type", "channel", "segment"]
BREAKDOWNS: tuple[By, ...] = ("room_type", "channel", "segment")
_KEY = ("hotel_id", "period", "basis", "year", "month", "day")
_FIGURES = (
    "room_nights", "room_nights_with_rate", "revenue", "currency", "average_rate",
    "rooms_for_sale", "occupancy", "revpar",
)  # fmt: skip


@dataclass(kw_only=True)
class _Sums:
    room_nights: int = 0
    with_rate: int = 0
    revenue: int = 0  # thousandths


_Row = tuple[date, str, str, int, int, int]  # day, currency, word, and the three sums


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
    profile = get_profile(span.hotel_id)
    currency = hotel_currency(span.hotel_id, profile.currency).currency
    sums: dict[tuple[tuple[int, ...], str], _Sums] = {}
    if by is None:
        sums = {(key, ""): _Sums() for key in period_keys(span.period, first, last)}
    for day, code, word, *values in _stored_rows(span, by, first, last):
        if any(values):
            _add(
                sums.setdefault((period_key(span.period, day), word), _Sums()),
                code,
                values,
                currency,
            )
    rooms = rooms_for_sale(profile)
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
                **_figures(total, currency, for_sale),
            }
        )
    return rows


def _add(sums: _Sums, code: str, values: list[int], currency: str | None) -> None:
    room_nights, with_rate, revenue = values
    sums.room_nights += room_nights
    if code == currency:
        sums.with_rate += with_rate
        sums.revenue += revenue


def _bounds(hotel_id: int, basis: str) -> tuple[date, date] | None:
    """Return the first and the last day with data on a basis; None without any."""
    days: list[date] = []
    for model in (DashboardData, PerformanceData):
        rows: QuerySet = model._default_manager.filter(hotel_id=hotel_id, basis=basis)
        found = rows.aggregate(first=Min("day"), last=Max("day"))
        days += [day for day in found.values() if day is not None]
    return (min(days), max(days)) if days else None


def _stored_rows(span: Span, by: By | None, first: date, last: date) -> Iterable[Any]:
    selection = {"hotel_id": span.hotel_id, "basis": span.basis, "day__range": (first, last)}
    if not is_followed(span.hotel_id):
        counts = DashboardData.objects.filter(**selection).values_list(
            "day", F("gross_booking_count") - F("cancellation_count")
        )
        return [(day, "", "", net, 0, 0) for day, net in counts]
    names = ("day", "currency", *([by] if by else []))
    sums = (
        PerformanceData.objects.filter(**selection)
        .order_by()
        .values_list(*names)
        .annotate(Sum("room_nights"), Sum("room_nights_with_rate"), Sum("revenue"))
    )
    return sums if by else [(day, code, "", *values) for day, code, *values in sums]


def _figures(sums: _Sums, currency: str | None, for_sale: int | None) -> dict[str, Any]:
    is_known = bool(sums.with_rate or sums.revenue or not sums.room_nights)
    has_revenue = currency is not None and is_known
    return {
        "room_nights": sums.room_nights,
        "room_nights_with_rate": sums.with_rate,
        "revenue": format_thousandths(sums.revenue, currency) if has_revenue and currency else None,
        "currency": currency,
        "average_rate": _ratio(sums.revenue, sums.with_rate, currency),
        "rooms_for_sale": for_sale,
        "occupancy": sums.room_nights / for_sale if for_sale else None,
        "revpar": _ratio(sums.revenue, for_sale, currency) if has_revenue else None,
    }


def _ratio(thousandths: int, by: int | None, currency: str | None) -> str | None:
    """Return an amount by a number, rounded half up to the currency's decimals."""
    if not by or currency is None:
        return None
    unit = Decimal(1).scaleb(-CURRENCY_DECIMALS.get(currency, 2))
    amount = (Decimal(thousandths) / THOUSANDTHS / by).quantize(unit, ROUND_HALF_UP)
    return str(amount or abs(amount))  # not "-0.00"
