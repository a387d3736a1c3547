"""JSON responses for unknown paths (404) and unhandled exceptions (500)."""

from django.http import HttpRequest, JsonResponse

from common.error_limits import shorten

MAX_PATH_CHARACTERS = 200


def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """Return the 404 of a path that matches no URL."""
    path = shorten(request.path, MAX_PATH_CHARACTERS)
    return JsonResponse(
        {"detail": f"there is nothing at {path}; see /swagger/ for what there is"},
        status=404,
    )


def server_error(request: HttpRequest) -> JsonResponse:
    """Return the 500 of an unhandled exception; Django logs the traceback."""
    return JsonResponse({"detail": "an error on our side; it is in the server's log"}, status=500)
