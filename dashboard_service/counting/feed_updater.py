"""Follow the Data Provider's feed and add its events to the figures, each exactly once.

Exactly-once rests on two things: the feed gives every event once, in order, and one transaction
adds the counts of its pages and moves the position, or does neither. Pages that another updater
applied in the meantime are dropped and read again, so two updaters never count the same page.
Pages that were counted in a time zone that a hotel no longer has are dropped and read again too.

A feed that is divided (`share_layout`) has a position for each share of the hotels, and each share
is followed by itself: an updater locks no other share's position, and what changes in another share
does not make it drop its pages. Events of one hotel are all of one share, so they stay in order.

Room-nights and revenue of the hotels that have them are part of the same transaction.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.utils import timezone

from dashboard_service.counting import count_storage, revenue_storage
from dashboard_service.counting.event_counts import EventCounts
from dashboard_service.counting.hotel_time_zones import HotelTimeZones, counted_time_zones
from dashboard_service.counting.revenue_counts import RevenueCounts
from dashboard_service.counting.room_night_events import RoomNightEvents
from dashboard_service.counting.updater_lock import locked_share
from dashboard_service.data_provider_client import FeedPage, Provider, ProviderError
from dashboard_service.models import CLAIM_SECONDS, FeedPosition, HotelFigures

logger = logging.getLogger(__name__)

PAGES_AT_ONCE = 5  # in one transaction, which takes about half a second


def update(provider: Provider, keep_going: Callable[[], bool] = lambda: True) -> int:
    """Follow the feed to its end, or until `keep_going` returns False; shares one after the other.

    Returns: how many events were counted.
    Raises: ProviderError; pages that were counted before it stay counted. LedgerRestored when the
        figures count events of a former ledger: `recount.rebuild_outdated` recounts everything.
    """
    counted = 0
    while True:
        rows = FeedPosition.all_shares()
        counted += sum(update_share(provider, row.share, row.shares, keep_going) for row in rows)
        if not keep_going() or len(rows) == len(FeedPosition.all_shares()):
            return counted


def update_share(
    provider: Provider, share: int, shares: int, keep_going: Callable[[], bool] = lambda: True
) -> int:
    """Follow one share of the feed, as `update` does; do nothing when there is no such share.

    Args:
        share: the hotels whose id leaves this number when divided by `shares`.
        shares: into how many shares the feed is divided; 1 if it is not.
    """
    start = first = _stored_position(share, shares)
    counted = 0
    try:
        while start is not None:
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
            start = _stored_position(share, shares)
        return counted  # the feed is divided otherwise since
    finally:
        if counted and first and start:
            of_share = f" of share {share} of {shares}" if shares > 1 else ""
            numbers = f"{counted:,}", first.position, start.position, of_share
            logger.info("counted %s events, feed position %s to %s%s", *numbers)


def count_up_to(provider: Provider, position: FeedPosition, end: int) -> int:
    """Count a share's events up to and including `end`, in the caller's transaction.

    Args:
        position: locked by the caller, who saves it; it is moved to `end`.

    Returns: how many events were counted.
    Raises: ProviderError.
    """
    if position.position >= end:
        return 0
    batch = Batch(position)
    for page in provider.follow(position.position, position.epoch, position.feed_share):
        events = [event for event in page.events if event["id"] <= end]
        batch.add(page._replace(events=events, position=min(end, page.position)))
        if batch.end == end:
            _add(batch, position)
            return batch.events
    raise ProviderError(f"the feed ends before event {end}, to which another share is counted")


def _stored_position(share: int, shares: int) -> FeedPosition | None:
    rows = FeedPosition.all_shares()
    return rows[share] if len(rows) == shares else None


class Batch:
    """Counts of consecutive pages of the feed.

    Args:
        share: the position of the share that the pages are of.
    """

    def __init__(self, share: FeedPosition) -> None:
        self.time_zones = _time_zones(share)
        self.counts = EventCounts(self.time_zones)
        self.room_nights = RoomNightEvents(_room_night_hotels(share))
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
) -> Iterator[Batch]:
    """Yield the counts of the feed after `start`, of several pages at once when far behind.

    Consecutive pages share most of their days and nights: counted together, a shared row is
    written once instead of once for each page.
    """
    pages = provider.follow(start.position, start.epoch, start.feed_share)
    batch: Batch | None = None
    has_more = True
    while has_more:
        try:
            page = next(pages, None)
        except ProviderError:
            if batch is not None:
                yield batch  # the pages before the error are complete
            raise
        if page is not None:
            batch = batch or Batch(start)
            batch.add(page)
        has_more = page is not None and page.has_more and keep_going()
        if batch is not None and (batch.pages == PAGES_AT_ONCE or not has_more):
            yield batch
            batch = None


def _apply(batch: Batch, start: FeedPosition) -> FeedPosition | None:
    """Add a batch's counts and move the position in one transaction.

    Returns: the new position. None, and changes nothing, when another updater moved the position
    from `start`, when the feed is divided otherwise since, or when a hotel of the share was
    recounted since the batch was read.
    """
    with locked_share(start) as position:
        if position is None:
            return None
        is_moved = (position.position, position.epoch) != (start.position, start.epoch)
        if is_moved or _time_zones(position) != batch.time_zones:
            return None
        if _room_night_hotels(position) != batch.room_nights.hotels_before:
            return None
        _add(batch, position)
        if position.claim:
            position.claimed_until = timezone.now() + timedelta(seconds=CLAIM_SECONDS)
        position.save()
    return position


def _add(batch: Batch, position: FeedPosition) -> None:
    """Add a batch's counts and move the locked position, which the caller saves."""
    new = batch.room_nights
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


def _time_zones(share: FeedPosition) -> HotelTimeZones:
    return {hotel: zone for hotel, zone in counted_time_zones().items() if share.has_hotel(hotel)}


def _room_night_hotels(share: FeedPosition) -> revenue_storage.RoomNightHotels:
    hotels = revenue_storage.room_night_hotels()
    return {hotel: is_counted for hotel, is_counted in hotels.items() if share.has_hotel(hotel)}
