"""The dashboard's Celery tasks: they schedule and retry; `aggregation` does the work."""

import logging
import time

from celery import shared_task
from django.db import Error

from dashboard_service import aggregation
from dashboard_service.data_provider_client import Provider, ProviderError
from dashboard_service.signals import figures_changed

logger = logging.getLogger(__name__)

RUN_SECONDS = 4  # then the task asks for its next run, so that a worker can always stop soon
TIME_LIMIT_SECONDS = 180  # for an answer that trickles for ever; what is not committed is repeated
LONGEST_PAUSE_SECONDS = 30
SHOWN_DIFFERENCES = 20


class _Outage:
    """Pauses that double while the Data Provider is away, and one line at each end of them."""

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


# One of each for a worker process: the client keeps its connection to the Data Provider.
_provider: Provider | None = None
_outage = _Outage()


def _own_provider() -> Provider:
    global _provider
    if _provider is None:
        _provider = Provider()
    return _provider


@shared_task(time_limit=TIME_LIMIT_SECONDS)
def update_dashboard_data() -> int:
    """Follow the feed; how many events were counted. Comes back later while the feed is away."""
    if _outage.is_pausing():
        return 0
    stop_at = time.monotonic() + RUN_SECONDS
    try:
        counted = aggregation.update(_own_provider(), lambda: time.monotonic() < stop_at)
    except ProviderError as error:
        _outage.failed(error)
        return 0
    except Error as error:
        logger.error("the dashboard's database takes nothing, the next run tries again: %s", error)
        return 0
    _outage.is_over()
    if counted:
        figures_changed.send(sender=None)
    if time.monotonic() >= stop_at:
        update_dashboard_data.delay()
    return counted


@shared_task
def recount_what_changed() -> None:
    """Recount hotels whose time zone was changed, or everything when an upgrade asks for it."""
    try:
        with Provider() as provider:
            hotels = aggregation.recount_what_changed(provider)
    except (ProviderError, Error) as error:
        logger.warning("nothing was recounted, the next run tries again: %s", error)
        return
    if hotels is None or hotels:
        logger.warning("recounted: %s", "all hotels" if hotels is None else hotels)


@shared_task
def check_dashboard_data() -> int:
    """Compare with a recount, report and repair every difference; how many there were."""
    try:
        with Provider() as provider:
            result = aggregation.check(provider, repair=True)
    except (ProviderError, Error) as error:
        logger.error("no check today: %s", error)
        return 0
    for difference in result.differences[:SHOWN_DIFFERENCES]:
        logger.error("the dashboard was wrong: %s", difference)
    if result.differences:
        logger.error(
            "%s counts differed; rebuilt hotels %s", len(result.differences), result.rebuilt
        )
    logger.info("checked %s counts against %s events", f"{result.counts:,}", f"{result.events:,}")
    return len(result.differences)
