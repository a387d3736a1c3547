"""The dashboard's Celery tasks (queue `dashboard_queue`)."""

import logging
import time

from celery import shared_task

from dashboard_service import aggregation
from dashboard_service.provider import Provider, ProviderError

logger = logging.getLogger(__name__)

RUN_SECONDS = 4  # then the task asks for its next run, so that a worker can always stop soon
SHOWN_DIFFERENCES = 20

# One client for each worker process keeps its connection to the Data Provider.
_provider: Provider | None = None
_provider_was_away = False


def _own_provider() -> Provider:
    global _provider
    if _provider is None:
        _provider = Provider()
    return _provider


@shared_task
def update_dashboard_data() -> int:
    """Follow the feed; how many events were counted."""
    global _provider_was_away
    stop_at = time.monotonic() + RUN_SECONDS
    try:
        counted = aggregation.update(_own_provider(), lambda: time.monotonic() < stop_at)
    except ProviderError as error:
        if not _provider_was_away:  # said once, not every five seconds
            logger.warning("the dashboard stands still until the Data Provider answers: %s", error)
        _provider_was_away = True
        return 0
    if _provider_was_away:
        logger.info("the Data Provider answers again")
    _provider_was_away = False
    if counted:
        logger.info("%s events counted", f"{counted:,}")
    if time.monotonic() >= stop_at:
        update_dashboard_data.delay()
    return counted


@shared_task
def check_dashboard_data() -> int:
    """Compare with a recount, report and repair every difference; how many there were."""
    provider = _own_provider()
    try:
        result = aggregation.check(provider)
        for difference in result.differences[:SHOWN_DIFFERENCES]:
            logger.error("the dashboard was wrong: %s", difference)
        if result.differences:
            hotels = aggregation.repair(provider, result.differences)
            logger.error("%s days differed; rebuilt hotels %s", len(result.differences), hotels)
    except ProviderError as error:
        logger.warning("no check today, the Data Provider does not answer: %s", error)
        return 0
    logger.info("checked %s days against %s events", f"{result.days:,}", f"{result.events:,}")
    return len(result.differences)
