"""What reservations add up to: room-nights and revenue by day of each basis, and by night and day.

Pure arithmetic, the same for following the feed, recounting and checking. `count_changes` adds the
difference that new events make to a reservation, so the sums depend on the events alone, not on
their order or on how they are divided into pages.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from common.room_night_value import (
    BOOKING,
    Difference,
    Move,
    differences,
    first_booking,
)
from dashboard_service.counting.hotel_time_zones import HotelTimeZones
from dashboard_service.counting.reservation_history import merge
from dashboard_service.data_provider_client import ProviderError
from dashboard_service.encoded_reservations import History, Reservation, decode, encode
from dashboard_service.models import Basis

BOOKED, STAY = Basis.BOOKED.value, Basis.STAY.value

# Hotel, basis, day, currency, room type, channel, segment; "" where a room-night has none.
PerformanceKey = tuple[int, str, str, str, str, str, str]
# Hotel, night of stay, day of the event, currency.
PaceKey = tuple[int, str, str, str]
Sums = list[int]  # room-nights, those with a rate, revenue in thousandths


class RevenueCounts:
    """Sums of room-nights and revenue; days of events are those of each hotel's time zone."""

    def __init__(self, time_zones: HotelTimeZones) -> None:
        self._zones = {hotel: ZoneInfo(name) for hotel, name in time_zones.items()}
        self._performance: defaultdict[PerformanceKey, Sums] = defaultdict(_no_sums)
        self._pace: defaultdict[PaceKey, Sums] = defaultdict(_no_sums)
        self._hotels: set[int] = set()

    def count_changes(
        self, stored: Mapping[Reservation, str], new: Mapping[Reservation, History]
    ) -> Iterator[tuple[Reservation, str]]:
        """Count what new events change, and yield each reservation with its new history.

        Args:
            stored: histories of before, encoded; a reservation that is missing has none.
            new: the new events.
        Raises: ProviderError when an event's time has no day in the hotel's time zone.
        """
        for reservation, history in new.items():
            text = stored.get(reservation)
            before = decode(text) if text is not None else None
            after = merge(before, history) if before is not None else history
            self._count(reservation[0], before, after, history)
            yield reservation, encode(after)

    def count_history(self, hotel: int, history: History) -> None:
        """Count all events of a reservation that was not counted before."""
        self._count(hotel, None, history, history)

    def _count(self, hotel: int, before: History | None, after: History, new: History) -> None:
        """Count the nights that new events touch, as they are after less as they were before."""
        self._hotels.add(hotel)
        if before is None and _has_one_event_each(after):  # most: booked, and nothing else yet
            for move, nights in after.items():
                if move[1] == BOOKING:
                    self._add(hotel, [first_booking(move)], nights, 1)
            return
        touched = {night for nights in new.values() for night in nights}
        for history, sign in ((before or {}, -1), (after, 1)):
            for moves, nights in _nights_by_moves(history, touched).items():
                self._add(hotel, differences(moves), nights, sign)

    def _add(self, hotel: int, found: list[Difference], nights: list[int], sign: int) -> None:
        zone = self._zones.get(hotel)
        for time, description, *values in found:
            day = time[:10] if zone is None else _day(time, zone)
            one, with_rate, revenue = (sign * value for value in values)
            booked = self._performance[hotel, BOOKED, day, *description]
            booked[0] += one * len(nights)
            booked[1] += with_rate * len(nights)
            booked[2] += revenue * len(nights)
            for number in nights:
                night = _night(number)
                for sums in (
                    self._performance[hotel, STAY, night, *description],
                    self._pace[hotel, night, day, description.currency],
                ):
                    sums[0] += one
                    sums[1] += with_rate
                    sums[2] += revenue

    def hotels(self) -> set[int]:
        """Return the hotels whose events were counted."""
        return self._hotels

    def performance(self) -> dict[PerformanceKey, tuple[int, ...]]:
        """Return the sums by basis, day and description, without those that are zero."""
        return {key: tuple(sums) for key, sums in self._performance.items() if any(sums)}

    def pace(self) -> dict[PaceKey, tuple[int, ...]]:
        """Return the sums by night of stay and day of the event, without those that are zero."""
        return {key: tuple(sums) for key, sums in self._pace.items() if any(sums)}


def _no_sums() -> Sums:
    return [0, 0, 0]


def _has_one_event_each(history: History) -> bool:
    """Return whether no night has two events."""
    if len(history) == 1:
        return True
    nights = [night for nights in history.values() for night in nights]
    return len(set(nights)) == len(nights)


def _nights_by_moves(history: History, touched: set[int]) -> dict[tuple[Move, ...], list[int]]:
    """Return the touched nights by their events: most nights of a stay have the same."""
    if all(touched.issuperset(nights) for nights in history.values()):
        sets = {tuple(nights) for nights in history.values()}
        if len(sets) == 1:  # the same nights in every event
            return {tuple(history): list(sets.pop())}
    moves_of: dict[int, list[Move]] = {}
    for move, nights in history.items():
        for night in nights:
            if night in touched:
                moves_of.setdefault(night, []).append(move)
    result: dict[tuple[Move, ...], list[int]] = {}
    for night, moves in moves_of.items():
        result.setdefault(tuple(moves), []).append(night)
    return result


@lru_cache(maxsize=10_000)
def _night(number: int) -> str:
    return date.fromordinal(number).isoformat()


@lru_cache(maxsize=10_000)
def _day(time: str, zone: ZoneInfo) -> str:
    try:
        return datetime.fromisoformat(time).replace(tzinfo=UTC).astimezone(zone).date().isoformat()
    except (ValueError, OverflowError) as error:
        raise ProviderError(f"an event has an invalid time: {time!r}") from error
