"""Files over REST, for programs: the same uploads as on the page, with what came of each line.

    POST /uploads/                     announce a file for one hotel
    PUT  /uploads/ID/content/?start=N  its bytes in parts; one that came twice changes nothing
    GET  /uploads/ID/                  how far it is, what it needs, what became of it
    POST /uploads/ID/start/            load it, with a mapping or as it is proposed

`state` is `done` when the ledger has decided about every line. A hotel's people see the upload at
`/upload/ID/` and can choose its columns there.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Any, Final

import redis
from rest_framework import serializers
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common.access_rights import Ability, access_of
from common.renderers_and_parsers import BodyDidNotArrive
from common.strict_input import (
    NoParameters,
    ParsedJsonField,
    StrictInput,
)
from common.value_limits import MAX_HOTEL_ID
from data_provider.event_queue.queue_stream import EventQueue
from data_provider.file_upload.mapping_form import known_zone, mapping_or_proposal, missing
from data_provider.file_upload.part_views import PART_BYTES, PartQuery, chunks_of_part
from data_provider.file_upload.receiving import (
    MAX_NAME,
    NotTaken,
    begin_upload,
    end_receiving,
    find_upload,
    must_upload,
)
from data_provider.file_upload.upload_loading import finish_recorded, recorded_so_far
from data_provider.file_upload.upload_model import ENDED_STATES, FileUpload, UploadState
from data_provider.file_upload.upload_start import sample_of, start_loading, why_not_loadable
from data_provider.file_upload.upload_storage import (
    StorageFailed,
    WrongPart,
    received_bytes,
    rejects_path,
    store_part,
)
from data_provider.reservation_import.mapping import MappingError, mapping_of
from data_provider.reservation_import.table_lines import UnreadableFile

SHOWN_REJECTS: Final = 1_000
MAX_MILLISECONDS: Final = 10**14


class FileInput(StrictInput):
    """A file that is announced."""

    hotel_id = serializers.IntegerField(min_value=1, max_value=MAX_HOTEL_ID)
    file_name = serializers.CharField(max_length=MAX_NAME)
    size = serializers.IntegerField(min_value=1, help_text="In bytes.")
    written_ms = serializers.IntegerField(
        required=False, min_value=0, max_value=MAX_MILLISECONDS,
        help_text="When it was written, in milliseconds since 1970; now without it.",
    )  # fmt: skip


class StartInput(StrictInput):
    """How a file is read."""

    mapping = ParsedJsonField(required=False, help_text="As in a mapping's TOML file.")
    time_zone = serializers.CharField(required=False, max_length=64)


class AnyBytes(BaseParser):
    """Leaves the body to the view."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        return None


class Conflict(APIException):
    """The file is in a state in which this cannot be done."""

    status_code = 409


class NoRoom(APIException):
    """The bytes cannot be stored."""

    status_code = 507


class UploadsView(APIView):
    """`/uploads/`"""

    needs = {"POST": Ability.WRITE_EVENTS}
    swagger_schema = None  # for our own connections; POST /reservations/ is for everybody

    def post(self, request: Request) -> Response:
        NoParameters.read(request)
        given = FileInput(data=request.data)
        given.is_valid(raise_exception=True)
        told = given.validated_data
        access = must_upload(access_of(request))
        access.must_see([told["hotel_id"]])
        # Lines of other hotels are rejected; the hotels of one sender do not end each other's.
        of_hotel = replace(
            access, hotels=frozenset({told["hotel_id"]}), limited=(),
            number=f"{access.number}:{told['hotel_id']}",
        )  # fmt: skip
        values = {name: str(told[name]) for name in ("hotel_id", "written_ms") if name in told}
        try:
            upload = begin_upload(of_hotel, values, told["file_name"], told["size"])
        except NotTaken as error:
            raise ValidationError({"detail": str(error)}) from error
        return Response({**describe(upload), "part_bytes": PART_BYTES}, status=201)


class UploadContentView(APIView):
    """`/uploads/ID/content/`"""

    needs = {"PUT": Ability.WRITE_EVENTS}
    parser_classes = [AnyBytes]
    swagger_schema = None

    def put(self, request: Request, upload_id: str) -> Response:
        start = PartQuery.read(request)["start"]
        upload = find_upload(request._request, upload_id)
        if upload.state != UploadState.RECEIVING:
            return Response({"received": upload.size})  # a part that came again
        try:
            received = store_part(upload, start, chunks_of_part(request._request))
        except WrongPart as error:
            raise Conflict(str(error)) from error
        except StorageFailed as error:
            raise NoRoom(str(error)) from error
        except OSError as error:
            raise BodyDidNotArrive from error
        end_receiving(upload)
        return Response({"received": received})


class UploadView(APIView):
    """`/uploads/ID/`"""

    needs = {"GET": Ability.WRITE_EVENTS}
    swagger_schema = None

    def get(self, request: Request, upload_id: str) -> Response:
        NoParameters.read(request)
        upload = find_upload(request._request, upload_id)
        end_receiving(upload)  # where a process died before it could
        if upload.state == UploadState.RECORDING:
            with suppress(redis.RedisError):
                finish_recorded(EventQueue())  # else within seconds, by a worker
            upload = FileUpload.objects.get(pk=upload.pk)
        return Response(describe(upload))


class UploadStartView(APIView):
    """`/uploads/ID/start/`"""

    needs = {"POST": Ability.WRITE_EVENTS}
    swagger_schema = None

    def post(self, request: Request, upload_id: str) -> Response:
        NoParameters.read(request)
        given = StartInput(data=request.data)
        given.is_valid(raise_exception=True)
        upload = find_upload(request._request, upload_id)
        end_receiving(upload)
        if upload.state == UploadState.RECEIVING:
            raise Conflict("parts of the file are missing")
        if upload.state == UploadState.CHOOSING:
            self._start(upload, given.validated_data)
        return Response(describe(FileUpload.objects.get(pk=upload.pk)))

    @staticmethod
    def _start(upload: FileUpload, told: dict[str, Any]) -> None:
        """Raises: ValidationError."""
        zone = told.get("time_zone", upload.time_zone)
        if not known_zone(zone):
            raise ValidationError({"time_zone": ["is no time zone"]})
        upload.time_zone = zone
        if told.get("mapping"):
            if not isinstance(told["mapping"], dict):
                raise ValidationError({"mapping": ["must be an object"]})
            try:
                mapping_of(told["mapping"], "the mapping")
            except MappingError as error:
                raise ValidationError({"mapping": [str(error)]}) from error
            upload.mapping = told["mapping"]
        if reason := why_not_loadable(upload, may_be_empty=True):
            raise ValidationError({"detail": reason})
        start_loading(upload, mapping=upload.mapping, time_zone=zone)


def describe(upload: FileUpload) -> dict[str, Any]:
    """Return what a program needs to know of an upload."""
    counts = upload.result or upload.progress
    return {
        "id": str(upload.pk),
        "state": upload.state,
        "kind": upload.kind,
        "problem": upload.problem,
        "received": upload.size if upload.kind else received_bytes(upload),
        "mapping": upload.mapping,
        "time_zone": upload.time_zone,
        "missing": _missing(upload),
        "queued": counts.get("queued", 0),
        "rejected": counts.get("rejected", 0),
        "share": 1.0 if upload.state in ENDED_STATES else counts.get("share", 0.0),
        "recorded": _recorded(upload),
        "outcome": upload.result.get("outcome", {}),
        "rejects": list(islice(_rejects(upload), SHOWN_REJECTS)),
    }


def _missing(upload: FileUpload) -> list[str]:
    """Return what a person has to choose before the file can be read."""
    if upload.state != UploadState.CHOOSING or upload.is_events:
        return []
    try:
        sample = sample_of(upload)
        return missing(mapping_or_proposal(upload.mapping, sample), sample)
    except (UnreadableFile, MappingError) as error:
        return [str(error)]


def _recorded(upload: FileUpload) -> int | None:
    """Return of how many reservations or events the ledger has decided; None if unknown."""
    if upload.state not in (UploadState.LOADING, UploadState.RECORDING, UploadState.DONE):
        return 0
    try:
        return recorded_so_far(upload, EventQueue())
    except redis.RedisError:
        return None


def _rejects(upload: FileUpload) -> Iterator[dict[str, Any]]:
    """Yield the rejected lines' numbers and reasons, of a load that has ended."""
    path = rejects_path(upload)
    if path is None or upload.state not in ENDED_STATES:
        return
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        rows = csv.reader(file)
        next(rows, None)
        for row in rows:
            if len(row) > 1 and row[0].isdigit():
                yield {"line": int(row[0]), "reason": row[1]}
