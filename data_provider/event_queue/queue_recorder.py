"""Record queued batches in the ledger, and decide what happens to a batch that fails.

Promise: a batch leaves the queue only after the ledger's commit, or for the dead letters when its
content is at fault. When the database is at fault, the batch stays and is retried.
"""

import logging

from django.db import DataError, IntegrityError

from data_provider import ledger
from data_provider.event_queue.batch_format import Batch, UnreadableBatch
from data_provider.event_queue.dead_letters import bury
from data_provider.event_queue.queue_stream import EventQueue

logger = logging.getLogger(__name__)


def record_batch(queue: EventQueue, batch: Batch) -> int:
    """Record one batch, then acknowledge it; return how many of its events were new.

    A batch whose content cannot be read, or is refused by the database, goes to the dead letters.

    Raises:
        django.db.Error: the database is at fault (not reachable, full, read-only, not migrated);
            the batch stays in the queue.
        redis.RedisError: Redis does not answer; the batch stays in the queue.
    """
    try:
        recorded = ledger.record(batch.rows())
    except (UnreadableBatch, DataError, IntegrityError) as error:
        logger.error("batch %s goes to the dead letters: %s", batch.id.decode(), error)
        bury(queue, batch, str(error))
        return 0
    queue.remove(batch, created=recorded.created, duplicates=recorded.duplicates)
    return recorded.created
