"""What events add up to: room-nights by hotel and day, in each hotel's own time zone.

Pure arithmetic, the same for following the feed, recounting and checking: the counts depend on the
events alone, not on their order or on how they are divided into pages.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from dashboard_service.counting.hotel_time_zones import HotelTimeZones
from dashboard_service.data_provider_client import ProviderError
from dashboard_service.models import Basis
from dashboard_service.room_nights import RoomNights

BOOKING, CHANGE = 1, 3  # an event's status; anything else is a cancellation
BOOKED, STAY = Basis.BOOKED.value, Basis.STAY.value
# Used as basis in a CountKey: of pickup rows, whose key has a night of stay, and of hourly rows.
PICKUP, HOURS = "pickup", "hours"

# Hotel, basis, day (a datetime for hourly rows), and the night of stay of a pickup row.
CountKey = tuple[int, str, date, date | None]

# Bookings and cancellations in one number, the upper 32 bits for cancellations: adding to it costs
# half of what two numbers would, and the database takes it apart.
ONE_BOOKED, ONE_CANCELLED = 1, 1 << 32

DAY, HOUR = len("2024-05-01"), len("2024-05-01T10")  # lengths of prefixes of a timestamp


class TableRows(NamedTuple):
    """Rows to add: a key, and bookings and cancellations in one number (see ONE_CANCELLED)."""

    days: list[tuple[int, str, str, int]]  # hotel, basis, day
    nights: list[tuple[int, str, str, int]]  # hotel, night of stay, day
    hours: list[tuple[int, str, int]]  # hotel, hour


class EventCounts:
    """Counts of events by hotel, basis and day, by night and day, and by hour.

    Days are those of each hotel's time zone, hours are those of UTC.
    """

    def __init__(self, time_zones: HotelTimeZones) -> None:
        self._zones = {hotel: ZoneInfo(name) for hotel, name in time_zones.items()}
        self._days: defaultdict[tuple[int, str, str], int] = defaultdict(int)
        self._nights: defaultdict[tuple[int, str, str], int] = defaultdict(int)  # night, then day
        self._hours: defaultdict[tuple[int, str], int] = defaultdict(int)

    def add(self, events: Iterable[dict[str, Any]]) -> None:
        """Count events. Raises: ProviderError when a timestamp that needs conversion is invalid."""
        days, nights, hours, zone_of = self._days, self._nights, self._hours, self._zones.get
        for event in events:
            status = event["status"]
            if status == CHANGE:  # neither adds nor takes a room-night
                continue
            one = ONE_BOOKED if status == BOOKING else ONE_CANCELLED
            hotel, night, timestamp = (
                event["hotel_id"],
                event["night_of_stay"],
                event["event_timestamp"],
            )
            zone = zone_of(hotel)
            if zone is None and timestamp[-1:] == "Z":  # nearly all of them
                day, hour = timestamp[:DAY], timestamp[:HOUR]
            else:
                day, hour = _day_and_hour(timestamp, zone)
            days[hotel, BOOKED, day] += one
            days[hotel, STAY, night] += one
            nights[hotel, night, day] += one
            hours[hotel, hour] += one

    def hotels(self) -> set[int]:
        """Return the hotels whose events were counted."""
        return {hotel for hotel, *_ in self._hours}

    def table_rows(self) -> TableRows:
        """Return the counts as rows of the tables, dates in ISO 8601.

        Raises: ProviderError when an event had an invalid date or time.
        """
        for text in {day for _, _, day in self._days}:
            _parse_date(text)
        for text in {hour for _, hour in self._hours}:
            _parse_hour(text)
        return TableRows(
            [(*key, both) for key, both in self._days.items()],
            [(*key, both) for key, both in self._nights.items()],
            [
                (hotel, f"{hour[:DAY]} {hour[-2:]}:00:00", both)
                for (hotel, hour), both in self._hours.items()
            ],
        )

    def counts_by_key(self) -> dict[CountKey, RoomNights]:
        """Return the counts with dates as keys.

        Raises: ProviderError when an event had an invalid date or time.
        """
        counts: dict[CountKey, RoomNights] = {
            (hotel, basis, _parse_date(day), None): _unpack(both)
            for (hotel, basis, day), both in self._days.items()
        }
        counts |= {
            (hotel, PICKUP, _parse_date(day), _parse_date(night)): _unpack(both)
            for (hotel, night, day), both in self._nights.items()
        }
        counts |= {
            (hotel, HOURS, _parse_hour(hour), None): _unpack(both)
            for (hotel, hour), both in self._hours.items()
        }
        return counts


def _unpack(both: int) -> RoomNights:
    return RoomNights(both % ONE_CANCELLED, both // ONE_CANCELLED)


@lru_cache(maxsize=10_000)  # the same dates come again and again
def _parse_date(text: str) -> date:
    try:
        parsed = date.fromisoformat(text)
    except ValueError as error:
        raise ProviderError(f"an event has an invalid date: {error}") from error
    if parsed.isoformat() != text:  # a second spelling would be counted in a row of its own
        raise ProviderError(f"an event's date is not spelled as YYYY-MM-DD: {text!r}")
    return parsed


@lru_cache(maxsize=10_000)
def _parse_hour(text: str) -> datetime:
    hour = text[DAY + 1 :]
    if text[DAY : DAY + 1] != "T" or not (len(hour) == 2 and hour.isascii() and hour.isdigit()):
        raise ProviderError(f"an event has an invalid time: {text!r}")
    day = _parse_date(text[:DAY])
    try:
        return datetime(day.year, day.month, day.day, int(hour), tzinfo=UTC)
    except ValueError as error:
        raise ProviderError(f"an event has an invalid time: {error}") from error


def _day_and_hour(timestamp: str, zone: ZoneInfo | None) -> tuple[str, str]:
    """Return a timestamp's date in a time zone (None for UTC), and its hour in UTC."""
    try:
        time = datetime.fromisoformat(timestamp)
        hour = time.astimezone(UTC).isoformat()[:HOUR]
        return (time.astimezone(zone).date().isoformat() if zone else hour[:DAY]), hour
    except (ValueError, OverflowError) as error:
        raise ProviderError(f"an event has an invalid time: {timestamp!r}") from error
