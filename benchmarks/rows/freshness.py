"""Seconds from a POST until the dashboard shows it: without other load, and with 500 events/s."""

import json
import statistics
import threading
import time
from collections.abc import Iterator

import orjson

from benchmarks.generated_events import json_event
from benchmarks.http_client import Connection, get, post
from benchmarks.measurement import WORKER_STARTS_SECONDS, Result, RunSize
from benchmarks.stack import stack

POSTS = 40
HOTEL_ID = 999  # has no other events
LOAD_BATCH_EVENTS, LOAD_PAUSE_SECONDS = 50, 0.1  # 500 events a second
MAX_LOAD_SECONDS = 60


def freshness(size: RunSize) -> Iterator[Result]:
    with stack("sqlite") as system:
        system.valkey()
        system.run("-m", "benchmarks.fill_databases", "50000")
        port = system.web()
        system.worker("-Q", "dashboard_queue", "-c", "1", "-n", "dashboard@%h")
        time.sleep(WORKER_STARTS_SECONDS)
        idle = _delays(port)
        is_done = threading.Event()
        thread = threading.Thread(target=_post_continuously, args=(port, is_done))
        thread.start()
        busy = _delays(port)
        is_done.set()
        thread.join()
    yield Result("POST to visible, median", "-", "≤ 0.4 s", [statistics.median(idle)], unit="s")
    yield Result("POST to visible, 99 %", "-", "≤ 1.5 s", [_percentile_99(idle)], unit="s")
    yield Result(
        "POST to visible beside 500 events/s, 99 %", "-", "≤ 3 s", [_percentile_99(busy)], unit="s"
    )


def _post_continuously(port: int, is_done: threading.Event) -> None:
    connection = Connection(port)
    end = time.monotonic() + MAX_LOAD_SECONDS
    while time.monotonic() < end and not is_done.is_set():
        began = time.monotonic()
        batch = [json_event(n) for n in range(LOAD_BATCH_EVENTS)]
        connection.send(post("/events/", orjson.dumps(batch)))
        time.sleep(max(0, LOAD_PAUSE_SECONDS - (time.monotonic() - began)))


def _percentile_99(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))]


def _delays(port: int) -> list[float]:
    """Post events one after the other; return the seconds until each is on the dashboard."""
    connection = Connection(port)
    request = get(f"/dashboard/?hotel_id={HOTEL_ID}&period=day&year=2026")

    def gross() -> int:
        return sum(row["gross_booking_count"] for row in json.loads(connection.send(request)[1]))

    delays = []
    for _ in range(POSTS):
        before = gross()
        event = {**json_event(0), "hotel_id": HOTEL_ID}
        began = time.perf_counter()
        connection.send(post("/events/", orjson.dumps(event)))
        while gross() == before:
            time.sleep(0.01)
        delays.append(time.perf_counter() - began)
    return delays
