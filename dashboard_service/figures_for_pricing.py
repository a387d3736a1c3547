"""The figures that the pricing service reads; it imports this module and nothing else of this app.

They are the dashboard's own figures: a night's rows here add up to its net room-nights there.
"""

from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connections, router
from django.utils import timezone

from dashboard_service.figures.available_dates import newest_day
from dashboard_service.figures.future_events import count_future_events
from dashboard_service.figures.hotel_list import LISTED_HOTELS, hotels_with_figures
from dashboard_service.hotel_profiles import get_profile, get_profiles
from dashboard_service.models import HotelFigures, PickupData

__all__ = [
    "LISTED_HOTELS",
    "Hotel",
    "booked",
    "changed",
    "count_future_events",
    "hotel",
    "hotels",
    "names",
]

SQL_BOOKED = """
    SELECT {night}, {day}, gross_booking_count - cancellation_count
    FROM dashboard_service_pickupdata WHERE hotel_id = %s"""


class Hotel(NamedTuple):
    """A hotel's profile and its current dates; defaults for a hotel without a profile."""

    hotel_id: int
    name: str
    today: date  # in the hotel's time zone
    newest_day: date | None  # with data, not in the future; None without data
    rooms: int | None  # to sell in a night; None until entered


def hotel(hotel_id: int) -> Hotel:
    """Return a hotel, with or without figures."""
    profile = get_profile(hotel_id)
    today = timezone.now().astimezone(ZoneInfo(profile.counted_time_zone)).date()
    return Hotel(hotel_id, str(profile), today, newest_day(hotel_id), profile.rooms)


def booked(hotel_id: int) -> list[tuple[int, int, int]]:
    """Return rows of night of stay, day of the event, and net room-nights, in no order.

    Night and day are dates in the hotel's time zone as ordinals (`date.toordinal`). Net room-nights
    are booked less cancelled, and negative where more was cancelled.
    """
    connection = connections[router.db_for_read(PickupData)]
    # A hotel has a hundred thousand rows after some years: the database converts their dates to
    # numbers in a tenth of the time that date objects take.
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
    """Return when the figures of hotels last changed, without hotels that have no figures."""
    rows = HotelFigures.objects.filter(hotel_id__in=hotels)
    return dict(rows.values_list("hotel_id", "changed_at"))


def hotels(only: frozenset[int] | None) -> list[tuple[int, str]]:
    """Return number and name of the hotels with figures, by number.

    At most LISTED_HOTELS + 1, so that the caller sees that there are more than LISTED_HOTELS.

    Args:
        only: the hotels that the client may see; None for all.
    """
    return [(profile.hotel_id, str(profile)) for profile in hotels_with_figures(only)]


def names(hotels: list[int]) -> dict[int, str]:
    """Return the names of hotels, "Hotel 7" for hotel 7 until it has one."""
    return {number: str(profile) for number, profile in get_profiles(hotels).items()}
