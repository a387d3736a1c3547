"""Answers the question of open pages (`common.renewal_questions`) before Django.

Thousands of open pages ask each second. Django's middleware would ask databases and Redis for each
of them, only to say that nothing changed; here is no login, no rate limit and no query, as for
static files. A wrong token costs a signature's check.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from time import perf_counter, time
from typing import Any, Final

from django.utils.http import http_date

from common import renewal_questions
from roompricegenie.monitoring import request_metrics

HEADERS: Final = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]
LENGTH: Final = [("Content-Length", "0")]
REASONS: Final = {200: "200 OK", 304: "304 Not Modified", 403: "403 Forbidden"}


class RenewalAnswers:
    """A WSGI application in front of another one. gunicorn's own worker needs it for TLS only."""

    def __init__(self, application: Callable[[dict[str, Any], Any], Iterable[bytes]]) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] != renewal_questions.PATH or environ["REQUEST_METHOD"] != "GET":
            return self._application(environ, start_response)
        status = answer(environ["QUERY_STRING"], environ.get("HTTP_IF_NONE_MATCH", ""))
        start_response(REASONS[status], [*HEADERS, *LENGTH] if status != 304 else HEADERS)
        return ()


def response_bytes(query: str, version: str) -> bytes:
    """Return the whole answer to a question, for a server that has no use for WSGI.

    Arguments as of `answer`.
    """
    return _response(answer(query, version), int(time()))


@lru_cache(maxsize=8)
def _response(status: int, now: int) -> bytes:
    headers = [("Date", http_date(now)), *HEADERS, *(LENGTH if status != 304 else [])]
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {REASONS[status]}\r\n{lines}\r\n".encode()


def answer(query: str, version: str) -> int:
    """Return the status of a question's answer, and count it. Arguments as of the question's."""
    began = perf_counter()
    status = renewal_questions.answer(query, version)
    request_metrics.count("GET", renewal_questions.PATH, status, perf_counter() - began)
    return status
