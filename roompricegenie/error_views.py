"""JSON errors for paths that no view takes."""

from django.http import HttpRequest, JsonResponse


def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    return JsonResponse(
        {"detail": f"there is nothing at {request.path}; see /swagger/ for what there is"},
        status=404,
    )


def server_error(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"detail": "an error on our side; it is in the server's log"}, status=500)
