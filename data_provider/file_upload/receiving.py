"""Take in an uploaded file: who may send it, for which hotel, and what it is when complete."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, PermissionDenied

from common.access_rights import Ability, Access, access_of
from common.number_and_date_texts import number_text
from common.value_limits import MAX_HOTEL_ID
from data_provider.event_validation import parse_whole_number
from data_provider.field_errors import FieldError
from data_provider.file_upload.excel_sample import write_excel_sample
from data_provider.file_upload.upload_model import FileUpload, UploadState, told_problem
from data_provider.file_upload.upload_recognition import SAMPLE_ROWS, recognise_kind
from data_provider.file_upload.upload_storage import (
    SAMPLE,
    content_path,
    create_upload,
    delete_content,
    folder_of,
    received_bytes,
    sample_path,
)
from data_provider.reservation_import.table_lines import UnreadableFile, is_excel

MAX_NAME: Final = 200  # characters


class NotTaken(Exception):
    """A file is not taken; the message says why."""


def largest_file_bytes() -> int:
    return int(settings.UPLOAD_MAX_MB) * 1024 * 1024


def must_upload(access: Access) -> Access:
    """Return the sender's rights, for the hotels only whose events they may write.

    Raises: PermissionDenied unless there are any.
    """
    if Ability.WRITE_EVENTS not in access.abilities:
        raise PermissionDenied(_("%(name)s may not upload files") % {"name": access.name})
    return access.narrowed(Ability.WRITE_EVENTS)


def find_upload(request: HttpRequest, upload_id: Any) -> FileUpload:
    """Return an upload that the request's sender may see: all hotels of its lines are theirs.

    Raises: PermissionDenied, NotFound.
    """
    access = must_upload(access_of(request))
    try:
        upload = FileUpload.objects.filter(pk=uuid.UUID(str(upload_id))).first()
    except ValueError:
        upload = None
    if upload is None:
        raise NotFound(_("there is no such upload: it was deleted, or is older than a week"))
    if upload.hotels is None and access.hotels is not None:
        access.must_see([upload.hotel_id])
        raise PermissionDenied(
            _("%(name)s may not see an upload for all hotels") % {"name": access.name}
        )
    access.must_see([upload.hotel_id, *(upload.hotels or [])])
    return upload


def begin_upload(access: Access, values: Mapping[str, Any], name: str, size: int) -> FileUpload:
    """Create an upload for a hotel.

    Args:
        values: `hotel_id` and, optional, `written_ms`: when the file was written, in milliseconds
            since 1970, as browsers know it.
    Raises: NotTaken, PermissionDenied.
    """
    access = must_upload(access)
    try:
        hotel_id = parse_whole_number(values.get("hotel_id", ""), 1, MAX_HOTEL_ID)
    except FieldError as error:
        raise NotTaken(_("the hotel's number %(problem)s") % {"problem": error}) from error
    access.must_see([hotel_id])
    if size <= 0:
        raise NotTaken(_("the file is empty"))
    if size > largest_file_bytes():
        raise NotTaken(
            _(
                "the file is larger than %(most)s MB: pack it (.gz or .zip), or load it with the "
                "command `import_reservations`"
            )
            % {"most": number_text(settings.UPLOAD_MAX_MB)}
        )
    printable = "".join(character for character in name if character.isprintable())
    return create_upload(
        access, hotel_id, printable.replace("\\", "/").rsplit("/", 1)[-1][:MAX_NAME] or "file",
        size, written_at=_written_at(values.get("written_ms", "")),
    )  # fmt: skip


def _written_at(text: str) -> datetime:
    """Return when a file was written; now, where a browser says nothing or something impossible."""
    now = timezone.now()
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        return now
    try:
        written = datetime.fromtimestamp(int(text) / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return now
    return written if datetime(2000, 1, 1, tzinfo=UTC) < written < now else now


def end_receiving(upload: FileUpload) -> None:
    """Find out what a complete file is; nothing for one of which parts are missing.

    Doing it twice is doing it once. An unusable file is deleted.
    """
    if upload.state != UploadState.RECEIVING or received_bytes(upload) != upload.size:
        return
    try:
        if is_excel(content_path(upload)):
            target = folder_of(upload) / SAMPLE
            write_excel_sample(content_path(upload), target, upload.file_name, SAMPLE_ROWS)
        kind = recognise_kind(sample_path(upload), upload.file_name)
    except UnreadableFile as error:
        upload.set_state(UploadState.FAILED, **told_problem(upload, error))
        delete_content(upload)
    else:
        upload.set_state(UploadState.CHOOSING, kind=kind)
