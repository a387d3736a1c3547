"""Every request gets its `access`: whose it is, what they may, and whether that is too often."""

import logging
from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from accounts import key_use, limits
from accounts.models import ApiKey, user_access
from rest.access import OPEN, Access
from rest.errors import DATABASE_AWAY
from rest.formats import MAX_BODY_BYTES, PayloadTooLarge

logger = logging.getLogger(__name__)

NOBODY = Access("nobody")


class AccessMiddleware:
    """Sets `request.access`; 429 for whoever asks too often, 503 while nobody can be known."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.access = NOBODY  # type: ignore[attr-defined]
        if request.path_info.startswith(settings.UNGUARDED_PATHS):
            return self.get_response(request)
        # Before anything reads it: Django keeps what is uploaded, of any size, in files.
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY_BYTES:
            return _refusal(request, 413, str(PayloadTooLarge.default_detail))
        _drop_odd_session(request)
        try:
            access = access_of_sender(request)
        except DATABASE_AWAY as error:
            return self._away(request, error)
        wait = limits.seconds_to_wait(request, access)
        if wait:
            return _refusal(request, 429, f"too many requests: try again in {wait} s", wait)
        request.access = access  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A database that is away is a 503 for logins and the admin too."""
        return self._away(request, error) if isinstance(error, DATABASE_AWAY) else None

    def _away(self, request: HttpRequest, error: Exception) -> HttpResponse:
        logger.error("the database does not answer: %s", error)
        return _refusal(request, 503, "the database does not answer: try again in some seconds", 5)


def _refusal(
    request: HttpRequest, status: int, why: str, wait_seconds: int | None = None
) -> HttpResponse:
    headers = {"Retry-After": str(wait_seconds)} if wait_seconds else {}
    if "text/html" in request.headers.get("Accept", ""):
        page = render(request, "dashboard/said.html", {"refused": why}, status=status)
        for name, value in headers.items():
            page[name] = value
        return page
    return JsonResponse({"detail": why}, status=status, headers=headers)


def _drop_odd_session(request: HttpRequest) -> None:
    """A session's key is letters and digits; PostgreSQL takes no NUL in a question for one."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "x")
    if not (key.isascii() and key.isalnum()):
        del request.COOKIES[settings.SESSION_COOKIE_NAME]
        request.session = SessionStore()


def access_of_sender(request: HttpRequest) -> Access:
    """The rights that a key in the header, or a login, gives; all of them in an open system."""
    if settings.API_AUTH == "open":
        return OPEN
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() in ("bearer", "api-key"):
        return _access_of_key(given)
    # Another scheme may be a proxy's, in front of whoever is logged in here.
    if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
        return user_access(request.user)
    if scheme:
        return Access("nobody", refused="send your key as `Authorization: Bearer <key>`")
    return NOBODY


def _access_of_key(given: str) -> Access:
    try:
        key = cast(ApiKey, ApiKey.objects.get_from_key(given.strip()))
    except (ApiKey.DoesNotExist, ValueError):
        return Access("nobody", refused="this key is not known, or was revoked")
    if key.has_expired:
        return Access("nobody", refused=f"this key expired at {key.expiry_date:%Y-%m-%d %H:%M} UTC")
    key_use.note(key)
    return key.access()
