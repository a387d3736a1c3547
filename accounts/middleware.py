"""Every request gets its `access`: whose it is, what they may, and whether that is too often."""

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
    """Why a request does not go on."""

    status: int
    why: str
    wait_seconds: int | None = None

    def answer(self, request: HttpRequest) -> HttpResponse:
        """As a page for browsers, else as JSON."""
        headers = {"Retry-After": str(self.wait_seconds)} if self.wait_seconds else {}
        if "text/html" not in request.headers.get("Accept", ""):
            return JsonResponse({"detail": self.why}, status=self.status, headers=headers)
        page = render(request, "common/message.html", {"refused": self.why}, status=self.status)
        for name, value in headers.items():
            page[name] = value
        return page


def _away(error: Exception) -> Refusal:
    logger.error("the database does not answer: %s", error)
    return Refusal(503, "the database does not answer: try again in some seconds", 5)


class AccessMiddleware:
    """Sets `request.access`; 429 for whoever asks too often, 503 while nobody can be known."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.access, request.refusal = self._found(request)  # type: ignore[attr-defined]
        return self.get_response(request)

    def _found(self, request: HttpRequest) -> tuple[Access, Refusal | None]:
        """Whose request it is, and why it does not go on."""
        if request.path_info.startswith(settings.UNGUARDED_PATHS):
            return NOBODY, None
        # Before anything reads it: Django keeps what is uploaded, of any size, in files.
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY_BYTES:
            return NOBODY, Refusal(413, str(PayloadTooLarge.default_detail))
        _drop_odd_session(request)
        try:
            access = access_of_sender(request)
        except DATABASE_AWAY as error:
            return NOBODY, _away(error)
        if wait := rate_limits.seconds_to_wait(request, access):
            return access, Refusal(429, f"too many requests: try again in {wait} s", wait)
        return access, None

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        """Before any view, and behind the middlewares whose headers a refusal gets too."""
        refusal: Refusal | None = request.refusal  # type: ignore[attr-defined]
        return refusal.answer(request) if refusal else None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A database that is away is a 503 for logins and the admin too."""
        return _away(error).answer(request) if isinstance(error, DATABASE_AWAY) else None


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
    key_last_used.note(key)
    return key.access()
