"""How far the figures are behind the ledger, for `GET /dashboard/status/`."""

import threading
from datetime import UTC, datetime
from typing import Any

from dashboard_service.data_provider_client import FeedStatus, Provider, ProviderError
from dashboard_service.models import FeedPosition

# Where one server runs both services, a status request occupies one of its threads while the Data
# Provider's answer needs another. With at most half of a process's threads waiting, there is always
# one left to answer.
CONCURRENT_REQUESTS = 4
_requests = threading.BoundedSemaphore(CONCURRENT_REQUESTS)


def feed_lag(provider: Provider) -> dict[str, Any]:
    """Return the feed position of the figures, and how many events and seconds they are behind.

    `events_behind` and `seconds_behind` are None when the Data Provider gives no usable answer, and
    when the ledger ends before the position: it was restored, and the figures count events that it
    no longer has.
    """
    position = FeedPosition.current()
    lag: dict[str, Any] = {
        "position": position.position,
        "events_behind": None,
        "seconds_behind": None,
        "updated_at": position.updated_at,
    }
    try:
        status = _feed_status(provider, position.position)
        if not status.is_shorter:
            lag["events_behind"] = status.events
            lag["seconds_behind"] = _age_in_seconds(status.oldest_recorded_at)
    except (ProviderError, ValueError, TypeError):
        pass  # the answer is None: unknown
    return lag


def _feed_status(provider: Provider, position: int) -> FeedStatus:
    """Ask the Data Provider. Raises: ProviderError, at once when too many requests are waiting."""
    if not _requests.acquire(blocking=False):
        raise ProviderError("too many requests for the feed's status are waiting")
    try:
        return provider.feed_status(position)
    finally:
        _requests.release()


def _age_in_seconds(oldest: str | None) -> float:
    if oldest is None:
        return 0.0
    age = datetime.now(UTC) - datetime.fromisoformat(oldest)
    return max(0.0, round(age.total_seconds(), 3))
