"""The address that takes a file in parts, as the page's script sends them, and answers in JSON.

A part is small enough for a slow line within the time of a request. One that came twice, because
its answer was lost, changes nothing; one that does not follow is a 409 that says how much is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.request import Request

from common.access_rights import access_of
from common.strict_input import QuerySerializer, WholeNumberField
from data_provider.file_upload.receiving import (
    NotTaken,
    begin_upload,
    end_receiving,
    find_upload,
)
from data_provider.file_upload.upload_model import UploadState
from data_provider.file_upload.upload_storage import StorageFailed, WrongPart, store_part

PART_BYTES: Final = 2 * 1024 * 1024
CHUNK_BYTES: Final = 64 * 1024


class PartQuery(QuerySerializer):
    """Query parameters of a part."""

    start = WholeNumberField(min_value=0, help_text="Which byte of the file is its first one.")


@require_POST
def begin(request: HttpRequest) -> JsonResponse:
    """Announce a file: `hotel_id`, `file_name`, `size`, `written_ms` of a form."""
    access = access_of(request)
    if not access.is_known:
        return _refused(401, _("log in again"))
    try:
        text = request.POST.get("size", "")
        size = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
        upload = begin_upload(access, request.POST, request.POST.get("file_name", ""), size)
    except PermissionDenied as error:
        return _refused(403, str(error.detail))
    except NotTaken as error:
        return _refused(400, str(error))
    return JsonResponse(
        {
            "address": reverse("upload", args=[upload.id]),
            "parts": reverse("upload-parts", args=[upload.id]),
            "part_bytes": PART_BYTES,
        },
        status=201,
    )


@require_POST
def take_part(request: HttpRequest, upload_id: Any) -> JsonResponse:
    """Take the bytes of a part, which are the whole body."""
    if not access_of(request).is_known:
        return _refused(401, _("log in again"))
    try:
        upload = find_upload(request, upload_id)
        start = PartQuery.read(Request(request))["start"]
        if upload.state != UploadState.RECEIVING:
            return _refused(409, _("this file is complete"), received=upload.size)
        received = store_part(upload, start, chunks_of_part(request))
        end_receiving(upload)
    except PermissionDenied as error:
        return _refused(403, str(error.detail))
    except NotFound as error:
        return _refused(404, str(error.detail))
    except ValidationError as error:
        return _refused(400, str(error.detail))
    except WrongPart as error:
        return _refused(409, str(error), received=error.received)
    except StorageFailed as error:
        return _refused(507, str(error))
    except OSError:  # the client stopped sending
        return _refused(408, _("the part did not arrive: send it again"))
    return JsonResponse({"received": received})


def chunks_of_part(request: HttpRequest) -> Iterator[bytes]:
    """Yield the body of a request, up to the size of a part. Raises: OSError: it ended early."""
    left = PART_BYTES
    while left > 0 and (chunk := request.read(min(CHUNK_BYTES, left))):
        left -= len(chunk)
        yield chunk


def _refused(status: int, detail: str, **more: Any) -> JsonResponse:
    return JsonResponse({"detail": detail, **more}, status=status)
