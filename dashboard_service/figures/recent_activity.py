"""What was booked and cancelled in the last hours of data, up to the hour of the newest event."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Max, Sum
from django.utils import timezone

from dashboard_service.figures.freshness import is_incomplete
from dashboard_service.figures.future_events import LARGEST_UTC_OFFSET
from dashboard_service.models import HourlyData
from dashboard_service.room_nights import RoomNights


class RecentActivity(NamedTuple):
    """Room-nights booked and cancelled in a number of hours."""

    hours: int
    start: datetime
    end: datetime  # the end of the hour of the newest event
    counts: RoomNights

    @property
    def net(self) -> int:
        return self.counts.net


def recent_activity(hotel_id: int, hours: tuple[int, ...] = (24, 7 * 24)) -> list[RecentActivity]:
    """Return what was booked and cancelled in the last hours of data, for each number of hours.

    Times up to LARGEST_UTC_OFFSET ahead may be local ones that were sent without offset, so they
    belong to the data; later ones are left out where there are earlier ones. Empty without data,
    and after an upgrade until the rebuild that fills the hourly rows is done.
    """
    if is_incomplete(hotel_id):
        return []
    rows = HourlyData.objects.filter(hotel_id=hotel_id)
    latest = timezone.now() + LARGEST_UTC_OFFSET
    until_now = rows.filter(hour__lte=latest).aggregate(newest=Max("hour"))["newest"]
    newest = until_now or rows.aggregate(newest=Max("hour"))["newest"]
    if newest is None:
        return []
    end = newest + timedelta(hours=1)
    spans = [(count, end - timedelta(hours=count)) for count in hours]
    return [
        RecentActivity(count, start, end, _booked_and_cancelled(hotel_id, start, end))
        for count, start in spans
    ]


def _booked_and_cancelled(hotel_id: int, start: datetime, end: datetime) -> RoomNights:
    """Return the sum of the hours from `start` to before `end`."""
    rows = HourlyData.objects.filter(hotel_id=hotel_id, hour__gte=start, hour__lt=end)
    sums = rows.aggregate(
        gross=Sum("gross_booking_count", default=0),
        cancelled=Sum("cancellation_count", default=0),
    )
    return RoomNights(sums["gross"], sums["cancelled"])
