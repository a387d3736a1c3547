"""Divide the feed into shares of the hotels, each with a position of its own, or undo it.

N shares are followed by N updaters at once: share s has the hotels whose id leaves the remainder s
when divided by N. The number can be changed at any time while everything runs. All shares are first
brought to one position, and then, in one transaction that holds every share's lock, the rows of the
old layout are replaced by those of the new one at that position: every event is counted either
before it by an updater of the old layout, or after it by one of the new. An updater that is about
to add a batch finds its row gone and drops the batch. Killed at any moment, the command has changed
the layout, or has not.
"""

from collections.abc import Callable
from typing import NamedTuple

from common.value_limits import MAX_FEED_SHARES
from dashboard_service.counting.feed_updater import count_up_to, update_share
from dashboard_service.counting.updater_lock import all_positions_locked
from dashboard_service.data_provider_client import Provider, ProviderError
from dashboard_service.models import FeedPosition

# Ids between the shares' positions that are counted while all updaters wait: about a second's.
LOCKED_IDS = 20_000
MOST_APPROACHES = 10  # with events coming in faster than they are counted, it is done all the same


class LayoutChange(NamedTuple):
    """What was done: the numbers of shares, and where all shares stand."""

    before: int
    after: int
    position: int
    counted: int  # events that were counted to bring all shares there
    counted_locked: int  # of these, while all updaters waited


def change_layout(
    provider: Provider, shares: int, progress: Callable[[str], None] = lambda _: None
) -> LayoutChange:
    """Divide the feed into this many shares; 1 for an undivided feed.

    Args:
        progress: is called with a sentence about what is done next.

    Raises: ProviderError, ValueError for an impossible number; nothing has changed then, but that
        more events may have been counted.
    """
    if not 1 <= shares <= MAX_FEED_SHARES:
        raise ValueError(f"{shares} is no number of shares: give 1 to {MAX_FEED_SHARES}")
    rows = FeedPosition.all_shares()
    if len(rows) == shares:
        return LayoutChange(shares, shares, min(row.position for row in rows), 0, 0)
    if shares > 1:  # an older Data Provider refuses the parameters, and no share could be counted
        furthest = max(rows, key=lambda row: row.position)
        provider.feed(furthest.position, 1, furthest.epoch, (0, shares))
    counted = 0
    for _ in range(MOST_APPROACHES):
        if _distance(FeedPosition.all_shares()) <= LOCKED_IDS:
            break
        counted += _approach(provider, progress)
    with all_positions_locked() as positions:
        before = len(positions)
        counted_locked = _bring_to_one_position(provider, positions)
        _replace_rows(positions, shares)
        end = positions[0].position
    return LayoutChange(before, shares, end, counted + counted_locked, counted_locked)


def _distance(positions: list[FeedPosition]) -> int:
    numbers = [row.position for row in positions]
    return max(numbers) - min(numbers)


def _approach(provider: Provider, progress: Callable[[str], None]) -> int:
    """Count the shares that are behind, as updaters do; return how many events were counted."""
    rows = FeedPosition.all_shares()
    end = max(row.position for row in rows)
    counted = 0
    for row in sorted(rows, key=lambda row: row.position):
        if end - row.position > LOCKED_IDS:
            progress(f"share {row.share} of {row.shares} is counted from event {row.position:,}")
            counted += update_share(provider, row.share, row.shares)
    return counted


def _bring_to_one_position(provider: Provider, positions: list[FeedPosition]) -> int:
    end = max(positions, key=lambda row: row.position)
    counted = 0
    for row in positions:
        counted += count_up_to(provider, row, end.position)
        if row.epoch != end.epoch:
            raise ProviderError(
                "the shares are not of one ledger, which was restored: everything is recounted "
                "within a minute, then divide the feed"
            )
    return counted


def _replace_rows(positions: list[FeedPosition], shares: int) -> None:
    """Replace the locked rows, which stand at one position, by those of another layout."""
    first = positions[0]
    FeedPosition.objects.all().delete()
    for share in range(shares):
        row = FeedPosition.of_share(share, shares)
        row.position, row.room_night_position = first.position, first.position
        row.epoch = first.epoch
        row.rebuild_needed = any(
            row.rebuild_needed or row.room_night_position != row.position for row in positions
        )
        row.save(force_insert=True)
