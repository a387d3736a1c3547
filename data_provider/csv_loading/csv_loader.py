"""Load a CSV file into the queue: valid rows go to the stream, invalid rows to a rejects file.

A row that is reported as queued is in the stream and will reach the ledger. Loading the same file
again is harmless, so a load that was interrupted is simply repeated.

Every line of a file is in exactly one of the counts of `LoadResult`. The loader compares their sum
with the number of lines that were decoded, and fails if they differ.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from django.utils.translation import gettext as _

from common.translatable_text import Text, amount
from data_provider.csv_loading.csv_reader import (
    BlankLine,
    EventFile,
    Record,
    RejectedRow,
    UnusableFile,
)
from data_provider.csv_loading.local_times import ZoneOfHotel, ZoneUnknown
from data_provider.csv_loading.rejects_file import RejectsFile, RejectsOptions
from data_provider.event_queue.queue_sender import (
    LoadInterrupted,
    push_with_retries,
    wait_until_queue_has_room,
)
from data_provider.event_queue.queue_stream import BATCH_EVENTS, EventQueue
from data_provider.event_validation import EventRow, canonical_timestamp, identity
from data_provider.field_errors import FileError

PROGRESS_ROWS = 5_000  # rows between two reports of progress


def of_allowed_hotels(
    records: Iterable[Record], file: EventFile, hotels: frozenset[int] | None
) -> Iterator[Record]:
    """Yield the records; events of other hotels than these are rejected, with their line."""
    if hotels is None:
        yield from records
        return
    for record in records:
        if isinstance(record, EventRow) and record.hotel_id not in hotels:
            yield RejectedRow(file.line_number, not_allowed(record.hotel_id), "")
        else:
            yield record


def not_allowed(hotel_id: int) -> str:
    """Return why a line of a hotel is rejected that its sender may not load."""
    return _("is of hotel %(hotel)d, which is not one of yours") % {"hotel": hotel_id}


class LinesLost(FileError):
    """The counts of a file's lines do not add up: a fault of the reader. Names both numbers."""


def lines_lost(name: str, lines: int, counted: int) -> Text:
    """Return the message of `LinesLost`."""
    return Text(
        "%(file)s has %(lines)s lines, but %(counted)s were counted: please report this as an "
        "error of the program",
        {"file": name, "lines": amount(lines), "counted": amount(counted)},
    )


@dataclass
class LoadResult:
    """Counts of one file's lines."""

    name: str
    load: str = field(default_factory=lambda: uuid.uuid4().hex)  # id of the load report in Redis
    zone_of_hotel: ZoneOfHotel | None = None  # of times without offset; None: they are UTC
    lines: int = 0  # read so far
    header: int = 0
    queued: int = 0  # in a dry run: valid
    rejected: int = 0
    blank: int = 0
    future: int = 0  # of the queued ones, dated after the moment at which they were read
    inner: int = 0  # the second and further lines of rows with a quoted value that spans lines
    unsent: int = 0  # read when the load was interrupted, but not queued
    rejects_path: Path | None = None
    rejects_problem: str = ""
    last_entry: bytes | None = None  # id of the last batch in the stream
    batches: int = 0

    @property
    def counted(self) -> int:
        return self.header + self.queued + self.rejected + self.blank + self.inner + self.unsent


@dataclass
class Loader:
    """Loads one file after another.

    Args:
        queue: receives the valid rows; None only validates (a dry run).
        print_message: called with a line for the user, such as "the queue is full".
        report_progress: called every PROGRESS_ROWS rows and at the end.
        rejects: how rejected rows are written.
        hotels: events of others are rejected; None for all.
    """

    queue: EventQueue | None
    print_message: Callable[[str], None]
    report_progress: Callable[[EventFile, LoadResult], None]
    rejects: RejectsOptions | None = None
    hotels: frozenset[int] | None = None

    def load(self, file: EventFile, result: LoadResult) -> None:
        """Load one open file; `result` is filled as it goes, and is true after an error too.

        Raises:
            UnusableFile: the file is damaged in the middle; the valid rows before are queued.
            LoadInterrupted: Redis was unavailable for longer than RETRY_SECONDS, or the time zone
                of a hotel could not be found out; the valid rows before are queued.
            LinesLost: the counts do not add up.
        """
        is_complete = False
        try:
            with RejectsFile(file.name, result.load, self.rejects) as rejects:
                try:
                    self._load_rows(file, result, rejects)
                    is_complete = True
                except UnusableFile:
                    is_complete = True  # up to the damage
                    raise
        finally:
            if rejects.problem and not result.rejects_problem:
                self._report_rejects_problem(rejects, result)
            result.lines, result.header = file.lines_read, file.header_lines
            result.inner = file.inner_lines
            if not is_complete:
                result.unsent = result.lines - result.counted
        if result.lines != result.counted:
            raise LinesLost(lines_lost(file.name, result.lines, result.counted))
        self.report_progress(file, result)

    def _load_rows(self, file: EventFile, result: LoadResult, rejects: RejectsFile) -> None:
        batch: list[EventRow] = []
        try:
            records = of_allowed_hotels(file.records(), file, self.hotels)
            for number, record in enumerate(records, start=1):
                if isinstance(record, EventRow):
                    batch.append(record)
                    if len(batch) == BATCH_EVENTS:
                        self._send(batch, result)
                        batch = []
                elif isinstance(record, BlankLine):
                    result.blank += 1
                else:
                    rejects.write(record)
                    result.rejected += 1
                    result.rejects_path = rejects.path
                    if rejects.problem and not result.rejects_problem:
                        self._report_rejects_problem(rejects, result)
                if number % PROGRESS_ROWS == 0:
                    self.report_progress(file, result)
        except UnusableFile:
            self._send(batch, result)
            raise
        except ZoneUnknown as error:
            self._send(batch, result)
            raise LoadInterrupted(
                f"{error}; the load ended after {result.queued:,} events of {result.name}. Load "
                f"the file again; what is in the ledger already does not count twice."
            ) from error
        self._send(batch, result)

    def _report_rejects_problem(self, rejects: RejectsFile, result: LoadResult) -> None:
        result.rejects_problem = rejects.problem
        self.print_message(rejects.problem)

    def _send(self, batch: list[EventRow], result: LoadResult) -> None:
        if not batch:
            return
        # The ledger inserts in this order. Sorting here saves time in the worker, which is busier.
        batch.sort(key=identity)
        if self.queue is not None:
            wait_until_queue_has_room(self.queue, self.print_message)
            result.last_entry = self._push(self.queue, batch, result)
        result.queued += len(batch)
        now = canonical_timestamp(datetime.now(UTC))
        result.future += sum(row.timestamp > now for row in batch)
        result.batches += 1

    def _push(self, queue: EventQueue, batch: list[EventRow], result: LoadResult) -> bytes:
        ended = (
            f"the load ended after {result.queued:,} events of {result.name} were queued. Load the "
            f"file again when Redis is back; what is in the ledger already does not count twice."
        )
        return push_with_retries(lambda: queue.push(batch, result.load), ended, self.print_message)
