"""Whether a complete file can be loaded as it is understood now, and its way to the workers."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from data_provider.file_upload.mapping_form import mapping_or_proposal, missing, stored
from data_provider.file_upload.upload_model import FileUpload, UploadState
from data_provider.file_upload.upload_preview import preview_reservations
from data_provider.file_upload.upload_recognition import Sample, read_sample
from data_provider.file_upload.upload_storage import sample_path
from data_provider.reservation_import.mapping import MappingError
from data_provider.reservation_import.table_lines import UnreadableFile
from data_provider.signals import upload_waiting


def sample_of(upload: FileUpload) -> Sample:
    """Return header and first rows of an upload. Raises: UnreadableFile."""
    return read_sample(sample_path(upload), upload.file_name)


def why_not_loadable(upload: FileUpload, *, may_be_empty: bool = False) -> str:
    """Return what keeps a file from being loaded; empty where nothing does.

    A file of reservations needs its columns and a valid line. The mapping that is proposed becomes
    the upload's where a person has chosen none; it is not saved.

    Args:
        may_be_empty: a header without lines will do: a night in which nothing happened.
    """
    if upload.is_events:
        return ""
    try:
        sample = sample_of(upload)
        mapping = mapping_or_proposal(upload.mapping, sample)
        if lacking := missing(mapping, sample):
            return f"it is not known yet which column is what: {', '.join(lacking)}"
        upload.mapping = stored(mapping)
        preview = preview_reservations(upload)
    except (UnreadableFile, MappingError) as error:
        return str(error)
    if preview.valid or (may_be_empty and not preview.rejected):
        return ""
    reasons = [f"; line {row.line}: {row.reason}" for row in preview.rejects[:1]]
    return "".join(["no line is valid", *reasons])


def start_loading(upload: FileUpload, **choice: Any) -> None:
    """Hand a file to the workers; one that they have already stays where it is, and as it is.

    Args:
        choice: fields that say how it is read, stored with it.
    """
    waiting = FileUpload.objects.filter(pk=upload.pk, state=UploadState.CHOOSING)
    if waiting.update(state=UploadState.WAITING, changed_at=timezone.now(), **choice):
        upload_waiting.send(sender=None)
