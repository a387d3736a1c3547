"""Events that are dated in the future: local times sent without offset, or a wrong year.

They are on the books at once: whoever asks what is on the books today counts them as events of
today, because a room that was sold is not free until its event's time comes. On the booked basis
they stay on their own day. What was on the books on a day before today does not count them.
"""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.db.models import F, Q, Sum
from django.utils import timezone

from dashboard_service.figures.freshness import is_incomplete
from dashboard_service.models import HotelProfile, HourlyData

# No time zone is further ahead of UTC, so local times sent without offset lie at most so far ahead.
LARGEST_UTC_OFFSET = timedelta(hours=14)


def current_day(hotel_id: int) -> date:
    """Return today's date in the time zone that a hotel's figures are in."""
    zone = HotelProfile.objects.filter(pk=hotel_id).values_list("counted_time_zone", flat=True)
    return timezone.now().astimezone(ZoneInfo(zone.first() or "UTC")).date()


def events_known_on(as_of: date, newest: date, today: date) -> Q:
    """Return the condition of counts that were on the books at the end of a day.

    Args:
        as_of: the day; from the newest one on, events in the future are known.
        newest: the newest day with data that is not in the future.
        today: in the hotel's time zone.
    """
    known = Q(day__lte=as_of)
    return known | Q(day__gt=today) if as_of >= newest else known


def count_future_events(hotel_id: int) -> int:
    """Return how many events of a hotel lie in the hours after the present one.

    Answered by an index; 0 after an upgrade until the hourly rows are filled.
    """
    if is_incomplete(hotel_id):
        return 0
    rows = HourlyData.objects.filter(hotel_id=hotel_id, hour__gt=timezone.now())
    both = F("gross_booking_count") + F("cancellation_count")
    total: int = rows.aggregate(total=Sum(both, default=0))["total"]
    return total
