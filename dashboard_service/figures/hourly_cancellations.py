"""Room-nights cancelled by the hour, to compare a span of time with the same spans before it."""

from datetime import datetime

from django.utils import timezone

from dashboard_service.figures.freshness import is_incomplete
from dashboard_service.figures.future_events import LARGEST_UTC_OFFSET
from dashboard_service.models import HourlyData


def cancellations_by_hour(hotel_id: int, since: datetime) -> dict[datetime, int] | None:
    """Return the events of cancellations of each hour that has any, from an hour on.

    None while the hourly rows are not complete, after an upgrade. Raises: django.db.Error.

    Args:
        since: the first hour.
    """
    if is_incomplete(hotel_id):
        return None
    span = since, timezone.now() + LARGEST_UTC_OFFSET
    rows = HourlyData.objects.filter(
        hotel_id=hotel_id, hour__range=span, cancellation_count__gt=0
    ).order_by()
    return dict(rows.values_list("hour", "cancellation_count"))
