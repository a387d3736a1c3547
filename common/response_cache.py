"""Answers kept in memory and sent again for as long as what they were made of stands.

An answer that `common.etags.tagged` made knows what it depends on and how to ask for that
again: one row of a database. While it is the same, the bytes are the same too, and neither the
query, nor the objects, nor REST framework is needed to send them. An answer can so never be older
than one that is made anew: what it depends on is asked for with every request.

The middleware stands behind the one that says who asks, so that an answer is sent again only to
whoever has the same rights, and in front of all others, whose headers are kept with the answer.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import get_conditional_response

from common.access_rights import access_of, is_refused
from common.error_responses import DATABASE_AWAY

MAX_BYTES = 16 * 1024 * 1024  # of bodies, in each process
# What an answer may depend on beside the rights and what it was made of.
DEPENDS_ON = (
    "PATH_INFO",
    "QUERY_STRING",
    "HTTP_ACCEPT",
    "HTTP_HOST",
    "wsgi.url_scheme",
    "HTTP_X_FORWARDED_PROTO",
)
OF_A_304 = ("ETag", "Cache-Control", "Vary")  # RFC 9110, 15.4.5


class KeptAnswer(NamedTuple):
    """An answer and what it was made of."""

    parts: tuple[Any, ...]
    again: Callable[[], tuple[Any, ...]]
    etag: str
    headers: dict[str, str]
    headers_304: dict[str, str]
    body: bytes

    def send(self, request: HttpRequest) -> HttpResponse:
        """The answer, or a 304 to whoever has it already."""
        asked = request.META.get("HTTP_IF_NONE_MATCH")
        if asked == self.etag:
            return HttpResponseNotModified(headers=self.headers_304)
        response = HttpResponse(self.body, headers=self.headers)
        if asked is None:
            return response
        return get_conditional_response(request, etag=self.etag, response=response) or response


class KeptAnswers:
    """The answers of one process, the last used ones, MAX_BYTES at most."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Any, KeptAnswer] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def find(self, key: Any) -> KeptAnswer | None:
        with self._lock:
            found = self._answers.get(key)
            if found is not None:
                self._answers.move_to_end(key)
            return found

    def keep(self, key: Any, answer: KeptAnswer) -> None:
        with self._lock:
            known = self._answers.pop(key, None)
            self._bytes += len(answer.body) - (len(known.body) if known else 0)
            self._answers[key] = answer
            while self._bytes > MAX_BYTES:
                _, oldest = self._answers.popitem(last=False)
                self._bytes -= len(oldest.body)


class KeptAnswersMiddleware:
    """Sends kept answers, and keeps those that say what they are made of."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._kept = KeptAnswers()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "GET" or is_refused(request):
            return self.get_response(request)
        key = (access_of(request), *map(request.META.get, DEPENDS_ON))
        kept = self._kept.find(key)
        if kept is not None and _stands(kept):
            return kept.send(request)
        response = self.get_response(request)
        made_of = getattr(response, "made_of", None)
        if made_of is not None and response.status_code == 200:
            self._kept.keep(key, _answer(response, *made_of))
        return response


def _answer(
    response: HttpResponse, parts: tuple[Any, ...], again: Callable[[], tuple[Any, ...]]
) -> KeptAnswer:
    headers = dict(response.items())
    headers_304 = {name: headers[name] for name in OF_A_304 if name in headers}
    return KeptAnswer(parts, again, headers["ETag"], headers, headers_304, response.content)


def _stands(kept: KeptAnswer) -> bool:
    try:
        return kept.again() == kept.parts
    except DATABASE_AWAY:
        return False  # whoever makes answers says so in full
