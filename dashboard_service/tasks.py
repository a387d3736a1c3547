"""The dashboard's Celery tasks: they schedule and retry; the package `counting` does the work."""

import logging
import time

import redis
from celery import Task, shared_task
from django.db import Error
from kombu.exceptions import OperationalError

from common.redis_errors import describe_redis_error
from common.task_queues import moves_to_own_queue
from dashboard_service.counting import consistency_check, feed_updater, recount
from dashboard_service.data_provider_client import Provider, ProviderError
from dashboard_service.signals import figures_changed, recount_needed

logger = logging.getLogger(__name__)

RUN_SECONDS = 4  # then the task queues its next run, so that a worker can always stop soon
# Ends a run whose HTTP response never finishes; what was not committed is repeated.
TIME_LIMIT_SECONDS = 180
LONGEST_PAUSE_SECONDS = 30
LOGGED_DIFFERENCES = 20
MOVED_RECOUNT_SECONDS, MOVED_CHECK_SECONDS = 60, 3_600  # as the schedule's own runs


class _Outage:
    """Pauses that double while the Data Provider is unreachable; logs its start and its end."""

    def __init__(self) -> None:
        self._failures = 0
        self._retry_at = 0.0

    def is_pausing(self) -> bool:
        return time.monotonic() < self._retry_at

    def failed(self, error: ProviderError) -> None:
        if not self._failures:
            logger.warning("the dashboard stands still until the Data Provider answers: %s", error)
        self._failures += 1
        pause = min(LONGEST_PAUSE_SECONDS, 2 ** min(self._failures, 10))
        self._retry_at = time.monotonic() + pause

    def is_over(self) -> None:
        if self._failures:
            logger.warning("the Data Provider answers again, after %s tries", self._failures)
        self._failures = 0


# One of each in a worker process, so that the client keeps its connection to the Data Provider.
_provider: Provider | None = None
_outage = _Outage()


def _cached_provider() -> Provider:
    global _provider
    if _provider is None:
        _provider = Provider()
    return _provider


@shared_task(time_limit=TIME_LIMIT_SECONDS)
def update_dashboard_data() -> int:
    """Follow the feed, and return how many events were counted.

    While the Data Provider is unreachable, runs are skipped for increasing pauses.
    """
    if _outage.is_pausing():
        return 0
    stop_at = time.monotonic() + RUN_SECONDS
    try:
        counted = feed_updater.update(_cached_provider(), lambda: time.monotonic() < stop_at)
    except ProviderError as error:
        _outage.failed(error)
        return 0
    except Error as error:
        logger.error("the dashboard's database failed, the next run retries: %s", error)
        return 0
    _outage.is_over()
    if counted:
        figures_changed.send(sender=None)
    if counted and recount.uncounted_hotels():
        recount_needed.send(sender=None)
    if time.monotonic() >= stop_at:
        _queue_next_run()
    return counted


def _queue_next_run() -> None:
    """Go on at once; when Redis takes no task, the schedule does it some seconds later."""
    try:
        update_dashboard_data.apply_async(retry=False)
    except (OperationalError, redis.RedisError) as error:
        logger.info("the next run waits for the schedule: %s", describe_redis_error(error))


@shared_task(bind=True)
def recount_what_changed(self: Task) -> None:
    """Recount the hotels that need it, or all hotels when an upgrade requests it."""
    if moves_to_own_queue(self, MOVED_RECOUNT_SECONDS):
        return
    try:
        with Provider() as provider:
            hotels = recount.rebuild_outdated(provider)
    except (ProviderError, Error) as error:
        logger.warning("nothing was recounted, the next run tries again: %s", error)
        return
    if hotels is None:
        logger.warning("recounted: all hotels")
    elif hotels:
        # Nothing went wrong: a time zone was changed, or a hotel's first event with money came.
        logger.info("recounted: %s", hotels)


@shared_task(bind=True)
def check_dashboard_data(self: Task) -> int:
    """Compare all figures with a recount, repair and log differences, and return their number."""
    if moves_to_own_queue(self, MOVED_CHECK_SECONDS):
        return 0
    try:
        with Provider() as provider:
            result = consistency_check.check(provider, repair=True)
    except (ProviderError, Error) as error:
        logger.error("no check today: %s", error)
        return 0
    for difference in result.differences[:LOGGED_DIFFERENCES]:
        logger.error("the dashboard was wrong: %s", difference)
    if result.differences:
        logger.error(
            "%s counts differed; rebuilt hotels %s", len(result.differences), result.rebuilt
        )
    logger.info("checked %s counts against %s events", f"{result.counts:,}", f"{result.events:,}")
    return len(result.differences)
