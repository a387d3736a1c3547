"""The data provider's Celery tasks: they schedule and retry; the modules they call do the work."""

import logging
import time

import redis
from celery import shared_task
from django.db import DataError, Error, IntegrityError

from data_provider import ledger
from data_provider.event_queue.queue_stream import Batch, EventQueue, Unreadable
from data_provider.signals import events_queued

logger = logging.getLogger(__name__)

RUN_SECONDS = 4  # then the next run takes over, so that a worker can always stop soon
TIME_LIMIT_SECONDS = 180  # for what hangs for ever; its batch is claimed by another worker
BATCHES_AT_ONCE = 2

_queue: EventQueue | None = None


def _own_queue() -> EventQueue:
    """One queue for each worker process, so that it has one name among the readers."""
    global _queue
    if _queue is None:
        _queue = EventQueue()
    return _queue


@shared_task(time_limit=TIME_LIMIT_SECONDS)
def record_queued_events() -> int:
    """Move what waits in the queue into the ledger; how many events were new."""
    stop_at = time.monotonic() + RUN_SECONDS
    created = 0
    queue = _own_queue()
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
        logger.error("the ledger takes nothing, the next run tries again: %s", error)
    if created:
        logger.info("%s new events in the ledger", f"{created:,}")
    return created


def record_batch(queue: EventQueue, batch: Batch) -> int:
    """Record one batch, then acknowledge it; bury it when its content is at fault.

    Raises: django.db.Error when the database is at fault (away, full, read-only, not migrated); the
        batch stays in the queue.
    """
    try:
        recorded = ledger.record(batch.rows())
    except (Unreadable, DataError, IntegrityError) as error:
        logger.error("batch %s goes to the dead letters: %s", batch.id.decode(), error)
        queue.bury(batch, str(error))
        return 0
    queue.acknowledge(batch, created=recorded.created, duplicates=recorded.duplicates)
    return recorded.created
