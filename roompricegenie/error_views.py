"""JSON responses for unknown paths (404) and unhandled exceptions (500)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from accounts.middleware import NOBODY, rate_refusal
from accounts.refused_requests import log_request
from common.error_limits import shorten

MAX_PATH_CHARACTERS = 200


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return the 404 of a path that matches no URL, and log it.

    A static file that exists is not counted for the rate limit, one that does not is.
    """
    if request.path_info.startswith(settings.STATIC_PREFIX) and (
        refusal := rate_refusal(request, NOBODY)
    ):
        return refusal.response(request)
    log_request(request, "404")
    path = shorten(request.path, MAX_PATH_CHARACTERS)
    return JsonResponse(
        {"detail": f"there is nothing at {path}; see /swagger/ for what there is"},
        status=404,
    )


def server_error(request: HttpRequest) -> JsonResponse:
    """Return the 500 of an unhandled exception; Django logs the traceback."""
    return JsonResponse({"detail": "an error on our side; it is in the server's log"}, status=500)
