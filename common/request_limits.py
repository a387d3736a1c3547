"""Middleware that checks the length and the method of every request before anything else does.

Whatever comes after it, on any path, may read the body: it has a length that was declared and is at
most MAX_BODY_BYTES. Without this, a forged cookie is enough to have Django's CSRF check read an
upload of any size.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from common.renderers_and_parsers import LengthRequired, PayloadTooLarge
from common.value_limits import MAX_BODY_BYTES

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ONLY_READ = ("GET", "HEAD")


def request_limits_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        return _refusal(request) or get_response(request)

    return middleware


def _refusal(request: HttpRequest) -> HttpResponse | None:
    allowed = ONLY_READ if is_only_read(request.path_info) else METHODS
    if request.method not in allowed:
        methods = ", ".join(allowed)
        return JsonResponse(
            {"detail": f"this path takes {methods} only"}, status=405, headers={"Allow": methods}
        )
    if "HTTP_TRANSFER_ENCODING" in request.META:  # a length that only its end tells
        return _error(LengthRequired)
    declared = str(request.META.get("CONTENT_LENGTH") or "0")
    if not (declared.isascii() and declared.isdigit()):
        return JsonResponse({"detail": "the Content-Length is no number"}, status=400)
    if len(declared.lstrip("0")) > len(str(MAX_BODY_BYTES)) or int(declared) > MAX_BODY_BYTES:
        return _error(PayloadTooLarge)
    return None


def is_only_read(path: str) -> bool:
    """Return whether a path answers anybody and has nothing to write to."""
    return path.rstrip("/") in settings.ONLY_READ_PATHS or path.startswith(settings.STATIC_PREFIX)


def _error(kind: type[LengthRequired] | type[PayloadTooLarge]) -> HttpResponse:
    return JsonResponse({"detail": str(kind.default_detail)}, status=kind.status_code)
