"""The figures that the pricing service reads; it imports this module and nothing else of this app.

They are the dashboard's own figures: a night's rows here add up to its net room-nights there, one
by one for a hotel that counts so (`GET /dashboard/performance/`), else the events' (`/dashboard/`).
Rooms for sale, also by date, are the hotel profile's, and what pricing changes of them is saved
there.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import connections, router
from django.utils import timezone

from dashboard_service.figures.available_dates import newest_day
from dashboard_service.figures.future_events import count_future_events
from dashboard_service.figures.hotel_currency import DoubledEvents, doubled_events, is_followed
from dashboard_service.figures.hotel_list import LISTED_HOTELS, hotels_with_figures
from dashboard_service.figures.many_hotels.rooms_of_many_hotels import (
    HotelRooms,
    rooms_digest,
    rooms_fingerprint,
    rooms_of_hotels,
)
from dashboard_service.figures.rooms_booked_together import (
    BookedRoom,
    BookedTogether,
    RoomNightChange,
    rooms_booked_together,
)
from dashboard_service.figures.rooms_for_sale import (
    RoomsForSaleByNight,
    RoomSpan,
    add_where_free,
    room_spans,
)
from dashboard_service.figures.sold_by_room_type import SoldByRoomType, sold_by_room_type
from dashboard_service.figures.sold_room_nights import Sold, SoldRoomNights
from dashboard_service.figures.stale_data import stale_since
from dashboard_service.hotel_profiles import (
    MAX_ROOM_SPANS,
    MAX_ROOMS,
    follow_room_nights,
    get_profile,
    get_profiles,
    update_profile,
)
from dashboard_service.models import Basis, HotelFigures, PickupData, RoomNightHotel

__all__ = [
    "LISTED_HOTELS",
    "MAX_ROOMS",
    "MAX_ROOM_SPANS",
    "BookedRoom",
    "BookedTogether",
    "DoubledEvents",
    "Hotel",
    "HotelRooms",
    "RoomNightChange",
    "RoomSpan",
    "RoomsForSaleByNight",
    "Sold",
    "SoldByRoomType",
    "SoldNights",
    "add_rooms_by_date",
    "booked_and_cancelled",
    "changed",
    "changed_since",
    "count_future_events",
    "day_ends_at",
    "doubled_events",
    "follow_room_nights",
    "hotel",
    "hotels",
    "is_being_recounted",
    "names",
    "on_the_books_by_room_type",
    "room_night_hotels",
    "rooms_booked_together",
    "rooms_digest",
    "rooms_fingerprint",
    "rooms_of_hotels",
    "save_rooms_by_date",
    "sold_by_room_type",
    "sold_nights",
    "stale_since",
]

SQL_BOOKED = """
    SELECT {night}, {day}, gross_booking_count, cancellation_count
    FROM dashboard_service_pickupdata WHERE hotel_id = %s"""
# Of room-nights that are followed one by one. Rows that changed only a rate are left out.
SQL_SOLD = """
    SELECT {night}, {day},
        CAST(CASE WHEN SUM(room_nights) > 0 THEN SUM(room_nights) ELSE 0 END AS bigint),
        CAST(CASE WHEN SUM(room_nights) < 0 THEN -SUM(room_nights) ELSE 0 END AS bigint)
    FROM dashboard_service_pacedata WHERE hotel_id = %s AND room_nights <> 0
    GROUP BY night_of_stay, day"""


class Hotel(NamedTuple):
    """A hotel's profile and its current dates; defaults for a hotel without a profile."""

    hotel_id: int
    name: str
    local_time: datetime  # now, in the hotel's time zone
    newest_day: date | None  # with data, not in the future; None without data
    rooms: int | None  # to sell in nights without rooms by date; None until entered
    rooms_by_date: tuple[RoomSpan, ...]
    country: str = ""  # ISO 3166-1 alpha-2; empty until entered
    region: str = ""  # of the country, as `common.public_holidays` knows it; empty for none
    time_zone: str = "UTC"  # of `local_time`

    @property
    def today(self) -> date:
        """Today in the hotel's time zone."""
        return self.local_time.date()

    @property
    def rooms_fingerprint(self) -> str:
        """A short text that changes with the rooms, also by date.

        Pricing stores it with the prices: the profile has no time of its last change of rooms.
        """
        return rooms_fingerprint(self.rooms, self.rooms_by_date)

    @property
    def day_ends_at(self) -> datetime:
        """When today ends in the hotel's time zone."""
        return day_ends_at(self.today, self.time_zone)


def day_ends_at(day: date, time_zone: str) -> datetime:
    """Return when a day ends in a time zone."""
    midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(time_zone))
    return midnight.astimezone(UTC)


def hotel(hotel_id: int) -> Hotel:
    """Return a hotel, with or without figures."""
    profile = get_profile(hotel_id)
    local_time = timezone.now().astimezone(ZoneInfo(profile.counted_time_zone))
    spans = tuple(room_spans(profile))
    return Hotel(
        hotel_id,
        str(profile),
        local_time,
        newest_day(hotel_id),
        profile.rooms,
        spans,
        profile.country,
        profile.region,
        profile.counted_time_zone,
    )


def save_rooms_by_date(hotel_id: int, spans: Sequence[RoomSpan]) -> None:
    """Replace the rooms by date of a hotel's profile. Raises: django.db.Error."""
    update_profile(hotel_id, rooms_by_date=[span._asdict() for span in spans])


def add_rooms_by_date(hotel_id: int, spans: Sequence[RoomSpan]) -> None:
    """Add rooms by date to a hotel's profile, in nights for which it has none.

    Doing it twice is doing it once. Raises: django.db.Error.
    """
    current = room_spans(get_profile(hotel_id))
    merged = add_where_free(current, spans)
    if merged != current:
        save_rooms_by_date(hotel_id, merged)


def booked_and_cancelled(hotel_id: int) -> list[tuple[int, int, int, int]]:
    """Return rows of night of stay, day of the event, room-nights booked and cancelled.

    In no order. Night and day are dates in the hotel's time zone as ordinals (`date.toordinal`).
    For a hotel that counts room-nights one by one they are those sold and those given back, net
    within a day, so that a night that was booked twice or cancelled twice counts once.

    Raises: django.db.Error.
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
        sql = SQL_SOLD if is_followed(hotel_id) else SQL_BOOKED
        cursor.execute(sql.format(night=night, day=day), [hotel_id])
        return list(cursor.fetchall())


def on_the_books_by_room_type(
    hotel_id: int, first: date, last: date
) -> dict[tuple[date, str], int] | None:
    """Return room-nights of the nights first … last by night and room type, "" where none is said.

    None for a hotel whose room-nights are not followed one by one, as those without rates and
    descriptions in their events: nobody knows the types of its rooms. Raises: django.db.Error.
    """
    sold = sold_by_room_type(hotel_id, first, last)
    return None if sold is None else {(row.night, row.room_type): row.room_nights for row in sold}


class SoldNights(NamedTuple):
    """What a hotel has on the books by night of stay, and the currency of its revenue."""

    by_night: dict[date, Sold]
    currency: str | None


def sold_nights(hotel_id: int, first: date, last: date) -> SoldNights:
    """Return what is on the books for the nights first … last. Raises: django.db.Error."""
    books = SoldRoomNights(hotel_id)
    return SoldNights(books.by_day(Basis.STAY.value, first, last), books.currency)


def room_night_hotels() -> dict[int, bool]:
    """Return the hotels whose room-nights are counted one by one.

    False where that is decided and the recount has not come yet: until then events count.
    """
    return dict(RoomNightHotel.objects.values_list("hotel_id", "is_counted"))


def is_being_recounted(hotel_id: int) -> bool:
    """Return whether a hotel counts events until a recount of its room-nights is done."""
    return RoomNightHotel.objects.filter(pk=hotel_id, is_counted=False).exists()


def changed(hotels: list[int]) -> dict[int, datetime]:
    """Return when the figures of hotels last changed, without hotels that have no figures."""
    rows = HotelFigures.objects.filter(hotel_id__in=hotels)
    return dict(rows.values_list("hotel_id", "changed_at"))


def changed_since(since: datetime | None) -> dict[int, datetime]:
    """Return when figures last changed, of the hotels where that is not before `since`.

    Args:
        since: None for all hotels with figures. A change shows when it is committed, which may be
            minutes after its time: who follows changes looks at all hotels, too, now and then.
    Raises:
        django.db.Error.
    """
    rows = HotelFigures.objects.all()
    if since is not None:
        rows = rows.filter(changed_at__gte=since)
    return dict(rows.values_list("hotel_id", "changed_at").iterator())


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
