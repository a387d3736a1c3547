"""The data provider's Celery tasks: they schedule and retry; the modules they call do the work."""

import logging
import time

import redis
from celery import shared_task
from django.db import Error

from data_provider.event_queue.queue_recorder import record_batch
from data_provider.event_queue.queue_stream import EventQueue
from data_provider.signals import events_queued

logger = logging.getLogger(__name__)

RUN_SECONDS = 4  # then the next run goes on, so that a worker can always stop soon
TIME_LIMIT_SECONDS = 180  # for a run that hangs; another worker claims its batch
BATCHES_AT_ONCE = 2

_queue: EventQueue | None = None


def _process_queue() -> EventQueue:
    """Return this process's queue: one for each worker, so that it has one consumer name."""
    global _queue
    if _queue is None:
        _queue = EventQueue()
    return _queue


@shared_task(time_limit=TIME_LIMIT_SECONDS)
def record_queued_events() -> int:
    """Record the queued batches in the ledger; return how many events were new."""
    stop_at = time.monotonic() + RUN_SECONDS
    created = 0
    queue = _process_queue()
    try:
        while batches := queue.take(BATCHES_AT_ONCE):
            for batch in batches:
                created += record_batch(queue, batch)
            if time.monotonic() > stop_at:
                events_queued.send(sender=None)
                break
    except redis.RedisError as error:
        logger.warning("Redis does not answer, the next run goes on: %s", error)
    except Error as error:
        logger.error("the ledger's database refused a batch, the next run retries: %s", error)
    if created:
        logger.info("%s new events in the ledger", f"{created:,}")
    return created
