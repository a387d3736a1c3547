"""Pace: what was on the books at an earlier time, to compare with the same time last year."""

from datetime import date

from django.db.models import Sum

from dashboard_service.models import PickupData
from dashboard_service.room_nights import RoomNights


def on_the_books_as_of(hotel_id: int, first: date, last: date, as_of: date) -> RoomNights:
    """Return room-nights of the nights `first` to `last` by events until the end of `as_of`."""
    rows = PickupData.objects.filter(
        hotel_id=hotel_id, night_of_stay__range=(first, last), day__lte=as_of
    )
    sums = rows.aggregate(
        gross=Sum("gross_booking_count", default=0),
        cancelled=Sum("cancellation_count", default=0),
    )
    return RoomNights(sums["gross"], sums["cancelled"])


def same_day_last_year(day: date) -> date:
    """Return the same day of the year before; 28 February for the 29th."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)
