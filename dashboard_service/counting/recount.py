"""Recount figures from the ledger's events and replace the stored ones in one transaction.

The old figures stay readable until then, and the new ones hold exactly the events up to the feed
position. A recount cuts days in the time zones of the hotels' profiles; it is how a changed time
zone takes effect. It also counts the earlier events of a hotel whose room-nights are followed since
an event with a rate or a description.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import F

from dashboard_service.counting import count_storage, revenue_storage
from dashboard_service.counting.event_counts import EventCounts
from dashboard_service.counting.hotel_time_zones import HotelTimeZones, requested_time_zones
from dashboard_service.counting.reservation_history import rich_hotels
from dashboard_service.counting.revenue_counts import RevenueCounts
from dashboard_service.counting.room_night_events import RoomNightEvents
from dashboard_service.counting.updater_lock import all_positions_locked, locked_position
from dashboard_service.data_provider_client import LedgerRestored, Provider, ProviderError
from dashboard_service.encoded_reservations import Reservation
from dashboard_service.models import FeedPosition, HotelProfile, RoomNightHotel

LOCKED_READ_EVENTS = 20_000  # two pages of the feed, which take less than a second
Progress = Callable[[int], None]  # is called with the number of events read so far


def rebuild(
    provider: Provider, hotel_id: int | None = None, progress: Progress = lambda _: None
) -> int:
    """Recount and replace the stored figures.

    Most events are read without a lock; the events that updaters counted meanwhile are read while
    the position is locked, so that the new figures hold exactly the events up to the position.

    Args:
        hotel_id: only this hotel, from its own events; None for all, from the start of the feed.

    Returns: how many events were counted.
    Raises: ProviderError; the figures are unchanged then.
    """
    while True:
        time_zones = requested_time_zones()
        recount = Recount(provider, time_zones, hotel_id, progress)
        recount.read_most()
        with _locked_positions(hotel_id) as positions:
            if requested_time_zones() != time_zones:
                continue
            recount.read_rest(_furthest(positions))
            _replace_figures(recount, positions, hotel_id)
        break
    counted = recount.counted
    if hotel_id is None:
        counted += sum(rebuild(provider, hotel, progress) for hotel in uncounted_hotels())
    return counted


@contextmanager
def _locked_positions(hotel_id: int | None) -> Iterator[list[FeedPosition]]:
    """Lock the position of a hotel's share, None for those of all shares."""
    if hotel_id is None:
        with all_positions_locked() as positions:
            yield positions
    else:
        with locked_position(hotel_id) as position:
            yield [position]


def _furthest(positions: list[FeedPosition]) -> FeedPosition:
    """Return the position to which all shares are recounted."""
    return max(positions, key=lambda row: row.position)


def _replace_figures(
    recount: "Recount", positions: list[FeedPosition], hotel_id: int | None
) -> None:
    profiles = HotelProfile.objects.all()
    followed = revenue_storage.room_night_hotels()
    if hotel_id is None:
        # Lower than before when the ledger was restored to an earlier state.
        end = min(_furthest(positions).position, recount.position)
        for position in positions:
            position.position = position.room_night_position = end
            position.epoch = recount.epoch
            position.rebuild_needed = False
        # A hotel that is followed since the recount began is recounted once more.
        followed = dict.fromkeys(followed, False) | recount.followed()
    else:
        profiles = profiles.filter(hotel_id=hotel_id)
        is_followed = hotel_id in followed or hotel_id in recount.rich_hotels
        followed = {hotel_id: True} if is_followed else {}
    count_storage.delete_counts(hotel_id)
    count_storage.add_counts(recount.counts)
    revenue_storage.delete_room_nights(hotel_id)
    if followed:
        revenue_storage.save_recount(recount.histories, recount.revenue)
        revenue_storage.mark_room_night_hotels(followed)
        count_storage.mark_as_changed(recount.revenue.hotels() - recount.counts.hotels())
    profiles.update(counted_time_zone=F("time_zone"))
    for position in positions:
        position.save()


def uncounted_hotels() -> list[int]:
    """Return the hotels whose room-nights are followed, and not counted yet."""
    rows = RoomNightHotel.objects.filter(is_counted=False).order_by("hotel_id")
    return list(rows.values_list("hotel_id", flat=True))


def rebuild_outdated(provider: Provider) -> list[int] | None:
    """Rebuild the hotels that need it, or all hotels where that is needed.

    A hotel needs it when its time zone was changed, or when its room-nights are followed and not
    counted yet.

    All hotels are rebuilt after an upgrade or a restore of the figures that requests it
    (`FeedPosition.rebuild_needed`), and when the figures are not known to be of the present ledger:
    it was restored, or their epoch was never stored.

    Returns: the hotels that were rebuilt; None for all.
    Raises: ProviderError.
    """
    positions = FeedPosition.all_shares()
    is_needed = any(row.rebuild_needed for row in positions)
    if is_needed or not _are_of_present_ledger(provider, positions):
        rebuild(provider)
        return None
    outdated = HotelProfile.objects.exclude(counted_time_zone=F("time_zone"))
    hotels = sorted({*outdated.values_list("hotel_id", flat=True), *uncounted_hotels()})
    for hotel in hotels:
        rebuild(provider, hotel)
    return hotels


def _are_of_present_ledger(provider: Provider, positions: list[FeedPosition]) -> bool:
    position = _furthest(positions)
    try:
        status = provider.feed_status(position.position, position.epoch)
    except LedgerRestored:
        return False
    # An older Data Provider gives no epoch: nothing to compare with until its upgrade is complete.
    return not status.epoch or all(row.epoch == status.epoch for row in positions if row.position)


class Recount:
    """Counts of the events up to a position, of one hotel or of all (None).

    Most events are read without a lock (`read_most`), the rest while it is held (`read_rest`).
    Of the hotels whose room-nights are followed, the reservations' histories are kept encoded; a
    recount of one hotel follows it in any case.
    """

    def __init__(
        self,
        provider: Provider,
        time_zones: HotelTimeZones,
        hotel_id: int | None,
        progress: Progress = lambda _: None,
    ) -> None:
        self.counts = EventCounts(time_zones)
        self.revenue = RevenueCounts(time_zones)
        self.histories: dict[Reservation, str] = {}
        self.rich_hotels: set[int] = set()
        self.position = 0
        self.counted = 0
        self.epoch = FeedPosition.of_hotel(hotel_id).epoch if hotel_id is not None else ""
        hotels = [hotel_id] if hotel_id is not None else revenue_storage.room_night_hotels()
        self._room_nights = RoomNightEvents(dict.fromkeys(hotels, True))
        self._provider = provider
        self._hotel_id = hotel_id
        self._progress = progress
        self._read = 0

    def followed(self) -> revenue_storage.RoomNightHotels:
        """Return the hotels whose room-nights are followed, and whether they were counted."""
        return self._room_nights.hotels_before | self._room_nights.discovered

    def read_most(self) -> None:
        """Read until few events are left to be read while the updaters wait.

        Raises: ProviderError.
        """
        while (end := self._counted_to()) - self.position > LOCKED_READ_EVENTS:
            if not self._read_until(end):
                return

    def _counted_to(self) -> int:
        if self._hotel_id is not None:
            return FeedPosition.of_hotel(self._hotel_id).position
        return _furthest(FeedPosition.all_shares()).position

    def read_rest(self, position: FeedPosition) -> None:
        """Read up to the locked position; of all hotels, up to the feed's end if it is before it.

        Raises: ProviderError.
        """
        if not self._read_until(position.position) and self._hotel_id is not None:
            raise ProviderError(
                f"the feed ends before event {position.position}, to which the figures count: "
                f"rebuild all hotels"
            )

    def _read_until(self, end: int) -> bool:
        """Count the events up to and including `end`.

        Returns: False when the feed ends before it.
        """
        if self._hotel_id is not None and self.position == 0:
            for events in self._provider.events(self._hotel_id):
                self._count(events, end)
            self.position = end
        if self.position >= end:
            return True
        for page in self._provider.follow(self.position, self.epoch):
            self.epoch = page.epoch
            self._count(page.events, end)
            self.position = min(end, page.position)
            if self.position == end:
                return True
        return False

    def _count(self, events: list[dict[str, Any]], end: int) -> None:
        self._read += len(events)
        selected = [
            event
            for event in events
            if event["id"] <= end and self._hotel_id in (None, event["hotel_id"])
        ]
        self.rich_hotels |= rich_hotels(selected)
        self._room_nights.add(selected, lambda hotels: self.counts.hotels() & hotels)
        self.counts.add(selected)
        new, self._room_nights.histories = self._room_nights.histories, {}
        self.histories.update(self.revenue.count_changes(self.histories, new))
        self.counted += len(selected)
        self._progress(self._read)
