"""The dashboard's Celery tasks: they schedule and retry; the package `counting` does the work."""

import logging
import time
from typing import Any

import redis
from celery import Task, shared_task
from django.db import Error
from kombu.exceptions import OperationalError

from common.redis_errors import describe_redis_error
from common.task_queues import moves_to_own_queue
from dashboard_service.counting import (
    check_rounds,
    feed_updater,
    recount,
    share_claims,
    waiting_recounts,
)
from dashboard_service.data_provider_client import Provider, ProviderError
from dashboard_service.models import FeedPosition
from dashboard_service.signals import figures_changed, recount_needed, share_waiting

logger = logging.getLogger(__name__)

RUN_SECONDS = 4  # then the task queues its next run, so that a worker can always stop soon
# Ends a run whose HTTP response never finishes; what was not committed is repeated.
TIME_LIMIT_SECONDS = 180
LONGEST_PAUSE_SECONDS = 30
HOTELS_SECONDS = 10  # of a run that checks or recounts hotels; the one it is at is completed
CHAIN_SECONDS = 50  # for which runs queue the next; after a minute the schedule sends another
MAX_CHAINS, MANY_HOTELS = 4, 100  # at the same time: one more for each 100 hotels that are due
LOGGED_DIFFERENCES = 20
MOVED_RECOUNT_SECONDS, MOVED_CHECK_SECONDS = 60, 3_600  # as the schedule's own runs


class _Outage:
    """Pauses that double while the Data Provider is unreachable; logs its start and its end.

    Each share has one of its own: what is wrong may be the answer for one share alone, which is
    then invalid or takes too long, and must not hold back the others.

    Args:
        who: what stands still, for the log.
    """

    def __init__(self, who: str) -> None:
        self._who = who
        self._failures = 0
        self._retry_at = 0.0

    def is_pausing(self) -> bool:
        return time.monotonic() < self._retry_at

    def failed(self, error: ProviderError) -> None:
        if not self._failures:
            logger.warning("%s stands still until the Data Provider answers: %s", self._who, error)
        self._failures += 1
        pause = min(LONGEST_PAUSE_SECONDS, 2 ** min(self._failures, 10))
        self._retry_at = time.monotonic() + pause

    def is_over(self) -> None:
        if self._failures:
            logger.warning(
                "the Data Provider answers again, after %s tries: %s goes on",
                self._failures,
                self._who,
            )
        self._failures = 0


# One of each in a worker process, so that the client keeps its connection to the Data Provider.
_provider: Provider | None = None
_outages: dict[tuple[int, int], _Outage] = {}


def _cached_provider() -> Provider:
    global _provider
    if _provider is None:
        _provider = Provider()
    return _provider


@shared_task(time_limit=TIME_LIMIT_SECONDS)
def update_dashboard_data(share: int | None = None, shares: int = 1) -> int:
    """Follow the feed, and return how many events were counted.

    Where the feed is divided, a run without a share requests one run for each, so that as many
    workers count at once. While the Data Provider is unreachable, runs are skipped for increasing
    pauses.
    """
    try:
        if share is None:
            positions = FeedPosition.all_shares()
            if len(positions) > 1:
                for position in positions:
                    share_waiting.send(sender=None, share=position.share, shares=position.shares)
                return 0
        return _follow(share or 0, shares)
    except Error as error:
        logger.error("the dashboard's database failed, the next run retries: %s", error)
        return 0


def _follow(share: int, shares: int) -> int:
    """Follow a share, or the undivided feed. Raises: Error."""
    if (share, shares) not in _outages:
        who = "the dashboard" if shares == 1 else f"share {share} of {shares} of the dashboard"
        _outages[share, shares] = _Outage(who)
    outage = _outages[share, shares]
    if outage.is_pausing():
        return 0
    stop_at = time.monotonic() + RUN_SECONDS
    # Of an undivided feed, the queue's only process is the only updater.
    update = share_claims.update_unclaimed_share if shares > 1 else feed_updater.update_share
    try:
        counted = update(_cached_provider(), share, shares, lambda: time.monotonic() < stop_at)
    except ProviderError as error:
        outage.failed(error)
        return 0
    outage.is_over()
    if counted:
        figures_changed.send(sender=None)
    if counted and waiting_recounts.uncounted_hotels():
        recount_needed.send(sender=None)
    if time.monotonic() >= stop_at:
        _queue_next_run(share, shares)
    return counted


def _queue_next_run(share: int, shares: int) -> None:
    if shares > 1:
        share_waiting.send(sender=None, share=share, shares=shares)
    else:
        _queue(update_dashboard_data)


def _queue(task: Any, **options: Any) -> None:
    """Go on at once; when Redis takes no task, the schedule does it some seconds later."""
    try:
        task.apply_async(retry=False, **options)
    except (OperationalError, redis.RedisError) as error:
        logger.info("the next run waits for the schedule: %s", describe_redis_error(error))


def _go_on_until(task: Any, until: float, chains: int = 1) -> None:
    """Queue the next runs of a task that works through hotels, unless the schedule sends one soon.

    A run that would queue the next for ever would pile up: the schedule starts others beside it.
    """
    if time.time() < until:
        for _ in range(chains):
            _queue(task, kwargs={"until": until}, expires=CHAIN_SECONDS)


@shared_task(bind=True)
def recount_what_changed(self: Task, until: float | None = None) -> None:
    """Recount hotels that need it, all where an upgrade or a restored ledger requires it.

    A run takes hotels for some seconds, and queues the next while hotels wait; where many do, it
    queues some, so that several workers share them.

    Args:
        until: when (Unix time) the runs that follow each other end; None for one of the schedule.
    """
    if moves_to_own_queue(self, MOVED_RECOUNT_SECONDS):
        return
    stop_at = time.monotonic() + HOTELS_SECONDS
    try:
        with Provider() as provider:
            hotels = recount.rebuild_outdated(provider, lambda: time.monotonic() < stop_at)
        waiting = waiting_recounts.count_free()
    except (ProviderError, Error) as error:
        logger.warning("not everything was recounted, the next run tries again: %s", error)
        return
    if hotels is None:
        logger.warning("all hotels are recounted, one after the other: %s wait", waiting)
    elif hotels:
        # Nothing went wrong: a time zone was changed, or a hotel's first event with money came.
        logger.info("recounted: %s", hotels)
    if waiting:
        chains = 1 if until else min(MAX_CHAINS, 1 + waiting // MANY_HOTELS)
        _go_on_until(recount_what_changed, until or time.time() + CHAIN_SECONDS, chains)


@shared_task
def check_hotels(until: float | None = None) -> int:
    """Check the hotels that are due, repair and log differences, and return their number.

    A run takes hotels for some seconds, and queues the next while more are due.

    Args:
        until: when (Unix time) the runs that follow each other end; None for one of the schedule.
    """
    stop_at = time.monotonic() + HOTELS_SECONDS
    try:
        with Provider() as provider:
            result = check_rounds.check_due(provider, lambda: time.monotonic() < stop_at)
        due = check_rounds.count_due()
    except (ProviderError, Error) as error:
        logger.error("no check now: %s", error)
        return 0
    for difference in result.differences[:LOGGED_DIFFERENCES]:
        logger.error("the dashboard was wrong: %s", difference)
    if result.different:
        logger.error("%s counts differed; rebuilt hotels %s", result.different, result.rebuilt)
    if due:
        chains = 1 if until else min(MAX_CHAINS, 1 + due // MANY_HOTELS)
        _go_on_until(check_hotels, until or time.time() + CHAIN_SECONDS, chains)
    return result.different


@shared_task(bind=True)
def check_dashboard_data(self: Task) -> int:
    """Do as `check_hotels`: an older version's schedule sends this name once a day."""
    return 0 if moves_to_own_queue(self, MOVED_CHECK_SECONDS) else int(check_hotels())
