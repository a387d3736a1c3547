"""The cheap question of an open page: would it look different now?

A page gets, in headers of its answer, the version of what it shows and a token that says which
hotel and which user it is about, signed and for a minute or so. Its script requests its address
again and sends both along: while that version is the present one, the answer is a 304 of which
Django knows nothing. Otherwise, and where nobody looks at these headers, the request is one like
any other.

Whoever has a token learns whether something of its hotel and user changed and nothing else; a page
gets a new one only from Django, which asks for the rights to it.

Nothing here reads a database or Redis: `common.page_versions` has all answers in memory.
"""

import time
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from django.core.signing import BadSignature, Signer

from common import page_versions, unread_messages
from common.page_versions import HOTEL, USER, Key

TOKEN_HEADER, VERSION_HEADER = "X-Renewal-Token", "X-Renewal-Version"
UNCHANGED_HEADER = "X-Renewal-Unchanged"  # of an answer without Django
# Pages load their content anew within 60 seconds (see static/common/live_page.js).
TOKEN_SECONDS, TOKEN_STEP_SECONDS = 75, 15
MAX_TOKEN_CHARACTERS = 200
MAX_KNOWN_TOKENS = 20_000  # some 300 bytes each
STARTED_AT: Final = "rpg.started_at"  # in the WSGI environment: time.perf_counter() of its arrival


class Known(NamedTuple):
    """What a valid token says."""

    keys: tuple[Key, ...]
    until: int  # in seconds since the epoch


_known: dict[str, Known] = {}  # tokens that were valid, as most are asked with many times
_signer: Signer | None = None


def page_headers(request: Any, hotel_id: int | None) -> Mapping[str, str]:
    """Return the headers of a page by which it may ask; none where its version is not certain.

    Args:
        hotel_id: what the page is about; of a page without a hotel nothing is known.
    """
    started_at = request.META.get(STARTED_AT)
    if hotel_id is None or started_at is None or not page_versions.versions.is_running:
        return {}
    keys: tuple[Key, ...] = ((HOTEL, hotel_id),)
    if unread_messages.has_inbox(request):
        keys = (*keys, (USER, request.user.pk))
    # What was known when the request arrived: the page was read later, and is at least as new.
    version = page_versions.versions.version(keys, before=started_at)
    if version is None:
        return {}
    return {TOKEN_HEADER: make_token(keys, time.time()), VERSION_HEADER: version}


def make_token(keys: tuple[Key, ...], now: float) -> str:
    """Return a signed token for hotels and users, the same one for some seconds.

    Args:
        now: in seconds since the epoch.
    """
    until = (int(now) // TOKEN_STEP_SECONDS + 1) * TOKEN_STEP_SECONDS + TOKEN_SECONDS
    return _sign().sign("~".join([*(f"{kind[0]}{number}" for kind, number in keys), str(until)]))


def read_token(token: str, now: float) -> tuple[Key, ...] | None:
    """Return what a token is for; None if it is not ours, or too old."""
    known = _known.get(token)
    if known is None:
        if len(token) > MAX_TOKEN_CHARACTERS:
            return None
        try:
            *keys, until = _sign().unsign(token).split("~")
        except BadSignature:
            return None
        kinds = {HOTEL[0]: HOTEL, USER[0]: USER}
        known = Known(tuple((kinds[key[0]], int(key[1:])) for key in keys), int(until))
        while len(_known) >= MAX_KNOWN_TOKENS:
            _known.pop(next(iter(_known)), None)
        _known[token] = known
    if now > known.until:
        _known.pop(token, None)
        return None
    return known.keys


def is_unchanged(token: str, version: str) -> bool:
    """Return whether a page of a valid token certainly looks as it did in a version."""
    keys = read_token(token, time.time())
    return keys is not None and version == page_versions.versions.version(keys)


def _sign() -> Signer:
    global _signer
    if _signer is None:
        _signer = Signer(salt="common.renewal_questions")
    return _signer
