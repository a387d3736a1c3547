"""Record queued batches in the ledger, and decide what happens to a batch that fails.

Promises: a batch leaves the queue only after the ledger's commit, or for the dead letters:

- at once, when its content cannot be read or the database refuses it for its content;
- after MAX_DELIVERIES deliveries that never recorded it. A delivery counts when the worker died
  with the batch (killed at the time limit or the memory limit) or failed with an error that is not
  recognized. It does not count when the database was at fault, and no batch is delivered again
  while the database takes no writes: an outage, however long, buries nothing.

A batch that failed twice is tried alone and after new work, so it does not hold up the batches
behind it.
"""

import logging
import time

from django.db import DataError, Error, IntegrityError

from data_provider import ledger
from data_provider.event_queue.batch_format import Batch, UnreadableBatch
from data_provider.event_queue.dead_letters import bury
from data_provider.event_queue.queue_stream import EventQueue, Unfinished
from data_provider.reservations.snapshot_recording import count_outcomes, record_snapshots

logger = logging.getLogger(__name__)

BATCHES_AT_ONCE = 2
SUSPECT_DELIVERIES = 2  # one may be chance: a worker that was stopped, a machine that went down
MAX_DELIVERIES = 5
NEVER_RECORDED = "delivered five times and never recorded"
WORKERS_ENDED = (
    "each worker ended before it could say why: killed, out of memory or over its time limit"
)
# PostgreSQL's classes of errors that a batch's content can cause beside those that Django sorts
# out: a limit of the program exceeded, an internal error, a statement over its time limit.
CONTENT_SQLSTATES = ("54", "XX000", "57014")


class QueueRun:
    """One run of a worker: records batches until none is left, or its time is over."""

    def __init__(self, queue: EventQueue) -> None:
        self._queue = queue
        self._failed: set[bytes] = set()  # not tried again in this run
        self.created = 0

    def record_until(self, stop_at: float) -> bool:
        """Record batches; return False when batches were left at `stop_at` (time.monotonic()).

        Raises:
            django.db.Error: the database is at fault (not reachable, full, read-only, not
                migrated); the batch stays in the queue.
            redis.RedisError: Redis does not answer; the batch stays in the queue.
        """
        while True:
            suspects: list[Unfinished] = []
            batches = self._take(suspects)
            for batch in batches:
                self._record(batch)
            is_late = time.monotonic() > stop_at
            # After the new work of this run, or in the last moment of a run that is all new work.
            if suspects and (is_late or not batches):
                batches = self._take_suspect(suspects)
                for batch in batches:
                    self._record(batch)
            if not batches:
                return True
            if is_late:
                return False

    def _take(self, suspects: list[Unfinished]) -> list[Batch]:
        """Take the next batches: one that was delivered once, or else new ones.

        Adds to `suspects` the batches that failed before; those that failed too often are buried.
        """
        unfinished = [batch for batch in self._queue.unfinished() if batch.id not in self._failed]
        if unfinished:
            ledger.check_writable()  # before a delivery is counted
        for batch in unfinished:
            if batch.deliveries >= MAX_DELIVERIES:
                self._bury(batch.id)
            elif batch.deliveries >= SUSPECT_DELIVERIES:
                suspects.append(batch)
            elif taken := self._queue.take_again(batch):
                return [taken]
        return self._queue.take_new(BATCHES_AT_ONCE)

    def _take_suspect(self, suspects: list[Unfinished]) -> list[Batch]:
        for suspect in suspects:
            if taken := self._queue.take_again(suspect):
                return [taken]
        return []

    def _record(self, batch: Batch) -> None:
        """Record one batch, then acknowledge it."""
        try:
            created, outcome = _record_content(batch)
        except (UnreadableBatch, DataError, IntegrityError) as error:
            logger.error("batch %s goes to the dead letters: %s", batch.id.decode(), error)
            bury(self._queue, batch.id, str(error))
        except Error as error:
            if not _may_be_content(error):
                self._queue.uncount_delivery(batch.id)
                raise
            self._retry_later(batch, error)
        except Exception as error:
            self._retry_later(batch, error)
        else:
            self._queue.remove(batch, **outcome)
            self.created += created

    def _retry_later(self, batch: Batch, error: Exception) -> None:
        """Leave a batch that failed for a later run, or bury it after its last delivery."""
        self._failed.add(batch.id)
        logger.error(
            "batch %s failed at delivery %s of %s",
            batch.id.decode(),
            batch.deliveries,
            MAX_DELIVERIES,
            exc_info=error,
        )
        self._queue.save_failure(batch.id, f"{type(error).__name__}: {error}")
        if batch.deliveries >= MAX_DELIVERIES:
            self._bury(batch.id)

    def _bury(self, batch_id: bytes) -> None:
        """Move a batch that failed too often to the dead letters."""
        reason = f"{NEVER_RECORDED}: {self._queue.last_failure(batch_id) or WORKERS_ENDED}"
        logger.error("batch %s goes to the dead letters: %s", batch_id.decode(), reason)
        bury(self._queue, batch_id, reason)


def _record_content(batch: Batch) -> tuple[int, dict[str, int]]:
    """Commit what a batch holds; return how many events are new, and the counts for its load.

    Raises:
        UnreadableBatch, django.db.Error: nothing was recorded.
    """
    if not batch.holds_reservations:
        recorded = ledger.record(batch.rows())
        return recorded.created, recorded.as_answer()
    outcomes = record_snapshots(batch.snapshots())
    counts = count_outcomes(outcomes)
    return sum(outcome.events for outcome in outcomes), counts


def _may_be_content(error: Error) -> bool:
    """Return whether a batch's content may have caused a database error that names no content."""
    return str(getattr(error.__cause__, "sqlstate", None)).startswith(CONTENT_SQLSTATES)
