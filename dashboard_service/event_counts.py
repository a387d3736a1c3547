"""What events add up to: room-nights by hotel and day, in each hotel's own time zone.

Pure arithmetic, the same for applying the feed, rebuilding and checking: what it counts depends on
the events alone, not on their order or on how they came in pages.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from dashboard_service.models import Basis
from dashboard_service.provider import ProviderError

BOOKING = 1
BOOKED, STAY = Basis.BOOKED.value, Basis.STAY.value
# Stand for a basis where a night of stay belongs to the key, and where hours are counted.
PICKUP, HOURS = "pickup", "hours"

# Hotel, basis, day (a datetime where hours are counted), and the night of a pickup.
Key = tuple[int, str, date, date | None]
Zones = dict[int, str]  # hotels whose days are not cut in UTC, and where they are


class Counts(NamedTuple):
    """Room-nights booked and room-nights cancelled."""

    gross: int
    cancelled: int


class EventCounts:
    """Counts of events by hotel, basis and day, by night and day, and by hour.

    Days are cut in each hotel's zone, hours in UTC.
    """

    def __init__(self, zones: Zones) -> None:
        self._zones = {hotel: ZoneInfo(name) for hotel, name in zones.items()}
        self._counts: defaultdict[tuple[int, str, str, str | None], list[int]] = defaultdict(
            lambda: [0, 0]
        )

    def add(self, events: Iterable[dict[str, Any]]) -> None:
        """Count events. Raises: ProviderError when a time is none."""
        counts = self._counts
        for event in events:
            column = 0 if event["status"] == BOOKING else 1
            hotel, night = event["hotel_id"], event["night_of_stay"]
            day, hour = _day_and_hour(event["event_timestamp"], self._zones.get(hotel))
            counts[hotel, BOOKED, day, None][column] += 1
            counts[hotel, HOURS, hour, None][column] += 1
            counts[hotel, STAY, night, None][column] += 1
            counts[hotel, PICKUP, day, night][column] += 1

    def rows(self) -> dict[Key, Counts]:
        """The counts with real dates as keys. Raises: ProviderError."""
        days: set[str] = set()
        hours: set[str] = set()
        for _, basis, day, night in self._counts:
            (hours if basis == HOURS else days).update((day, night) if night else (day,))
        try:
            dates: dict[str, date] = {text: date.fromisoformat(text) for text in days}
            dates |= {text: datetime.fromisoformat(f"{text}:00+00:00") for text in hours}
        except ValueError as error:
            raise ProviderError(f"an event has no real date: {error}") from error
        return {
            (hotel, basis, dates[day], dates[night] if night else None): Counts(*counts)
            for (hotel, basis, day, night), counts in self._counts.items()
        }


DAY, HOUR = len("2024-05-01"), len("2024-05-01T10")


def _day_and_hour(timestamp: str, zone: ZoneInfo | None) -> tuple[str, str]:
    """The date of a time in a time zone (None for UTC), and its hour in UTC."""
    if timestamp.endswith("Z") and zone is None:  # nearly all there are
        return timestamp[:DAY], timestamp[:HOUR]
    try:
        time = datetime.fromisoformat(timestamp)
        hour = time.astimezone(UTC).isoformat()[:HOUR]
        return (time.astimezone(zone).date().isoformat() if zone else hour[:DAY]), hour
    except (ValueError, OverflowError) as error:
        raise ProviderError(f"an event has no real time: {timestamp!r}") from error
