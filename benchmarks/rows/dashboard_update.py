"""From the ledger over the feed to the dashboard, compared with counting in one process."""

import sqlite3
import subprocess
import sys
import time

import orjson

from benchmarks.measurement import Result, RunSize
from benchmarks.stack import ROOT, Stack, stack


def update_dashboard(size: RunSize) -> Result:
    values, ours, limits = [], [], []
    with stack("sqlite") as system:
        system.run("-m", "benchmarks.fill_databases", str(size.events))
        system.web()
        for _ in range(size.rounds):
            limits.append(_one_process_seconds(system))
            ours.append(_update_seconds(system))
            values.append(limits[-1] / ours[-1])
    return Result(
        f"ledger → feed over HTTP → dashboard, {size.events:,} events",
        "one process: cursor, orjson, dict", "≥ 0.5", values,
        detail={"ours_s": ours, "limit_s": limits},
    )  # fmt: skip


def _one_process_seconds(system: Stack) -> float:
    """Read, serialize, parse and count all events in this process; return the seconds it takes."""
    from data_provider.ledger import rest_timestamp, rest_uuid

    began = time.perf_counter()
    counts: dict[tuple[int, str, str], list[int]] = {}
    with sqlite3.connect(system.folder / "data_provider.sqlite3") as connection:
        cursor = connection.execute(
            "SELECT id, hotel_id, timestamp, rpg_status, room_reservation_id, night_of_stay "
            "FROM data_provider_event ORDER BY id"
        )
        while page := cursor.fetchmany(10_000):
            serialized = [
                {"id": n, "hotel_id": hotel, "event_timestamp": rest_timestamp(timestamp),
                 "status": status, "room_reservation_id": rest_uuid(reservation),
                 "night_of_stay": night}
                for n, hotel, timestamp, status, reservation, night in page
            ]  # fmt: skip
            for event in orjson.loads(orjson.dumps(serialized)):
                column = 0 if event["status"] == 1 else 1
                hotel, night = event["hotel_id"], event["night_of_stay"]
                day = event["event_timestamp"][:10]
                for key in ((hotel, "booked", day), (hotel, "stay", night), (hotel, day, night)):
                    counts.setdefault(key, [0, 0])[column] += 1
    return time.perf_counter() - began


def _update_seconds(system: Stack) -> float:
    """Empty the dashboard; return the seconds of a worker's update with all events."""
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
    completed = subprocess.run(
        command, cwd=ROOT, env=system.environment, capture_output=True, text=True, check=True
    )
    return float(completed.stdout)
