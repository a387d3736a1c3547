"""The rows of the page's table: each period of the chosen span, with the year before."""

from datetime import date
from typing import Any

from dashboard_service.figures.pace import same_day_last_year
from dashboard_service.figures.period_figures import Span, first_and_last_day, period_rows
from dashboard_service.models import Basis
from dashboard_service.room_nights import (
    NO_ROOM_NIGHTS,
    RoomNights,
    RoomNightsByDay,
    occupancy,
    total_between,
)
from dashboard_service.web_page.page_choice import Choice


def table_rows(
    choice: Choice, days: RoomNightsByDay, rooms: int | None, first_day: date, today: date
) -> list[dict[str, Any]]:
    """Return a row for each period, by time.

    Args:
        days: room-nights on the chosen basis, of the chosen year and the year before.
        rooms: rooms to sell; without them there is no occupancy.
        first_day: the hotel's first day with data on the basis.
        today: the newest day with data.
    """
    span = Span(
        hotel_id=choice.hotel_id,
        period=choice.period,
        basis=choice.basis,
        year=None if choice.period == "year" else choice.year,
        month=choice.month,
    )
    rows: list[dict[str, Any]] = []
    for row in period_rows(span):
        counts = RoomNights(row["gross_booking_count"], row["cancellation_count"])
        year, month, day = row["year"], row["month"], row["day"]
        first, last = first_and_last_day(year, month, day)
        if choice.period == "year":
            net_last_year = rows[-1]["net"] if rows else None  # every year has a row
        else:
            net_last_year = _net_last_year(days, first_day, year, month, day)
        opens = _opened_choice(choice, year, month)
        rows.append(
            {
                "key": "-".join([f"{year:04}", *(f"{part:02}" for part in (month, day) if part)]),
                "first": first,
                "net": counts.net,
                "gross": counts.gross,
                "cancelled": counts.cancelled,
                "rate": counts.cancellation_rate,
                "last_year": net_last_year,
                "occupancy": occupancy(counts, rooms, (first, last), first_day) if rooms else None,
                "is_to_come": is_to_come(choice, first, today),
                "is_running": first <= today < last,
                "is_ahead": choice.basis == Basis.STAY and first > today,
                "opens": opens.address if opens else None,
            }
        )
    return rows


def _net_last_year(
    days: RoomNightsByDay, first_day: date, year: int, month: int, day: int | None
) -> int | None:
    """Return net room-nights of the same month or day last year; None before the first data."""
    if day is None:
        first, last = first_and_last_day(year - 1, month)
        return total_between(days, first, last).net if last >= first_day else None
    previous = same_day_last_year(date(year, month, day))
    if previous < first_day or (month, day) == (2, 29):
        return None
    return days.get(previous, NO_ROOM_NIGHTS).net


def _opened_choice(choice: Choice, year: int, month: int | None) -> Choice | None:
    """Return the choice that a row links to: a year's months, a month's days, nothing for a day."""
    if choice.period == "year":
        return choice.replace(year=year, period="month")
    return choice.replace(month=month, period="day") if choice.period == "month" else None


def rows_total(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the table's last row: the sum of all rows."""
    counts = RoomNights(sum(row["gross"] for row in rows), sum(row["cancelled"] for row in rows))
    return {**counts._asdict(), "net": counts.net, "rate": counts.cancellation_rate}


def is_to_come(choice: Choice, day: date, today: date) -> bool:
    """Return whether a day of the booked basis is after the newest one, so that it has no data.

    Nights of stay after the newest day have data: they may be booked already.
    """
    return choice.basis == Basis.BOOKED and day > today
