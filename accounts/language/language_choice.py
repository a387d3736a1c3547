"""Which language a request and a user are answered in.

A request: the language that was chosen in this browser (a cookie), else the first of the browser's
own (Accept-Language) that there is, else English. A user's choice is stored, too: mails are written
in it, and it becomes the browser's when the user logs in there.

Programs that send no Accept-Language are answered in English. What REST names (fields, states) is
English in every language; only texts for people are translated. The admin and Swagger are English.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

from accounts.language.user_language_model import UserLanguage

# For the operator and for developers.
ENGLISH_ONLY = ("/admin/", "/swagger", "/redoc")


def is_offered(language: str) -> bool:
    """Return whether pages are there in a language."""
    return language in dict(settings.LANGUAGES)


def language_of_user(user: Any, fallback: str = "") -> str:
    """Return the code of the language in which a user is written to.

    Args:
        fallback: of a user who has not chosen; English where it is not offered.
    """
    row = UserLanguage.objects.filter(user=user.pk).first() if user is not None else None
    for language in (row.language if row else "", fallback):
        if is_offered(language):
            return language
    return settings.LANGUAGE_CODE


def in_language_of(user: Any, fallback: str = "") -> AbstractContextManager[Any]:
    """Return a context in which texts are in a user's language."""
    return translation.override(language_of_user(user, fallback))


def store_user_language(user: Any, language: str) -> None:
    """Store what a user chose. Raises: django.db.Error."""
    # By its key: a request's user is no object of the model, which the database router asks for.
    UserLanguage.objects.update_or_create(user_id=user.pk, defaults={"language": language})


def remember_in_browser(response: HttpResponseBase, language: str) -> None:
    """Set the cookie by which this browser is answered in a language."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


class LanguageMiddleware:
    """Activates the language of each request, and remembers a user's at the login."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        language = settings.LANGUAGE_CODE
        if not request.path_info.startswith(ENGLISH_ONLY):
            language = translation.get_language_from_request(request)
        with translation.override(language):
            response = self.get_response(request)
        if chosen := getattr(request, "language_of_login", ""):
            remember_in_browser(response, chosen)
        if response.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Content-Language", language)
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


def take_language_of_login(request: HttpRequest | None, user: Any, **_: Any) -> None:
    """Answer a browser in the language of the user who has just logged in there."""
    row = UserLanguage.objects.filter(user=user).first()
    if request is not None and row is not None and is_offered(row.language):
        request.language_of_login = row.language  # type: ignore[attr-defined]


def connect_login() -> None:
    """Take the language at each login; called once, when the app starts."""
    user_logged_in.connect(take_language_of_login, dispatch_uid=__name__)
