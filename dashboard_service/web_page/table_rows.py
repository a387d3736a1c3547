"""The rows of the page's table: each period of the chosen span, with the year before."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from dashboard_service.figures.pace import SAME_WEEKDAY_DAYS, same_day_last_year
from dashboard_service.figures.period_figures import (
    Span,
    first_and_last_day,
    period_key,
    period_rows,
)
from dashboard_service.figures.sold_room_nights import Sold, sold_between
from dashboard_service.models import Basis
from dashboard_service.room_nights import RoomNights, total_between
from dashboard_service.web_page.hotel_data import HotelData
from dashboard_service.web_page.measures import Measure
from dashboard_service.web_page.page_choice import Choice


def table_rows(choice: Choice, data: HotelData, measure: Measure) -> list[dict[str, Any]]:
    """Return a row for each period, by time; `last_year` is the measure of the year before."""
    span = Span(
        hotel_id=choice.hotel_id,
        period=choice.period,
        basis=choice.basis,
        year=None if choice.period == "year" else choice.year,
        month=choice.month,
    )
    sold_in: dict[tuple[int, ...], Sold] = defaultdict(Sold)
    for day_sold, sold in data.sold.items():
        sold_in[period_key(choice.period, day_sold)].add(sold)
    rows: list[dict[str, Any]] = []
    for row in period_rows(span):
        counts = RoomNights(row["gross_booking_count"], row["cancellation_count"])
        year, month, day = row["year"], row["month"], row["day"]
        key = tuple(part for part in (year, month, day) if part)
        first, last = first_and_last_day(year, month, day)
        figures = data.figures(sold_in.get(key, Sold()), first, last)
        if choice.period == "year":
            last_year = rows[-1]["value"] if rows else None  # every year has a row
        else:
            last_year = _last_year(data, measure, year, month, day)
        opens = _opened_choice(choice, year, month)
        rows.append(
            {
                "key": "-".join([f"{year:04}", *(f"{part:02}" for part in (month, day) if part)]),
                "first": first,
                "last": last,
                "net": counts.net,
                "gross": counts.gross,
                "cancelled": counts.cancelled,
                "rate": counts.cancellation_rate,
                **_shown(figures),
                "value": counts.net if measure.is_room_nights else measure.value(figures),
                "last_year": last_year,
                "is_to_come": is_to_come(choice, first, data.today),
                "is_running": first <= data.today < last,
                "is_ahead": choice.basis == Basis.STAY and first > data.today,
                "opens": opens.address if opens else None,
            }
        )
    return rows


def _shown(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: figures[name] for name in ("occupancy", "revenue", "average_rate", "revpar")}


def _last_year(data: HotelData, measure: Measure, year: int, month: int, day: int | None) -> Any:
    """Return the measure of the same month or day last year; None before the first data.

    A night has that of the same weekday, 364 days earlier, as pace has.
    """
    if day is None:
        first, last = first_and_last_day(year - 1, month)
    elif data.is_stay:
        first = last = date(year, month, day) - timedelta(days=SAME_WEEKDAY_DAYS)
    else:
        first = last = same_day_last_year(date(year, month, day))
    if last < data.first_day or (not data.is_stay and (month, day) == (2, 29)):
        return None
    if measure.is_room_nights:
        return total_between(data.days, first, last).net
    return measure.value(data.figures(sold_between(data.sold, first, last), first, last))


def _opened_choice(choice: Choice, year: int, month: int | None) -> Choice | None:
    """Return the choice that a row links to: a year's months, a month's days, nothing for a day."""
    if choice.period == "year":
        return choice.replace(year=year, period="month")
    return choice.replace(month=month, period="day") if choice.period == "month" else None


def rows_total(data: HotelData, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the table's last row: the sum of all rows."""
    counts = RoomNights(sum(row["gross"] for row in rows), sum(row["cancelled"] for row in rows))
    first, last = rows[0]["first"], rows[-1]["last"]
    figures = data.figures(sold_between(data.sold, first, last), first, last)
    return {
        **counts._asdict(),
        "net": counts.net,
        "rate": counts.cancellation_rate,
        **_shown(figures),
    }


def is_to_come(choice: Choice, day: date, today: date) -> bool:
    """Return whether a day of the booked basis is after the newest one, so that it has no data.

    Nights of stay after the newest day have data: they may be booked already.
    """
    return choice.basis == Basis.BOOKED and day > today
