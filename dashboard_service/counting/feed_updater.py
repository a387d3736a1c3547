"""Follow the Data Provider's feed and add its events to the figures, each exactly once.

Exactly-once rests on two things: the feed gives every event once, in order, and one transaction
adds the counts of its pages and moves the position, or does neither. Pages that another updater
applied in the meantime are dropped and read again, so two updaters never count the same page.
Pages that were counted in a time zone that a hotel no longer has are dropped and read again too.

Room-nights and revenue of the hotels that have them are part of the same transaction.
"""

import logging
from collections.abc import Callable, Iterator

from dashboard_service.counting import count_storage, revenue_storage
from dashboard_service.counting.event_counts import EventCounts
from dashboard_service.counting.hotel_time_zones import counted_time_zones
from dashboard_service.counting.revenue_counts import RevenueCounts
from dashboard_service.counting.room_night_events import RoomNightEvents
from dashboard_service.counting.updater_lock import locked_position
from dashboard_service.data_provider_client import FeedPage, Provider, ProviderError
from dashboard_service.models import FeedPosition, HotelFigures

logger = logging.getLogger(__name__)

PAGES_AT_ONCE = 5  # in one transaction, which takes about half a second


def update(provider: Provider, keep_going: Callable[[], bool] = lambda: True) -> int:
    """Follow the feed to its end, or until `keep_going` returns False.

    Returns: how many events were counted.
    Raises: ProviderError; pages that were counted before it stay counted. LedgerRestored when the
        figures count events of a former ledger: `recount.rebuild_outdated` recounts everything.
    """
    counted = 0
    start = FeedPosition.current()
    first = start.position
    try:
        while True:
            for batch in _batches(provider, start, keep_going):
                end = _apply(batch, start)
                if end is None:
                    break  # another process changed the figures: go on from its position
                counted += batch.events
                start = end
            else:
                return counted
            if not keep_going():
                return counted
            start = FeedPosition.current()
    finally:
        if counted:
            logger.info(
                "counted %s events, feed position %s to %s", f"{counted:,}", first, start.position
            )


class _Batch:
    """Counts of consecutive pages of the feed."""

    def __init__(self) -> None:
        self.time_zones = counted_time_zones()
        self.counts = EventCounts(self.time_zones)
        self.room_nights = RoomNightEvents(revenue_storage.room_night_hotels())
        self.pages = self.events = self.end = 0
        self.epoch = ""

    def add(self, page: FeedPage) -> None:
        self.room_nights.add(page.events, self._with_earlier_events)
        self.counts.add(page.events)
        self.pages += 1
        self.events += len(page.events)
        self.end = page.position
        self.epoch = page.epoch

    def _with_earlier_events(self, hotels: set[int]) -> set[int]:
        saved = HotelFigures.objects.filter(hotel_id__in=hotels).values_list("hotel_id", flat=True)
        return (self.counts.hotels() & hotels) | set(saved)


def _batches(
    provider: Provider, start: FeedPosition, keep_going: Callable[[], bool]
) -> Iterator[_Batch]:
    """Yield the counts of the feed after `start`, of several pages at once when far behind.

    Consecutive pages share most of their days and nights: counted together, a shared row is
    written once instead of once for each page.
    """
    pages = provider.follow(start.position, start.epoch)
    batch: _Batch | None = None
    has_more = True
    while has_more:
        try:
            page = next(pages, None)
        except ProviderError:
            if batch is not None:
                yield batch  # the pages before the error are complete
            raise
        if page is not None:
            batch = batch or _Batch()
            batch.add(page)
        has_more = page is not None and page.has_more and keep_going()
        if batch is not None and (batch.pages == PAGES_AT_ONCE or not has_more):
            yield batch
            batch = None


def _apply(batch: _Batch, start: FeedPosition) -> FeedPosition | None:
    """Add a batch's counts and move the position in one transaction.

    Returns: the new position. None, and changes nothing, when another updater moved the position
    from `start`, or when a hotel was recounted since the batch was read.
    """
    new = batch.room_nights
    with locked_position() as position:
        is_moved = (position.position, position.epoch) != (start.position, start.epoch)
        if is_moved or counted_time_zones() != batch.time_zones:
            return None
        if revenue_storage.room_night_hotels() != new.hotels_before:
            return None
        count_storage.add_counts(batch.counts)
        if new.discovered:
            revenue_storage.mark_room_night_hotels(new.discovered)
        revenue = RevenueCounts(batch.time_zones)
        revenue_storage.add_new_events(new.histories, revenue)
        count_storage.mark_as_changed(revenue.hotels() - batch.counts.hotels())
        if position.position != position.room_night_position:
            position.rebuild_needed = True  # an older version counted events
        if position.position == 0:  # without figures any ledger is the right one
            position.epoch = batch.epoch
        position.position = position.room_night_position = batch.end
        position.save()
    return position
