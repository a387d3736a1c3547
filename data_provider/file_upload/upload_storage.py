"""The bytes of uploaded files: UPLOADS_DIR/ID/content, for this system's user alone.

A file arrives in parts, each at its place, so that a part that came twice changes nothing. How much
there is, is what the file says, not the database. The file is deleted when all of it is queued or
cannot be, or after a day; what its lines were rejected for stays for a week.
"""

import os
import shutil
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from common.access_rights import Access
from common.number_and_date_texts import number_text
from data_provider.file_upload.upload_model import (
    ENDED_STATES,
    OPEN_STATES,
    FileUpload,
    UploadState,
)

KEEP_FILE = timedelta(days=1)
KEEP_RESULT = timedelta(days=7)
OPEN_UPLOADS = 5  # of one sender, that nobody started to load; a further one replaces the oldest
REJECTS, SAMPLE = "rejects", "sample"


class WrongPart(Exception):
    """A part does not follow what is there, or is longer than the file.

    Attributes:
        received: bytes that are there.
    """

    def __init__(self, received: int) -> None:
        super().__init__(
            _("%(bytes)s bytes are here: send what follows them") % {"bytes": number_text(received)}
        )
        self.received = received


class StorageFailed(Exception):
    """A file cannot be stored: a full disk, no right. The message says which."""


def create_upload(
    access: Access, hotel_id: int, file_name: str, size: int, **fields: Any
) -> FileUpload:
    """Create an upload that waits for its parts. Raises: django.db.Error."""
    mine = FileUpload.objects.filter(sender=access.number, state__in=OPEN_STATES)
    for upload in mine.order_by("-created_at")[OPEN_UPLOADS - 1 :]:
        delete_upload(upload)
    hotels = None if access.hotels is None else sorted(access.hotels)
    return FileUpload.objects.create(
        sender=access.number, hotel_id=hotel_id, hotels=hotels, file_name=file_name, size=size,
        **{"written_at": timezone.now()} | fields,
    )  # fmt: skip


def folder_of(upload: FileUpload) -> Path:
    return uploads_folder() / str(upload.id)


def content_path(upload: FileUpload) -> Path:
    """Return where the file's bytes are. Its own name is nowhere in the file system."""
    return folder_of(upload) / "content"


def sample_path(upload: FileUpload) -> Path:
    """Return a file with the first rows: a copy of them where reading the file itself is slow."""
    path = folder_of(upload) / SAMPLE
    return path if path.exists() else content_path(upload)


def uploads_folder() -> Path:
    """Return UPLOADS_DIR, which is DATA_DIR/uploads where it is not set."""
    return Path(settings.UPLOADS_DIR or settings.DATA_DIR / "uploads")


def received_bytes(upload: FileUpload) -> int:
    try:
        return content_path(upload).stat().st_size
    except OSError:
        return 0


def store_part(upload: FileUpload, start: int, chunks: Iterable[bytes]) -> int:
    """Write a part at its place; return how many bytes there are.

    Args:
        start: which byte of the file is the part's first one.
    Raises: WrongPart, StorageFailed; OSError when the sender stops.
    """
    received = received_bytes(upload)
    if start > received:
        raise WrongPart(received)
    try:
        folder_of(upload).mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(content_path(upload), os.O_WRONLY | os.O_CREAT, 0o600)
    except OSError as error:
        raise _failed(error) from error
    with os.fdopen(descriptor, "wb") as file:
        file.seek(start)
        for chunk in chunks:
            if start + len(chunk) > upload.size:
                raise WrongPart(received_bytes(upload))
            try:
                file.write(chunk)
                file.flush()
            except OSError as error:
                raise _failed(error) from error
            start += len(chunk)
    return received_bytes(upload)


def _failed(error: OSError) -> StorageFailed:
    return StorageFailed(
        _("the file cannot be stored: %(reason)s") % {"reason": error.strerror or error}
    )


def delete_content(upload: FileUpload) -> None:
    """Delete the file and what was made of it, but not the rejects."""
    content_path(upload).unlink(missing_ok=True)
    (folder_of(upload) / SAMPLE).unlink(missing_ok=True)
    for path in folder_of(upload).rglob("reservations-*/"):  # of a worker that died
        shutil.rmtree(path, ignore_errors=True)


def rejects_folder(upload: FileUpload) -> Path:
    return folder_of(upload) / REJECTS


def rejects_path(upload: FileUpload) -> Path | None:
    """Return the file with the newest load's rejected lines; None where there are none."""
    name = upload.result.get("rejects")
    path = rejects_folder(upload) / name if name else None
    return path if path and path.is_file() else None


def delete_upload(upload: FileUpload) -> None:
    """Delete an upload with all that is stored of it."""
    shutil.rmtree(folder_of(upload), ignore_errors=True)
    upload.delete()


def delete_old_uploads() -> int:
    """Delete what was kept long enough; return how many uploads. Raises: django.db.Error."""
    now = timezone.now()
    old = FileUpload.objects.filter(state__in=OPEN_STATES, changed_at__lt=now - KEEP_FILE)
    ended = FileUpload.objects.filter(state__in=ENDED_STATES, changed_at__lt=now - KEEP_RESULT)
    deleted = [*old, *ended]
    for upload in deleted:
        delete_upload(upload)
    for upload in FileUpload.objects.filter(state__in=[UploadState.RECORDING, *ENDED_STATES]):
        delete_content(upload)  # where a worker died between the two steps
    _delete_unknown_folders(now.timestamp() - KEEP_FILE.total_seconds())
    return len(deleted)


def _delete_unknown_folders(before: float) -> None:
    """Delete old folders without a row: of a web process that died, or of a restored database."""
    folder = uploads_folder()
    known = set(map(str, FileUpload.objects.values_list("id", flat=True)))
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in known and path.stat().st_mtime < before:
            shutil.rmtree(path, ignore_errors=True)
