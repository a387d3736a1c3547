"""Pickup: what is on the books for the coming nights, and how it changed in the last days.

Pickup of the last n days is what is on the books at the end of a day less what was on the books n
days before, in net room-nights; negative when more was cancelled than booked. Events in the future
are on the books now, and count as added on the newest day.
"""

from datetime import date, timedelta
from typing import Any

from django.db.models import F, Q, Sum

from dashboard_service.figures.available_dates import DatesWithData, dates_with_data
from dashboard_service.figures.future_events import events_known_on
from dashboard_service.models import PickupData

PICKUP_DAYS = (1, 7, 30)


def pickup_rows(
    hotel_id: int, as_of: date | None, days: int, dates: DatesWithData | None = None
) -> list[dict[str, Any]]:
    """Return a row for each coming night; an empty list for a hotel without data.

    Args:
        as_of: the first night, and the last day whose events count; None for the newest day with
            data that is not in the future.
        days: how many nights.
        dates: the hotel's, where the caller has read them already.
    """
    rows = PickupData.objects.filter(hotel_id=hotel_id)
    dates = dates or dates_with_data(hotel_id)
    if dates.newest is None:
        return []
    today = as_of or dates.newest
    known = events_known_on(today, dates.newest, dates.today)
    net = F("gross_booking_count") - F("cancellation_count")
    changes = {
        f"pickup_{span}": Sum(net, filter=Q(day__gt=today - timedelta(days=span)), default=0)
        for span in PICKUP_DAYS
    }
    last = today + timedelta(days=days - 1)
    nights_with_data = {
        night["night_of_stay"]: night
        for night in rows.filter(known, night_of_stay__range=(today, last))
        .values("night_of_stay")
        .annotate(on_the_books=Sum(net, default=0), **changes)
    }
    zeros = dict.fromkeys(("on_the_books", *changes), 0)
    nights = (today + timedelta(days=number) for number in range(days))
    return [
        {
            "hotel_id": hotel_id,
            "as_of": today,
            **zeros,
            "night_of_stay": night,
            **nights_with_data.get(night, {}),
        }
        for night in nights
    ]
