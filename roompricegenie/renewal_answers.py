"""Answers the question of open pages (`common.renewal_questions`) before Django.

Thousands of open pages ask each second. Django's middleware would ask databases and Redis for each
of them, only to say that nothing changed; here is no login, no rate limit and no query, as for
static files. A wrong token costs a signature's check.
"""

from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any, Final

from common import renewal_questions
from roompricegenie.monitoring import request_metrics

REASONS: Final = {200: "200 OK", 304: "304 Not Modified", 403: "403 Forbidden"}


class RenewalAnswers:
    """A WSGI application in front of another one."""

    def __init__(self, application: Callable[[dict[str, Any], Any], Iterable[bytes]]) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] not in renewal_questions.PATHS or environ["REQUEST_METHOD"] != "GET":
            return self._application(environ, start_response)
        status = answer(environ["QUERY_STRING"], environ.get("HTTP_IF_NONE_MATCH", ""))
        headers = [("Cache-Control", "no-store")]
        if status != 304:
            headers.append(("Content-Length", "0"))
        start_response(REASONS[status], headers)
        return ()


def answer(query: str, version: str) -> int:
    """Return the status of a question's answer, and count it. Arguments as of the question's."""
    began = perf_counter()
    status = renewal_questions.answer(query, version)
    request_metrics.count("GET", renewal_questions.PATHS[0], status, perf_counter() - began)
    return status
