"""What the figures of hotels depend on, read in a few small statements whatever their number."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from dashboard_service.figures.rooms_for_sale import RoomSpan
from dashboard_service.models import HotelFigures, HotelProfile, RoomNightHotel, RoomsForSale


@dataclass(frozen=True, kw_only=True)
class HotelState:
    """A hotel with figures: its profile, its own day, and when its figures last changed."""

    profile: HotelProfile
    spans: tuple[RoomSpan, ...]  # rooms by date, in order of first and last night
    is_followed: bool  # room-nights are counted one by one
    changed_at: datetime
    today: date  # in the time zone of its figures

    @property
    def hotel_id(self) -> int:
        return self.profile.hotel_id

    @property
    def parts(self) -> tuple[Any, ...]:
        """All that the hotel's figures depend on."""
        profile = self.profile
        return (
            self.changed_at,
            self.today,
            profile.rooms,
            profile.currency,
            profile.counted_time_zone,
            self.spans,
            self.is_followed,
        )


def hotel_states(allowed: frozenset[int] | None, limit: int) -> list[HotelState]:
    """Return the hotels with figures by number, at most `limit`.

    Args:
        allowed: the hotels that the client may see; None for all.
    Raises: django.db.Error.
    """
    rows = HotelFigures.objects.order_by("hotel_id")
    if allowed is not None:
        rows = rows.filter(hotel_id__in=allowed)
    changed = dict(rows.values_list("hotel_id", "changed_at")[:limit])
    numbers = list(changed)
    profiles = HotelProfile.objects.in_bulk(numbers)
    followed = set(
        RoomNightHotel.objects.filter(hotel_id__in=numbers, is_counted=True).values_list(
            "hotel_id", flat=True
        )
    )
    spans: dict[int, list[RoomSpan]] = {}
    by_date = RoomsForSale.objects.filter(hotel_id__in=numbers)  # ordered by first and last night
    for number, first, last, rooms in by_date.values_list("hotel_id", "first", "last", "rooms"):
        spans.setdefault(number, []).append(RoomSpan(first, last, rooms))
    now = timezone.now()
    days: dict[str, date] = {}  # hotels have few time zones, and to convert takes a while
    states = []
    for number, changed_at in changed.items():
        profile = profiles.get(number) or HotelProfile(hotel_id=number)
        zone = profile.counted_time_zone
        if zone not in days:
            days[zone] = now.astimezone(ZoneInfo(zone)).date()
        states.append(
            HotelState(
                profile=profile,
                spans=tuple(spans.get(number, ())),
                is_followed=number in followed,
                changed_at=changed_at,
                today=days[zone],
            )
        )
    return states
