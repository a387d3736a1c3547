"""Rates of GET requests, compared with a bare Django view and with plain REST framework."""

from collections.abc import Callable, Iterator

import requests

from benchmarks.http_client import Connection, get
from benchmarks.measurement import PLAIN, Result, RunSize, compare_rates, request_rate
from benchmarks.stack import stack

DAYS = "/dashboard/?hotel_id=1&period=day&year=2024"
EVENTS = "/events/?hotel_id=1&page_size=1000"


def reads(size: RunSize) -> Iterator[Result]:
    def rate(port: int, path: str, *expected: int, **headers: str) -> Callable[[], float]:
        request = get(path, **headers)
        return lambda: request_rate(port, lambda: request, size.seconds, set(expected))

    with stack("sqlite") as system:
        system.run("-m", "benchmarks.fill_databases", str(min(size.events, 200_000)))
        web = system.web()
        status, body = Connection(web).send(get(DAYS))
        assert status == 200, body
        bare = system.bare(body)

        values, detail = compare_rates(size, rate(web, DAYS, 200), rate(bare, "/same", 200))
        yield Result("GET /dashboard/, 366 days", "bare view, the same bytes", "≥ 0.6", values,
                     detail=detail)  # fmt: skip
        not_modified = rate(web, DAYS, 304, If_None_Match=_etag(web, DAYS))
        values, detail = compare_rates(size, not_modified, rate(bare, "/same", 200))
        yield Result("GET /dashboard/, not modified", "the same bare view", "≥ 0.8", values,
                     detail=detail)  # fmt: skip
        values, detail = compare_rates(size, rate(web, EVENTS, 200), rate(bare, "/page", 200))
        yield Result("GET /events/, a page of 1,000", "bare view, the same SQL", "≥ 0.6", values,
                     detail=detail)  # fmt: skip
        plain = system.plain()
        values, detail = compare_rates(
            size, rate(web, EVENTS, 200), rate(plain, "/plain/?hotel_id=1&page=2", 200)
        )
        yield Result("GET /events/, a page of 1,000", PLAIN, "≥ 1", values, unit="times",
                     detail=detail)  # fmt: skip


def _etag(port: int, path: str) -> str:
    return str(requests.get(f"http://127.0.0.1:{port}{path}", timeout=10).headers["ETag"])
