"""How many messages a user has not read, for the header of every page.

An app that keeps messages registers what counts them when it starts. Pages ask once for a request.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from common.access_rights import Access, access_of
from common.error_responses import DATABASE_AWAY

Counter = Callable[[int, Access], int]  # of a user's number and rights
_registered: list[Counter] = []


def register(counter: Counter) -> None:
    """Set what counts the unread messages of a user."""
    _registered[:] = [counter]


def count(request: Any) -> int:
    """Return how many messages the sender of a request has not read; 0 for programs.

    Raises: django.db.Error.
    """
    request = getattr(request, "_request", request)
    if not _registered or not has_inbox(request):
        return 0
    if not hasattr(request, "unread_messages"):
        request.unread_messages = _registered[0](request.user.pk, access_of(request))
    number: int = request.unread_messages
    return number


def has_inbox(request: Any) -> bool:
    """Return whether the sender is a user who is logged in, also in an open system."""
    if not access_of(request).is_known:  # nor is the user's database asked, which may be away
        return False
    user = getattr(request, "user", None)
    return bool(user is not None and user.is_authenticated) and not _sends_a_key(request)


def _sends_a_key(request: Any) -> bool:
    return "Authorization" in request.headers


def template_context(request: HttpRequest) -> dict[str, Any]:
    """Return `has_inbox` and `unread_messages`, which is counted where a template asks for it."""
    return {
        "has_inbox": lambda: has_inbox(request),
        "unread_messages": lambda: _count_or_zero(request),
    }


def _count_or_zero(request: HttpRequest) -> int:
    """Return `count`; 0 while the database is away, which the page itself says."""
    try:
        return count(request)
    except DATABASE_AWAY:
        return 0
