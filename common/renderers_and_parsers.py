"""JSON and CSV renderers, the JSON parser, and the choice between them by `?format=` or Accept."""

import csv
import io
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar

import orjson
from django.core.exceptions import TooManyFieldsSent
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.utils.mediatypes import media_type_matches, order_by_precedence

from common.content_encoding import TooLargeDecoded, decode_body
from common.spreadsheet_cells import neutralise_cell
from common.value_limits import MAX_BODY_BYTES

# A value takes up to 70 bytes of memory, also where it takes two or three bytes of the body.
MAX_BODY_VALUES = 1_000_000  # 10,000 events have 60,000


class PayloadTooLarge(APIException):
    """413: the body is larger than MAX_BODY_BYTES."""

    status_code = 413
    default_detail = f"the body is larger than {MAX_BODY_BYTES:,} bytes: send smaller batches"
    default_code = "payload_too_large"


class BodyDidNotArrive(APIException):
    """408: the client stopped sending before the body was complete."""

    status_code = 408
    default_detail = "the body did not arrive: send it without pauses"
    default_code = "request_timeout"


class LengthRequired(APIException):
    """411: a chunked body without a Content-Length, which would look like an empty one."""

    status_code = 411
    default_detail = "send the body in one piece, with a Content-Length"
    default_code = "length_required"


class OrjsonRenderer(BaseRenderer):
    """JSON by orjson, several times faster than the standard library."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        response = (renderer_context or {}).get("response")
        # The errors of a list have numbers as keys; allowing these costs time elsewhere.
        is_error = response is not None and response.status_code >= 400
        option = orjson.OPT_NON_STR_KEYS if is_error else None
        return b"" if data is None else orjson.dumps(data, default=str, option=option)


class CsvRenderer(BaseRenderer):
    """A list of flat dicts as CSV with the view's `csv_columns`; any other data as JSON.

    Text that a spreadsheet program would run as a formula has an apostrophe in front.
    """

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> str | bytes:
        response = (renderer_context or {}).get("response")
        if response is not None and not isinstance(data, list):  # an error, or OPTIONS
            response["Content-Type"] = "application/json"
            return orjson.dumps(data, default=str)
        columns: list[str] = list((renderer_context or {})["view"].csv_columns)
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            {name: neutralise_cell(value) for name, value in row.items()} for row in data
        )
        return text.getvalue()


class EmptyBody(ParseError):
    """400: the body has no content but blanks."""

    default_detail = "the body is empty: send JSON"


class SeveralJsonValues(ParseError):
    """400: the body is one JSON value a line (NDJSON), not one JSON value."""

    default_detail = "the body holds several JSON values, one a line (NDJSON): send one JSON value"


class OrjsonParser(BaseParser):
    """JSON by orjson, plain or gzip, up to MAX_BODY_BYTES once decoded and MAX_BODY_VALUES."""

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            body = stream.read(MAX_BODY_BYTES + 1)
        except OSError as error:  # the client stopped sending, or closed the connection
            raise BodyDidNotArrive from error
        if len(body) > MAX_BODY_BYTES:
            raise PayloadTooLarge
        request: Request | None = (parser_context or {}).get("request")
        encoding = request.META.get("HTTP_CONTENT_ENCODING", "") if request else ""
        if encoding:
            try:
                body = decode_body(body, encoding, MAX_BODY_BYTES)
            except TooLargeDecoded as error:
                raise PayloadTooLarge from error
        if body.count(b",") >= MAX_BODY_VALUES:
            raise ParseError(f"the body has more than {MAX_BODY_VALUES:,} values")
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            if not body.strip():
                raise EmptyBody from error
            if _has_json_lines(body):
                raise SeveralJsonValues from error
            raise ParseError(f"the body is no JSON: {error}") from error


def _has_json_lines(body: bytes) -> bool:
    """Return whether the first line of several is a JSON value of its own."""
    first, _, rest = body.strip().partition(b"\n")
    try:
        return bool(rest) and orjson.loads(first) is not None
    except orjson.JSONDecodeError:
        return False


@lru_cache(maxsize=128)  # for headers of a few hundred characters
def accepted_formats(accept: str) -> tuple[str, ...]:
    """Return the formats that an Accept header takes, the preferred one first.

    A view answers in the first one that it has: two headers with equal formats get equal responses.
    """
    ranked = order_by_precedence([part.strip() for part in accept.split(",")])
    formats = [
        renderer.format
        for media_types in ranked
        for renderer in (OrjsonRenderer, CsvRenderer)
        if any(media_type_matches(renderer.media_type, accepted) for accepted in media_types)
    ]
    return tuple(dict.fromkeys(formats))


class StrictContentNegotiation(DefaultContentNegotiation):
    """Chooses by `?format=`, else by the Accept header.

    An unknown format is a 400 that lists the valid ones.
    """

    parameter: ClassVar[str] = "format"

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        if "HTTP_TRANSFER_ENCODING" in request.META and not request.META.get("CONTENT_LENGTH"):
            raise LengthRequired  # without a length the body would be taken for empty
        try:
            parameters = request.query_params
        except TooManyFieldsSent as error:
            raise ParseError("too many query parameters") from error
        if self.parameter in parameters:
            formats = parameters.getlist(self.parameter)
            by_format = {renderer.format: renderer for renderer in renderers}
            if len(formats) != 1 or formats[0] not in by_format:
                valid = ", ".join(by_format)
                raise ValidationError({self.parameter: [f"must be one of: {valid}"]})
            renderer = by_format[formats[0]]
            return renderer, renderer.media_type
        accepts_anything = request.META.get("HTTP_ACCEPT", "*/*") == "*/*"
        if accepts_anything and format_suffix is None:  # most requests: no header to parse
            return renderers[0], renderers[0].media_type
        return super().select_renderer(request, renderers, format_suffix)
