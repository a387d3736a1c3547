"""Authentication of every request, REST or page: sets `request.access` and `request.refusal`.

Refuses requests over the rate limit, with too large a body, or while the database of users is not
reachable, before any view runs.
"""

import logging
from collections.abc import Callable
from typing import Any, NamedTuple, cast

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from accounts import key_last_used, rate_limits
from accounts.models import ApiKey, user_access
from common.access_rights import OPEN, Access
from common.error_responses import DATABASE_AWAY
from common.renderers_and_parsers import MAX_BODY_BYTES, PayloadTooLarge

logger = logging.getLogger(__name__)

NOBODY = Access("nobody")


class Refusal(NamedTuple):
    """Status and reason of a request that is refused before its view."""

    status: int
    reason: str
    wait_seconds: int | None = None

    def response(self, request: HttpRequest) -> HttpResponse:
        """Return it as a page for browsers, else as JSON."""
        headers = {"Retry-After": str(self.wait_seconds)} if self.wait_seconds else {}
        if "text/html" not in request.headers.get("Accept", ""):
            return JsonResponse({"detail": self.reason}, status=self.status, headers=headers)
        page = render(request, "common/message.html", {"refused": self.reason}, status=self.status)
        for name, value in headers.items():
            page[name] = value
        return page


def _database_unavailable(error: Exception) -> Refusal:
    logger.error("the database does not answer: %s", error)
    return Refusal(503, "the database does not answer: try again in some seconds", 5)


class AccessMiddleware:
    """Sets `request.access`; answers 413, 429 or 503 (database of users not reachable) itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.access, request.refusal = self._authenticate(request)  # type: ignore[attr-defined]
        return self.get_response(request)

    def _authenticate(self, request: HttpRequest) -> tuple[Access, Refusal | None]:
        """Return the client's rights, and the refusal if the request must not reach its view."""
        if request.path_info.startswith(settings.UNGUARDED_PATHS):
            return NOBODY, None
        # Before anything reads the body: Django writes uploads of any size to temporary files.
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY_BYTES:
            return NOBODY, Refusal(413, str(PayloadTooLarge.default_detail))
        _drop_malformed_session(request)
        try:
            access = access_of_sender(request)
        except DATABASE_AWAY as error:
            return NOBODY, _database_unavailable(error)
        if wait := rate_limits.seconds_to_wait(request, access):
            return access, Refusal(429, f"too many requests: try again in {wait} s", wait)
        return access, None

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        """Refuse before any view, but after the other middlewares, which add their headers."""
        refusal: Refusal | None = request.refusal  # type: ignore[attr-defined]
        return refusal.response(request) if refusal else None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer 503 when a database is not reachable, for logins and the admin too."""
        if isinstance(error, DATABASE_AWAY):
            return _database_unavailable(error).response(request)
        return None


def _drop_malformed_session(request: HttpRequest) -> None:
    """Ignore a session key that is not letters and digits: PostgreSQL fails on one with a NUL."""
    key = request.COOKIES.get(settings.SESSION_COOKIE_NAME, "x")
    if not (key.isascii() and key.isalnum()):
        del request.COOKIES[settings.SESSION_COOKIE_NAME]
        request.session = SessionStore()


def access_of_sender(request: HttpRequest) -> Access:
    """Return the rights of the key in the header or of the login; all rights in an open system."""
    if settings.API_AUTH == "open":
        return OPEN
    scheme, _, key_text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() in ("bearer", "api-key"):
        return _access_of_key(key_text)
    # Another scheme may belong to a proxy in front of a user who is logged in here.
    if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
        return user_access(request.user)
    if scheme:
        return Access("nobody", refused="send your key as `Authorization: Bearer <key>`")
    return NOBODY


def _access_of_key(key_text: str) -> Access:
    try:
        key = cast(ApiKey, ApiKey.objects.get_from_key(key_text.strip()))
    except (ApiKey.DoesNotExist, ValueError):
        return Access("nobody", refused="this key does not exist, or was revoked")
    if key.has_expired:
        return Access("nobody", refused=f"this key expired at {key.expiry_date:%Y-%m-%d %H:%M} UTC")
    key_last_used.record_use(key)
    return key.access()
