"""The time of each request on a large ledger, compared with a small one."""

import statistics
import time
from collections.abc import Iterator

import orjson

from benchmarks.generated_events import json_event
from benchmarks.http_client import Connection, get, post
from benchmarks.measurement import Result, RunSize
from benchmarks.stack import stack

ROUNDS = 40
WARM_UP_ROUNDS = 5  # not counted
REQUESTS = {
    "GET /dashboard/": get("/dashboard/?hotel_id=1&period=day&year=2024"),
    "GET /dashboard/hotels/": get("/dashboard/hotels/"),
    "GET /dashboard/pickup/": get("/dashboard/pickup/?hotel_id=1"),
    "GET /events/ of a hotel": get("/events/?hotel_id=1&page_size=1000"),
    "GET /events/feed/": get("/events/feed/?after=1000&limit=1000"),
    "GET /": get("/?hotel_id=1"),
    "POST /events/": b"",  # made anew for each round
}


def growth(size: RunSize) -> Iterator[Result]:
    small, large = size.growth
    seconds = {events: _request_seconds(events) for events in (small, large)}
    for name in REQUESTS:
        before, after = (
            statistics.median(seconds[events][name][WARM_UP_ROUNDS:]) for events in (small, large)
        )
        yield Result(f"{name} at {large:,} events", f"the same at {small:,}", "≤ 1.3",
                     [after / before],
                     detail={"ms": [before * 1000, after * 1000]})  # fmt: skip


def _request_seconds(events: int) -> dict[str, list[float]]:
    """Return the seconds of each request, ROUNDS times, on a ledger of `events` events."""
    seconds: dict[str, list[float]] = {name: [] for name in REQUESTS}
    with stack("sqlite") as system:
        system.run("-m", "benchmarks.fill_databases", str(events))
        connection = Connection(system.web())
        for number in range(ROUNDS):
            for name, request in REQUESTS.items():
                began = time.perf_counter()
                status, _ = connection.send(
                    request or post("/events/", orjson.dumps(json_event(number)))
                )
                seconds[name].append(time.perf_counter() - began)
                assert status in (200, 201), name
    return seconds
