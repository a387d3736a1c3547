"""Cached responses, sent again as long as what they depend on has not changed.

A response made by `common.etags.etag_response` carries what it depends on (its parts) and a
function that reads these parts again: one row of a database. While they are equal, the bytes of the
response are equal too, and are sent without queries, model objects and REST framework. A cached
response is never older than a new one would be, because the parts are read again for each request.

The middleware comes after the one that sets the request's access rights, as a cached response is
only sent to a sender with the same rights, and before all others, whose headers are cached with the
response.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language

from common.access_rights import access_of, is_refused
from common.error_responses import DATABASE_AWAY
from common.renderers_and_parsers import accepted_formats

# In each process; the bytes are those of everything that is kept for a response.
MAX_BYTES, MAX_RESPONSES = 16 * 1024 * 1024, 2_000
# Of the key, the objects, and the parts that a response depends on: measured, and rounded up.
BYTES_OF_AN_ENTRY = 6_000
EMPTY_BODIES = (b"", b"[]", b"{}")  # as quickly made as sent again, and there are endless many
# Browsers send less than 200 characters. What a longer header asks for is not worked out twice.
MAX_ACCEPT_CHARACTERS = 300
HEADERS_OF_304 = ("ETag", "Cache-Control", "Vary")  # RFC 9110, 15.4.5


class CachedResponse(NamedTuple):
    """A response, the parts that it depends on, and the function that reads them again."""

    parts: tuple[Any, ...]
    current_parts: Callable[[], tuple[Any, ...]]
    etag: str
    headers: dict[str, str]
    headers_304: dict[str, str]
    body: bytes

    def size(self) -> int:
        """Return about how many bytes of memory it takes."""
        headers = (*self.headers.items(), *self.headers_304.items())
        return (
            BYTES_OF_AN_ENTRY
            + len(self.body)
            + sum(len(name) + len(value) + 100 for name, value in headers)
        )

    def is_current(self) -> bool:
        """Return whether the parts are unchanged; False if the database does not answer."""
        try:
            return self.current_parts() == self.parts
        except DATABASE_AWAY:
            return False  # the view reports the error

    def to_response(self, request: HttpRequest) -> HttpResponse:
        """Return the response, or a 304 if the client has it already."""
        client_etags = request.META.get("HTTP_IF_NONE_MATCH")
        if client_etags == self.etag:
            return HttpResponseNotModified(headers=self.headers_304)
        response = HttpResponse(self.body, headers=self.headers)
        if client_etags is None:
            return response
        return get_conditional_response(request, etag=self.etag, response=response) or response


class ResponseCache:
    """The cached responses of one process: the last used ones, within the two limits."""

    def __init__(self) -> None:
        self._responses: OrderedDict[Any, CachedResponse] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: Any) -> CachedResponse | None:
        with self._lock:
            cached = self._responses.get(key)
            if cached is not None:
                self._responses.move_to_end(key)
            return cached

    def put(self, key: Any, response: CachedResponse) -> None:
        with self._lock:
            if replaced := self._responses.pop(key, None):
                self._bytes -= replaced.size()
            if response.size() > MAX_BYTES:
                return  # the others stay
            self._bytes += response.size()
            self._responses[key] = response
            while self._bytes > MAX_BYTES or len(self._responses) > MAX_RESPONSES:
                _, oldest = self._responses.popitem(last=False)
                self._bytes -= oldest.size()


class ResponseCacheMiddleware:
    """Sends cached responses, and caches those that carry what they depend on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._cache = ResponseCache()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "GET" or is_refused(request):
            return self.get_response(request)
        accept = request.META.get("HTTP_ACCEPT", "*/*")
        if len(accept) > MAX_ACCEPT_CHARACTERS:
            return self.get_response(request)
        key = _key(request, accept)
        cached = self._cache.get(key)
        if cached is not None and cached.is_current():
            return cached.to_response(request)
        response = self.get_response(request)
        cacheable_while = getattr(response, "cacheable_while", None)
        if cacheable_while is None or response.status_code != 200:
            return response
        if response.content not in EMPTY_BODIES:
            self._cache.put(key, _to_cached(response, *cacheable_while))
        return response


def _key(request: HttpRequest, accept: str) -> bytes:
    """Return a digest of what a response may depend on beside its parts, of the same length always.

    The access rights may name thousands of hotels, and a query may be long.
    """
    parts = (
        access_of(request),
        request.scheme,
        request.META.get("HTTP_HOST"),
        request.META.get("PATH_INFO"),
        request.META.get("QUERY_STRING"),
        accepted_formats(accept),
        get_language(),
    )
    return hashlib.blake2b(repr(parts).encode(), digest_size=32).digest()


def _to_cached(
    response: HttpResponse,
    parts: tuple[Any, ...],
    current_parts: Callable[[], tuple[Any, ...]],
) -> CachedResponse:
    headers = dict(response.items())
    headers_304 = {name: headers[name] for name in HEADERS_OF_304 if name in headers}
    return CachedResponse(
        parts, current_parts, headers["ETag"], headers, headers_304, response.content
    )
