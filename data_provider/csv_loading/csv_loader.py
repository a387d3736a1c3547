"""Load a CSV file into the queue: valid rows to the stream, the others to a rejects file.

A row that is reported as queued is in the stream, and so on its way into the ledger. Loading the
same file again is harmless, which is also the way on after a load that was cut short.
"""

import csv
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import redis
from django.conf import settings

from data_provider.csv_loading.csv_reader import Blank, EventFile, Reject
from data_provider.event_queue.queue_stream import BATCH_EVENTS, EventQueue
from data_provider.event_validation import EventRow, identity

MAX_QUEUED_BATCHES = 25  # half a million events, some 50 MB of Redis' memory
RETRY_SECONDS = 60  # how long a load waits for a Redis that went away

START_WORKER = "celery -A roompricegenie worker -l info -c 3"


class LoadInterrupted(Exception):
    """Redis stayed away in the middle of a load; the message says how far it came."""


@dataclass
class LoadResult:
    """What became of one file's rows."""

    name: str
    load: str = field(default_factory=lambda: uuid.uuid4().hex)
    queued: int = 0
    rejected: int = 0
    blank: int = 0
    rejects_path: Path | None = None
    last_entry: bytes | None = None
    batches: int = 0


@dataclass
class Loader:
    """Loads one file after another.

    Args:
        queue: where valid rows go; None validates only (a dry run).
        say: takes a line for the person who waits.
        progress: is told now and then how much of the file was read.
    """

    queue: EventQueue | None
    say: Callable[[str], None]
    progress: Callable[[EventFile, LoadResult], None]

    def load(self, file: EventFile) -> LoadResult:
        """Load one open file.

        Raises:
            UnusableFile: the file is damaged in the middle; what was valid before is queued.
            LoadInterrupted: Redis went away and stayed away.
        """
        result = LoadResult(file.name)
        batch: list[EventRow] = []
        with _RejectsFile(result) as rejects:
            try:
                for number, record in enumerate(file.records(), start=1):
                    if isinstance(record, EventRow):
                        batch.append(record)
                        if len(batch) == BATCH_EVENTS:
                            self._send(batch, result)
                            batch = []
                    elif isinstance(record, Blank):
                        result.blank += 1
                    else:
                        rejects.write(record)
                    if number % 5_000 == 0:
                        self.progress(file, result)
            finally:
                self._send(batch, result)
        self.progress(file, result)
        return result

    def _send(self, batch: list[EventRow], result: LoadResult) -> None:
        if not batch:
            return
        batch.sort(key=identity)  # as the ledger will; it has less time than this process
        if self.queue is not None:
            self._wait_for_room(self.queue)
            result.last_entry = self._push(self.queue, batch, result)
        result.queued += len(batch)
        result.batches += 1

    def _push(self, queue: EventQueue, batch: list[EventRow], result: LoadResult) -> bytes:
        give_up = time.monotonic() + RETRY_SECONDS
        told = False
        while True:
            try:
                return queue.push(batch, result.load)
            except redis.RedisError as error:
                if time.monotonic() > give_up:
                    raise LoadInterrupted(
                        f"Redis went away after {result.queued:,} events of {result.name} were "
                        f"queued: {error}. Load the file again when Redis is back; what is in "
                        f"the ledger already does not count twice."
                    ) from error
                if not told:
                    self.say(f"Redis does not answer ({error}); waiting up to {RETRY_SECONDS} s")
                    told = True
                time.sleep(1)

    def _wait_for_room(self, queue: EventQueue) -> None:
        with suppress(redis.RedisError):  # `_push` waits for Redis and says so
            if queue.length() < MAX_QUEUED_BATCHES:
                return
            self.say("the queue is full, waiting for the workers")
            while queue.length() >= MAX_QUEUED_BATCHES:
                if not queue.readers():
                    self.say(f"nobody reads the queue; start a worker: {START_WORKER}")
                    time.sleep(9)
                time.sleep(1)


class _RejectsFile:
    """The rejected rows of one load as CSV: line, reason, text. Made with the first reject."""

    def __init__(self, result: LoadResult) -> None:
        self._result = result
        self._file: TextIO | None = None

    def __enter__(self) -> "_RejectsFile":
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def write(self, reject: Reject) -> None:
        if self._file is None:
            folder = settings.DATA_DIR / "rejects"
            folder.mkdir(parents=True, exist_ok=True)
            stem = Path(self._result.name).name.split(".")[0] or "events"
            stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
            path = folder / f"{stem}-{stamp}-{self._result.load[:6]}.csv"
            self._file = path.open("w", encoding="utf-8", errors="surrogateescape", newline="")
            self._result.rejects_path = path
            self._writer = csv.writer(self._file)
            self._writer.writerow(["line", "reason", "text"])
        self._writer.writerow([reject.line, reject.reason, reject.text])
        self._result.rejected += 1
