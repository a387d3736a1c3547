"""The versions of hotels' figures and profiles, for pages that ask whether they changed.

What the states of the pages depend on (`web_page.page_content.load_state`), of many hotels at once.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from common.page_versions import HOTEL, Source
from dashboard_service.models import (
    FeedPosition,
    HotelFigures,
    HotelProfile,
    RoomNightHotel,
    RoomsForSale,
)

# Between a change's time and its commit, and between the clocks of machines. What takes longer is
# found by the look at everything.
LATE = timedelta(seconds=10)


def _read(hotels: list[int]) -> dict[int, Hashable]:
    """Raises: django.db.Error."""
    changed_at = dict(
        HotelFigures.objects.filter(hotel_id__in=hotels).values_list("hotel_id", "changed_at")
    )
    profiles = {
        row[0]: row for row in HotelProfile.objects.filter(hotel_id__in=hotels).values_list()
    }
    rooms: dict[int, list[Hashable]] = {}
    spans = RoomsForSale.objects.filter(hotel_id__in=hotels).order_by("hotel_id", "first", "last")
    for hotel, *span in spans.values_list("hotel_id", "first", "last", "rooms"):
        rooms.setdefault(hotel, []).append(tuple(span))
    followed = dict(
        RoomNightHotel.objects.filter(hotel_id__in=hotels).values_list("hotel_id", "is_counted")
    )
    is_rebuilt = FeedPosition.current().rebuild_needed
    return {
        hotel: (
            changed_at.get(hotel),
            profiles.get(hotel),
            tuple(rooms.get(hotel, ())),
            followed.get(hotel),
            is_rebuilt,
        )
        for hotel in hotels
    }


def _moved(since: datetime | None) -> tuple[Collection[int], Any]:
    """Return the hotels whose figures changed. Raises: django.db.Error."""
    now = timezone.now()
    if since is None:
        return (), now
    rows = HotelFigures.objects.filter(changed_at__gt=since - LATE)
    return set(rows.values_list("hotel_id", flat=True)), now


SOURCE = Source(HOTEL, _read, _moved)
