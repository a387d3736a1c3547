"""Recount figures from the ledger's events and replace the stored ones in one transaction.

The old figures stay readable until then, and the new ones hold exactly the events up to the feed
position. A recount cuts days in the time zones of the hotels' profiles; it is how a changed time
zone takes effect.
"""

from collections.abc import Callable
from typing import Any

from django.db.models import F

from dashboard_service.counting import count_storage
from dashboard_service.counting.event_counts import EventCounts
from dashboard_service.counting.hotel_time_zones import HotelTimeZones, requested_time_zones
from dashboard_service.counting.updater_lock import locked_position
from dashboard_service.data_provider_client import LedgerRestored, Provider, ProviderError
from dashboard_service.models import FeedPosition, HotelProfile

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
        epoch = FeedPosition.current().epoch if hotel_id is not None else ""
        recount = _Recount(provider, time_zones, hotel_id, progress, epoch)
        # Read until few events are left to be read while the updaters wait.
        while (end := FeedPosition.current().position) - recount.position > LOCKED_READ_EVENTS:
            if not recount.read_until(end):
                break
        with locked_position() as position:
            if requested_time_zones() != time_zones:
                continue
            if not recount.read_until(position.position) and hotel_id is not None:
                raise ProviderError(
                    f"the feed ends before event {position.position}, to which the figures count: "
                    f"rebuild all hotels"
                )
            _replace_figures(recount, position, hotel_id)
            return recount.counted


def _replace_figures(recount: "_Recount", position: FeedPosition, hotel_id: int | None) -> None:
    if hotel_id is None:
        # Lower than before when the ledger was restored to an earlier state.
        position.position = min(position.position, recount.position)
        position.epoch = recount.epoch
        position.rebuild_needed = False
    count_storage.delete_counts(hotel_id)
    count_storage.add_counts(recount.counts)
    profiles = HotelProfile.objects.all()
    if hotel_id is not None:
        profiles = profiles.filter(hotel_id=hotel_id)
    profiles.update(counted_time_zone=F("time_zone"))
    position.save()


def rebuild_outdated(provider: Provider) -> list[int] | None:
    """Rebuild the hotels whose time zone was changed, or all hotels where that is needed.

    All hotels are rebuilt after an upgrade or a restore of the figures that requests it
    (`FeedPosition.rebuild_needed`), and when the figures are not known to be of the present ledger:
    it was restored, or their epoch was never stored.

    Returns: the hotels that were rebuilt; None for all.
    Raises: ProviderError.
    """
    position = FeedPosition.current()
    if position.rebuild_needed or not _is_of_present_ledger(provider, position):
        rebuild(provider)
        return None
    outdated = HotelProfile.objects.exclude(counted_time_zone=F("time_zone"))
    hotels = list(outdated.values_list("hotel_id", flat=True))
    for hotel in hotels:
        rebuild(provider, hotel)
    return hotels


def _is_of_present_ledger(provider: Provider, position: FeedPosition) -> bool:
    try:
        status = provider.feed_status(position.position, position.epoch)
    except LedgerRestored:
        return False
    # An older Data Provider gives no epoch: nothing to compare with until its upgrade is complete.
    return not status.epoch or not position.position or status.epoch == position.epoch


class _Recount:
    """Counts of the events up to a position, which `read_until` moves forward."""

    def __init__(
        self,
        provider: Provider,
        time_zones: HotelTimeZones,
        hotel_id: int | None,
        progress: Progress,
        epoch: str,
    ) -> None:
        self.counts = EventCounts(time_zones)
        self.position = 0
        self.counted = 0
        self._provider = provider
        self._hotel_id = hotel_id
        self.epoch = epoch
        self._progress = progress
        self._read = 0

    def read_until(self, end: int) -> bool:
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
        self.counts.add(selected)
        self.counted += len(selected)
        self._progress(self._read)
