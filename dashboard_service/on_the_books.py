"""What the pricing service may know of a hotel; it reads this module and nothing else of this app.

Its figures are the dashboard's own: a night's rows here add up to its net room-nights there.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from django.db.models import F

from dashboard_service import figures
from dashboard_service.models import HotelProfile, PickupData


class Hotel(NamedTuple):
    """What is told about a hotel."""

    hotel_id: int
    name: str
    newest_day: date  # the last one with data that is not in the future, in its time zone
    rooms: int | None  # to sell in a night; None until told


class Booked(NamedTuple):
    """Net room-nights of one night of stay that were booked or cancelled on one day."""

    night_of_stay: date
    day: date  # in the hotel's time zone
    net: int  # booked less cancelled; negative when more was cancelled


def hotel(hotel_id: int) -> Hotel | None:
    """A hotel that has figures; None for one without."""
    newest = figures.newest_day(hotel_id)
    if newest is None:
        return None
    profile = HotelProfile.objects.filter(pk=hotel_id).first() or HotelProfile(hotel_id=hotel_id)
    return Hotel(hotel_id, str(profile), newest, profile.rooms)


def booked(hotel_id: int) -> Iterator[Booked]:
    """Every night of stay and day of a hotel on which something was booked or cancelled."""
    net = F("gross_booking_count") - F("cancellation_count")
    rows = PickupData.objects.filter(hotel_id=hotel_id).order_by("day", "night_of_stay")
    return map(Booked._make, rows.values_list("night_of_stay", "day", net).iterator(10_000))
