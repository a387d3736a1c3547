"""Import a file of reservations: valid ones go to the queue, invalid lines to a rejects file.

A reservation with one invalid line is rejected whole, every line of it with the reason. Every line
of the file is in exactly one of the counts of `ImportResult`; the import compares their sum with
the number of lines that were read, and fails if they differ.

Importing a file again, or a newer export of the same reservations, appends only what changed.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _

from data_provider.csv_loading.csv_loader import LinesLost, lines_lost
from data_provider.csv_loading.csv_reader import RejectedRow
from data_provider.csv_loading.local_times import ZoneOfHotel
from data_provider.csv_loading.rejects_file import RejectsFile, RejectsOptions
from data_provider.event_queue.queue_sender import push_with_retries, wait_until_queue_has_room
from data_provider.event_queue.queue_stream import BATCH_EVENTS, EventQueue
from data_provider.reservation_import.line_store import LineStore, StoredLine
from data_provider.reservation_import.mapping import Mapping, recognise
from data_provider.reservation_import.reservation_assembly import Contradiction, assemble
from data_provider.reservation_import.reservation_lines import LineErrors, LineParser
from data_provider.reservation_import.spellings import Ask, Spellings
from data_provider.reservation_import.table_lines import Row, TableFile
from data_provider.reservations.known_reservations import reservations_arriving
from data_provider.reservations.snapshot import (
    CANCELLED,
    MAX_RESERVATIONS,
    ReservationErrors,
    ReservationSnapshot,
)

PROGRESS_LINES = 2_000


@dataclass(frozen=True)
class ImportOptions:
    """How files are read.

    Attributes:
        mapping: None recognises a shipped one by the header.
        hotel_id: of all lines, instead of a column.
        hotels: lines of others are rejected; None for all.
        rejects: how rejected lines are written; their folder is also that of temporary files.
        first_rows: read no more rows than these; None for all.
    """

    mapping: Mapping | None = None
    hotel_id: int | None = None
    date_order: str | None = None
    decimal: str | None = None
    zone_of_hotel: ZoneOfHotel | None = None
    complete: tuple[date, date] | None = None  # the file has all arrivals of these days
    hotels: frozenset[int] | None = None
    rejects: RejectsOptions = field(default_factory=RejectsOptions)
    first_rows: int | None = None


@dataclass
class ImportResult:
    """Counts of one file."""

    name: str
    exported_at: str  # as of when the file states what has no column of that; UTC
    load: str = field(default_factory=lambda: uuid.uuid4().hex)
    mapping: Mapping | None = None
    total: int = 0  # lines, known after the first look at the file
    lines: int = 0  # read so far
    header: int = 0
    imported: int = 0  # lines
    rejected: int = 0
    blank: int = 0
    inner: int = 0  # the second and further lines of rows with a quoted value that spans lines
    reservations: int = 0  # queued, or valid in a dry run
    room_nights: int = 0
    unknown: int = 0  # of the rejected ones, lines that do not say which reservation they are of
    unsent: int = 0  # lines of valid or unchecked reservations when the import ended
    missing: int = 0  # known, not in the file, and therefore cancelled
    rejects_path: Path | None = None
    rejects_problem: str = ""
    last_entry: bytes | None = None

    @property
    def counted(self) -> int:
        return self.header + self.imported + self.rejected + self.blank + self.inner + self.unsent


class PerhapsIncomplete(Exception):
    """The file has lines of unknown reservations, so what it lacks must not be cancelled."""


#: Called with the number of missing reservations and of all known ones; raises to refuse.
ConfirmMissing = Callable[[int, int], None]


class FileImport:
    """Imports one file.

    Args:
        queue: None only validates (a dry run).
        ask: how to ask for what a file leaves open; None where nobody can answer.
    """

    def __init__(
        self,
        queue: EventQueue | None,
        options: ImportOptions,
        result: ImportResult,
        *,
        print_message: Callable[[str], None],
        show_text: Callable[[str], None],
        ask: Ask = None,
        confirm_missing: ConfirmMissing = lambda missing, known: None,
    ) -> None:
        self.queue = queue
        self.options = options
        self.result = result
        self.print_message = print_message
        self.show_text = show_text
        self.ask = ask
        self.confirm_missing = confirm_missing
        self._batch: list[ReservationSnapshot] = []
        self._batch_room_nights = 0
        self._batch_lines = self._batch_inner = 0

    def run(self, path: Path) -> None:
        """Import the file.

        Args:
            path: a regular file: it is read twice.
        Raises:
            UnreadableFile, MappingError, PerhapsIncomplete: nothing was queued.
            LoadInterrupted, ZoneUnknown: a part was queued; importing again is safe.
            LinesLost: the counts do not add up.
        """
        result = self.result
        with TableFile(path, result.name) as table:
            mapping = self._mapping(table)
            result.total, result.lines = table.lines_read, 0
        with (
            LineStore(self.options.rejects.folder) as store,
            RejectsFile(result.name, result.load, self.options.rejects) as rejects,
            TableFile(path, result.name) as table,
        ):
            result.mapping = mapping
            is_complete = False
            try:
                self._store_lines(table, mapping, store, rejects)
                missing = self._missing(store)
                for _, _, lines in store.reservations():
                    self._take(mapping, lines, rejects)
                for snapshot in missing:
                    self._add(snapshot)
                self._send()
                is_complete = True
            finally:
                result.lines = table.lines_read
                result.rejects_path = rejects.path
                if not is_complete:
                    result.unsent = result.lines - result.counted
        result.rejects_problem = rejects.problem
        if result.lines != result.counted:
            raise LinesLost(lines_lost(result.name, result.lines, result.counted))

    def _mapping(self, table: TableFile) -> Mapping:
        """Return how to read the file, after a look at all of its dates and amounts."""
        options = self.options
        mapping = options.mapping or recognise(table.header)
        if options.hotel_id is not None:
            columns = {name: word for name, word in mapping.columns.items() if name != "hotel_id"}
            mapping = replace(mapping, columns=columns, hotel_id=options.hotel_id)
        mapping = replace(
            mapping,
            date_order=options.date_order or mapping.date_order,
            decimal=options.decimal or mapping.decimal,
        )
        mapping.check()
        spellings = Spellings(mapping.positions(table.header))
        for row in islice(table.rows(), options.first_rows):
            if row.line % PROGRESS_LINES == 0:
                self.result.lines = row.line
                self.show_text(f"{self.result.name}: {row.line:,} lines looked at")
            if not row.problem:
                spellings.look_at(row.cells)
        return spellings.settle(mapping, self.result.name, self.ask)

    def _store_lines(
        self, table: TableFile, mapping: Mapping, store: LineStore, rejects: RejectsFile
    ) -> None:
        result = self.result
        positions = mapping.positions(table.header)
        parser = LineParser(mapping, positions, self.options.zone_of_hotel, self.options.hotels)
        result.header = table.header_lines
        for row in islice(table.rows(), self.options.first_rows):
            if row.line % PROGRESS_LINES == 0:
                result.lines = row.line
                self.show_text(
                    f"{result.name}: {row.line:,} lines read, {result.rejected:,} rejected"
                )
            if not row.cells:
                result.blank += 1
                continue
            if not self.options.rejects.with_text:
                row = row._replace(text="")
            try:
                if row.problem:
                    result.unknown += 1
                    raise LineErrors([row.problem], parser.key(row.cells))
                part = parser.parse(row.cells)
            except LineErrors as error:
                self._reject(rejects, row.line, row.lines, str(error), row.text)
                if error.key is None:
                    result.unknown += not row.problem
                else:
                    store.add(*error.key, row.line, row.lines, None, row.text)
            else:
                self._store(store, row, part)
        store.index()

    @staticmethod
    def _store(store: LineStore, row: Row, part: dict[str, object]) -> None:
        hotel, number = part["hotel_id"], part["reservation_id"]
        assert isinstance(hotel, int)
        store.add(hotel, str(number), row.line, row.lines, part, row.text)

    def _take(self, mapping: Mapping, lines: list[StoredLine], rejects: RejectsFile) -> None:
        """Add a reservation to the batch, or reject its lines."""
        valid = [line for line in lines if line.part is not None]
        parts = [line.part for line in lines if line.part is not None]
        reason = ""
        if len(parts) < len(lines):
            wrong = next(line.line for line in lines if line.part is None)
            reason = _("line %(line)d of the same reservation is not valid") % {"line": wrong}
        else:
            try:
                snapshot = assemble(mapping.line, parts, self.result.exported_at)
            except Contradiction as error:
                reason = str(error)
            except ReservationErrors as error:
                reason = _flat(error.errors)
        if reason:
            for line in valid:
                self._reject(rejects, line.line, line.lines, reason, line.text)
            return
        self._add(snapshot, len(lines), sum(line.lines - 1 for line in lines))

    def _missing(self, store: LineStore) -> list[ReservationSnapshot]:
        """Return the known reservations that the file should have and has not, as cancelled."""
        if self.options.complete is None:
            return []
        if unknown := self.result.unknown:
            raise PerhapsIncomplete(
                f"{unknown:,} {'line does' if unknown == 1 else 'lines do'} not say for sure which "
                f"reservation it is of, so nobody knows what the file lacks; nothing was queued: "
                f"mend what is in the rejects file, or import without --complete"
            )
        first, last = self.options.complete
        at = self.result.exported_at
        missing, known = [], 0
        for hotel in store.hotels():
            for snapshot in reservations_arriving(hotel, first, last):
                known += 1
                if max(snapshot.booked_at, snapshot.updated_at) > at:
                    continue  # the export is older than what is known
                if not store.has(hotel, snapshot.reservation_id):
                    missing.append(
                        snapshot._replace(
                            status=CANCELLED,
                            updated_at=at,
                            cancelled_at=at,
                        )
                    )
        if missing:
            self.confirm_missing(len(missing), known)
        self.result.missing = len(missing)
        return missing

    def _reject(self, rejects: RejectsFile, line: int, lines: int, reason: str, text: str) -> None:
        rejects.write(RejectedRow(line, reason, text))
        self.result.rejected += 1
        self.result.inner += lines - 1
        if rejects.problem and not self.result.rejects_problem:
            self.result.rejects_problem = rejects.problem
            self.print_message(rejects.problem)

    def _add(self, snapshot: ReservationSnapshot, lines: int = 0, inner: int = 0) -> None:
        room_nights = snapshot.room_nights
        if self._batch and self._batch_room_nights + room_nights > BATCH_EVENTS:
            self._send()
        self._batch.append(snapshot)
        self._batch_room_nights += room_nights
        self._batch_lines += lines
        self._batch_inner += inner
        if len(self._batch) == MAX_RESERVATIONS:
            self._send()

    def _send(self) -> None:
        batch, room_nights = self._batch, self._batch_room_nights
        if not batch:
            return
        self._batch, self._batch_room_nights = [], 0
        result, queue = self.result, self.queue
        if queue is not None:
            wait_until_queue_has_room(queue, self.print_message)
            ended = (
                f"the import ended after {result.reservations:,} reservations of {result.name} "
                f"were queued. Import the file again when Redis is back; only what changed is "
                f"appended."
            )
            result.last_entry = push_with_retries(
                lambda: queue.push_reservations(batch, result.load), ended, self.print_message
            )
        result.reservations += len(batch)
        result.room_nights += room_nights
        result.imported += self._batch_lines
        result.inner += self._batch_inner
        self._batch_lines = self._batch_inner = 0
        self.show_text(f"{result.name}: {result.reservations:,} reservations queued")


def count_told(report: dict[str, int]) -> int:
    """Return of how many reservations the workers told in a load's report what became of them."""
    return sum(count for name, count in report.items() if name.startswith("reservations_"))


def _flat(errors: object, place: str = "") -> str:
    """Return nested reasons as one line."""
    if isinstance(errors, dict):
        return "; ".join(
            _flat(reasons, f"{place} {name}".strip()) for name, reasons in errors.items()
        )
    if isinstance(errors, list):
        return f"{place}: {', '.join(map(str, errors))}"
    return f"{place}: {errors}"
