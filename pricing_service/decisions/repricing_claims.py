"""Gives each hotel that is due to one worker at a time: claims, their end, and failures.

A claim is a lease in the database (`common.row_claims`): a hotel whose worker was killed is free
again when it ends. The hotel that has been due for longest comes first. Hotels whose rules changed
go before the others, but for every fourth turn, so that nobody who saves rules all the time keeps
the others waiting for ever.

A hotel whose pricing fails pauses, 1, 2, 4 … minutes, and keeps no other waiting; one that ends
its worker, too, because a try counts from its beginning. Its error is logged once.
"""

import logging
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Min, Q, QuerySet
from django.utils import timezone

from common.row_claims import claim_first, pause_after
from pricing_service.decisions import repricing_schedule
from pricing_service.decisions.repricing_schedule import with_prices
from pricing_service.models import PricingState

logger = logging.getLogger(__name__)

# Longer than a task may take, which is ended then: no two workers price one hotel.
CLAIM_HOLDS: Final = timedelta(seconds=200)
WORKER_ENDED: Final = "its worker ended while it priced the hotel"
FAILURE_LENGTH: Final = 300


def due_hotels() -> QuerySet[PricingState]:
    """Return the hotels that are due and that nobody prices now, in the order of their turns."""
    now = timezone.now()
    interval = timedelta(seconds=repricing_schedule.REPRICING_INTERVAL_SECONDS)
    is_free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    is_time = Q(is_urgent=True) | Q(priced_at=None) | Q(priced_at__lte=now - interval)
    due = with_prices().filter(is_free, is_time, due_at__lte=now)
    return due.order_by("-is_urgent", "due_at", "hotel_id")


def claim_next(*, urgent_first: bool = True) -> PricingState | None:
    """Claim the hotel whose turn it is; None when no hotel is due. Raises: django.db.Error.

    Args:
        urgent_first: False takes the one that has been due for longest, whether its rules changed
            or not.
    """
    due = due_hotels()
    claimed = claim_first(due if urgent_first else due.order_by("due_at", "hotel_id"), _claim)
    if claimed is not None and claimed.failure == WORKER_ENDED:
        logger.error("hotel %s: %s; tried again", claimed.hotel_id, WORKER_ENDED)
    return claimed


def _claim(state: PricingState) -> dict[str, Any]:
    now, tries = timezone.now(), min(state.tries + 1, 1_000)
    changes: dict[str, Any] = {
        "tries": tries,
        "tried_at": now,
        "claimed_until": now + max(CLAIM_HOLDS, pause_after(tries)),
    }
    if state.claimed_until is not None:  # nobody ended the last claim
        changes |= {"failing_since": state.failing_since or state.tried_at, "failure": WORKER_ENDED}
    return changes


def end_claim(claimed: PricingState) -> None:
    """End a claim of a hotel that was priced, or need not be. Raises: django.db.Error."""
    if claimed.failing_since is not None:
        logger.warning("hotel %s: priced again, after %s tries", claimed.hotel_id, claimed.tries)
    state = _held(claimed)
    # Where people changed something again and again meanwhile, it is due still: after the others.
    state.filter(due_at__lte=claimed.tried_at).update(due_at=timezone.now())
    state.update(claimed_until=None, tries=0, failing_since=None, failure="")


def end_failed_claim(claimed: PricingState, error: Exception) -> None:
    """End a claim of a hotel that could not be priced: it is tried again after a pause.

    Raises: django.db.Error.
    """
    pause = pause_after(claimed.tries)
    failure = " ".join(f"{type(error).__name__}: {error}".split())[:FAILURE_LENGTH]
    message = "hotel %s: its prices could not be renewed, next try in %s: %s"
    if failure == claimed.failure:
        logger.info(message, claimed.hotel_id, pause, failure)
    else:
        logger.error(message, claimed.hotel_id, pause, failure, exc_info=error)
    now = timezone.now()
    _held(claimed).update(
        claimed_until=None,
        is_urgent=False,  # or it would go before the others at each try
        due_at=now + pause,
        failing_since=claimed.failing_since or now,
        failure=failure,
    )


def _held(claimed: PricingState) -> QuerySet[PricingState]:
    """Return the hotel's row unless the claim ended and another worker claimed it."""
    return PricingState.objects.filter(pk=claimed.pk, claimed_until=claimed.claimed_until)


def failing_hotels() -> QuerySet[PricingState]:
    """Return the hotels whose prices cannot be renewed, the longest failing first."""
    return with_prices().filter(failing_since__isnull=False).order_by("failing_since")


def oldest_due_seconds() -> float:
    """Return for how long a hotel has been due and was not priced, without those that fail.

    Raises: django.db.Error.
    """
    now = timezone.now()
    waiting = with_prices().filter(tries=0, due_at__lte=now)
    oldest: datetime = waiting.aggregate(since=Min("due_at"))["since"] or now
    return (now - oldest).total_seconds()


def seconds_without_look() -> float:
    """Return for how long no worker has looked for hotels to price; 0 where none has prices.

    Raises: django.db.Error.
    """
    since = repricing_schedule.waiting_for_a_look_since()
    return max(0.0, (timezone.now() - since).total_seconds()) if since else 0.0
