"""Dead letters: batches that could not be recorded, stored with the reason.

Promise: a batch is either in the stream or among the dead letters, never in both and never in
neither. A person decides about each dead letter with `manage.py dead_letters`.

A batch that is sent again is a new entry of the stream, whose deliveries are counted anew.

Every function raises redis.RedisError when Redis does not answer.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from data_provider.event_queue.batch_format import count_events
from data_provider.event_queue.queue_stream import (
    DEAD_LETTERS,
    FAILURES,
    GROUP,
    LOAD_KEY,
    QUEUED_EVENTS,
    STREAM,
    EventQueue,
)
from data_provider.signals import events_queued

MAX_REASON_CHARACTERS = 2_000
# An entry that was written by hand may have any number of fields; Lua passes some thousands on.
LUA_BURY = """
local entry = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])[1]
if not entry then
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
  return 0
end
local letter, events, load = {}, '0', ''
for i = 1, math.min(#entry[2], 4000), 2 do
  local name, value = entry[2][i], entry[2][i + 1]
  if name == 'events' and string.match(value, '^%d+$') and #value < 16 then events = value end
  if name == 'load' then load = value end
  letter[i], letter[i + 1] = name, value
end
for _, item in ipairs({'reason', ARGV[3], 'failed_at', ARGV[4]}) do letter[#letter + 1] = item end
redis.call('XADD', KEYS[2], '*', unpack(letter))
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[1], ARGV[2])
local left = redis.call('DECRBY', KEYS[3], events)
if left < 0 or redis.call('XLEN', KEYS[1]) == 0 then redis.call('SET', KEYS[3], 0) end
redis.call('HDEL', KEYS[4], ARGV[2])
if load ~= '' then
  redis.call('HINCRBY', KEYS[5] .. load, 'dead', events)
  redis.call('EXPIRE', KEYS[5] .. load, 86400)
end
return 1
"""
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


def bury(queue: EventQueue, batch_id: bytes, reason: str) -> bool:
    """Move a batch that cannot be recorded from the stream to the dead letters.

    Its content stays inside Redis: reading it may be what ended the workers.

    Returns: False when the batch is not in the stream (another worker was first).
    """
    failed_at = datetime.now(UTC).isoformat(timespec="seconds")
    return bool(
        queue.client.eval(
            LUA_BURY, 5, STREAM, DEAD_LETTERS, QUEUED_EVENTS, FAILURES, LOAD_KEY,
            GROUP, batch_id, reason[:MAX_REASON_CHARACTERS], failed_at,
        )
    )  # fmt: skip


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
