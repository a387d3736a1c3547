"""Answers open pages that did not change (`common.renewal_questions`) before Django.

Thousands of open pages ask each second. Django's middleware would ask databases and Redis for each
of them, only to say that nothing changed; here is no login, no rate limit and no query, as for
static files. What is not certain goes on to Django, as does a wrong token, for a signature's check.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from time import perf_counter, time
from typing import Any, Final

from django.utils.http import http_date

from common.renewal_questions import UNCHANGED_HEADER, is_unchanged
from roompricegenie.monitoring import request_metrics

STATUS: Final = "304 Not Modified"
HEADERS: Final = [("Cache-Control", "private, no-cache"), (UNCHANGED_HEADER, "1")]
# As common.etags makes them; of a compressed page it is a weak one.
_match_etag = re.compile(r'(?:W/)?"[0-9a-f]{32}"').fullmatch


class RenewalAnswers:
    """A WSGI application in front of Django's; gunicorn's own worker needs it for TLS only."""

    def __init__(self, application: Callable[[dict[str, Any], Any], Iterable[bytes]]) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        token = environ.get("HTTP_X_RENEWAL_TOKEN")
        if token is None or environ["REQUEST_METHOD"] != "GET":
            return self._application(environ, start_response)
        etag = environ.get("HTTP_IF_NONE_MATCH", "")
        version = environ.get("HTTP_X_RENEWAL_VERSION", "")
        if not answers(environ["PATH_INFO"], token, version, etag):
            return self._application(environ, start_response)
        start_response(STATUS, [*HEADERS, ("ETag", etag)])
        return ()


def answers(path: str, token: str, version: str, etag: str) -> bool:
    """Return whether a page is as it was, and count that answer."""
    began = perf_counter()
    if not _match_etag(etag) or not is_unchanged(token, version):
        return False
    request_metrics.count("GET", request_metrics.path_label(path), 304, perf_counter() - began)
    return True


def response_bytes(etag: str) -> bytes:
    """Return the whole answer to a page that is as it was, for a server without WSGI."""
    return _head(int(time())) + f"ETag: {etag}\r\n\r\n".encode()


@lru_cache(maxsize=1)
def _head(now: int) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in (("Date", http_date(now)), *HEADERS))
    return f"HTTP/1.1 {STATUS}\r\n{lines}".encode()
