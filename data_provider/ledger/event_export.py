"""Export old events to compressed CSV files, one for each calendar month.

Promises: a file appears under its name only when it is complete, is on the disk, and was read back
by the parser of `trigger_load_events` with the result that was written. An existing file is never
overwritten. Nothing leaves the ledger. Only the file's owner can read it (mode 0600).

An export needs memory for one page of events. Events that are recorded during an export may be
missing from it.
"""

import gzip
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from common.currencies import format_thousandths
from data_provider.csv_loading.csv_columns import CSV_HEADER, PLAIN_CSV_HEADER
from data_provider.csv_loading.csv_reader import EventFile, UnusableFile
from data_provider.event_validation import EventRow, canonical_timestamp
from data_provider.ledger.ledger_connection import ledger_connection
from data_provider.ledger.rest_format import rest_uuid
from data_provider.models import Event

PAGE_EVENTS = 10_000  # some 5 MB of memory
GZIP_LEVEL = 6

# The text has a name of its own, see event_query.py.
SQL_PAGE = """
    SELECT id, hotel_id, CAST(timestamp AS text) AS time_text, CAST(room_reservation_id AS text),
      CAST(night_of_stay AS text), rpg_status, source_id, rate, currency, room_type, channel,
      segment
    FROM data_provider_event
    WHERE timestamp >= %s AND timestamp < %s AND (timestamp > %s OR id > %s)
    ORDER BY timestamp, id LIMIT %s"""

# Without any such event a file has no columns for optional values, and is read faster.
SQL_HAS_OPTIONAL = """
    SELECT EXISTS (
      SELECT 1 FROM data_provider_event
      WHERE timestamp >= %s AND timestamp < %s
        AND coalesce(currency, room_type, channel, segment) IS NOT NULL
    )"""

FIRST_MOMENT = datetime.min.replace(tzinfo=UTC)


class ExportError(Exception):
    """The export stopped; the message says why. Files that are complete stay."""


@dataclass
class ExportResult:
    """What an export wrote."""

    events: int = 0
    files: list[Path] = field(default_factory=list)


def count_events(before: date) -> int:
    """Return the number of events with a timestamp before a date (UTC)."""
    return Event.objects.filter(timestamp__lt=_midnight(before)).count()


def export_events(before: date, folder: Path, progress: Callable[[int], None]) -> ExportResult:
    """Write the events with a timestamp before a date (UTC) to files in a folder.

    The files are named `events-YYYY-MM.csv.gz`.

    Args:
        folder: is created when it does not exist.
        progress: is called with the number of events of each page that was written.
    Raises:
        ExportError: a file exists already, or does not read back as it was written.
        OSError: a file cannot be written.
        django.db.Error: the database does not answer.
    """
    months = [
        (folder / f"events-{first:%Y-%m}.csv.gz", first, end)
        for first, end in _months(_midnight(before))
    ]
    folder.mkdir(parents=True, exist_ok=True)
    for path, _, _ in months:  # before hours of work
        _refuse_existing(path)
    result = ExportResult()
    for path, first, end in months:
        result.events += _export_month(path, first, end, progress)
        result.files.append(path)
    return result


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _months(before: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the start and the end of each calendar month that has events, the last cut short."""
    start = FIRST_MOMENT
    remaining = Event.objects.order_by("timestamp").values_list("timestamp", flat=True)
    while oldest := remaining.filter(timestamp__gte=start, timestamp__lt=before).first():
        first = oldest.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        start = min((first + timedelta(days=31)).replace(day=1), before)
        yield first, start


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise ExportError(
            f"{path} exists already and is not overwritten: give another --folder, or move it away"
        )


def _export_month(
    path: Path, first: datetime, end: datetime, progress: Callable[[int], None]
) -> int:
    """Write a month's events to a temporary file, verify it, then give it its name."""
    events = 0
    written = hashlib.sha256()
    has_optional = _has_optional(first, end)
    header = CSV_HEADER if has_optional else PLAIN_CSV_HEADER
    with _temporary_file(path) as temporary:
        with temporary.open("wb") as raw:
            with gzip.GzipFile("", "wb", GZIP_LEVEL, raw, mtime=0) as packed:
                packed.write(f"{header}\n".encode())
                for rows in _pages(first, end):
                    packed.write("".join(_csv_line(row, has_optional) for row in rows).encode())
                    written.update("".join(map(repr, rows)).encode())
                    events += len(rows)
                    progress(len(rows))
            raw.flush()
            os.fsync(raw.fileno())
        _verify(temporary, path, written.hexdigest())
        _refuse_existing(path)
        temporary.rename(path)
    _sync_folder(path.parent)
    return events


@contextmanager
def _temporary_file(path: Path) -> Iterator[Path]:
    """Create an empty file of mode 0600 beside a path; delete it when it was not renamed."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make the names of new files survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _verify(temporary: Path, path: Path, written: str) -> None:
    """Read a file back as `trigger_load_events` does. Raises: ExportError."""
    read = hashlib.sha256()
    try:
        file = EventFile.open(temporary)
        try:
            for record in file.records():
                read.update(repr(record).encode())
        finally:
            file.close()
    except UnusableFile as error:
        raise ExportError(f"{path} was not written: {error}; run the export again") from error
    if read.hexdigest() != written:
        raise ExportError(
            f"{path} does not read back as it was written and was deleted: check the disk, then "
            f"run the export again"
        )


def _pages(first: datetime, end: datetime) -> Iterator[list[EventRow]]:
    """Yield the events of a span in the order of time, page by page."""
    start, stop = canonical_timestamp(first), canonical_timestamp(end)
    after, position = start, 0
    while True:
        with ledger_connection().cursor() as cursor:
            cursor.execute(SQL_PAGE, [after, stop, after, position, PAGE_EVENTS])
            page: list[tuple[Any, ...]] = cursor.fetchall()
        if not page:
            return
        rows = [_event_row(*values) for _, *values in page]
        yield rows
        position, after = page[-1][0], rows[-1].timestamp


def _event_row(
    hotel: int,
    timestamp: str,
    reservation: str,
    night: str,
    status: int,
    source: int | None,
    *optional: Any,
) -> EventRow:
    """Return an event in canonical values from a database's texts."""
    timestamp = timestamp.removesuffix("+00")
    if len(timestamp) > 19:  # PostgreSQL leaves out trailing zeros of the fraction
        timestamp = timestamp.ljust(26, "0")
    return EventRow(
        hotel, timestamp, reservation.replace("-", ""), night, status, source, *optional
    )


def _has_optional(first: datetime, end: datetime) -> bool:
    """Return whether an event of a span has a rate or a word."""
    with ledger_connection().cursor() as cursor:
        cursor.execute(SQL_HAS_OPTIONAL, [canonical_timestamp(first), canonical_timestamp(end)])
        return bool(cursor.fetchone()[0])


def _csv_line(row: EventRow, has_optional: bool) -> str:
    hotel, timestamp, reservation, night, status, source, rate, currency, *words = row
    source_id = "" if source is None else source
    line = f"{hotel},{status},{timestamp},{night},{rest_uuid(reservation)},{source_id}"
    if not has_optional:
        return f"{line}\n"
    amount = "" if rate is None or currency is None else format_thousandths(rate, currency)
    optional = ",".join([amount, currency or "", *map(_csv_value, words)])
    return f"{line},{optional}\n"


def _csv_value(word: str | None) -> str:
    if word is None:
        return ""
    return '"{}"'.format(word.replace('"', '""')) if "," in word or '"' in word else word
