"""Celery tasks of the pricing service; `decisions` and `delivery` do the work."""

import logging
import time
from collections.abc import Callable

from celery import Task, shared_task
from django.db import Error

from common.task_queues import has_worker_to_itself, moves_to_own_queue
from pricing_service.decisions import repricing_run
from pricing_service.delivery import webhook_delivery
from pricing_service.event_calendars import calendar_reading

logger = logging.getLogger(__name__)

# Runs end so that a worker can be stopped; what is left waits for the next run.
PRICING_RUN_SECONDS = 8
SHARED_RUN_SECONDS = 4  # in a worker that records events, too
DELIVERY_RUN_SECONDS = 20
MOVED_SECONDS = 15  # then beat has sent another run
TIME_LIMIT_SECONDS = 180  # shorter than a claim of a hotel holds


@shared_task(bind=True, time_limit=TIME_LIMIT_SECONDS)
def price_what_changed(self: Task) -> int:
    """Reprice hotels whose figures, rooms, rules or day changed; return how many nights.

    As many workers work at once as take tasks of its queue. In one that takes others, too, a run is
    short and calls no further ones, so that they do not fill all its processes.
    """
    if moves_to_own_queue(self, MOVED_SECONDS):
        return 0
    is_alone = has_worker_to_itself(self)
    keep_going = _for(PRICING_RUN_SECONDS if is_alone else SHARED_RUN_SECONDS)
    try:
        nights = repricing_run.reprice_due(keep_going, call_others=is_alone)
    except Error as error:
        logger.error("repricing failed, the next run tries again: %s", error)
        return 0
    if nights:
        logger.info("%s nights priced", f"{nights:,}")
    return nights


@shared_task(bind=True, time_limit=TIME_LIMIT_SECONDS)
def deliver_prices(self: Task) -> int:
    """Post new prices to booking systems and return how many deliveries arrived.

    Receivers are strangers, and may be slow: a run never takes place in a worker of another queue,
    which may be the ledger's.
    """
    if moves_to_own_queue(self, MOVED_SECONDS):
        return 0
    keep_going = _for(DELIVERY_RUN_SECONDS)
    try:
        arrived = webhook_delivery.deliver_due(keep_going)
    except Error as error:
        logger.error("webhook delivery failed, the next run tries again: %s", error)
        return 0
    if not keep_going():
        deliver_prices.apply_async(expires=MOVED_SECONDS)
    return arrived


@shared_task(time_limit=TIME_LIMIT_SECONDS)
def read_event_calendars() -> int:
    """Read the event calendars that are due, each once a day; return how many were read."""
    try:
        return calendar_reading.read_due(_for(DELIVERY_RUN_SECONDS))
    except Error as error:
        logger.error("event calendars were not read, the next run tries again: %s", error)
        return 0


def _for(seconds: float) -> Callable[[], bool]:
    """Return what says whether a time is not over yet."""
    stop_at = time.monotonic() + seconds
    return lambda: time.monotonic() < stop_at
