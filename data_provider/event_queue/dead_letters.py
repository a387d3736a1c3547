"""Dead letters: batches that could not be recorded, stored with the reason.

Promise: a batch is either in the stream or among the dead letters, never in both and never in
neither. A person decides about each dead letter with `manage.py dead_letters`.

Every function raises redis.RedisError when Redis does not answer.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from data_provider.event_queue.batch_format import Batch, count_events
from data_provider.event_queue.queue_stream import (
    DEAD_LETTERS,
    QUEUED_EVENTS,
    STREAM,
    EventQueue,
)
from data_provider.signals import events_queued

MAX_REASON_CHARACTERS = 2_000
RESENT_FIELDS = (b"rows", b"events", b"load")  # not the seal: the events are validated again


class DeadLetter(NamedTuple):
    """A batch that could not be recorded."""

    id: bytes
    fields: dict[bytes, bytes]

    @property
    def events(self) -> int:
        """The number of events in the batch."""
        return count_events(self.fields)

    @property
    def content(self) -> str:
        """The events as JSON text, or whatever the batch has in their place."""
        return self.fields.get(b"rows", b"").decode("utf-8", "replace")

    @property
    def summary(self) -> str:
        """One line: id, time of failure, number of events, reason."""
        failed_at, reason = (
            self.fields.get(name, b"?").decode("utf-8", "replace")
            for name in (b"failed_at", b"reason")
        )
        return f"{self.id.decode()}  {failed_at}  {self.events:,} events: {reason}"


def bury(queue: EventQueue, batch: Batch, reason: str) -> None:
    """Move a batch that cannot be recorded from the stream to the dead letters."""
    failed_at = datetime.now(UTC).isoformat(timespec="seconds")
    letter = {
        **batch.fields,
        b"reason": reason[:MAX_REASON_CHARACTERS],
        b"failed_at": failed_at,
    }
    with queue.client.pipeline(transaction=True) as pipe:
        pipe.xadd(DEAD_LETTERS, letter)
        queue.remove(batch, client=pipe, dead=batch.events)
        pipe.execute()


def list_dead_letters(queue: EventQueue) -> Iterator[DeadLetter]:
    """Yield the dead letters, oldest first."""
    start = b"-"
    while entries := queue.client.xrange(DEAD_LETTERS, min=start, count=100):
        for entry_id, fields in entries:
            yield DeadLetter(entry_id, fields)
        start = b"(" + entries[-1][0]


def resend(queue: EventQueue, letter: DeadLetter) -> None:
    """Move a dead letter back to the end of the stream."""
    entry = {name: letter.fields[name] for name in RESENT_FIELDS if name in letter.fields}
    with queue.client.pipeline(transaction=True) as pipe:
        pipe.xadd(STREAM, entry or {b"rows": b""})
        pipe.incrby(QUEUED_EVENTS, letter.events)
        pipe.xdel(DEAD_LETTERS, letter.id)
        pipe.execute()
    events_queued.send(sender=None)


def drop(queue: EventQueue, letter: DeadLetter) -> None:
    """Delete a dead letter for good."""
    queue.client.xdel(DEAD_LETTERS, letter.id)
