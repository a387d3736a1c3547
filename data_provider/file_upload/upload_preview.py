"""The first reservations or events of an uploaded file, as they would be understood.

It is the import itself, of the first rows and without a queue, so that what it shows is what would
be loaded, and what it rejects would be rejected.
"""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any, Final

from common.currencies import format_thousandths
from common.translatable_text import from_json
from data_provider.csv_loading.csv_loader import of_allowed_hotels
from data_provider.csv_loading.csv_reader import BlankLine, EventFile, RejectedRow, UnusableFile
from data_provider.csv_loading.rejects_file import RejectsFile, RejectsOptions
from data_provider.event_validation import EventRow
from data_provider.file_upload.upload_loading import import_options, zone_of_upload
from data_provider.file_upload.upload_model import FileUpload, told_problem
from data_provider.file_upload.upload_storage import content_path, folder_of, sample_path
from data_provider.reservation_import.file_import import FileImport, ImportOptions, ImportResult
from data_provider.reservation_import.table_lines import UnreadableFile
from data_provider.reservations.snapshot import ReservationSnapshot

PREVIEW_ROWS: Final = 500
SHOWN: Final = 5
SHOWN_REJECTS: Final = 10


@dataclass
class Preview:
    """What the first rows of a file would become."""

    reservations: list[dict[str, Any]] = field(default_factory=list)  # the first SHOWN
    events: list[EventRow] = field(default_factory=list)  # the first SHOWN
    rejects: list[RejectedRow] = field(default_factory=list)  # the first SHOWN_REJECTS
    valid: int = 0  # reservations or events
    rejected: int = 0  # lines
    hotels: Counter[int] = field(default_factory=Counter)  # reservations or events by hotel

    def reject(self, row: RejectedRow) -> None:
        self.rejected += 1
        if len(self.rejects) < SHOWN_REJECTS:
            self.rejects.append(row)


class PreviewImport(FileImport):
    """An import that remembers what it would queue."""

    def __init__(self, options: ImportOptions, result: ImportResult, preview: Preview) -> None:
        def show_nothing(text: str) -> None:
            """Nobody reads the progress of a preview."""

        super().__init__(None, options, result, print_message=show_nothing, show_text=show_nothing)
        self._preview = preview

    def _add(self, snapshot: ReservationSnapshot, lines: int = 0, inner: int = 0) -> None:
        preview = self._preview
        preview.valid += 1
        preview.hotels[snapshot.hotel_id] += 1
        if len(preview.reservations) < SHOWN:
            preview.reservations.append(describe(snapshot))
        super()._add(snapshot, lines, inner)

    def _reject(self, rejects: RejectsFile, line: int, lines: int, reason: str, text: str) -> None:
        self._preview.reject(RejectedRow(line, reason, ""))
        self.result.rejected += 1
        self.result.inner += lines - 1


def preview_reservations(upload: FileUpload) -> Preview:
    """Return what the first rows of an upload would become with its mapping.

    Raises: MappingError, UnreadableFile.
    """
    preview = Preview()
    rejects = RejectsOptions(folder_of(upload), with_text=False)
    options = import_options(upload, rejects, first_rows=PREVIEW_ROWS)
    result = ImportResult(upload.file_name, f"{upload.written_at:%Y-%m-%d %H:%M:%S}")
    PreviewImport(options, result, preview).run(sample_path(upload))
    return preview


def preview_events(upload: FileUpload) -> Preview:
    """Return what the first rows of a file of events would become. Raises: UnreadableFile."""
    preview = Preview()
    try:
        with closing(EventFile.open(content_path(upload), zone_of_upload(upload))) as file:
            records = of_allowed_hotels(file.records(), file, upload.allowed_hotels)
            for record in islice(records, PREVIEW_ROWS):
                if isinstance(record, EventRow):
                    preview.valid += 1
                    preview.hotels[record.hotel_id] += 1
                    preview.events += [record] * (len(preview.events) < SHOWN)
                elif not isinstance(record, BlankLine):
                    preview.reject(record)
    except UnusableFile as error:
        told = told_problem(upload, error, str(content_path(upload)))
        text = from_json(told["result"]["problem"]) if told["result"] else told["problem"]
        raise UnreadableFile(text) from error
    return preview


def describe(snapshot: ReservationSnapshot) -> dict[str, Any]:
    """Return what the page shows of a reservation; amounts as decimal texts."""
    nights = sorted({night.night for room in snapshot.rooms for night in room.nights})
    rates = [night.rate for room in snapshot.rooms for night in room.nights]
    known = [rate for rate in rates if rate is not None]
    currency = snapshot.currency or ""
    total = format_thousandths(sum(known), currency) if known else None
    return {
        "hotel_id": snapshot.hotel_id,
        "number": snapshot.reservation_id,
        "status": snapshot.status,
        "booked_at": snapshot.booked_at,
        "cancelled_at": snapshot.cancelled_at,
        "first": nights[0] if nights else None,
        "last": nights[-1] if nights else None,
        "nights": len(nights),
        "rooms": len(snapshot.rooms),
        "room_types": sorted({room.room_type for room in snapshot.rooms if room.room_type}),
        "channel": snapshot.channel,
        "segment": snapshot.segment,
        "total": total,
        "average": str(round(Decimal(total) / len(known), 2)) if total else None,
        "currency": snapshot.currency,
    }
