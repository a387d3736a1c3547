"""Every request gets an id and is counted, whoever answers it: a view, a refusal, a kept answer.

The id is the client's own (`X-Request-Id`) or a new one; the answer shows it. What is counted by is
of a small set that no client can widen: the path as urls.py has it, the method, the status.
gunicorn's workers add up to one count by files (see metrics_folder); any other server's process
counts for itself. All of it takes some microseconds, beside the 300 of the cheapest answer.
"""

import re
from collections.abc import Callable
from functools import cache
from time import perf_counter

from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

from roompricegenie.monitoring import log_correlation

HEADER = "X-Request-Id"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
FIXED_PATHS = (
    "/", "/events/", "/events/feed/", "/events/feed/status/",
    "/dashboard/", "/dashboard/hotels/", "/dashboard/pickup/", "/dashboard/status/",
    "/dashboard/check/", "/prices/", "/prices/night/", "/prices/decisions/", "/pricing/",
    "/login/", "/logout/", "/admin/", "/swagger/", "/redoc/", "/swagger.json/", "/favicon.ico/",
    "/healthz/", "/readyz/", "/metrics/",
)  # fmt: skip
BELOW = ("/static/", "/admin/")
OTHER = "other"
# A 304 takes a third of a millisecond, a page of the feed some tenths of a second.
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

disable_created_metrics()  # type: ignore[no-untyped-call]  # which one process tells, several not
registry = CollectorRegistry()
_requests = Counter(
    "rpg_http_requests", "Answered requests", ["method", "path", "status"], registry=registry
)
_seconds = Histogram(
    "rpg_http_request_seconds", "Until the answer's first byte", ["path"],
    buckets=BUCKETS, registry=registry,
)  # fmt: skip

_fixed = {spelling: path for path in FIXED_PATHS for spelling in (path, path[:-1] or "/")}
_of_a_hotel = re.compile(
    r"(/(?:dashboard|prices)/hotels/)[^/]+(/(?:preview|proposal))?/?"
).fullmatch


def shown_path(path: str) -> str:
    """The path as it is counted: of a set that does not grow with what is asked for."""
    if (fixed := _fixed.get(path)) is not None:
        return fixed
    if hotel := _of_a_hotel(path):
        return f"{hotel[1]}<hotel_id>{hotel[2] or ''}/"
    return next((folder for folder in BELOW if path.startswith(folder)), OTHER)


@cache
def _count(method: str, path: str, status: int) -> Callable[[], None]:
    return _requests.labels(method, path, str(status)).inc


@cache
def _measure(path: str) -> Callable[[float], None]:
    return _seconds.labels(path).observe


def watched(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """The middleware; the first of all, so that nothing is answered past it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        began = perf_counter()
        environment = request.META
        environment["rpg.request_id"] = own = log_correlation.request_id(
            environment.get("HTTP_X_REQUEST_ID")
        )
        token = log_correlation.request_ids.set((own,))
        try:
            response = get_response(request)
        finally:
            log_correlation.request_ids.reset(token)
        response[HEADER] = own
        access = getattr(request, "access", None)
        environment["rpg.who"] = access.number if access is not None else ""
        path = shown_path(request.path_info)
        method = request.method if request.method in METHODS else OTHER
        _count(method, path, response.status_code)()
        _measure(path)(perf_counter() - began)
        return response

    return middleware
