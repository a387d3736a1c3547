"""ETags: a client that has the current response gets a 304 without a body."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language

from common import renewal_questions, unread_messages
from common.access_rights import access_of

CODE_SUFFIXES = {".py", ".html", ".css", ".js", ".mo"}


def code_fingerprint(*folders: Path) -> str:
    """Return a hash of the code, templates and static files in folders.

    As a part of an ETag it makes clients load responses again after an upgrade, when the same
    figures may be presented differently.
    """
    digest = hashlib.sha256()
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and file.suffix in CODE_SUFFIXES:
                digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def page_fingerprint(app: Path) -> str:
    """Return the hash of all that an app's web page is made of: its code and the shared code.

    Args:
        app: the app's folder, beside `common`, `templates` and `static`.
    """
    shared = (app.parent / name for name in ("common", "templates", "static"))
    return code_fingerprint(app, *shared)


def page_response(
    request: Any,
    code: str,
    state: tuple[Any, ...],
    make_response: Callable[[], Any],
    hotel_id: int | None = None,
) -> Any:
    """Return a web page with its ETag, or the 304 of a client that has it.

    What every page depends on is added: its address, its reader's rights, the token of its forms,
    and how many messages are unread, which its header says.

    Args:
        code: the page's `page_fingerprint`.
        state: what this page shows depends on.
        hotel_id: the hotel that the page shows, if that and the reader are all that it depends on:
            the page gets what it needs to ask cheaply whether it changed.
    Raises: django.db.Error.
    """
    parts = (
        code,
        request.get_full_path(),
        access_of(request),
        request.COOKIES.get(settings.CSRF_COOKIE_NAME, ""),
        unread_messages.count(request),
        state,
    )
    response = etag_response(request, parts, make_response)
    for name, value in renewal_questions.page_headers(request, hotel_id).items():
        response[name] = value
    return response


def etag_response(
    request: Any,
    parts: tuple[Any, ...],
    make_response: Callable[[], Any],
    current_parts: Callable[[], tuple[Any, ...]] | None = None,
) -> Any:
    """Return a 304 if the client's ETag equals that of the parts, else the response with its ETag.

    Args:
        parts: what the response depends on beside its address and language. They are read before
            the response is made, so that a response is never older than its ETag.
        make_response: makes the response.
        current_parts: reads the parts again later, cheaply and without holding the request. A
            response that has it may be cached (see common.response_cache).
    """
    tag = hashlib.sha256(repr((get_language(), parts)).encode()).hexdigest()[:32]
    response: Any = get_conditional_response(request, etag=f'"{tag}"') or make_response()
    response["ETag"] = f'"{tag}"'
    if current_parts is not None:
        response.cacheable_while = (parts, current_parts)
    response["Cache-Control"] = "private, no-cache"  # browsers store it and revalidate each time
    return response
