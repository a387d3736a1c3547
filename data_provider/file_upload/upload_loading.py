"""Uploaded files into the queue: one at a time, and once, whichever worker dies meanwhile.

A worker claims the upload that waits longest and says every second that it lives. Of one that has
not said so for LOST_SECONDS another worker takes the upload and loads it again from its start; what
the ledger has already does not count twice. All that a load decides by (mapping, time zone, as of
when) is in the row, so that the second load states what the first one did.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import Error, IntegrityError, connections, router, transaction
from django.db.models import F
from django.utils import timezone

from common.translatable_text import Text
from data_provider.csv_loading.csv_loader import LinesLost, Loader, LoadResult
from data_provider.csv_loading.csv_reader import EventFile, UnusableFile
from data_provider.csv_loading.local_times import ZoneOfHotel
from data_provider.csv_loading.rejects_file import RejectsOptions
from data_provider.event_queue.queue_sender import LoadInterrupted
from data_provider.event_queue.queue_stream import EventQueue
from data_provider.event_validation import canonical_timestamp
from data_provider.file_upload.upload_model import FileUpload, UploadState, told_problem
from data_provider.file_upload.upload_storage import (
    content_path,
    delete_content,
    folder_of,
    rejects_folder,
)
from data_provider.reservation_import.file_import import (
    FileImport,
    ImportOptions,
    ImportResult,
    count_told,
)
from data_provider.reservation_import.mapping import MappingError, mapping_of
from data_provider.reservation_import.table_lines import UnreadableFile

logger = logging.getLogger(__name__)

LOST_SECONDS: Final = 20  # without a sign of life
SIGN_SECONDS: Final = 1
MAX_ATTEMPTS: Final = 5  # a file that ends every worker that takes it is given up
ENDED: Final = (UnreadableFile, UnusableFile, MappingError, LinesLost)
FILE_MISSING: Final = Text(
    "the file is not here any more: upload it again (with several hosts, UPLOADS_DIR has to be a "
    "folder that all of them share)"
)


def zone_of_upload(upload: FileUpload) -> ZoneOfHotel | None:
    """Return the time zone of times without offset; None for UTC, which is read faster."""
    if upload.time_zone == "UTC":
        return None
    zone = ZoneInfo(upload.time_zone)
    return lambda hotel_id: zone


def import_options(
    upload: FileUpload, rejects: RejectsOptions, first_rows: int | None = None
) -> ImportOptions:
    """Return how a file of reservations is read. Raises: MappingError."""
    mapping = mapping_of(upload.mapping, "the choice of columns")
    return ImportOptions(
        mapping=mapping,
        hotel_id=None if "hotel_id" in mapping.columns else upload.hotel_id,
        zone_of_hotel=zone_of_upload(upload),
        hotels=upload.allowed_hotels,
        rejects=rejects,
        first_rows=first_rows,
    )


def load_next(queue: EventQueue) -> FileUpload | None:
    """Load the next upload that waits; None where there is none, or one is being loaded.

    Raises: redis.RedisError, django.db.Error; the upload is loaded again later.
    """
    upload = _claim()
    if upload is None:
        return None
    if not content_path(upload).is_file():
        _end(upload, UploadState.FAILED, **told_problem(upload, FILE_MISSING))
        return upload
    if upload.attempts > MAX_ATTEMPTS:
        problem = Text("loading it ended %(times)d times without a result", {"times": MAX_ATTEMPTS})
        _end(upload, UploadState.FAILED, **told_problem(upload, problem))
        return upload
    progress: dict[str, Any] = {}
    try:
        with _signs_of_life(upload, progress):
            result = _load(upload, queue, progress)
    except ENDED as error:
        told = told_problem(upload, error, str(content_path(upload)), progress)
        logger.info("upload %s failed: %s", upload.id, told["problem"])
        # What was queued before the damage stays; of reservations nothing was.
        _end(upload, UploadState.FAILED, **told)
    except LoadInterrupted as error:
        logger.warning("upload %s waits to be loaded again: %s", upload.id, error)
        # Not the file's fault.
        _mine(upload).update(state=UploadState.WAITING, attempts=F("attempts") - 1)
        return None
    else:
        _end(upload, UploadState.RECORDING, result=result)
    return upload


def finish_recorded(queue: EventQueue) -> int:
    """Note what the ledger did with the uploads that are queued; return how many are done.

    Raises: redis.RedisError, django.db.Error.
    """
    done = 0
    for upload in FileUpload.objects.filter(state=UploadState.RECORDING):
        entry = upload.result.get("last_entry")
        if entry and not queue.has_left(entry.encode()):
            continue
        result = {**upload.result, "outcome": queue.load_report(upload.load)}
        upload.set_state(UploadState.DONE, result=result)
        done += 1
    return done


def recorded_so_far(upload: FileUpload, queue: EventQueue) -> int:
    """Return of how many events or reservations the ledger has decided. Raises: RedisError."""
    report = upload.result.get("outcome") or queue.load_report(upload.load)
    if upload.is_events:
        return sum(report.get(name, 0) for name in ("created", "duplicates", "dead"))
    return count_told(report)


def _claim() -> FileUpload | None:
    """Return the upload that this worker is to load, as its own."""
    lost = timezone.now() - timedelta(seconds=LOST_SECONDS)
    loading = FileUpload.objects.filter(state=UploadState.LOADING).first()
    if loading is not None and loading.alive_at and loading.alive_at > lost:
        return None
    upload = loading or FileUpload.objects.filter(state=UploadState.WAITING).order_by(
        "changed_at"
    ).first()  # fmt: skip
    if upload is None:
        return None
    load = uuid.uuid4().hex
    try:
        with transaction.atomic(using=router.db_for_write(FileUpload)):
            # As it was read: another worker may have been faster.
            claimed = FileUpload.objects.filter(
                pk=upload.pk, state=upload.state, load=upload.load
            ).update(
                state=UploadState.LOADING, load=load, alive_at=timezone.now(),
                changed_at=timezone.now(), attempts=F("attempts") + 1, progress={}, problem="",
            )  # fmt: skip
    except IntegrityError:  # it is the only one that may be loaded
        return None
    return FileUpload.objects.get(pk=upload.pk) if claimed else None


def _mine(upload: FileUpload) -> Any:
    """Return the upload's row if this worker still has it: one that was silent may have lost it."""
    return FileUpload.objects.filter(pk=upload.pk, load=upload.load, state=UploadState.LOADING)


def _end(upload: FileUpload, state: UploadState, **fields: Any) -> None:
    """Save how a load ended, and delete the file."""
    if _mine(upload).update(state=state, changed_at=timezone.now(), **fields):
        delete_content(upload)


@contextmanager
def _signs_of_life(upload: FileUpload, progress: dict[str, Any]) -> Iterator[None]:
    """Save the progress every SIGN_SECONDS, whatever the load waits for meanwhile."""
    ended = threading.Event()

    def say_so() -> None:
        while not ended.wait(SIGN_SECONDS):
            try:
                _mine(upload).update(alive_at=timezone.now(), progress=dict(progress))
            except Error as error:
                logger.warning("the progress of upload %s is not saved: %s", upload.id, error)
        connections.close_all()  # those of this thread

    thread = threading.Thread(target=say_so, name=f"upload-{upload.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _load(upload: FileUpload, queue: EventQueue, progress: dict[str, Any]) -> dict[str, Any]:
    """Load a file; return its counts. Raises: ENDED, LoadInterrupted."""
    rejects = RejectsOptions(rejects_folder(upload), with_text=False)
    load = _load_events if upload.is_events else _load_reservations
    return load(upload, queue, progress, rejects)


def _load_events(
    upload: FileUpload, queue: EventQueue, progress: dict[str, Any], rejects: RejectsOptions
) -> dict[str, Any]:
    zone = zone_of_upload(upload)
    result = LoadResult(upload.file_name, load=upload.load, zone_of_hotel=zone)

    def report(file: EventFile, result: LoadResult) -> None:
        share = file.bytes_read / max(1, upload.size)
        progress.update(_event_counts(result), lines=file.lines_read, share=min(1.0, share))

    with closing(EventFile.open(content_path(upload), zone)) as file:
        Loader(queue, _note, report, rejects, upload.allowed_hotels).load(file, result)
    return _event_counts(result) | {"lines": result.lines, **_load_end(result)}


def _event_counts(result: LoadResult) -> dict[str, Any]:
    counts = {"queued": result.queued, "rejected": result.rejected, "blank": result.blank}
    return {**counts, "future": result.future}


def _load_reservations(
    upload: FileUpload, queue: EventQueue, progress: dict[str, Any], rejects: RejectsOptions
) -> dict[str, Any]:
    exported_at = canonical_timestamp(upload.written_at.replace(microsecond=0))
    result = ImportResult(upload.file_name, exported_at, load=upload.load)

    def show(text: str) -> None:
        counts = _reservation_counts(result)
        # The file is read twice; then the reservations are queued.
        done = result.lines * (2 if result.total else 1) + result.imported
        share = done / (3 * (result.total or max(1, upload.size // 100)))
        progress.update(counts, lines=result.lines, share=min(1.0, share))

    folder_of(upload).mkdir(exist_ok=True)
    rejects_folder(upload).mkdir(exist_ok=True)
    FileImport(
        queue, import_options(upload, rejects), result, print_message=_note, show_text=show
    ).run(content_path(upload))
    return _reservation_counts(result) | {"lines": result.lines, **_load_end(result)}


def _reservation_counts(result: ImportResult) -> dict[str, Any]:
    return {
        "queued": result.reservations, "room_nights": result.room_nights,
        "rejected": result.rejected, "blank": result.blank,
    }  # fmt: skip


def _load_end(result: LoadResult | ImportResult) -> dict[str, Any]:
    """Return what is needed of a load when it has ended."""
    return {
        "last_entry": result.last_entry.decode() if result.last_entry else None,
        "rejects": result.rejects_path.name if result.rejects_path else None,
        "rejects_problem": result.rejects_problem,
    }


def _note(text: str) -> None:
    logger.info("%s", text)
