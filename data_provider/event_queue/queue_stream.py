"""The queue between the CSV loader and the ledger: a Redis stream of batches.

What `push` returned for is in the stream; it leaves only by `acknowledge`, which the worker calls
after the ledger's commit, or by `bury`, which keeps it among the dead letters with its reason.
What a dead worker had taken is claimed by the next one that asks. A batch may be delivered twice
(the ledger does not mind), never lost.
"""

import hashlib
import os
import socket
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, NamedTuple

import orjson
import redis
from django.conf import settings

from data_provider.event_validation import REQUIRED, EventRow, parse_event
from data_provider.ledger import rest_uuid
from data_provider.signals import events_queued

STREAM = "events:queue"
DEAD_LETTERS = "events:dead"
QUEUED_EVENTS = "events:queued"  # how many events the stream holds
GROUP = "ledger"

# About two megabytes, and a transaction of some tenths of a second. A quarter of that would take
# SQLite twice as long for each event: a transaction writes every page that it touched.
BATCH_EVENTS = 20_000
CLAIM_AFTER_MS = 20_000  # far longer than a batch takes; how long a dead worker's batch waits
READER_ALIVE_MS = 15_000  # workers ask every 5 s also when there is nothing to do
FORGET_READER_MS = 3_600_000
LOAD_REPORT_SECONDS = 86_400

# Deleting tells who was first, so that a batch that two workers recorded is counted once.
LUA_ACKNOWLEDGE = """
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) + redis.call('XDEL', KEYS[1], ARGV[2]) >= 1 then
  redis.call('DECRBY', KEYS[2], ARGV[3])
  if ARGV[4] ~= '' then
    for i = 5, #ARGV, 2 do redis.call('HINCRBY', ARGV[4], ARGV[i], ARGV[i + 1]) end
    redis.call('EXPIRE', ARGV[4], 86400)
  end
  return 1
end
return 0
"""
# The id alone: an entry's rows are megabytes.
LUA_OLDEST = """
local entries = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)
return entries[1] and entries[1][1]
"""


class Unreadable(ValueError):
    """A batch that is not what `push` writes; it belongs to the dead letters."""


class Batch(NamedTuple):
    """One entry of the stream as the worker sees it."""

    id: bytes
    fields: dict[bytes, bytes]
    claimed: bool  # taken over from another worker, which may have recorded it already

    def rows(self) -> list[EventRow]:
        """The events of the batch. Raises: Unreadable."""
        try:
            content = self.fields[b"rows"]
            check = EventRow._make if self.fields.get(b"seal") == _seal(content) else _checked
            return [check(values) for values in orjson.loads(content)]
        except (KeyError, ValueError, TypeError) as error:
            raise Unreadable(f"{type(error).__name__}: {error}") from error

    @property
    def events(self) -> int:
        return _count(self.fields)

    @property
    def load(self) -> str:
        return self.fields.get(b"load", b"").decode("ascii", "replace")


class DeadLetter(NamedTuple):
    """A batch that could not be recorded, as a person sees it."""

    id: bytes
    fields: dict[bytes, bytes]

    @property
    def events(self) -> int:
        return _count(self.fields)

    @property
    def content(self) -> str:
        return self.fields.get(b"rows", b"").decode("utf-8", "replace")

    @property
    def line(self) -> str:
        failed_at, reason = (
            self.fields.get(name, b"?").decode("utf-8", "replace")
            for name in (b"failed_at", b"reason")
        )
        return f"{self.id.decode()}  {failed_at}  {self.events:,} events: {reason}"


class Status(NamedTuple):
    """The queue at a moment: batches and events waiting or in a worker's hands, dead letters."""

    batches: int
    events: int
    in_flight: int
    dead_letters: int
    readers: int
    oldest_seconds: float  # how long the oldest batch has been in the queue


RULES = "1"  # of `event_fields`; to be raised when they become stricter


def _seal(content: bytes) -> bytes:
    """What only a loader with the same rules and the same secret can write beside rows.

    It has applied the rules already; a batch without its seal is checked event by event.
    """
    key = hashlib.sha256(f"{RULES} {settings.SECRET_KEY}".encode()).digest()
    return hashlib.blake2b(content, key=key, digest_size=16).hexdigest().encode()


def _checked(stored: list[Any]) -> EventRow:
    """A row that obeys the same rules as one that arrives by REST. Raises: Unreadable."""
    hotel_id, timestamp, reservation, night, status, source_id = stored
    values = (hotel_id, timestamp, status, reservation, night)
    row, errors = parse_event({**dict(zip(REQUIRED, values, strict=True)), "source_id": source_id})
    if row is None:
        raise Unreadable(f"{errors} in {rest_uuid(str(reservation))}")
    return row


def redis_client(**options: Any) -> redis.Redis:
    """A client of the Redis that CELERY_BROKER_URL names."""
    url = settings.CELERY_BROKER_URL.replace("redis+socket://", "unix://")
    options = {"socket_timeout": 10, "socket_connect_timeout": 5, **options}
    return redis.Redis.from_url(url, **options)


class EventQueue:
    """The stream, seen by one process: as loader, as worker, or as onlooker.

    Every method raises redis.RedisError when Redis does not answer.
    """

    def __init__(self, client: redis.Redis | None = None) -> None:
        self.client: Any = client or redis_client()
        self._consumer = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"

    @cached_property
    def _acknowledge(self) -> Any:
        return self.client.register_script(LUA_ACKNOWLEDGE)

    @cached_property
    def _oldest(self) -> Any:
        return self.client.register_script(LUA_OLDEST)

    # --- the loader's side ---

    def push(self, rows: Sequence[EventRow], load: str = "") -> bytes:
        """Put at most BATCH_EVENTS valid events at the end of the stream; the entry's id."""
        content = orjson.dumps([tuple(row) for row in rows])
        entry: dict[str, Any] = {
            "rows": content,
            "seal": _seal(content),
            "events": len(rows),
            "load": load,
        }
        with self.client.pipeline(transaction=True) as pipe:
            pipe.xadd(STREAM, entry)
            pipe.incrby(QUEUED_EVENTS, len(rows))
            entry_id: bytes = pipe.execute()[0]
        events_queued.send(sender=None)
        return entry_id

    def oldest(self) -> bytes | None:
        """The id of the first entry that is not acknowledged yet."""
        found: bytes | None = self._oldest(keys=[STREAM])
        return found

    def length(self) -> int:
        """How many batches wait or are in a worker's hands."""
        return int(self.client.xlen(STREAM))

    def load_report(self, load: str) -> dict[str, int]:
        """What became of a load's events so far: created, duplicates, dead, claimed (batches)."""
        report = self.client.hgetall(_load_key(load))
        return {key.decode(): int(value) for key, value in report.items()}

    # --- the worker's side ---

    def ensure_group(self) -> None:
        """Make stream and group where they are missing (also after Redis was emptied)."""
        try:
            self.client.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
        except redis.ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    def take(self, count: int) -> list[Batch]:
        """Up to `count` batches: this worker's own open ones, a dead one's, then new ones."""
        self.ensure_group()
        own = self.client.xreadgroup(GROUP, self._consumer, {STREAM: "0"}, count=count)
        batches = self._batches(own[0][1] if own else [], claimed=True)
        if not batches:
            claimed = self.client.xautoclaim(
                STREAM, GROUP, self._consumer, CLAIM_AFTER_MS, count=count
            )
            batches = self._batches(claimed[1], claimed=True)
        if not batches:
            new = self.client.xreadgroup(GROUP, self._consumer, {STREAM: ">"}, count=count)
            batches = self._batches(new[0][1] if new else [], claimed=False)
        return batches

    def _batches(self, entries: list[Any], *, claimed: bool) -> list[Batch]:
        batches = []
        for entry_id, fields in entries:
            if not fields:  # deleted by hand while a worker held it: there is nothing to record
                self.client.xack(STREAM, GROUP, entry_id)
            else:
                batches.append(Batch(entry_id, fields, claimed))
        return batches

    def acknowledge(self, batch: Batch, **outcome: int) -> bool:
        """Remove a batch that the ledger committed; False when another worker was first."""
        return bool(self._remove(batch, self.client, **outcome))

    def _remove(self, batch: Batch, client: Any, **outcome: int) -> Any:
        counts = {**outcome, "claimed": int(batch.claimed)}
        pairs = [item for pair in counts.items() for item in pair]
        load_key = _load_key(batch.load) if batch.load else ""
        return self._acknowledge(
            keys=[STREAM, QUEUED_EVENTS],
            args=[GROUP, batch.id, batch.events, load_key, *pairs],
            client=client,
        )

    def bury(self, batch: Batch, reason: str) -> None:
        """Move a batch that nobody can read to the dead letters, with the reason."""
        failed_at = datetime.now(UTC).isoformat(timespec="seconds")
        letter = {**batch.fields, b"reason": reason[:2000], b"failed_at": failed_at}
        with self.client.pipeline(transaction=True) as pipe:  # on one of the two lists, always
            pipe.xadd(DEAD_LETTERS, letter)
            self._remove(batch, pipe, dead=batch.events)
            pipe.execute()

    # --- for people ---

    def status(self) -> Status:
        """The queue in numbers."""
        self.ensure_group()
        pending = self.client.xpending(STREAM, GROUP)["pending"]
        oldest = self.oldest()
        seconds, microseconds = self.client.time()
        now_ms = seconds * 1000 + microseconds // 1000  # an entry's id begins with this clock
        return Status(
            batches=self.length(),
            events=int(self.client.get(QUEUED_EVENTS) or 0),
            in_flight=int(pending),
            dead_letters=int(self.client.xlen(DEAD_LETTERS)),
            readers=self.readers(),
            oldest_seconds=(now_ms - int(oldest.split(b"-")[0])) / 1000 if oldest else 0.0,
        )

    def readers(self) -> int:
        """How many workers asked for work within the last seconds; forgets those long gone."""
        self.ensure_group()
        alive = 0
        for consumer in self.client.xinfo_consumers(STREAM, GROUP):
            alive += consumer["idle"] < READER_ALIVE_MS
            if consumer["idle"] > FORGET_READER_MS and not consumer["pending"]:
                self.client.xgroup_delconsumer(STREAM, GROUP, consumer["name"])
        return alive

    def dead_letters(self) -> Iterator[DeadLetter]:
        """The dead letters, oldest first."""
        start = b"-"
        while entries := self.client.xrange(DEAD_LETTERS, min=start, count=100):
            for entry_id, fields in entries:
                yield DeadLetter(entry_id, fields)
            start = b"(" + entries[-1][0]

    def resend(self, letter: DeadLetter) -> None:
        """Put a dead letter back into the stream and take it off the dead letters."""
        kept = (b"rows", b"events", b"load")
        entry = {name: letter.fields[name] for name in kept if name in letter.fields}
        with self.client.pipeline(transaction=True) as pipe:
            pipe.xadd(STREAM, entry or {b"rows": b""})
            pipe.incrby(QUEUED_EVENTS, letter.events)
            pipe.xdel(DEAD_LETTERS, letter.id)
            pipe.execute()
        events_queued.send(sender=None)

    def drop(self, letter: DeadLetter) -> None:
        """Delete a dead letter for good."""
        self.client.xdel(DEAD_LETTERS, letter.id)


def _count(fields: dict[bytes, bytes]) -> int:
    """How many events an entry says that it holds."""
    count = fields.get(b"events", b"0")
    return int(count) if count.isdigit() else 0


def _load_key(load: str) -> str:
    return f"events:load:{load}"
