"""How far the figures are behind the ledger, for `GET /dashboard/status/`."""

import threading
import time
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
STATUS_SECONDS = 3  # in which the shares of a divided feed are asked for, one after the other
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

    Of a divided feed: the lowest position, the sum of the events and the oldest of them; `shares`
    then has the same of each share. Where all shares stand at one position the Data Provider is
    asked once, and each share's events are only known, and given, if there are none.

    `events_behind` is 0 exactly when every event is counted; a large number is an estimate, which
    `events_behind_is_estimate` says, and so is one while hotels wait to be recounted from the
    ledger: each counts as one event. `events_behind` and `seconds_behind` are None when the
    Data Provider gives no usable answer, and when the ledger was restored, so that the figures
    count events that it no longer has; `unknown_because` says why.
    """
    positions = FeedPosition.all_shares()
    moments = [position.updated_at for position in positions if position.updated_at]
    lag: dict[str, Any] = {
        "position": min(position.position for position in positions),
        "events_behind": None,
        "seconds_behind": None,
        "updated_at": max(moments, default=None),
    }
    try:
        statuses = _feed_statuses(provider, positions)
        ages = [_age_in_seconds(status.oldest_recorded_at) for status in statuses]
    except (ProviderError, ValueError, TypeError) as error:
        lag["unknown_because"] = str(
            next((reason for kind, reason in REASONS if isinstance(error, kind)), REASONS[-1][1])
        )
        return lag
    waiting = count_waiting_hotels()
    events = sum(status.events for status in statuses)
    lag |= {"events_behind": events + waiting, "seconds_behind": max(ages)}
    if waiting or any(status.is_estimate for status in statuses):
        lag["events_behind_is_estimate"] = True
    if len(positions) > 1:
        lag["shares"] = _lag_by_share(positions, statuses, ages)
    return lag


def _lag_by_share(
    positions: list[FeedPosition], statuses: list[FeedStatus], ages: list[float]
) -> list[dict[str, Any]]:
    if len(statuses) == len(positions):
        known: list[tuple[int | None, float | None]] = [
            (status.events, age) for status, age in zip(statuses, ages, strict=True)
        ]
    else:
        of_each = (None, None) if statuses[0].events else (0, 0.0)
        known = [of_each] * len(positions)
    return [
        {
            "share": row.share,
            "position": row.position,
            "events_behind": events,
            "seconds_behind": age,
        }
        for row, (events, age) in zip(positions, known, strict=True)
    ]


def _feed_statuses(provider: Provider, positions: list[FeedPosition]) -> list[FeedStatus]:
    """Ask the Data Provider, once where all shares stand at one position.

    Raises: ProviderError, at once when too many requests are waiting.
    """
    if not _requests.acquire(blocking=False):
        raise ProviderSlow("too many requests for the feed's status are waiting")
    try:
        if len({(row.position, row.epoch) for row in positions}) == 1:
            return [provider.feed_status(positions[0].position, positions[0].epoch)]
        give_up = time.monotonic() + STATUS_SECONDS
        statuses = []
        for row in positions:
            if time.monotonic() > give_up:
                raise ProviderSlow("the statuses of the feed's shares take too long")
            statuses.append(provider.feed_status(row.position, row.epoch, row.feed_share))
        return statuses
    finally:
        _requests.release()


def _age_in_seconds(oldest: str | None) -> float:
    if oldest is None:
        return 0.0
    age = datetime.now(UTC) - datetime.fromisoformat(oldest)
    return max(0.0, round(age.total_seconds(), 3))
