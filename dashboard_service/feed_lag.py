"""How far the figures are behind the ledger, for `GET /dashboard/status/`."""

import threading
from datetime import UTC, datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from dashboard_service.data_provider_client import (
    FeedStatus,
    KeyRefused,
    LedgerRestored,
    Provider,
    ProviderError,
    ProviderSlow,
)
from dashboard_service.figures.freshness import count_waiting_hotels
from dashboard_service.models import FeedPosition

# Where one server runs both services, a status request occupies one of its threads while the Data
# Provider's answer needs another. With at most half of a process's threads waiting, there is always
# one left to answer.
CONCURRENT_REQUESTS = 4
# Why the lag is unknown, for clients: no addresses, and no blame for a setting without a reason.
REASONS: tuple[tuple[type[Exception], Promise], ...] = (
    (
        LedgerRestored,
        gettext_lazy("the ledger was restored: everything is recounted within a minute"),
    ),
    (ProviderSlow, gettext_lazy("the ledger is slow to answer: ask again")),
    (KeyRefused, gettext_lazy("the ledger refuses the dashboard service's key")),
    (ProviderError, gettext_lazy("the ledger cannot be reached, or gave no usable answer")),
)
_requests = threading.BoundedSemaphore(CONCURRENT_REQUESTS)


def feed_lag(provider: Provider) -> dict[str, Any]:
    """Return the feed position of the figures, and how many events and seconds they are behind.

    `events_behind` is 0 exactly when every event is counted; a large number is an estimate, which
    `events_behind_is_estimate` says, and so is one while hotels wait to be recounted from the
    ledger: each counts as one event. `events_behind` and `seconds_behind` are None when the
    Data Provider gives no usable answer, and when the ledger was restored, so that the figures
    count events that it no longer has; `unknown_because` says why.
    """
    position = FeedPosition.current()
    lag: dict[str, Any] = {
        "position": position.position,
        "events_behind": None,
        "seconds_behind": None,
        "updated_at": position.updated_at,
    }
    try:
        status = _feed_status(provider, position)
        seconds = _age_in_seconds(status.oldest_recorded_at)
    except (ProviderError, ValueError, TypeError) as error:
        lag["unknown_because"] = str(
            next((reason for kind, reason in REASONS if isinstance(error, kind)), REASONS[-1][1])
        )
        return lag
    waiting = count_waiting_hotels()
    lag |= {"events_behind": status.events + waiting, "seconds_behind": seconds}
    if status.is_estimate or waiting:
        lag["events_behind_is_estimate"] = True
    return lag


def _feed_status(provider: Provider, position: FeedPosition) -> FeedStatus:
    """Ask the Data Provider. Raises: ProviderError, at once when too many requests are waiting."""
    if not _requests.acquire(blocking=False):
        raise ProviderSlow("too many requests for the feed's status are waiting")
    try:
        return provider.feed_status(position.position, position.epoch)
    finally:
        _requests.release()


def _age_in_seconds(oldest: str | None) -> float:
    if oldest is None:
        return 0.0
    age = datetime.now(UTC) - datetime.fromisoformat(oldest)
    return max(0.0, round(age.total_seconds(), 3))
