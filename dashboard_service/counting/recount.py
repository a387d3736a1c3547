"""Recount figures from the ledger's events, hotel by hotel, each replaced in one transaction.

The old figures of a hotel stay readable until then, and the new ones hold exactly the events up to
the feed position. A recount cuts days in the time zone of the hotel's profile; it is how a changed
time zone takes effect. It also counts the earlier events of a hotel whose room-nights are followed
since an event with a rate or a description.

Where all hotels are concerned, one short transaction notes the position and the ledger that figures
are of from then on, and lists every hotel as waiting (`waiting_recounts`). Updaters go on from that
position: what they add to a hotel's old figures is replaced, and is part of the new ones. So a
recount of all can be killed anywhere and goes on with the hotels that still wait.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.db import Error
from django.db.models import F

from dashboard_service.counting import count_storage, revenue_storage, waiting_recounts
from dashboard_service.counting.event_counts import EventCounts
from dashboard_service.counting.figure_hotels import hotels_of_figures, hotels_of_ledger
from dashboard_service.counting.hotel_claims import Claim
from dashboard_service.counting.hotel_time_zones import HotelTimeZones, requested_time_zones
from dashboard_service.counting.ledger_end import find_ledger_end
from dashboard_service.counting.reservation_history import rich_hotels
from dashboard_service.counting.revenue_counts import RevenueCounts
from dashboard_service.counting.room_night_events import RoomNightEvents
from dashboard_service.counting.updater_lock import all_positions_locked, locked_position
from dashboard_service.data_provider_client import LedgerRestored, Provider, ProviderError
from dashboard_service.encoded_reservations import Reservation
from dashboard_service.models import FeedPosition, HotelProfile, HotelRecount

LOCKED_READ_EVENTS = 20_000  # two pages of the feed, which take less than a second
RETRY_SECONDS = 60  # after which a hotel whose recount failed is tried again
OTHERS_SECONDS = 0.5  # between two looks whether others have ended
Progress = Callable[[int], None]  # is called with the number of events read so far


def rebuild(
    provider: Provider, hotel_id: int | None = None, progress: Progress = lambda _: None
) -> int:
    """Recount and replace the stored figures; of all hotels, also what others recount is awaited.

    Args:
        hotel_id: only this hotel; None for all, those of the figures and those of the ledger.

    Returns: how many events were counted by this process.
    Raises: ProviderError; a hotel that was not recounted has its old figures, and waits if all
        were to be recounted.
    """
    if hotel_id is not None:
        return rebuild_hotel(provider, hotel_id, progress)
    request_all(provider)
    counted = 0
    while HotelRecount.objects.exists():
        before = counted
        _, events = recount_waiting(provider, progress=lambda read: progress(before + read))  # noqa: B023
        counted += events
        if HotelRecount.objects.exists():
            time.sleep(OTHERS_SECONDS)
    return counted


def rebuild_hotel(provider: Provider, hotel_id: int, progress: Progress = lambda _: None) -> int:
    """Recount and replace the figures of one hotel, and return how many events it has.

    Most events are read without a lock; the events that updaters counted meanwhile are read while
    the position is locked, so that the new figures hold exactly the events up to the position.

    Raises: ProviderError; the figures are unchanged then.
    """
    own: str | None = None  # request, if nobody else had the hotel waiting
    while True:
        request, is_new = waiting_recounts.request_one(hotel_id)
        own = request if is_new else own
        try:
            counted = _try_to_rebuild(provider, hotel_id, request, progress)
        except ProviderError:
            if own:
                waiting_recounts.withdraw(hotel_id, own)
            raise
        if counted is not None:
            return counted


def _try_to_rebuild(
    provider: Provider, hotel_id: int, request: str, progress: Progress
) -> int | None:
    """Return how many events a hotel has; None when they were read of what changed meanwhile."""
    time_zones = _requested(hotel_id)
    recount = Recount(provider, time_zones, hotel_id, progress)
    recount.read_most()
    with locked_position(hotel_id) as position:
        if (
            not recount.belongs_to(position)
            or _requested(hotel_id) != time_zones
            or waiting_recounts.request_of(hotel_id) != request
        ):
            return None
        recount.read_rest(position)
        _replace_figures(recount, hotel_id)
        waiting_recounts.is_done(hotel_id)
        position.save()  # it says when figures last changed
    return recount.counted


def _requested(hotel_id: int) -> HotelTimeZones:
    return {hotel: zone for hotel, zone in requested_time_zones().items() if hotel == hotel_id}


def _replace_figures(recount: "Recount", hotel_id: int) -> None:
    is_followed = hotel_id in revenue_storage.room_night_hotels() or hotel_id in recount.rich_hotels
    count_storage.delete_counts(hotel_id)
    count_storage.add_counts(recount.counts)
    revenue_storage.delete_room_nights(hotel_id)
    if is_followed:
        revenue_storage.save_recount(recount.histories, recount.revenue)
        revenue_storage.mark_room_night_hotels({hotel_id: True})
        count_storage.mark_as_changed(recount.revenue.hotels() - recount.counts.hotels())
    HotelProfile.objects.filter(pk=hotel_id).update(counted_time_zone=F("time_zone"))


def request_all(provider: Provider, *, only_if_needed: bool = False) -> None:
    """Note which ledger figures are of from now on, and list every hotel as waiting.

    Args:
        only_if_needed: do nothing if somebody else has done it meanwhile.
    Raises: ProviderError.
    """
    # Read before the end: what updaters count meanwhile lies beyond it, and is of no other ledger.
    counted_to = max(position.position for position in FeedPosition.all_shares())
    end = find_ledger_end(provider)
    # After the end: every hotel with an event up to it is in the list, whoever writes meanwhile.
    hotels = hotels_of_ledger(provider)
    with all_positions_locked() as positions:
        of_another = [
            position
            for position in positions
            if position.position and (position.epoch != end.epoch or counted_to > end.position)
        ]
        if only_if_needed and not (
            of_another or any(position.rebuild_needed for position in positions)
        ):
            return
        for position in positions:
            if position in of_another:
                position.position = end.position
            position.room_night_position = position.position
            position.epoch = end.epoch
            position.rebuild_needed = False
            position.save()
        waiting_recounts.request_all(hotels | hotels_of_figures())


def rebuild_outdated(
    provider: Provider, keep_going: Callable[[], bool] = lambda: True
) -> list[int] | None:
    """Recount the hotels that need it, or all hotels where that is needed.

    All hotels are recounted after an upgrade or a restore of the figures that requests it
    (`FeedPosition.rebuild_needed`), and when the figures are not known to be of the present ledger:
    it was restored, or their epoch was never stored.

    Args:
        keep_going: asked before each hotel; those that are left wait for the next run.
    Returns: the hotels that were recounted; None if all were requested.
    Raises: ProviderError; the other hotels were recounted.
    """
    positions = FeedPosition.all_shares()
    is_everything = any(
        position.rebuild_needed for position in positions
    ) or not _are_of_present_ledger(provider, positions)
    if is_everything:
        request_all(provider, only_if_needed=True)
    waiting_recounts.request_outdated()
    hotels, _ = recount_waiting(provider, keep_going)
    return None if is_everything else sorted(hotels)


def recount_waiting(
    provider: Provider,
    keep_going: Callable[[], bool] = lambda: True,
    progress: Progress = lambda _: None,
) -> tuple[list[int], int]:
    """Recount hotels that wait and that no other worker has; return them, and their events.

    A hotel that cannot be recounted is tried again after RETRY_SECONDS, and delays no other.

    Raises: ProviderError of the first such hotel, at the end; at once if the provider is away.
    """
    done: list[int] = []
    counted = 0
    first_error: ProviderError | None = None
    while keep_going() and (claim := waiting_recounts.claim_next()):
        try:
            counted += rebuild_hotel(provider, claim.hotel_id, _renewing(claim, progress, counted))
            done.append(claim.hotel_id)
        except LedgerRestored:
            claim.put_back()
            raise  # all hotels are to be recounted
        except ProviderError as error:
            claim.put_back(RETRY_SECONDS)
            provider.feed_status(0)
            first_error = first_error or error
        except BaseException:
            with suppress(Error):
                claim.put_back()
            raise
    if first_error:
        raise first_error
    return done, counted


def _renewing(claim: Claim[HotelRecount], progress: Progress, before: int) -> Progress:
    def renew_and_tell(events: int) -> None:
        claim.renew()
        progress(before + events)

    return renew_and_tell


def _are_of_present_ledger(provider: Provider, positions: list[FeedPosition]) -> bool:
    furthest = max(positions, key=lambda row: row.position)
    try:
        status = provider.feed_status(furthest.position, furthest.epoch)
    except LedgerRestored:
        return False
    # An older Data Provider gives no epoch: nothing to compare with until its upgrade is complete.
    return not status.epoch or all(row.epoch == status.epoch for row in positions if row.position)


class Recount:
    """Counts of a hotel's events up to a position.

    Most events are read without a lock (`read_most`), the rest while it is held (`read_rest`). The
    reservations' histories are kept encoded, also of a hotel whose room-nights are not followed
    yet: one of its events may have a rate.
    """

    def __init__(
        self,
        provider: Provider,
        time_zones: HotelTimeZones,
        hotel_id: int,
        progress: Progress = lambda _: None,
    ) -> None:
        self.counts = EventCounts(time_zones)
        self.revenue = RevenueCounts(time_zones)
        self.histories: dict[Reservation, str] = {}
        self.rich_hotels: set[int] = set()
        self.position = 0
        self.counted = 0
        self.epoch = FeedPosition.of_hotel(hotel_id).epoch
        self._room_nights = RoomNightEvents({hotel_id: True})
        self._provider = provider
        self._hotel_id = hotel_id
        self._progress = progress
        self._read = 0

    def belongs_to(self, position: FeedPosition) -> bool:
        """Return whether what was read is of the position's ledger, and not beyond it."""
        return position.epoch == self.epoch and position.position >= self.position

    def read_most(self) -> None:
        """Read until few events are left to be read while the updaters wait.

        Raises: ProviderError.
        """
        while True:
            end = FeedPosition.of_hotel(self._hotel_id).position
            is_near = end - self.position <= LOCKED_READ_EVENTS
            if (is_near and (self.position or not end)) or not self._read_until(end):
                return

    def read_rest(self, position: FeedPosition) -> None:
        """Read up to the locked position.

        Raises: ProviderError.
        """
        if not self._read_until(position.position):
            raise ProviderError(
                f"the feed ends before event {position.position}, to which the figures count: "
                f"rebuild all hotels"
            )

    def _read_until(self, end: int) -> bool:
        """Count the events up to and including `end`.

        Returns: False when the feed ends before it.
        """
        if self.position == 0:
            for events in self._provider.events(self._hotel_id):
                self._count(events, end)
            self.position = end
        if self.position >= end:
            return True
        for page in self._provider.follow(self.position, self.epoch):
            self._count(page.events, end)
            self.position = min(end, page.position)
            if self.position == end:
                return True
        return False

    def _count(self, events: list[dict[str, Any]], end: int) -> None:
        self._read += len(events)
        selected = [
            event for event in events if event["id"] <= end and event["hotel_id"] == self._hotel_id
        ]
        self.rich_hotels |= rich_hotels(selected)
        self._room_nights.add(selected, lambda hotels: self.counts.hotels() & hotels)
        self.counts.add(selected)
        new, self._room_nights.histories = self._room_nights.histories, {}
        self.histories.update(self.revenue.count_changes(self.histories, new))
        self.counted += len(selected)
        self._progress(self._read)
