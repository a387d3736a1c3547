"""Visits of users to a hotel's morning: since when something is new to them.

Openings of the page with less than NEW_VISIT_AFTER between them are one visit, so that loading the
page again does not empty it. What is new is what came in since the visit before was over. A page
that renews itself is no visit.
"""

from datetime import datetime, timedelta
from typing import Final

from overview.morning.last_visit_models import LastVisit

NEW_VISIT_AFTER: Final = timedelta(hours=2)


def record_visit(user_id: int, hotel_id: int, now: datetime) -> None:
    """Record that a user opens a hotel's morning. Raises: django.db.Error."""
    visit, is_first = LastVisit.objects.get_or_create(
        user_id=user_id, hotel_id=hotel_id, defaults={"seen_at": now}
    )
    if is_first or now <= visit.seen_at:
        return
    changes: dict[str, datetime] = {"seen_at": now}
    if now - visit.seen_at > NEW_VISIT_AFTER:
        changes["before"] = visit.seen_at
    # Of two tabs that are opened at once, one begins the visit.
    LastVisit.objects.filter(pk=visit.pk, seen_at=visit.seen_at).update(**changes)


def end_of_last_visit(user_id: int, hotel_id: int) -> datetime | None:
    """Return when the visit before the present one ended; None in the first.

    Raises: django.db.Error.
    """
    visits = LastVisit.objects.filter(user_id=user_id, hotel_id=hotel_id)
    return visits.values_list("before", flat=True).first()


def hotel_visited_last(user_id: int, allowed: frozenset[int] | None) -> int | None:
    """Return the hotel whose morning a user opened last; None before the first time.

    Args:
        allowed: the hotels that the user may see now; None for all.
    Raises:
        django.db.Error.
    """
    visits = LastVisit.objects.filter(user_id=user_id).order_by("-seen_at")
    if allowed is not None:
        visits = visits.filter(hotel_id__in=allowed)
    return visits.values_list("hotel_id", flat=True).first()
