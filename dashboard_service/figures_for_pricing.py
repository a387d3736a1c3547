"""What the pricing service may know of a hotel; it reads this module and nothing else of this app.

Its figures are the dashboard's own: a night's rows here add up to its net room-nights there.
"""

from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connections, router
from django.utils import timezone

from dashboard_service import figures
from dashboard_service.models import HotelFigures, HotelProfile, PickupData

LISTED_HOTELS = 500  # more cannot be chosen from a list
SQL_BOOKED = """
    SELECT {night}, {day}, gross_booking_count - cancellation_count
    FROM dashboard_service_pickupdata WHERE hotel_id = %s"""


class Hotel(NamedTuple):
    """What is told about a hotel; of one that nobody heard of, its number."""

    hotel_id: int
    name: str
    today: date  # in its time zone
    newest_day: date | None  # with data, not in the future; None without data
    rooms: int | None  # to sell in a night; None until told


def hotel(hotel_id: int) -> Hotel:
    """A hotel, with or without figures."""
    profile = HotelProfile.objects.filter(pk=hotel_id).first() or HotelProfile(hotel_id=hotel_id)
    today = timezone.now().astimezone(ZoneInfo(profile.counted_time_zone)).date()
    return Hotel(hotel_id, str(profile), today, figures.newest_day(hotel_id), profile.rooms)


def booked(hotel_id: int) -> list[tuple[int, int, int]]:
    """Net room-nights by night of stay and the day on which they were booked or cancelled.

    In no order; night and day, in the hotel's time zone, as ordinals (`date.toordinal`). Net is
    booked less cancelled, and negative where more was cancelled.
    """
    connection = connections[router.db_for_read(PickupData)]
    # A hotel has a hundred thousand rows after some years: the database makes numbers of their
    # dates in a tenth of the time that objects take.
    ordinal = (
        "CAST(julianday({}) - 1721424.5 AS int)"
        if connection.vendor == "sqlite"
        else "({} - date '0001-01-01') + 1"
    )
    night, day = (ordinal.format(column) for column in ("night_of_stay", "day"))
    with connection.cursor() as cursor:
        cursor.execute(SQL_BOOKED.format(night=night, day=day), [hotel_id])
        return list(cursor.fetchall())


def changed(hotels: list[int]) -> dict[int, datetime]:
    """When the figures of hotels last changed; without those that have none."""
    rows = HotelFigures.objects.filter(hotel_id__in=hotels)
    return dict(rows.values_list("hotel_id", "changed_at"))


def hotels(only: frozenset[int] | None) -> list[tuple[int, str]]:
    """Hotels with figures, by number, with what they are called.

    One more than LISTED_HOTELS where there are more.

    Args:
        only: hotels to choose among; None for all.
    """
    found = HotelFigures.objects.order_by("hotel_id")
    found = found if only is None else found.filter(hotel_id__in=only)
    numbers = list(found.values_list("hotel_id", flat=True)[: LISTED_HOTELS + 1])
    return list(names(numbers).items())


def names(hotels: list[int]) -> dict[int, str]:
    """What hotels are called."""
    profiles = HotelProfile.objects.in_bulk(hotels)
    return {number: str(profiles.get(number) or f"Hotel {number}") for number in hotels}
