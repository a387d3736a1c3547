"""What is measured, and the limit that each figure is compared with, in the same run.

Each row gives pairs (ours, limit) of rates or of times; the ratio is taken pair by pair, so that
what else the machine does in between falls on both alike.
"""

import itertools
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import psutil
import psycopg
import requests

from benchmarks import data
from benchmarks.http_client import Connection, get, load, post
from benchmarks.stack import ROOT, Stack, end, free_port, stack, wait_for
from data_provider.event_validation import EventRow

CLIENTS = 8
PLAIN = "plain Django REST Framework"  # what a user would otherwise have
WORKER_STARTS_SECONDS = 4  # a worker says nowhere that it listens


@dataclass
class Size:
    """How much a run measures."""

    events: int
    loaded: int
    rounds: int
    seconds: float
    growth: tuple[int, int]


SIZES = {
    "small": Size(events=200_000, loaded=400_000, rounds=3, seconds=2, growth=(100_000, 1_000_000)),
    "full": Size(
        events=1_000_000, loaded=1_000_000, rounds=5, seconds=5, growth=(100_000, 10_000_000)
    ),
}


@dataclass
class Result:
    """A row of the report. `values` are ratios, or what `unit` says."""

    name: str
    limit: str
    reach: str
    values: list[float]
    unit: str = "ratio"
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def is_reached(self) -> bool:
        sign, _, bound = self.reach.partition(" ")
        number = float(bound.split()[0])
        return self.median >= number if sign == "≥" else self.median <= number


# --- loading -----------------------------------------------------------------------------------


def ingest(database: str) -> Callable[[Size], Result]:
    def measure(size: Size) -> Result:
        values, ours, limits = [], [], []
        for _ in range(min(size.rounds, 3)):
            limits.append(_raw_insert_seconds(database, size.loaded))
            ours.append(_load_seconds(database, size.loaded))
            values.append(limits[-1] / ours[-1])
        limit = "executemany" if database == "sqlite" else "COPY, INSERT … SELECT"
        return Result(
            f"CSV → stream → ledger, {size.loaded:,} events, {database}", limit, "≥ 0.6", values,
            detail={"ours_s": ours, "limit_s": limits,
                    "events_per_second": size.loaded / statistics.median(ours)},
        )  # fmt: skip

    return measure


def _load_seconds(database: str, events: int) -> float:
    with stack(database) as here:
        file = here.folder / "events.csv"
        data.write_csv(file, events)
        here.valkey()
        here.worker("-c", "2", "-n", "events@%h")
        time.sleep(WORKER_STARTS_SECONDS)
        command = [sys.executable, "manage.py", "trigger_load_events", str(file)]
        began = time.perf_counter()
        loader = subprocess.Popen(command, cwd=ROOT, env=here.environment,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        while _count(here) < events:
            time.sleep(0.05)
        seconds = time.perf_counter() - began
        loader.wait()
        return seconds


def _count(here: Stack) -> int:
    """How many events the ledger holds, asked cheaply: ids are given without gaps here."""
    if here.database == "sqlite":
        with sqlite3.connect(here.folder / "data_provider.sqlite3", timeout=60) as connection:
            return int(
                connection.execute("SELECT max(id) FROM data_provider_event").fetchone()[0] or 0
            )
    with psycopg.connect(_postgres_url(here), autocommit=True) as connection:
        found = connection.execute("SELECT count(*) FROM data_provider_event").fetchone()
        return int(found[0]) if found else 0


def _postgres_url(here: Stack) -> str:
    url = here.environment["DATABASE_URL_DATA_PROVIDER"]
    return url.replace("postgres://", "postgresql://")


def _raw_insert_seconds(database: str, events: int) -> float:
    rows = list(data.rows(events))
    stamp = "2026-01-01 00:00:00"
    with stack(database) as here:
        if database == "sqlite":
            connection = sqlite3.connect(here.folder / "data_provider.sqlite3")
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA cache_size=-65536")
            began = time.perf_counter()
            with connection:
                connection.executemany(
                    "INSERT INTO data_provider_event (hotel_id, timestamp, room_reservation_id, "
                    "night_of_stay, rpg_status, source_id, recorded_at) VALUES (?,?,?,?,?,?,?)",
                    ((*row, stamp) for row in rows),
                )
            seconds = time.perf_counter() - began
            connection.close()
            return seconds
        return _copy_seconds(here, rows, stamp)


def _copy_seconds(here: Stack, rows: list[EventRow], stamp: str) -> float:
    columns = ", ".join([*EventRow._fields, "recorded_at"])
    with psycopg.connect(_postgres_url(here)) as connection:
        began = time.perf_counter()
        make = f"CREATE TEMPORARY TABLE new AS SELECT {columns} FROM data_provider_event LIMIT 0"
        connection.execute(make)
        with connection.cursor().copy(f"COPY new ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row((*row, stamp))
        known = "ON CONFLICT DO NOTHING"
        connection.execute(
            f"INSERT INTO data_provider_event ({columns}) SELECT {columns} FROM new {known}"
        )
        connection.commit()
        return time.perf_counter() - began


# --- the feed ----------------------------------------------------------------------------------


def feed(size: Size) -> Result:
    values, ours, limits = [], [], []
    with stack("sqlite") as here:
        here.run("-m", "benchmarks.fill", str(size.events))
        here.web()
        for _ in range(size.rounds):
            limits.append(_counted_in_one_process(here))
            ours.append(_updated_seconds(here))
            values.append(limits[-1] / ours[-1])
    return Result(
        f"ledger → feed over HTTP → dashboard, {size.events:,} events",
        "one process: cursor, orjson, dict", "≥ 0.5", values,
        detail={"ours_s": ours, "limit_s": limits},
    )  # fmt: skip


def _counted_in_one_process(here: Stack) -> float:
    from data_provider.ledger import rest_timestamp, rest_uuid

    began = time.perf_counter()
    counts: dict[tuple[int, str, str], list[int]] = {}
    with sqlite3.connect(here.folder / "data_provider.sqlite3") as connection:
        cursor = connection.execute(
            "SELECT id, hotel_id, timestamp, rpg_status, room_reservation_id, night_of_stay "
            "FROM data_provider_event ORDER BY id"
        )
        while page := cursor.fetchmany(10_000):
            shown = [
                {"id": n, "hotel_id": hotel, "event_timestamp": rest_timestamp(moment),
                 "status": status, "room_reservation_id": rest_uuid(reservation),
                 "night_of_stay": night}
                for n, hotel, moment, status, reservation, night in page
            ]  # fmt: skip
            for event in orjson.loads(orjson.dumps(shown)):
                column = 0 if event["status"] == 1 else 1
                hotel, night = event["hotel_id"], event["night_of_stay"]
                day = event["event_timestamp"][:10]
                for key in ((hotel, "booked", day), (hotel, "stay", night), (hotel, day, night)):
                    counts.setdefault(key, [0, 0])[column] += 1
    return time.perf_counter() - began


def _updated_seconds(here: Stack) -> float:
    """What a worker's update takes, from the first event to the last, on an empty dashboard."""
    code = (
        "import gc, time; from dashboard_service.counting.feed_updater import update; "
        "from dashboard_service.models import *\n"
        "from dashboard_service.data_provider_client import Provider\n"
        "for m in (DashboardData, PickupData, HourlyData, HotelFigures, FeedPosition):\n"
        "    m.objects.all().delete()\n"
        "gc.collect(); gc.freeze()\n"  # as a worker's process does when it starts
        "began = time.perf_counter(); update(Provider()); print(time.perf_counter() - began)"
    )
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", code]
    done = subprocess.run(
        command, cwd=ROOT, env=here.environment, capture_output=True, text=True, check=True
    )
    return float(done.stdout)


# --- reading and posting -----------------------------------------------------------------------


def _compare(
    size: Size, ours: Callable[[], float], limit: Callable[[], float]
) -> tuple[list[float], dict[str, Any]]:
    """Rates, one after the other, and their ratios."""
    pairs = [(limit(), ours()) for _ in range(size.rounds)]
    detail = {"ours_per_s": [one for _, one in pairs], "limit_per_s": [one for one, _ in pairs]}
    return [mine / bare for bare, mine in pairs], detail


def _rate(port: int, make: Callable[[], bytes], seconds: float, right: set[int]) -> float:
    found = load(port, make, CLIENTS, seconds)
    wrong = set(found.statuses) - right
    if wrong:
        raise RuntimeError(f"answered {found.statuses}")
    return found.requests_per_second


def reads(size: Size) -> Iterator[Result]:
    days = "/dashboard/?hotel_id=1&period=day&year=2024"
    events = "/events/?hotel_id=1&page_size=1000"
    with stack("sqlite") as here:
        here.run("-m", "benchmarks.fill", str(min(size.events, 200_000)))
        web = here.web()
        connection = Connection(web)
        status, body = connection.send(get(days))
        assert status == 200, body
        bare = here.bare(body)
        tag = _etag(web, days)

        def rate(port: int, path: str, *right: int, **headers: str) -> Callable[[], float]:
            request = get(path, **headers)
            return lambda: _rate(port, lambda: request, size.seconds, set(right))

        values, detail = _compare(size, rate(web, days, 200), rate(bare, "/same", 200))
        yield Result(
            "GET /dashboard/, 366 days", "bare view, the same bytes", "≥ 0.6", values, detail=detail
        )
        again = rate(web, days, 304, If_None_Match=tag)
        values, detail = _compare(size, again, rate(bare, "/same", 200))
        yield Result(
            "GET /dashboard/, not modified", "the same bare view", "≥ 0.8", values, detail=detail
        )
        values, detail = _compare(size, rate(web, events, 200), rate(bare, "/page", 200))
        yield Result(
            "GET /events/, a page of 1,000",
            "bare view, the same SQL",
            "≥ 0.6",
            values,
            detail=detail,
        )
        plain = here.web("benchmarks.plain_wsgi:application")
        values, detail = _compare(
            size, rate(web, events, 200), rate(plain, "/plain/?hotel_id=1&page=2", 200)
        )
        yield Result(
            "GET /events/, a page of 1,000", PLAIN, "≥ 1", values, unit="times", detail=detail
        )


def _etag(port: int, path: str) -> str:
    return str(requests.get(f"http://127.0.0.1:{port}{path}", timeout=10).headers["ETag"])


def posts(database: str) -> Callable[[Size], Iterator[Result]]:
    def measure(size: Size) -> Iterator[Result]:
        with stack(database) as here:
            here.valkey()
            web, bare = here.web(), here.bare()
            numbers = itertools.count()

            def one(path: str) -> Callable[[], bytes]:
                return lambda: post(path, orjson.dumps(_event(next(numbers))))

            def many(path: str) -> Callable[[], bytes]:
                return lambda: post(
                    path, orjson.dumps([_event(next(numbers)) for _ in range(1000)])
                )

            def rate(port: int, make: Callable[[], bytes]) -> Callable[[], float]:
                return lambda: _rate(port, make, size.seconds, {201})

            values, detail = _compare(size, rate(web, one("/events/")), rate(bare, one("/insert")))
            yield Result(f"POST /events/, one event, {CLIENTS} clients, {database}",
                         "bare view, one INSERT", "≥ 0.5", values, detail=detail)  # fmt: skip
            values, detail = _compare(
                size, rate(web, many("/events/")), rate(bare, many("/insert"))
            )
            yield Result(f"POST /events/, 1,000 events, {database}", "raw multi-row INSERT",
                         "≥ 0.5", values, detail=detail)  # fmt: skip
            plain = here.web("benchmarks.plain_wsgi:application")
            one_by_one = rate(plain, one("/plain/"))
            values, detail = _compare(size, rate(web, one("/events/")), one_by_one)
            yield Result(f"POST /events/, one event, {CLIENTS} clients, {database}", PLAIN, "≥ 1",
                         values, unit="times", detail=detail)  # fmt: skip
            values, detail = _compare(
                size, lambda: 1000 * rate(web, many("/events/"))(), one_by_one
            )
            yield Result(f"POST /events/, 1,000 at once, events/s, {database}",
                         f"{PLAIN}, one by one", "≥ 1", values, unit="times",
                         detail=detail)  # fmt: skip

    return measure


def _event(number: int) -> dict[str, Any]:
    return {
        "hotel_id": number % data.HOTELS + 1,
        "event_timestamp": "2026-01-01T10:00:00Z",
        "status": 1,
        "room_reservation_id": str(uuid.uuid4()),
        "night_of_stay": "2026-03-01",
    }


def growth(size: Size) -> Iterator[Result]:
    """The time of each request on a large ledger, as a multiple of that on a small one."""
    calls = {
        "GET /dashboard/": get("/dashboard/?hotel_id=1&period=day&year=2024"),
        "GET /dashboard/hotels/": get("/dashboard/hotels/"),
        "GET /dashboard/pickup/": get("/dashboard/pickup/?hotel_id=1"),
        "GET /events/ of a hotel": get("/events/?hotel_id=1&page_size=1000"),
        "GET /events/feed/": get("/events/feed/?after=1000&limit=1000"),
        "GET /": get("/?hotel_id=1"),
        "POST /events/": b"",
    }
    took: dict[int, dict[str, list[float]]] = {}
    for events in size.growth:
        with stack("sqlite") as here:
            here.run("-m", "benchmarks.fill", str(events))
            connection = Connection(here.web())
            took[events] = {name: [] for name in calls}
            for turn in range(40):
                for name, request in calls.items():
                    began = time.perf_counter()
                    status, _ = connection.send(
                        request or post("/events/", orjson.dumps(_event(turn)))
                    )
                    took[events][name].append(time.perf_counter() - began)
                    assert status in (200, 201), name
    small, large = size.growth
    for name in calls:
        before, after = (statistics.median(took[events][name][5:]) for events in (small, large))
        yield Result(f"{name} at {large:,} events", f"the same at {small:,}", "≤ 1.3",
                     [after / before],
                     detail={"ms": [before * 1000, after * 1000]})  # fmt: skip


def memory(size: Size) -> Iterator[Result]:
    """The largest resident size of loader and worker."""
    with stack("sqlite") as here:
        file = here.folder / "events.csv"
        events = size.events * (10 if size.events >= 1_000_000 else 1)
        data.write_csv(file, events)
        here.valkey()
        worker = here.worker("-c", "2", "-n", "events@%h")
        time.sleep(WORKER_STARTS_SECONDS)
        command = [sys.executable, "manage.py", "trigger_load_events", str(file)]
        loader = subprocess.Popen(command, cwd=ROOT, env=here.environment,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        peaks = {"loader": 0, "worker": 0}
        while loader.poll() is None:
            try:
                peaks["loader"] = max(peaks["loader"], psutil.Process(loader.pid).memory_info().rss)
                for child in psutil.Process(worker.pid).children():
                    peaks["worker"] = max(peaks["worker"], child.memory_info().rss)
            except psutil.NoSuchProcess:
                pass
            time.sleep(0.1)
    for name, bound in (("loader", 300), ("worker", 250)):
        yield Result(f"memory of the {name}, {events:,} rows", "-", f"≤ {bound} MB",
                     [peaks[name] / 1e6], unit="MB")  # fmt: skip


def freshness(size: Size) -> Iterator[Result]:
    """From the POST to the figure, with nothing beside it and with 500 events a second."""
    with stack("sqlite") as here:
        here.valkey()
        here.run("-m", "benchmarks.fill", "50000")
        port = here.web()
        here.worker("-Q", "dashboard_queue", "-c", "1", "-n", "dashboard@%h")
        time.sleep(WORKER_STARTS_SECONDS)
        quiet = _waits(port, 40)
        stop = time.monotonic() + 60
        busy: list[float] = []

        def traffic() -> None:
            connection = Connection(port)
            while time.monotonic() < stop and not busy:
                began = time.monotonic()
                batch = [_event(n) for n in range(50)]
                connection.send(post("/events/", orjson.dumps(batch)))
                time.sleep(max(0, 0.1 - (time.monotonic() - began)))

        thread = threading.Thread(target=traffic)
        thread.start()
        found = _waits(port, 40)
        busy.extend(found)
        thread.join()
    yield Result("POST to visible, median", "-", "≤ 0.4 s", [statistics.median(quiet)], unit="s")
    yield Result("POST to visible, 99 %", "-", "≤ 1.5 s", [_high(quiet)], unit="s")
    yield Result(
        "POST to visible beside 500 events/s, 99 %", "-", "≤ 3 s", [_high(found)], unit="s"
    )


def _high(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))]


def _waits(port: int, count: int) -> list[float]:
    connection = Connection(port)
    request = get("/dashboard/?hotel_id=999&period=day&year=2026")

    def gross() -> int:
        return sum(row["gross_booking_count"] for row in json.loads(connection.send(request)[1]))

    found = []
    for _ in range(count):
        before = gross()
        event = {**_event(0), "hotel_id": 999}
        began = time.perf_counter()
        connection.send(post("/events/", orjson.dumps(event)))
        while gross() == before:
            time.sleep(0.01)
        found.append(time.perf_counter() - began)
    return found


def prices(size: Size) -> Iterator[Result]:
    """A year of nights of one hotel, then of two hundred, one after the other in one process."""
    hotels = 200 if size.rounds > 3 else 20
    with stack("sqlite") as here:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.price", str(hotels)], cwd=ROOT, check=True,
            env={"DJANGO_SETTINGS_MODULE": "roompricegenie.settings", **here.environment},
            capture_output=True, text=True,
        )  # fmt: skip
    seconds = json.loads(done.stdout)
    yield Result("a year of a hotel priced for the first time", "-", "≤ 1 s", seconds["first"],
                 unit="s")  # fmt: skip
    yield Result("the same when a night changed", "-", "≤ 1 s", seconds["again"], unit="s")
    yield Result("200 hotels priced for the first time", "-", "≤ 120 s",
                 [sum(seconds["first"]) / hotels * 200], unit="s")  # fmt: skip


def cold_start(size: Size) -> Result:
    """From the command to the first time that everything is ready, sample and all to come."""
    found = []
    for _ in range(size.rounds):
        with TemporaryDirectory(prefix="rpg-bench-") as folder:
            port = free_port()
            environment = {**os.environ, "DATA_DIR": folder, "PORT": str(port)}
            began = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, "-m", "roompricegenie.local_stack"], cwd=ROOT, env=environment,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            try:
                wait_for(f"http://127.0.0.1:{port}/readyz")
                found.append(time.perf_counter() - began)
            finally:
                end(process)
    return Result("cold start: `make run` to /readyz", "-", "≤ 8 s", found, unit="s")


ROWS: dict[str, Callable[[Size], Result | Iterator[Result]]] = {
    "ingest-sqlite": ingest("sqlite"),
    "ingest-postgres": ingest("postgres"),
    "feed": feed,
    "reads": reads,
    "posts-postgres": posts("postgres"),
    "posts-sqlite": posts("sqlite"),
    "growth": growth,
    "memory": memory,
    "freshness": freshness,
    "prices": prices,
    "cold-start": cold_start,
}
