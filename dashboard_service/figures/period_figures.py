"""Room-nights of a hotel by day, month or year: the rows of `GET /dashboard/`.

Every period of the requested span is present, with zeros where nothing was counted. Months and
years are sums of the same daily rows, so that no figure can disagree with another. Net room-nights
(`booking_count`) are gross bookings less cancellations, and may be negative on a day on which more
was cancelled than booked.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from dashboard_service.models import DashboardData
from dashboard_service.room_nights import RoomNights, RoomNightsByDay

Period = Literal["day", "month", "year"]
COLUMNS = (
    "hotel_id",
    "period",
    "basis",
    "year",
    "month",
    "day",
    "booking_count",
    "gross_booking_count",
    "cancellation_count",
)


@dataclass(frozen=True, kw_only=True)
class Span:
    """Which rows to read: a hotel's periods, of all its data or of a year, a month or a day."""

    hotel_id: int
    period: Period
    basis: str
    year: int | None = None
    month: int | None = None
    day: int | None = None

    def dates(self) -> tuple[date, date] | None:
        """Return the first and the last date, both included; None when no year is given."""
        return None if self.year is None else first_and_last_day(self.year, self.month, self.day)


def first_and_last_day(
    year: int, month: int | None = None, day: int | None = None
) -> tuple[date, date]:
    """Return the first and the last date of a year, of a month, or twice that of a day."""
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    if day is None:
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    return (date(year, month, day),) * 2


def period_rows(span: Span) -> list[dict[str, Any]]:
    """Return the rows of a span by time; an empty list for a hotel without any data."""
    rows = DashboardData.objects.filter(hotel_id=span.hotel_id, basis=span.basis)
    dates = span.dates()
    selected = rows.filter(day__range=dates) if dates is not None else rows
    days = list(
        selected.order_by("day").values_list("day", "gross_booking_count", "cancellation_count")
    )
    if not days and (dates is None or not rows.exists()):
        return []
    first, last = dates or (days[0][0], days[-1][0])
    sums = {key: [0, 0] for key in period_keys(span.period, first, last)}
    for day, gross, cancelled in days:
        total = sums[period_key(span.period, day)]
        total[0] += gross
        total[1] += cancelled
    return [
        {
            "hotel_id": span.hotel_id,
            "period": span.period,
            "basis": span.basis,
            "year": key[0],
            "month": key[1] if len(key) > 1 else None,
            "day": key[2] if len(key) > 2 else None,
            "booking_count": gross - cancelled,
            "gross_booking_count": gross,
            "cancellation_count": cancelled,
        }
        for key, (gross, cancelled) in sums.items()
    ]


def period_key(period: Period, day: date) -> tuple[int, ...]:
    """Return the period of a day: (year,), (year, month) or (year, month, day)."""
    if period == "day":
        return day.year, day.month, day.day
    return (day.year, day.month) if period == "month" else (day.year,)


def period_keys(period: Period, first: date, last: date) -> Iterator[tuple[int, ...]]:
    """Yield every period from `first` to `last`."""
    if period == "year":
        yield from ((year,) for year in range(first.year, last.year + 1))
    elif period == "month":
        for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
            yield number // 12, number % 12 + 1
    else:
        for number in range((last - first).days + 1):
            yield period_key("day", first + timedelta(days=number))


def daily_room_nights(hotel_id: int, basis: str, first: date, last: date) -> RoomNightsByDay:
    """Return the days with data from `first` to `last`, both included."""
    rows = DashboardData.objects.filter(hotel_id=hotel_id, basis=basis, day__range=(first, last))
    days = rows.values_list("day", "gross_booking_count", "cancellation_count")
    return {day: RoomNights(gross, cancelled) for day, gross, cancelled in days}
