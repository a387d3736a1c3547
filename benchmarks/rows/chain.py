"""A chain of hotels with two years each, at three sizes: what grows with the hotels, and what not.

On PostgreSQL, with the processes of production: one web server, two event workers' processes, a
feed of four shares counted by four processes. The hotels of each size join those that are there
already: first their histories, then three months of their events mixed; both are recorded and
counted at once. Requests about a hotel must take as long with all hotels as with the first ones.
"""

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, LiteralString

import orjson
import psutil
import psycopg

from benchmarks.chain_events import Chain
from benchmarks.check_hotels import check_dashboard
from benchmarks.generated_events import json_event
from benchmarks.http_client import Connection, get, post
from benchmarks.measurement import WORKER_STARTS_SECONDS, Result, RunSize
from benchmarks.stack import BIN, Stack, stack

SHARES = 4
ROUNDS = 60
WARM_UP_ROUNDS = 5  # not counted
REQUESTS = {
    "GET /dashboard/": "/dashboard/?hotel_id={hotel}&period=day&year=2024",
    "GET /dashboard/pickup/": "/dashboard/pickup/?hotel_id={hotel}",
    "GET /events/ of a hotel": "/events/?hotel_id={hotel}&page_size=1000",
    "GET /events/feed/ near its end": "/events/feed/?after={position}&limit=1000",
    "GET /dashboard/status/": "/dashboard/status/",
    "a hotel's page": "/?hotel_id={hotel}",
    "POST /events/": "",
}


@dataclass(frozen=True)
class Load:
    """One file, from its first line until the last event was counted."""

    events: int
    seconds: float
    processor_seconds: dict[str, float]  # by kind of process

    @property
    def events_per_second(self) -> float:
        return self.events / self.seconds


@dataclass(frozen=True)
class Measured:
    """What was measured at one size."""

    hotels: int
    events: int
    histories: Load  # of the hotels that are new at this size
    traffic: Load  # of the same hotels
    request_seconds: dict[str, float]  # median of each request
    memory_mb: dict[str, int]  # of the largest process of each kind
    bytes_per_event: dict[str, float]  # of tables and indexes
    updates: dict[str, dict[str, int]]  # of tables of figures: all, those in place, dead rows
    check: dict[str, Any]


def chain(size: RunSize) -> Iterator[Result]:
    with stack("postgres") as system:
        measured = list(_measure(system, size))
    first, *_, last = measured
    of_all = f"{last.hotels:,} hotels, {last.events / 1e6:,.1f} million events"
    of_first = f"the same with {first.hotels:,} hotels"
    for kind in ("histories", "traffic"):
        loads: list[Load] = [getattr(one, kind) for one in measured]
        yield Result(
            f"chain: {kind} → ledger and figures, {of_all}", of_first, "≥ 0.8",
            [loads[-1].events_per_second / loads[0].events_per_second],
            detail={"loads": [asdict(load) for load in loads]},
        )  # fmt: skip
    for name, seconds in last.request_seconds.items():
        ratio = seconds / first.request_seconds[name]
        yield Result(
            f"chain: {name}, {of_all}", of_first, "≤ 1.3", [ratio],
            detail={"ms": [one.request_seconds[name] * 1000 for one in measured]},
        )  # fmt: skip
    yield Result(
        f"chain: memory of check_dashboard, {of_all}", "-", "≤ 200 MB",
        [last.check["peak MB"]], unit="MB",
        detail={"checks": [one.check for one in measured],
                "memory MB": [one.memory_mb for one in measured],
                "bytes per event": [one.bytes_per_event for one in measured],
                "updates": [one.updates for one in measured]},
    )  # fmt: skip


def _measure(system: Stack, size: RunSize) -> Iterator[Measured]:
    source = Chain(size.chain_rooms)
    port = system.web()
    system.valkey()
    processes = {
        "event workers": system.worker("-Q", "celery", "-c", "2", "-n", "events@%h"),
        "updaters": system.worker("-Q", "dashboard_queue", "-c", f"{SHARES}", "-n", "figures@%h"),
    }
    system.start(str(BIN / "celery"), "-A", "roompricegenie", "--quiet", "beat", "-l", "warning")
    time.sleep(WORKER_STARTS_SECONDS)  # a worker does not say when it begins to listen
    system.run("manage.py", "set_feed_shares", str(SHARES))
    have = events = 0
    for hotels in size.chain:
        new = range(have + 1, hotels + 1)
        histories = _load(system, processes, source.write_histories, new)
        traffic = _load(system, processes, source.write_traffic, new)
        have, events = hotels, events + histories.events + traffic.events
        measured = Measured(
            hotels=hotels,
            events=events,
            histories=histories,
            traffic=traffic,
            request_seconds=_request_seconds(port, hotels),
            memory_mb={name: _largest_mb(process.pid) for name, process in processes.items()},
            bytes_per_event=_bytes_per_event(system, events),
            updates=_updates(system),
            check=check_dashboard(system),
        )
        # A size takes up to an hour: what it measured is seen before the next one ends.
        print(orjson.dumps(measured).decode(), file=sys.stderr, flush=True)
        yield measured


def _load(
    system: Stack,
    processes: dict[str, "subprocess.Popen[bytes]"],
    write: Callable[[Path, Sequence[int]], int],
    hotels: Sequence[int],
) -> Load:
    """Load what `write` writes of these hotels, and wait until all of its events are counted."""
    file = system.folder / "chain.csv"
    events = write(file, hotels)
    before = {name: _processor_seconds(process.pid) for name, process in processes.items()}
    began = time.perf_counter()
    system.run("manage.py", "trigger_load_events", str(file), "--wait")
    seconds = time.perf_counter() - began
    file.unlink()
    used = {
        name: _processor_seconds(process.pid) - before[name] for name, process in processes.items()
    }
    return Load(events, seconds, used)


def _processor_seconds(pid: int) -> float:
    """Return the processor seconds of a process and its children."""
    process = psutil.Process(pid)
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def _largest_mb(pid: int) -> int:
    """Return the resident memory of the largest of a process and its children."""
    process = psutil.Process(pid)
    every = (process, *process.children(recursive=True))
    return max(one.memory_info().rss for one in every) // 1_000_000


def _bytes_per_event(system: Stack, events: int) -> dict[str, float]:
    found = {}
    for database in ("data_provider", "dashboard_service"):
        [(size,)] = _ask(system, database, "SELECT pg_database_size(current_database())")
        found[database] = round(size / events, 1)
    return found


def _updates(system: Stack) -> dict[str, dict[str, int]]:
    rows = _ask(
        system,
        "dashboard_service",
        "SELECT relname, n_tup_upd, n_tup_hot_upd, n_dead_tup FROM pg_stat_user_tables "
        "WHERE n_tup_upd > 0 ORDER BY n_tup_upd DESC",
    )
    return {name: {"all": every, "in place": hot, "dead": dead} for name, every, hot, dead in rows}


def _ask(system: Stack, database: str, query: LiteralString) -> list[Any]:
    url = system.environment[f"DATABASE_URL_{database.upper()}"]
    with psycopg.connect(url.replace("postgres://", "postgresql://")) as connection:
        return connection.execute(query).fetchall()


def _request_seconds(port: int, hotels: int) -> dict[str, float]:
    """Return the median seconds of each request, for hotels drawn at random."""
    rng = random.Random(hotels)
    seconds: dict[str, list[float]] = {name: [] for name in REQUESTS}
    connection = Connection(port)
    _, body = connection.send(get("/dashboard/status/"))
    position = orjson.loads(body)["position"] - 1_000
    for number in range(ROUNDS):
        hotel = rng.randint(1, hotels)
        for name, path in REQUESTS.items():
            if path:
                request = get(path.format(hotel=hotel, position=position))
            else:
                request = post("/events/", orjson.dumps(json_event(number) | {"hotel_id": hotel}))
            began = time.perf_counter()
            status, _ = connection.send(request)
            seconds[name].append(time.perf_counter() - began)
            assert status in (200, 201), name
    connection.close()
    return {name: statistics.median(one[WARM_UP_ROUNDS:]) for name, one in seconds.items()}
