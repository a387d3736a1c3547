"""Responses for unknown paths (404), refusals (403) and unhandled exceptions (500).

A browser, which accepts HTML, gets a page that leads on; every other client gets JSON.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.middleware import NOBODY, rate_refusal
from accounts.refused_requests import log_request
from common.error_limits import shorten
from common.html_pages import accepts_html, render_message

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
    if accepts_html(request):
        return render_message(request, 404, unknown_path=path)
    told = _("there is nothing at %(path)s; see /swagger/ for what there is") % {"path": path}
    return JsonResponse({"detail": told}, status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return the 403 of a view that is not for this user; those of REST have their own."""
    reason = _("This page is not for your login")
    if accepts_html(request):
        return render_message(request, 403, forbidden=reason)
    return JsonResponse({"detail": reason}, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the 403 of a form without a valid token: mostly one that was open for too long."""
    if accepts_html(request):
        return render_message(request, 403, expired_form=True)
    return JsonResponse({"detail": f"CSRF verification failed: {reason}"}, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the 500 of an unhandled exception; Django logs the traceback.

    The page needs neither a database nor anything of the request, which may be what failed.
    """
    if accepts_html(request):
        return render(None, "common/server_error.html", status=500)
    told = _("an error on our side; it is in the server's log")
    return JsonResponse({"detail": told}, status=500)
