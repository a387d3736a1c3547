"""From a CSV file to the ledger: speed compared with a raw insert, and memory."""

import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg

from benchmarks import generated_events
from benchmarks.measurement import WORKER_STARTS_SECONDS, Result, RunSize
from benchmarks.stack import ROOT, Stack, stack
from data_provider.event_validation import FIRST_OPTIONAL, EventRow, plain_values

RECORDED_AT = "2026-01-01 00:00:00"


def load_csv(database: str, *, with_money: bool = False) -> Callable[[RunSize], Result]:
    def measure(size: RunSize) -> Result:
        values, ours, limits = [], [], []
        for _ in range(min(size.rounds, 3)):
            limits.append(_raw_insert_seconds(database, size.loaded, with_money))
            ours.append(_load_seconds(database, size.loaded, with_money))
            values.append(limits[-1] / ours[-1])
        limit = "executemany" if database == "sqlite" else "COPY, INSERT … SELECT"
        money = " with money" if with_money else ""
        return Result(
            f"CSV → stream → ledger, {size.loaded:,} events{money}, {database}", limit, "≥ 0.6", values,
            detail={"ours_s": ours, "limit_s": limits,
                    "events_per_second": size.loaded / statistics.median(ours)},
        )  # fmt: skip

    return measure


def memory(size: RunSize) -> Iterator[Result]:
    """Measure the largest resident size of loader and worker."""
    with stack("sqlite") as system:
        file = system.folder / "events.csv"
        events = size.events * (10 if size.events >= 1_000_000 else 1)
        generated_events.write_csv(file, events)
        system.valkey()
        worker = system.worker("-c", "2", "-n", "events@%h")
        time.sleep(WORKER_STARTS_SECONDS)
        loader = _start_loader(system, file)
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


def _load_seconds(database: str, events: int, with_money: bool) -> float:
    with stack(database) as system:
        file = system.folder / "events.csv"
        generated_events.write_csv(file, events, with_money=with_money)
        system.valkey()
        system.worker("-c", "2", "-n", "events@%h")
        time.sleep(WORKER_STARTS_SECONDS)
        began = time.perf_counter()
        loader = _start_loader(system, file)
        while _count_recorded(system) < events:
            time.sleep(0.05)
        seconds = time.perf_counter() - began
        loader.wait()
        return seconds


def _start_loader(system: Stack, file: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "manage.py", "trigger_load_events", str(file)]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=system.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _count_recorded(system: Stack) -> int:
    """Return how many events the ledger holds, cheaply: SQLite's ids have no gaps here."""
    if system.database == "sqlite":
        with sqlite3.connect(system.folder / "data_provider.sqlite3", timeout=60) as connection:
            return int(
                connection.execute("SELECT max(id) FROM data_provider_event").fetchone()[0] or 0
            )
    with psycopg.connect(_postgres_url(system), autocommit=True) as connection:
        row = connection.execute("SELECT count(*) FROM data_provider_event").fetchone()
        return int(row[0]) if row else 0


def _postgres_url(system: Stack) -> str:
    url = system.environment["DATABASE_URL_DATA_PROVIDER"]
    return url.replace("postgres://", "postgresql://")


def _raw_insert_seconds(database: str, events: int, with_money: bool) -> float:
    generated = generated_events.rows(events, with_money=with_money)
    columns = EventRow._fields if with_money else EventRow._fields[:FIRST_OPTIONAL]
    rows = [tuple(row) if with_money else plain_values(row) for row in generated]
    with stack(database) as system:
        if database == "sqlite":
            return _executemany_seconds(system, rows, columns)
        return _copy_seconds(system, rows, columns)


def _executemany_seconds(
    system: Stack, rows: list[tuple[Any, ...]], columns: tuple[str, ...]
) -> float:
    connection = sqlite3.connect(system.folder / "data_provider.sqlite3")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA cache_size=-65536")
    began = time.perf_counter()
    with connection:
        connection.executemany(
            f"INSERT INTO data_provider_event ({', '.join(columns)}, recorded_at) "
            f"VALUES ({'?,' * len(columns)}?)",
            ((*row, RECORDED_AT) for row in rows),
        )
    seconds = time.perf_counter() - began
    connection.close()
    return seconds


def _copy_seconds(system: Stack, rows: list[tuple[Any, ...]], names: tuple[str, ...]) -> float:
    columns = ", ".join([*names, "recorded_at"])
    with psycopg.connect(_postgres_url(system)) as connection:
        began = time.perf_counter()
        connection.execute(
            f"CREATE TEMPORARY TABLE new AS SELECT {columns} FROM data_provider_event LIMIT 0"
        )
        with connection.cursor().copy(f"COPY new ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row((*row, RECORDED_AT))
        connection.execute(
            f"INSERT INTO data_provider_event ({columns}) SELECT {columns} FROM new "
            "ON CONFLICT DO NOTHING"
        )
        connection.commit()
        return time.perf_counter() - began
