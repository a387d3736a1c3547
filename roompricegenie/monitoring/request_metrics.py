"""Middleware that gives every request an id and counts it, whichever view or middleware answers.

The id is the client's own (`X-Request-Id`) or a new one; the response carries it. The labels of the
metrics come from a small set that no client can enlarge: path as in urls.py, method, status.
gunicorn's worker processes sum their counts through files (see gunicorn.metrics_folder); any other
server's process counts for itself. The overhead is some microseconds; the fastest response takes
300.
"""

import re
from collections.abc import Callable
from functools import cache
from time import perf_counter

from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

from common.renewal_questions import STARTED_AT
from roompricegenie.monitoring import request_ids_in_logs

HEADER = "X-Request-Id"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
FIXED_PATHS = (
    "/", "/morning/", "/morning/decide/",
    "/reservations/", "/uploads/", "/events/", "/events/feed/", "/events/feed/status/",
    "/events/hotels/",
    "/dashboard/", "/dashboard/hotels/", "/dashboard/pickup/", "/dashboard/status/",
    "/dashboard/performance/", "/dashboard/pace/",
    "/dashboard/check/", "/prices/", "/prices/night/", "/prices/decisions/", "/prices/notes/",
    "/prices/decisions/preview/", "/prices/undo/", "/prices/group-quote/", "/pricing/",
    "/pricing/group-quote/", "/dashboard/table/", "/dashboard/report/", "/dashboard/links/",
    "/dashboard/links/revoke/", "/shared/report/", "/shared/table/", "/pricing/table/",
    "/pricing/events.ics/",
    "/upload/", "/upload/begin/", "/first-steps/", "/settings/",
    "/prices/delivered/", "/prices/forecast/", "/dashboard/budgets/", "/hotels/",
    "/hotels/groups/", "/budget/", "/budget/upload/", "/inbox/", "/inbox/read/", "/alerts/",
    "/connections/", "/market/rates/", "/market/upload/", "/pricing/event-calendars/",
    "/login/", "/login/code/", "/password/", "/password/forgotten/", "/password/new/",
    "/people/", "/people/invite/", "/people/resend/", "/people/withdraw/", "/people/role/",
    "/people/remove/", "/people/audit/", "/invitation/", "/account/", "/account/sessions/",
    "/account/second-factor/", "/account/second-factor/off/", "/account/recovery-codes/",
    "/logout/", "/language/", "/help/", "/admin/", "/swagger/", "/redoc/",
    "/swagger.json/",
    "/favicon.ico/", "/healthz/", "/readyz/", "/metrics/",
)  # fmt: skip
PREFIXES = (
    "/static/", "/admin/", "/reservations/", "/invitation/", "/password/new/",
    "/upload/", "/uploads/", "/unsubscribe/", "/connections/webhook/", "/language/",
)  # fmt: skip
OTHER = "other"
# Seconds. A 304 takes a third of a millisecond, a page of the feed some tenths of a second.
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

# Single-process mode would export `_created` samples, multiprocess mode does not support them.
disable_created_metrics()  # type: ignore[no-untyped-call]  # it has no types
registry = CollectorRegistry()
_requests = Counter(
    "rpg_http_requests", "Answered requests", ["method", "path", "status"], registry=registry
)
_seconds = Histogram(
    "rpg_http_request_seconds", "Seconds until the response's first byte", ["path"],
    buckets=BUCKETS, registry=registry,
)  # fmt: skip

_path_labels = {spelling: path for path in FIXED_PATHS for spelling in (path, path[:-1] or "/")}
_match_hotel_path = re.compile(
    r"(/(?:dashboard|prices)/hotels/)[^/]+(/(?:preview|proposal|send-all|webhook-secret))?/?"
).fullmatch


def path_label(path: str) -> str:
    """Return the label for a path, from a set that does not grow with what clients request."""
    if (fixed := _path_labels.get(path)) is not None:
        return fixed
    if hotel := _match_hotel_path(path):
        return f"{hotel[1]}<hotel_id>{hotel[2] or ''}/"
    return next((prefix for prefix in PREFIXES if path.startswith(prefix)), OTHER)


@cache
def _request_counter(method: str, path: str, status: int) -> Callable[[], None]:
    return _requests.labels(method, path, str(status)).inc


@cache
def _duration_observer(path: str) -> Callable[[float], None]:
    return _seconds.labels(path).observe


def count(method: str, path: str, status: int, seconds: float) -> None:
    """Count an answered request.

    Args:
        method: one of METHODS, or OTHER.
        path: a label, see `path_label`.
    """
    _request_counter(method, path, status)()
    _duration_observer(path)(seconds)


def request_metrics_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Must be the first middleware, so that no response bypasses it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        started_at = perf_counter()
        environment = request.META
        request_id = request_ids_in_logs.choose_request_id(environment.get("HTTP_X_REQUEST_ID"))
        environment[STARTED_AT] = started_at
        environment["rpg.request_id"] = request_id  # for gunicorn's access log
        token = request_ids_in_logs.request_ids.set((request_id,))
        try:
            response = get_response(request)
        finally:
            request_ids_in_logs.request_ids.reset(token)
        response[HEADER] = request_id
        access = getattr(request, "access", None)
        environment["rpg.who"] = access.number if access is not None else ""
        method = request.method if request.method in METHODS else OTHER
        seconds = perf_counter() - started_at
        count(method, path_label(request.path_info), response.status_code, seconds)
        return response

    return middleware
