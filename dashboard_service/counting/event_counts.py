"""What events add up to: room-nights by hotel and day, in each hotel's own time zone.

Pure arithmetic, the same for applying the feed, rebuilding and checking: what it counts depends on
the events alone, not on their order or on how they came in pages.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from dashboard_service.data_provider_client import ProviderError
from dashboard_service.models import Basis

BOOKING = 1
BOOKED, STAY = Basis.BOOKED.value, Basis.STAY.value
# Stand for a basis where a night of stay belongs to the key, and where hours are counted.
PICKUP, HOURS = "pickup", "hours"

# Hotel, basis, day (a datetime where hours are counted), and the night of a pickup.
Key = tuple[int, str, date, date | None]
Zones = dict[int, str]  # hotels whose days are not cut in UTC, and where they are


class Tables(NamedTuple):
    """Rows to add: a key, and bookings and cancellations in one number (see ONE_CANCELLED)."""

    days: list[tuple[int, str, str, int]]  # hotel, basis, day
    nights: list[tuple[int, str, str, int]]  # hotel, night of stay, day
    hours: list[tuple[int, str, int]]  # hotel, hour


class Counts(NamedTuple):
    """Room-nights booked and room-nights cancelled."""

    gross: int
    cancelled: int


# Bookings and cancellations in one number, the upper 32 bits for cancellations: adding to it costs
# half of what two would, and the database takes it apart.
ONE_BOOKED, ONE_CANCELLED = 1, 1 << 32


def _counts(both: int) -> Counts:
    return Counts(both % ONE_CANCELLED, both // ONE_CANCELLED)


class EventCounts:
    """Counts of events by hotel, basis and day, by night and day, and by hour.

    Days are cut in each hotel's zone, hours in UTC.
    """

    def __init__(self, zones: Zones) -> None:
        self._zones = {hotel: ZoneInfo(name) for hotel, name in zones.items()}
        self._days: defaultdict[tuple[int, str, str], int] = defaultdict(int)
        self._nights: defaultdict[tuple[int, str, str], int] = defaultdict(int)  # night, then day
        self._hours: defaultdict[tuple[int, str], int] = defaultdict(int)

    def add(self, events: Iterable[dict[str, Any]]) -> None:
        """Count events. Raises: ProviderError when a time is none."""
        days, nights, hours, zone_of = self._days, self._nights, self._hours, self._zones.get
        for event in events:
            one = ONE_BOOKED if event["status"] == BOOKING else ONE_CANCELLED
            hotel, night, moment = (
                event["hotel_id"],
                event["night_of_stay"],
                event["event_timestamp"],
            )
            zone = zone_of(hotel)
            if zone is None and moment[-1:] == "Z":  # nearly all there are
                day, hour = moment[:DAY], moment[:HOUR]
            else:
                day, hour = _day_and_hour(moment, zone)
            days[hotel, BOOKED, day] += one
            days[hotel, STAY, night] += one
            nights[hotel, night, day] += one
            hours[hotel, hour] += one

    def hotels(self) -> set[int]:
        """Whose events were counted."""
        return {hotel for hotel, *_ in self._hours}

    def tables(self) -> Tables:
        """The counts as rows of the tables, dates in ISO 8601. Raises: ProviderError."""
        for text in {day for _, _, day in self._days}:
            _date(text)
        for text in {hour for _, hour in self._hours}:
            _hour(text)
        return Tables(
            [(*key, both) for key, both in self._days.items()],
            [(*key, both) for key, both in self._nights.items()],
            [
                (hotel, f"{hour[:DAY]} {hour[-2:]}:00:00", both)
                for (hotel, hour), both in self._hours.items()
            ],
        )

    def rows(self) -> dict[Key, Counts]:
        """The counts with real dates as keys. Raises: ProviderError."""
        rows: dict[Key, Counts] = {
            (hotel, basis, _date(day), None): _counts(both)
            for (hotel, basis, day), both in self._days.items()
        }
        rows |= {
            (hotel, PICKUP, _date(day), _date(night)): _counts(both)
            for (hotel, night, day), both in self._nights.items()
        }
        rows |= {
            (hotel, HOURS, _hour(hour), None): _counts(both)
            for (hotel, hour), both in self._hours.items()
        }
        return rows


DAY, HOUR = len("2024-05-01"), len("2024-05-01T10")


@lru_cache(maxsize=10_000)  # the same dates come again and again
def _date(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise ProviderError(f"an event has no real date: {error}") from error
    if found.isoformat() != text:  # a second spelling would be counted in a row of its own
        raise ProviderError(f"an event's date is not spelled as YYYY-MM-DD: {text!r}")
    return found


@lru_cache(maxsize=10_000)
def _hour(text: str) -> datetime:
    hour = text[DAY + 1 :]
    if text[DAY : DAY + 1] != "T" or not (len(hour) == 2 and hour.isascii() and hour.isdigit()):
        raise ProviderError(f"an event has no real time: {text!r}")
    day = _date(text[:DAY])
    try:
        return datetime(day.year, day.month, day.day, int(hour), tzinfo=UTC)
    except ValueError as error:
        raise ProviderError(f"an event has no real time: {error}") from error


def _day_and_hour(timestamp: str, zone: ZoneInfo | None) -> tuple[str, str]:
    """The date of a time in a time zone (None for UTC), and its hour in UTC."""
    try:
        time = datetime.fromisoformat(timestamp)
        hour = time.astimezone(UTC).isoformat()[:HOUR]
        return (time.astimezone(zone).date().isoformat() if zone else hour[:DAY]), hour
    except (ValueError, OverflowError) as error:
        raise ProviderError(f"an event has no real time: {timestamp!r}") from error
