"""Where the ledger ends: a position up to which every event is visible, and the ledger's epoch.

The newest id alone is none: on PostgreSQL an event with a lower id may be committed later. The feed
holds such events back, so an event that the feed gives has all lower ids before it.
"""

import time
from typing import NamedTuple

from dashboard_service.data_provider_client import Provider, ProviderError

WAIT_SECONDS = 0.2
TRIES = 150  # half a minute; a writer's transaction takes less than a second


class LedgerEnd(NamedTuple):
    """The last event of the feed, 0 without events, and the epoch that it belongs to."""

    position: int
    epoch: str


def find_ledger_end(provider: Provider) -> LedgerEnd:
    """Return a position to follow the feed from, close to its end.

    Raises: ProviderError.
    """
    for _ in range(TRIES):
        status = provider.feed_status(0)
        newest = status.newest_position
        page = provider.feed(max(0, newest - 1), limit=1)
        if page.epoch == status.epoch and (page.events or not newest):
            return LedgerEnd(newest, page.epoch)
        time.sleep(WAIT_SECONDS)  # until the writers of lower ids have ended
    raise ProviderError("the feed does not reach its newest event: a writer has not ended")
