"""The pages of uploads: choose a file, check which column is what, watch it being loaded.

`/upload/` takes a file in a form, without a script; with one, files of any allowed size come in
parts (`part_views`). Each step is an address of its own, so that it can be left and taken up again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import redis
from django.conf import settings
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.db.models import Max
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
)
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework.exceptions import NotFound, PermissionDenied

from common.access_rights import Ability, access_of
from common.html_pages import read_page_query, render_message
from common.strict_input import HotelField, NoParameters, QuerySerializer
from common.value_limits import MAX_BODY_BYTES, MAX_HOTEL_ID
from data_provider import ledger
from data_provider.event_queue.queue_stream import EventQueue
from data_provider.file_upload.mapping_form import (
    FormErrors,
    form_context,
    known_zone,
    mapping_or_proposal,
    read_form,
    stored,
    time_zone_names,
)
from data_provider.file_upload.receiving import NotTaken, begin_upload, end_receiving, find_upload
from data_provider.file_upload.upload_loading import recorded_so_far
from data_provider.file_upload.upload_model import (
    ENDED_STATES,
    FileUpload,
    UploadState,
    told_problem,
)
from data_provider.file_upload.upload_preview import Preview, preview_events, preview_reservations
from data_provider.file_upload.upload_start import sample_of, start_loading, why_not_loadable
from data_provider.file_upload.upload_storage import (
    StorageFailed,
    delete_content,
    delete_upload,
    received_bytes,
    rejects_path,
    store_part,
)
from data_provider.models import Event
from data_provider.reservation_import.mapping import Mapping, MappingError
from data_provider.reservation_import.table_lines import UnreadableFile

LISTED_HOTELS: Final = 500
LISTED_UPLOADS: Final = 5
FORM_MB: Final = MAX_BODY_BYTES // 1024 // 1024  # the largest file of a form without a script


class UploadsQuery(QuerySerializer):
    """Query parameters of the first page."""

    hotel_id = HotelField(required=False)


class FileInMemory(MemoryFileUploadHandler):
    """A form's file, which is as small as any body (MAX_BODY_BYTES)."""

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.activated = True


def answers_refusals(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Answer what a view refuses with a page."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except PermissionDenied as error:
            return render_message(request, 403, forbidden=str(error.detail))
        except NotFound:
            return render_message(request, 404, unknown_path=request.path)

    return answer


@csrf_exempt  # `_take_file` checks it when the handler of the file is set
@require_http_methods(["GET", "HEAD", "POST"])
@answers_refusals
def uploads(request: HttpRequest) -> HttpResponse:
    """Return the page on which a file is chosen, or take the file of its form."""
    query = read_page_query(request, UploadsQuery, Ability.WRITE_EVENTS, "files", "upload")
    if isinstance(query, HttpResponse):
        return query
    if request.method == "POST":
        request.upload_handlers = [FileInMemory(request)]
        return _take_file(request)
    return _first_page(request, query.get("hotel_id"))


@csrf_protect
def _take_file(request: HttpRequest) -> HttpResponse:
    file = request.FILES.get("file")
    try:
        if file is None:
            raise NotTaken(_("choose a file first"))
        values = request.POST
        upload = begin_upload(access_of(request), values, file.name or "", file.size or 0)
        store_part(upload, 0, file.chunks())
    except (NotTaken, StorageFailed) as error:
        return _first_page(request, None, str(error))
    end_receiving(upload)
    return _go_to(upload)


def _first_page(request: HttpRequest, hotel_id: int | None, problem: str = "") -> HttpResponse:
    access = access_of(request)
    hotels = sorted(access.hotels) if access.hotels is not None else _known_hotels()
    newest = Event.objects.aggregate(newest=Max("hotel_id"))["newest"] or 0
    free = newest + 1 if access.hotels is None and newest < MAX_HOTEL_ID else None
    context = {
        "hotels": hotels[:LISTED_HOTELS],
        "has_more_hotels": len(hotels) > LISTED_HOTELS,
        "free_number": free,
        "hotel_id": hotel_id,
        "problem": problem,
        "largest_mb": settings.UPLOAD_MAX_MB,
        "form_mb": FORM_MB,
        "uploads": FileUpload.objects.filter(sender=access.number).order_by("-created_at")[
            :LISTED_UPLOADS
        ],
    }
    return render(request, "upload/choose_file.html", context, status=400 if problem else 200)


def _known_hotels() -> list[int]:
    return ledger.hotels_after(0, LISTED_HOTELS + 1)


@require_http_methods(["GET", "HEAD", "POST"])
@answers_refusals
def upload(request: HttpRequest, upload_id: Any) -> HttpResponse:
    """Return an upload's page in its present state, or take what was chosen on it."""
    query = read_page_query(request, NoParameters, Ability.WRITE_EVENTS, "files", "upload")
    if isinstance(query, HttpResponse):
        return query
    found = find_upload(request, upload_id)
    end_receiving(found)  # where a process died before it could
    if request.method == "POST":
        return _take_choice(request, found)
    if found.state == UploadState.CHOOSING:
        return _choosing_page(request, found)
    return render(request, "upload/upload.html", _progress(found))


@require_safe
@answers_refusals
def rejects(request: HttpRequest, upload_id: Any) -> HttpResponseBase:
    """Return the rejected lines with their reasons as CSV."""
    query = read_page_query(request, NoParameters, Ability.WRITE_EVENTS, "files", "upload")
    if isinstance(query, HttpResponse):
        return query
    path = rejects_path(find_upload(request, upload_id))
    if path is None:
        raise NotFound
    return FileResponse(
        path.open("rb"), as_attachment=True, filename="rejected-lines.csv", content_type="text/csv"
    )


def _take_choice(request: HttpRequest, found: FileUpload) -> HttpResponse:
    """Do what a button of the page says: renew the preview, load the file, or delete it."""
    act = request.POST.get("act", "preview")
    if found.state not in (UploadState.CHOOSING, UploadState.RECEIVING):
        return _go_to(found)  # pressed twice
    if act == "delete":
        delete_upload(found)
        return HttpResponseRedirect(f"{reverse('uploads')}?hotel_id={found.hotel_id}")
    if found.state != UploadState.CHOOSING:
        return _go_to(found)
    errors = _save_choice(request, found)
    if act == "preview" and not errors:
        return _go_to(found)
    if errors or why_not_loadable(found):
        return _choosing_page(request, found, errors, is_asked_to_load=True)
    start_loading(found)
    return _go_to(found)


def _save_choice(request: HttpRequest, found: FileUpload) -> dict[str, str]:
    """Save what was chosen; return what is wrong with it, and then save nothing."""
    errors: dict[str, str] = {}
    zone = request.POST.get("time_zone", found.time_zone)
    if not known_zone(zone):
        errors["time_zone"] = _("is no time zone")
    changes: dict[str, Any] = {"time_zone": zone}
    if not found.is_events:
        try:
            sample = sample_of(found)
            mapping = read_form(
                request.POST.dict(), mapping_or_proposal(found.mapping, sample), sample
            )
            changes["mapping"] = stored(mapping)
        except FormErrors as error:
            errors |= error.errors
        except (UnreadableFile, MappingError) as error:
            errors["file"] = str(error)
    if not errors:
        # Only while it is not with the workers, who another window may have given it to.
        FileUpload.objects.filter(pk=found.pk, state=UploadState.CHOOSING).update(**changes)
        for name, value in changes.items():
            setattr(found, name, value)
    return errors


def _choosing_page(
    request: HttpRequest,
    found: FileUpload,
    errors: dict[str, str] | None = None,
    *,
    is_asked_to_load: bool = False,
) -> HttpResponse:
    context: dict[str, Any] = {
        "upload": found,
        "hotel_id": found.hotel_id,
        "errors": errors or {},
        "is_asked_to_load": is_asked_to_load,
        "zones": time_zone_names(),
    }
    try:
        if found.is_events:
            context["preview"] = preview_events(found)
        else:
            sample = sample_of(found)
            mapping = mapping_or_proposal(found.mapping, sample)
            form = form_context(mapping, sample)
            context |= {"form": form, "preview": _preview(found, mapping, form["missing"])}
    except (UnreadableFile, MappingError) as error:
        if isinstance(error, UnreadableFile) or found.is_events:
            found.set_state(UploadState.FAILED, **told_problem(found, error))
            delete_content(found)
            return render(request, "upload/upload.html", _progress(found))
        context["mapping_problem"] = str(error)
    status = 400 if errors or is_asked_to_load else 200
    return render(request, "upload/check_columns.html", context, status=status)


def _preview(found: FileUpload, mapping: Mapping, lacking: list[str]) -> Preview | None:
    """Return the preview; None while something is missing without which no line can be read."""
    if set(lacking) - {"statuses", "currency"}:
        return None
    found.mapping = stored(mapping)  # a proposal is shown before it is saved
    return preview_reservations(found)


def _progress(found: FileUpload) -> dict[str, Any]:
    """Return what the page shows of a file that is being loaded, or is."""
    counts = found.result or found.progress
    context: dict[str, Any] = {
        "upload": found,
        "hotel_id": found.hotel_id,
        "counts": counts,
        "percent": round(100 * counts.get("share", 0)),
        "received_percent": round(100 * received_bytes(found) / max(1, found.size)),
        "is_ended": found.state in ENDED_STATES,
        "has_rejects": rejects_path(found) is not None,
        "outcome": found.result.get("outcome", {}),
    }
    if found.state in (UploadState.LOADING, UploadState.RECORDING, UploadState.DONE):
        try:
            context["recorded"] = recorded_so_far(found, EventQueue())
        except redis.RedisError:
            context["recorded"] = None
    return context


def _go_to(found: FileUpload) -> HttpResponseRedirect:
    response = HttpResponseRedirect(reverse("upload", args=[found.id]))
    response.status_code = 303
    return response
