"""Which dates of a hotel have data: the first and the last, the years, the newest day."""

from datetime import date

from django.db.models import Max, Min

from dashboard_service.figures.future_events import current_day
from dashboard_service.models import Basis, DashboardData


def first_and_last_date(hotel_id: int, basis: str) -> tuple[date, date] | None:
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
    dates = first_and_last_date(hotel_id, Basis.BOOKED.value)
    if dates is None:
        return None
    today = current_day(hotel_id)
    if dates[1] <= today:
        return dates[1]
    rows = DashboardData.objects.filter(hotel_id=hotel_id, basis=Basis.BOOKED.value)
    until_today: date | None = rows.filter(day__lte=today).aggregate(last=Max("day"))["last"]
    return until_today or today
