"""From the ledger over the feed to the dashboard, compared with counting in one process."""

import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from operator import itemgetter
from typing import Any

import orjson

from benchmarks.measurement import Result, RunSize
from benchmarks.stack import ROOT, Stack, stack

WORDS = ("currency", "room_type", "channel", "segment")


def update_dashboard(*, with_money: bool = False) -> Callable[[RunSize], Result]:
    def measure(size: RunSize) -> Result:
        values, ours, limits = [], [], []
        with stack("sqlite") as system:
            money = ["money"] if with_money else []
            system.run("-m", "benchmarks.fill_databases", str(size.events), *money)
            system.web()
            for _ in range(size.rounds):
                limits.append(_one_process_seconds(system, with_money))
                ours.append(_update_seconds(system))
                values.append(limits[-1] / ours[-1])
        return Result(
            f"ledger → feed over HTTP → dashboard, {size.events:,} events"
            + " with money" * with_money,
            "one process: cursor, orjson, dict", "≥ 0.3" if with_money else "≥ 0.5", values,
            detail={"ours_s": ours, "limit_s": limits},
        )  # fmt: skip

    return measure


def _one_process_seconds(system: Stack, with_money: bool) -> float:
    """Read, serialize, parse and count all events in this process; return the seconds it takes."""
    from common.currencies import format_thousandths
    from data_provider.ledger import rest_timestamp, rest_uuid

    began = time.perf_counter()
    counts: dict[tuple[int, str, str], list[int]] = {}
    room_nights: defaultdict[tuple[int, str, str], list[dict[str, Any]]] = defaultdict(list)
    columns = "id, hotel_id, timestamp, rpg_status, room_reservation_id, night_of_stay"
    if with_money:
        columns += ", rate, currency, room_type, channel, segment"
    with sqlite3.connect(system.folder / "data_provider.sqlite3") as connection:
        cursor = connection.execute(f"SELECT {columns} FROM data_provider_event ORDER BY id")
        while page := cursor.fetchmany(10_000):
            serialized = [
                {"id": n, "hotel_id": hotel, "event_timestamp": rest_timestamp(timestamp),
                 "status": status, "room_reservation_id": rest_uuid(reservation),
                 "night_of_stay": night}
                for n, hotel, timestamp, status, reservation, night, *_ in page
            ]  # fmt: skip
            if with_money:
                for event, row in zip(serialized, page, strict=True):
                    event |= zip(WORDS, row[-len(WORDS) :], strict=True)
                    event["rate"] = format_thousandths(row[6], row[7])
            for event in orjson.loads(orjson.dumps(serialized)):
                column = 0 if event["status"] == 1 else 1
                hotel, night = event["hotel_id"], event["night_of_stay"]
                day = event["event_timestamp"][:10]
                for key in ((hotel, "booked", day), (hotel, "stay", night), (hotel, day, night)):
                    counts.setdefault(key, [0, 0])[column] += 1
                if with_money:
                    room_nights[hotel, event["room_reservation_id"], night].append(event)
    _sum_money(room_nights)
    return time.perf_counter() - began


def _sum_money(room_nights: dict[tuple[int, str, str], list[dict[str, Any]]]) -> None:
    """Add up what the events of each room-night bring and take, on both bases and by night."""
    sums: defaultdict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
    for (hotel, _, night), events in room_nights.items():
        sold: dict[str, Any] | None = None
        for event in sorted(events, key=itemgetter("event_timestamp")):
            day = event["event_timestamp"][:10]
            before, sold = sold, event if event["status"] == 1 else None
            for sale, sign in ((before, -1), (sold, 1)):
                if sale is None:
                    continue
                words = tuple(map(sale.get, WORDS))
                revenue = sign * int(sale["rate"].replace(".", ""))
                for key in (
                    (hotel, "booked", day, words),
                    (hotel, "stay", night, words),
                    (hotel, night, day, words[0]),
                ):
                    total = sums[key]
                    total[0] += sign
                    total[1] += revenue


def _update_seconds(system: Stack) -> float:
    """Empty the dashboard; return the seconds of a worker's update with all events."""
    code = (
        "import gc, time; from dashboard_service.counting.feed_updater import update; "
        "from dashboard_service.models import *\n"
        "from dashboard_service.data_provider_client import Provider\n"
        "for m in (DashboardData, PickupData, HourlyData, HotelFigures, FeedPosition,\n"
        "    RoomNightHotel, ReservationState, PerformanceData, PaceData):\n"
        "    m.objects.all().delete()\n"
        "gc.collect(); gc.freeze()\n"  # as a worker's process does when it starts
        "began = time.perf_counter(); update(Provider()); print(time.perf_counter() - began)"
    )
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", code]
    completed = subprocess.run(
        command, cwd=ROOT, env=system.environment, capture_output=True, text=True, check=True
    )
    return float(completed.stdout)
