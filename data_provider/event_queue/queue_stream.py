"""The queue between the CSV loader and the ledger: a Redis stream of batches.

Promises: a batch that `push` returned for is in the stream, and behind Sentinels at a replica, too.
It leaves only by `remove`, which the recorder calls after the ledger's commit, or when it moves the
batch to the dead letters. The next worker that asks claims what a dead worker had taken. So a batch
may be delivered twice, which the ledger ignores, but is never lost. The stream counts the
deliveries of each batch; the recorder decides which of them count (`queue_recorder.py`).
"""

import os
import socket
import uuid
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import redis

from common.redis_client import is_replicated, redis_client
from data_provider.event_queue.batch_format import Batch, encode_batch, encode_reservations
from data_provider.event_validation import EventRow
from data_provider.reservations.snapshot import ReservationSnapshot
from data_provider.signals import events_queued

STREAM = "events:queue"
DEAD_LETTERS = "events:dead"
QUEUED_EVENTS = "events:queued"  # the number of events in the stream
FAILURES = "events:failures"  # the last error of batches that failed, by id
LOAD_KEY = "events:load:"  # and a load's id: what became of its events
GROUP = "ledger"

# About two megabytes, and a transaction of some tenths of a second. With a quarter of that, SQLite
# needs twice the time for each event, because a transaction writes every page that it touched.
BATCH_EVENTS = 20_000
CLAIM_AFTER_MS = 20_000  # how long a dead worker's batch waits; far longer than a batch takes
READER_ALIVE_MS = 15_000  # workers ask every 5 s, also when there is nothing to do
FORGET_READER_MS = 3_600_000
UNFINISHED_LISTED = 1_000  # workers hold a few batches each
REPLICA_MS = 2_000  # how long a batch may take to a replica; usually a millisecond

# Adds a batch, and its events to their number: both or neither.
LUA_APPEND = """
redis.call('INCRBY', KEYS[2], ARGV[1])
return redis.call('XADD', KEYS[1], '*', unpack(ARGV, 2))
"""
# XACK and XDEL tell which worker was first, so that a batch that two workers recorded is counted
# once. A load's report expires after a day. A Redis that evicts keys may take the stream or the
# number of its events alone: the number is right again when the stream is empty.
LUA_REMOVE = """
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) + redis.call('XDEL', KEYS[1], ARGV[2]) >= 1 then
  local left = redis.call('DECRBY', KEYS[2], ARGV[3])
  if left < 0 or redis.call('XLEN', KEYS[1]) == 0 then redis.call('SET', KEYS[2], 0) end
  redis.call('HDEL', KEYS[3], ARGV[2])
  if ARGV[4] ~= '' then
    for i = 5, #ARGV, 2 do redis.call('HINCRBY', ARGV[4], ARGV[i], ARGV[i + 1]) end
    redis.call('EXPIRE', ARGV[4], 86400)
  end
  return 1
end
return 0
"""
# Takes one off a batch's delivery count; who holds it, and since when, stays.
LUA_UNCOUNT_DELIVERY = """
local held = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1)[1]
if not held then return 0 end
redis.call('XCLAIM', KEYS[1], ARGV[1], held[2], 0, ARGV[2], 'IDLE', held[3],
  'RETRYCOUNT', math.max(held[4] - 1, 0), 'JUSTID')
return 1
"""
# Only the id: the rows of an entry are megabytes.
LUA_OLDEST = """
local entries = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)
return entries[1] and entries[1][1]
"""


class NotReplicated(redis.RedisError):
    """A batch is in the stream of the primary alone, and lost if that is lost: push it again.

    The ledger ignores what it is given twice.
    """


class Unfinished(NamedTuple):
    """A batch that was delivered and not finished, and that this worker may take."""

    id: bytes
    deliveries: int  # so far, without those that were taken off the count
    is_own: bool  # this worker has it; False when its worker is taken for dead


class QueueStatus(NamedTuple):
    """The queue at one moment."""

    batches: int  # waiting or taken by a worker
    events: int  # in these batches
    in_flight: int  # batches that a worker has taken and not finished
    dead_letters: int
    readers: int  # workers that asked for batches within READER_ALIVE_MS
    oldest_seconds: float  # the age of the oldest batch in the queue


class EventQueue:
    """The stream as one process uses it, to push batches, to take them, or to look at it.

    Every method raises redis.RedisError when Redis does not answer.
    """

    def __init__(self, client: redis.Redis | None = None) -> None:
        self.client: Any = client or redis_client()
        self._consumer = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"

    @cached_property
    def _remove_script(self) -> Any:
        return self.client.register_script(LUA_REMOVE)

    @cached_property
    def _uncount_script(self) -> Any:
        return self.client.register_script(LUA_UNCOUNT_DELIVERY)

    @cached_property
    def _oldest_script(self) -> Any:
        return self.client.register_script(LUA_OLDEST)

    # --- for the loader ---

    def push(self, rows: Sequence[EventRow], load: str = "") -> bytes:
        """Append at most BATCH_EVENTS valid events to the stream; return the entry's id.

        Args:
            load: the id of the load, under which `load_report` counts the events.
        """
        return self._append(encode_batch(rows, load))

    def push_reservations(self, snapshots: Sequence[ReservationSnapshot], load: str = "") -> bytes:
        """Append reservations to the stream; return the entry's id.

        Args:
            snapshots: at most MAX_RESERVATIONS, or one with all its nights.
            load: the id of the load, under which `load_report` counts what became of them.
        """
        return self._append(encode_reservations(snapshots, load))

    def _append(self, fields: dict[str, Any]) -> bytes:
        with self.client.pipeline(transaction=False) as pipe:
            pairs = [item for pair in fields.items() for item in pair]
            pipe.eval(LUA_APPEND, 2, STREAM, QUEUED_EVENTS, fields["events"], *pairs)
            if is_replicated():
                pipe.wait(1, REPLICA_MS)  # in the same connection: it waits for what that wrote
            answers = pipe.execute()
        entry_id: bytes = answers[0]
        events_queued.send(sender=None)
        if answers[1:] == [0]:
            raise NotReplicated(f"no replica has batch {entry_id.decode()} after {REPLICA_MS} ms")
        return entry_id

    def oldest(self) -> bytes | None:
        """Return the id of the oldest entry in the stream, None when it is empty."""
        entry_id: bytes | None = self._oldest_script(keys=[STREAM])
        return entry_id

    def has_left(self, entry_id: bytes) -> bool:
        """Return whether an entry and all before it were recorded, or moved to the dead letters."""
        oldest = self.oldest()
        return oldest is None or _entry_order(oldest) > _entry_order(entry_id)

    def length(self) -> int:
        """Return how many batches wait or are taken by a worker."""
        return int(self.client.xlen(STREAM))

    def load_report(self, load: str) -> dict[str, int]:
        """Return a load's counts so far: events created, duplicates, conflicts, dead; batches
        claimed."""
        report = self.client.hgetall(f"{LOAD_KEY}{load}")
        return {key.decode(): int(value) for key, value in report.items()}

    # --- for the worker ---

    def ensure_group(self) -> None:
        """Create the stream and the consumer group where they are missing."""
        try:
            self.client.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
        except redis.ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    def unfinished(self) -> list[Unfinished]:
        """Return this worker's unfinished batches and those of dead workers.

        Those with the fewest deliveries come first, of these the oldest.
        """
        self.ensure_group()  # Redis may have been emptied since the last call
        entries = self.client.xpending_range(STREAM, GROUP, "-", "+", UNFINISHED_LISTED)
        me = self._consumer.encode()
        batches = [
            Unfinished(entry["message_id"], int(entry["times_delivered"]), entry["consumer"] == me)
            for entry in entries
            if entry["consumer"] == me or entry["time_since_delivered"] >= CLAIM_AFTER_MS
        ]
        return sorted(batches, key=lambda batch: batch.deliveries)  # the ids' order stays

    def take_again(self, batch: Unfinished) -> Batch | None:
        """Take an unfinished batch; None when another worker was first, or it was deleted."""
        min_idle = 0 if batch.is_own else CLAIM_AFTER_MS
        claimed = self.client.xclaim(STREAM, GROUP, self._consumer, min_idle, [batch.id])
        for entry_id, fields in claimed:
            if fields:
                return Batch(entry_id, fields, claimed=True, deliveries=batch.deliveries + 1)
        if not self.client.xrange(STREAM, batch.id, batch.id):  # deleted by hand
            self.client.xack(STREAM, GROUP, batch.id)
        return None

    def take_new(self, count: int) -> list[Batch]:
        """Take up to `count` batches that no worker has had."""
        new = self.client.xreadgroup(GROUP, self._consumer, {STREAM: ">"}, count=count)
        entries = new[0][1] if new else []
        return [Batch(entry_id, fields, False, deliveries=1) for entry_id, fields in entries]

    def take(self, count: int) -> list[Batch]:
        """Take one unfinished batch, or else up to `count` new ones."""
        for unfinished in self.unfinished():
            if batch := self.take_again(unfinished):
                return [batch]
        return self.take_new(count)

    def uncount_delivery(self, batch_id: bytes) -> None:
        """Take the last delivery off a batch's count: the batch was not at fault."""
        self._uncount_script(keys=[STREAM], args=[GROUP, batch_id])

    def save_failure(self, batch_id: bytes, error: str) -> None:
        """Store the last error of a batch, which is retried."""
        self.client.hset(FAILURES, batch_id, error)

    def last_failure(self, batch_id: bytes) -> str | None:
        """Return the last error of a batch; None when no worker lived to store one."""
        error: bytes | None = self.client.hget(FAILURES, batch_id)
        return None if error is None else error.decode("utf-8", "replace")

    def remove(self, batch: Batch, **outcome: int) -> bool:
        """Remove a recorded batch from the stream; return False when another worker was first.

        Args:
            outcome: events by what became of them, added to the load's report.
        """
        counts = {**outcome, "claimed": int(batch.claimed)}
        pairs = [item for pair in counts.items() for item in pair]
        load_key = f"{LOAD_KEY}{batch.load}" if batch.load else ""
        return bool(
            self._remove_script(
                keys=[STREAM, QUEUED_EVENTS, FAILURES],
                args=[GROUP, batch.id, batch.events, load_key, *pairs],
            )
        )

    # --- for monitoring ---

    def status(self) -> QueueStatus:
        """Return the queue in numbers."""
        self.ensure_group()
        pending = self.client.xpending(STREAM, GROUP)["pending"]
        oldest = self.oldest()
        seconds, microseconds = self.client.time()
        now_ms = seconds * 1000 + microseconds // 1000  # an entry's id begins with this clock
        batches = self.length()
        events = max(0, int(self.client.get(QUEUED_EVENTS) or 0))
        return QueueStatus(
            batches=batches,
            events=events if batches else 0,  # Redis may have evicted the stream only
            in_flight=int(pending),
            dead_letters=int(self.client.xlen(DEAD_LETTERS)),
            readers=self.readers(),
            oldest_seconds=(now_ms - int(oldest.split(b"-")[0])) / 1000 if oldest else 0.0,
        )

    def readers(self) -> int:
        """Return how many workers asked for batches lately; forget those that are long gone."""
        self.ensure_group()
        alive = 0
        for consumer in self.client.xinfo_consumers(STREAM, GROUP):
            alive += consumer["idle"] < READER_ALIVE_MS
            if consumer["idle"] > FORGET_READER_MS and not consumer["pending"]:
                self.client.xgroup_delconsumer(STREAM, GROUP, consumer["name"])
        return alive


def _entry_order(entry_id: bytes) -> tuple[int, ...]:
    return tuple(int(part) for part in entry_id.split(b"-"))
