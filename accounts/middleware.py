"""Authentication of every request, REST or page: sets `request.access` and `request.refusal`.

Refuses requests over the rate limit, with a key that was sent without TLS, or while the database
of users is not reachable, before anything answers: a view, a redirect, an unknown path, or what
refuses a foreign Host.
"""

import logging
from collections.abc import Callable
from typing import Any, NamedTuple, cast

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.security import SecurityMiddleware
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from accounts import key_last_used, key_over_plain_http, rate_limits, refused_requests
from accounts.hotel_roles import user_access
from accounts.models import ApiKey
from accounts.own_account import login_sessions
from common.access_rights import OPEN, Access
from common.error_responses import DATABASE_AWAY
from common.html_pages import accepts_html, render_database_unavailable

logger = logging.getLogger(__name__)

NOBODY = Access("nobody")


class Refusal(NamedTuple):
    """Status and reason of a request that is refused before its view."""

    status: int
    reason: Any  # text, perhaps to be translated yet
    wait_seconds: int | None = None

    def response(self, request: HttpRequest) -> HttpResponse:
        """Return it as a page for browsers, else as JSON."""
        headers = {"Retry-After": str(self.wait_seconds)} if self.wait_seconds else {}
        if not accepts_html(request):
            return JsonResponse({"detail": str(self.reason)}, status=self.status, headers=headers)
        page = render(request, "common/message.html", {"refused": self.reason}, status=self.status)
        for name, value in headers.items():
            page[name] = value
        return page


KEY_OVER_PLAIN_HTTP = Refusal(
    403, _("this key was sent without TLS, where others can read it: replace it, and use https://")
)


def _database_unavailable(error: Exception) -> Refusal:
    logger.error("the database does not answer: %s", error)
    return Refusal(503, _("the database does not answer: try again in some seconds"), 5)


class AccessMiddleware:
    """Sets `request.access` and `request.refusal`; RefusalMiddleware sends the refusal."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.access, request.refusal = self._authenticate(request)  # type: ignore[attr-defined]
        return self.get_response(request)

    def _authenticate(self, request: HttpRequest) -> tuple[Access, Refusal | None]:
        """Return the client's rights, and the refusal if the request must not reach its view."""
        path = request.path_info
        if path.rstrip("/") in settings.HEALTH_PATHS or path.startswith(settings.STATIC_PREFIX):
            return NOBODY, None
        _drop_malformed_session(request)
        if key_over_plain_http.is_sent(request):
            if refusal := rate_refusal(request, NOBODY):
                return NOBODY, refusal
            key_over_plain_http.log_use(request)
            return NOBODY, KEY_OVER_PLAIN_HTTP
        try:
            access = access_of_sender(request)
        except DATABASE_AWAY as error:
            return NOBODY, _database_unavailable(error)
        return access, rate_refusal(request, access)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer 503 when a database is not reachable, for every page and for the admin.

        REST views answer by themselves (`common.error_responses`).
        """
        if not isinstance(error, DATABASE_AWAY):
            return None
        if accepts_html(request):
            return render_database_unavailable(request, error)
        return _database_unavailable(error).response(request)


class RefusalMiddleware:
    """Answers what AccessMiddleware refused, in front of Django's SecurityMiddleware.

    That one redirects to TLS, and a refused request must not be redirected instead. It leaves a
    line in the log when it redirects.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._security = SecurityMiddleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        refusal: Refusal | None = request.refusal  # type: ignore[attr-defined]
        if refusal is not None:
            return self._security.process_response(request, refusal.response(request))
        response = self.get_response(request)
        if response.status_code == 301 and request.resolver_match is None:
            refused_requests.log_request(request, "redirected to TLS")
        return response


def rate_refusal(request: HttpRequest, access: Access) -> Refusal | None:
    """Count a request; return the refusal if it is over its sender's limit."""
    wait = rate_limits.seconds_to_wait(request, access)
    return (
        Refusal(429, _("too many requests: try again in %(wait)d s") % {"wait": wait}, wait)
        if wait
        else None
    )


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
    scheme = request.headers.get("Authorization", "").partition(" ")[0]
    key_text = key_over_plain_http.key_text(request)
    if key_text is not None:
        return _access_of_key(key_text)
    # Another scheme may belong to a proxy in front of a user who is logged in here.
    if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
        login_sessions.record_use(request)
        return user_access(request.user)
    if scheme:
        return Access("nobody", refused="send your key as `Authorization: Bearer <key>`")
    return NOBODY


def _access_of_key(key_text: str) -> Access:
    try:
        key = cast(ApiKey, ApiKey.objects.get_from_key(key_text))
    except (ApiKey.DoesNotExist, ValueError):
        return Access("nobody", refused="this key does not exist, or was revoked")
    if key.has_expired:
        return Access("nobody", refused=f"this key expired at {key.expiry_date:%Y-%m-%d %H:%M} UTC")
    key_last_used.record_use(key)
    return key.access()
