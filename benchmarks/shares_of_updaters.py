"""`python -m benchmarks.shares_of_updaters [EVENTS]`: events a second that N updaters count.

On a real PostgreSQL, over HTTP, with events with money; each updater is a process of its own, as a
worker's is. Also shows how PostgreSQL reads a page of a share that is far behind.
"""

import os
import subprocess
import sys
import time

from benchmarks.stack import ROOT, Stack, stack

SHARES = (1, 2, 4)

EMPTY = """
from dashboard_service.models import *
for m in (DashboardData, PickupData, HourlyData, HotelFigures, FeedPosition, RoomNightHotel,
    ReservationState, PerformanceData, PaceData):
    m.objects.all().delete()
for share in range({shares}):
    FeedPosition.of_share(share, {shares}).save()
"""
COUNT = """
import gc, sys, time
from dashboard_service.counting.feed_updater import update_share
from dashboard_service.data_provider_client import Provider
gc.collect(); gc.freeze()
print("ready", flush=True)
sys.stdin.readline()
print(update_share(Provider(), {share}, {shares}), time.process_time())
"""
EXPLAIN = """
from django.db import connections
from data_provider.ledger.event_query import SQL_READ
with connections["data_provider"].cursor() as cursor:
    cursor.execute("ANALYZE data_provider_event")
    cursor.execute("EXPLAIN (ANALYZE, BUFFERS) " + SQL_READ + " WHERE id > 0 AND id <= 200000 "
        "AND hotel_id %% 64 = %s ORDER BY id LIMIT 10001", [{share}])
    print(*(row[0] for row in cursor.fetchall()), sep="\\n")
"""


def main(events: int) -> None:
    with stack("postgres") as system:
        system.run("-m", "benchmarks.fill_databases", str(events), "money")
        system.web()
        for share in (1, 63):  # hotels 1 to 20: one of them is of share 1, none of share 63
            print(_shell(system, EXPLAIN.format(share=share)))
        for shares in SHARES:
            _shell(system, EMPTY.format(shares=shares))
            seconds = _count(system, shares)
            print(f"{shares} updaters: {events / seconds:,.0f} events a second ({seconds:.1f} s)")


def _count(system: Stack, shares: int) -> float:
    """Let an updater follow each share; return the seconds until the last one is done."""
    processes = [
        subprocess.Popen(
            _command(COUNT.format(share=share, shares=shares)), cwd=ROOT, env=system.environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        for share in range(shares)
    ]  # fmt: skip
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    began = time.perf_counter()
    answers = [process.communicate("\n")[0].split() for process in processes]
    seconds = time.perf_counter() - began
    for share, (counted, cpu_seconds) in enumerate(answers):
        print(f"  share {share}: {int(counted):,} events, {float(cpu_seconds):.1f} s of processor")
    return seconds


def _shell(system: Stack, code: str) -> str:
    done = subprocess.run(
        _command(code), cwd=ROOT, env=system.environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def _command(code: str) -> list[str]:
    return [sys.executable, "manage.py", "shell", "-v0", "-c", code]


if __name__ == "__main__":
    print(f"{os.cpu_count()} cores")
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400_000)
