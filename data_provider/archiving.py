"""Take old events out of the table: into CSV files, and into the archive that the ledger reads.

Promises: an event leaves the table only in the transaction that commits the segment which holds it,
and only when a file holds it too that was written to the disk and read back by the loader's own
parser. So a run may be killed at any time: every event is in the table or in a segment, and the
next run goes on. Events that are recorded meanwhile stay for the next run.

A run goes month by month, segment by segment, in memory for one segment and the ids of one month.
Writers wait for one segment's transaction (a fraction of a second) and never for a whole run.
"""

import fcntl
import gzip
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.db import OperationalError, connections, router, transaction
from django.utils.timezone import now

from data_provider import archive
from data_provider.archive import Columns, Numbers
from data_provider.csv_loading.csv_columns import CSV_HEADER
from data_provider.csv_loading.csv_reader import EventFile, UnusableFile
from data_provider.event_validation import EventRow
from data_provider.models import ArchivedHotel, ArchiveSegment, Event

LOCK_TIMEOUT = "1s"  # while a run waits for the table's lock, new writers wait behind it
LOCK_SECONDS = 60  # so long it tries again

SQL_EVENTS = """
    SELECT id, hotel_id, CAST(timestamp AS text), CAST(room_reservation_id AS text),
      CAST(night_of_stay AS text), rpg_status, source_id, CAST(recorded_at AS text)
    FROM data_provider_event"""
SQL_OF_MONTH = """
    WHERE timestamp >= %s AND timestamp < %s AND (timestamp > %s OR id > %s)
    ORDER BY timestamp, id LIMIT %s"""
SQL_DELETE = "DELETE FROM data_provider_event"
# Thousands of ids as one parameter.
SQL_WITH_IDS = {
    "postgresql": " WHERE id = ANY(%s::bigint[])",
    "sqlite": " WHERE id IN (SELECT value FROM json_each(%s))",
}

ANOTHER_RUN = "another archive_events moves the same events: wait until it is done, then run again"


class NotArchived(Exception):
    """The run ended early; the message says why, and what is archived already stays so."""


@dataclass
class Archived:
    """What a run did."""

    events: int = 0
    hotels: set[int] = field(default_factory=set)
    files: list[Path] = field(default_factory=list)
    packed_bytes: int = 0


def waiting(before: date) -> dict[str, int]:
    """How many events of each month (`2015-07`) are in the table and older than a date.

    Raises: NotArchived when the date is too recent.
    """
    months = _months(_checked(before))
    return {f"{first:%Y-%m}": _between(first, end).count() for first, end in months}


def run(before: date, folder: Path, progress: Callable[[int], None]) -> Archived:
    """Archive the events whose time lies before a date (UTC); files go into a folder.

    Args:
        progress: is told how many events were written to files and then moved, each counts twice.
    Raises:
        NotArchived: the date is too recent, the folder is in use by another run, a file did not
            read back as it was written, or writers left no room.
        OSError: a file cannot be written.
        django.db.Error: the database is at fault.
    """
    end = _checked(before)
    done = Archived()
    with _alone_in(folder):
        for first, last in _months(end):
            path, ids = _write_file(folder, first, last, progress)
            done.files.append(path)
            ids.sort()
            for start in range(0, len(ids), archive.SEGMENT_EVENTS):
                rows = _rows_with(ids[start : start + archive.SEGMENT_EVENTS])
                done.packed_bytes += _move(rows)
                done.events += len(rows.id)
                done.hotels.update(np.unique(rows.hotel_id).tolist())
                progress(len(rows.id))
    return done


def _checked(before: date) -> datetime:
    latest = now().date() - timedelta(days=archive.KEPT_DAYS)
    if before > latest:
        raise NotArchived(
            f"{before} is too recent: events of the last {archive.KEPT_DAYS} days stay where they "
            f"are, so give {latest} or an earlier date"
        )
    return datetime(before.year, before.month, before.day, tzinfo=UTC)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """No other run writes into the folder; the kernel forgets this with the process."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise NotArchived(
                f"another archive_events writes into {folder}: wait until it is done, then run "
                f"again"
            ) from error
        yield
    finally:
        os.close(handle)


def _between(first: datetime, end: datetime) -> Any:
    return Event.objects.filter(timestamp__gte=first, timestamp__lt=end)


def _months(before: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The first moment of each calendar month that has events, and the first after it."""
    start = datetime.min.replace(tzinfo=UTC)
    while oldest := _between(start, before).order_by("timestamp").first():
        day = oldest.timestamp.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        start = min((day + timedelta(days=31)).replace(day=1), before)
        yield day, start


def _write_file(
    folder: Path, first: datetime, end: datetime, progress: Callable[[int], None]
) -> tuple[Path, Numbers]:
    """Write a month's events in the order of time, and read them back; the file and the ids."""
    unfinished = folder / f"events-{first:%Y-%m}.csv.gz.part"
    written = hashlib.sha256()
    ids = []
    with suppress(FileNotFoundError):
        unfinished.unlink()  # of a run that was killed
    try:
        with unfinished.open("xb") as raw:
            with gzip.GzipFile("", "wb", 6, raw, mtime=0) as packed:
                packed.write(f"{CSV_HEADER}\n".encode())
                for page in _rows_of_month(first, end):
                    rows = [_event_row(row) for row in page]
                    packed.write("".join(map(_csv_line, rows)).encode())
                    written.update("".join(map(repr, rows)).encode())
                    ids.append(np.array([row[0] for row in page], dtype=np.int64))
                    progress(len(page))
            if not ids:
                raise NotArchived(ANOTHER_RUN)
            raw.flush()
            os.fsync(raw.fileno())
        _read_back(unfinished, written.hexdigest())
        path = _free_name(folder, f"events-{first:%Y-%m}")
        unfinished.rename(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)  # the name itself
    os.close(handle)
    return path, np.concatenate(ids)


def _read_back(path: Path, written: str) -> None:
    found = hashlib.sha256()
    try:
        file = EventFile.open(path)
        for record in file.records():
            found.update(repr(record).encode())
        file.close()
    except UnusableFile as error:
        raise NotArchived(f"{error}; its events stay in the table, run again") from error
    if found.hexdigest() != written:
        raise NotArchived(
            f"{path} does not read back as it was written, so its events stay in the table: look "
            f"at the disk, then run again"
        )


def _free_name(folder: Path, stem: str) -> Path:
    path, number = folder / f"{stem}.csv.gz", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.csv.gz"
    return path


def _fetched(statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connections[router.db_for_write(Event)].cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _rows_of_month(first: datetime, end: datetime) -> Iterator[list[tuple[Any, ...]]]:
    after, position, last = f"{first:%Y-%m-%d %H:%M:%S}", 0, f"{end:%Y-%m-%d %H:%M:%S}"
    while page := _fetched(
        SQL_EVENTS + SQL_OF_MONTH, [after, last, after, position, archive.SEGMENT_EVENTS]
    ):
        yield page
        position, after = page[-1][0], _canonical(page[-1][2])


def _rows_with(ids: Numbers) -> Columns:
    rows = _fetched(SQL_EVENTS + SQL_WITH_IDS[_vendor()] + " ORDER BY id", [_parameter(ids)])
    if len(rows) != len(ids):
        raise NotArchived(ANOTHER_RUN)
    return _columns(rows)


def _vendor() -> str:
    return connections[router.db_for_write(Event)].vendor


def _parameter(ids: Numbers) -> Any:
    return ids.tolist() if _vendor() == "postgresql" else json.dumps(ids.tolist())


def _canonical(text: str) -> str:
    """A database's spelling of a UTC moment as an `EventRow` has it."""
    text = text.removesuffix("+00")
    return text if len(text) == 19 else text.ljust(26, "0")


def _event_row(row: tuple[Any, ...]) -> EventRow:
    _, hotel, moment, reservation, night, status, source, _ = row
    return EventRow(hotel, _canonical(moment), reservation.replace("-", ""), night, status, source)


def _csv_line(row: EventRow) -> str:
    hotel, moment, r, night, status, source = row
    reservation = f"{r[:8]}-{r[8:12]}-{r[12:16]}-{r[16:20]}-{r[20:]}"
    number = "" if source is None else source
    return f"{hotel},{status},{moment},{night},{reservation},{number}\n"


def _columns(rows: list[tuple[Any, ...]]) -> Columns:
    ids, hotels, moments, reservations, nights, statuses, sources, recorded = zip(
        *rows, strict=True
    )
    return Columns(
        np.array(ids),
        np.array(hotels),
        archive.moments_of(map(_canonical, moments)),
        archive.nights_of(nights),
        np.array(statuses),
        np.array([archive.NO_SOURCE if source is None else source for source in sources]),
        archive.moments_of(map(_canonical, recorded)),
        archive.reservations_of(text.replace("-", "") for text in reservations),
    )


def _move(rows: Columns) -> int:
    """Put events into a segment and out of the table, both or neither; the segment's bytes."""
    segment = _segment(rows)
    unpacked = archive.unpack(bytes(segment.packed))
    if not all(map(np.array_equal, rows, unpacked)):
        raise NotArchived(f"{segment} do not unpack as they were packed: they stay in the table")
    give_up = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            _commit(segment, rows)
            return len(segment.packed) + len(segment.reservations)
        except OperationalError as error:
            locked = getattr(error.__cause__, "sqlstate", None) == "55P03"
            if not locked:
                raise
            if time.monotonic() > give_up:
                raise NotArchived(
                    f"writers left no room for {LOCK_SECONDS} s: run again when there are fewer"
                ) from error
            time.sleep(0.2)


def _segment(rows: Columns) -> ArchiveSegment:
    return ArchiveSegment(
        events=len(rows.id),
        first_id=rows.id[0].item(),
        last_id=rows.id[-1].item(),
        first_timestamp=archive.moment(rows.timestamp.min()),
        last_timestamp=archive.moment(rows.timestamp.max()),
        first_hotel=rows.hotel_id.min().item(),
        last_hotel=rows.hotel_id.max().item(),
        first_recorded_at=archive.moment(rows.recorded_at.min()),
        reservations=archive.marks_of(rows.room_reservation_id),
        packed=archive.pack(rows),
    )


def _commit(segment: ArchiveSegment, rows: Columns) -> None:
    database = router.db_for_write(Event)
    connection = connections[database]
    with transaction.atomic(using=database, durable=True), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # On SQLite the transaction has the one writer's lock from its begin.
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
            cursor.execute("LOCK TABLE data_provider_event IN SHARE ROW EXCLUSIVE MODE")
        segment.save(force_insert=True)
        hotels = [ArchivedHotel(hotel_id=number) for number in np.unique(rows.hotel_id).tolist()]
        ArchivedHotel.objects.bulk_create(hotels, ignore_conflicts=True)
        cursor.execute(SQL_DELETE + SQL_WITH_IDS[connection.vendor], [_parameter(rows.id)])
        if cursor.rowcount != len(rows.id):
            raise NotArchived(ANOTHER_RUN)
