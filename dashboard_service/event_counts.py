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
PICKUP = "pickup"  # stands for a basis where a night of stay belongs to the key

Key = tuple[int, str, date, date | None]  # hotel, basis, day, and the night of a pickup
Zones = dict[int, str]  # hotels whose days are not cut in UTC, and where they are


class Counts(NamedTuple):
    """Room-nights booked and room-nights cancelled."""

    gross: int
    cancelled: int


class EventCounts:
    """Counts of events by hotel, basis and day, and by night and day; days in each hotel's zone."""

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
            day = _day(event["event_timestamp"], self._zones.get(hotel))
            counts[hotel, BOOKED, day, None][column] += 1
            counts[hotel, STAY, night, None][column] += 1
            counts[hotel, PICKUP, day, night][column] += 1

    def rows(self) -> dict[Key, Counts]:
        """The counts with real dates as keys. Raises: ProviderError."""
        try:
            dates = {
                text: date.fromisoformat(text)
                for text in {text for key in self._counts for text in key[2:] if text is not None}
            }
        except ValueError as error:
            raise ProviderError(f"an event has no real date: {error}") from error
        return {
            (hotel, basis, dates[day], dates[night] if night else None): Counts(*counts)
            for (hotel, basis, day, night), counts in self._counts.items()
        }


def _day(timestamp: str, zone: ZoneInfo | None) -> str:
    """The date of a time in a time zone, None for UTC."""
    if zone is None and timestamp.endswith("Z"):  # nearly all there are
        return timestamp[:10]
    try:
        return datetime.fromisoformat(timestamp).astimezone(zone or UTC).date().isoformat()
    except (ValueError, OverflowError) as error:
        raise ProviderError(f"an event has no real time: {timestamp!r}") from error
