"""Which dates of a hotel have data: the first and the last, the years, the newest day."""

from datetime import date
from typing import NamedTuple

from django.db.models import Max, Min

from dashboard_service.figures.future_events import current_day
from dashboard_service.models import Basis, DashboardData

Span = tuple[date, date]  # the first and the last day


class DatesWithData(NamedTuple):
    """Which dates of a hotel have data: read once, for all parts of an answer."""

    stay: Span | None  # nights of stay; None without data
    booked: Span | None  # days of events; None without data
    newest: date | None  # as `newest_day` returns it
    today: date  # in the time zone of the hotel's figures


def dates_with_data(hotel_id: int) -> DatesWithData:
    """Return which dates of a hotel have data. Raises: django.db.Error."""
    booked = first_and_last_date(hotel_id, Basis.BOOKED)
    today = current_day(hotel_id)
    return DatesWithData(
        stay=first_and_last_date(hotel_id, Basis.STAY),
        booked=booked,
        newest=_newest_until(hotel_id, booked, today),
        today=today,
    )


def first_and_last_date(hotel_id: int, basis: str) -> Span | None:
    """Return the first and the last day with data on a basis; None without data."""
    rows = DashboardData.objects.filter(hotel_id=hotel_id, basis=basis)
    dates = rows.aggregate(first=Min("day"), last=Max("day"))
    return (dates["first"], dates["last"]) if dates["first"] is not None else None


def years_with_data(hotel_id: int, basis: str) -> list[int]:
    """Return the years that have data on a basis.

    One event with a mistyped year adds one year, not all years up to it.
    """
    rows = DashboardData.objects.filter(hotel_id=hotel_id, basis=basis)
    return [first.year for first in rows.dates("day", "year")]


def newest_day(hotel_id: int) -> date | None:
    """Return the last day with a booking or a cancellation, in the hotel's time zone.

    Days after today are skipped, and today is returned where there is no earlier one: an event with
    a mistyped year cannot be deleted, and must not move the day up to which a running period is
    compared.
    """
    booked = first_and_last_date(hotel_id, Basis.BOOKED)
    return _newest_until(hotel_id, booked, current_day(hotel_id)) if booked else None


def _newest_until(hotel_id: int, booked: Span | None, today: date) -> date | None:
    if booked is None:
        return None
    if booked[1] <= today:
        return booked[1]
    rows = DashboardData.objects.filter(hotel_id=hotel_id, basis=Basis.BOOKED.value)
    until_today: date | None = rows.filter(day__lte=today).aggregate(last=Max("day"))["last"]
    return until_today or today
