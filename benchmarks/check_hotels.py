"""`python -m benchmarks.check_hotels [HOTELS …] [--events N]`: what `check_dashboard` needs.

On PostgreSQL, with the Data Provider in a process of its own, as in production. One simulated hotel
(20 rooms) with rates and two years of nights is recorded and counted; the others are copies of its
rows in every table, made by the server. `--events` measures one hotel of about that many events
instead. The output is JSON; the memory is the largest resident set of the command's process.
"""

import argparse
import json
import logging
import os
import sys
import time
from datetime import date, timedelta
from typing import Any

import django

from benchmarks.stack import Stack, stack

FILL = "fill"
ROOMS, FIRST_NIGHT, NIGHTS = 20, date(2024, 1, 1), 731
EVENTS_OF_A_ROOM = 656  # in these two years
LEDGER, FIGURES = "data_provider", "dashboard_service"
COPIED = {
    LEDGER: ("data_provider_event",),
    FIGURES: (
        "dashboarddata", "pickupdata", "hourlydata", "reservationstate", "performancedata",
        "pacedata", "hotelfigures", "roomnighthotel",
    ),
}  # fmt: skip
SQL_COLUMNS = """
    SELECT string_agg(quote_ident(attname::text), ', ') FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
      AND attname NOT IN ('id', 'hotel_id')"""


def measure(hotels: list[int], events: int | None, rooms: int, nights: int) -> list[dict[str, Any]]:
    """Return what `check_dashboard` needs for each number of hotels, lowest first."""
    results = []
    with stack("postgres") as running:
        rooms = max(1, events // EVENTS_OF_A_ROOM) if events else rooms
        running.web()
        for number in [1] if events else sorted(hotels):
            running.run("-m", "benchmarks.check_hotels", FILL, f"{number}", f"{rooms}", f"{nights}")
            results.append({"hotels": number, **check_dashboard(running)})
            print(json.dumps(results[-1]), file=sys.stderr, flush=True)
    return results


def check_dashboard(running: Stack) -> dict[str, Any]:
    """Run `check_dashboard` in a process of its own; return what it needed and printed."""
    output = running.folder / "check"
    started = time.monotonic()
    process = os.fork()
    if not process:
        os.dup2(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
        command = [sys.executable, "manage.py", "check_dashboard"]
        os.execve(sys.executable, command, running.environment)
    _, status, usage = os.wait4(process, 0)
    return {
        "seconds": round(time.monotonic() - started, 1),
        "processor seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "peak MB": usage.ru_maxrss // 1000,
        "exit code": os.waitstatus_to_exitcode(status),
        "result": output.read_text().strip(),
    }


def fill(hotels: int, rooms: int, nights: int) -> None:
    """Have so many hotels in ledger and figures; the first one is recorded and counted."""
    from dashboard_service.models import FeedPosition, HotelFigures
    from data_provider import ledger

    logging.disable(logging.WARNING)  # about nudges, because no Redis runs
    if not FeedPosition.current().position:
        _record_and_count(rooms, FIRST_NIGHT + timedelta(days=nights - 1))
    have = HotelFigures.objects.count()
    if hotels > have:
        for database, tables in COPIED.items():
            for table in tables:
                name = table if database == LEDGER else f"dashboard_service_{table}"
                _copy(database, name, have + 1, hotels)
    FeedPosition.objects.update(
        position=ledger.newest_position(), room_night_position=ledger.newest_position()
    )


def _record_and_count(rooms: int, last_night: date) -> None:
    from benchmarks.database_size import record_simulated
    from dashboard_service.counting.feed_updater import update
    from dashboard_service.data_provider_client import Provider
    from simulator.booking_history import simulate_history
    from simulator.hotel_demand import hotel_profile

    events = simulate_history(hotel_profile(1, rooms), FIRST_NIGHT, last_night, 1)
    record_simulated(sorted(events, key=lambda event: event.event_timestamp), with_money=True)
    with Provider() as provider:
        update(provider)


def _copy(database: str, table: str, first: int, last: int) -> None:
    """Copy the rows of hotel 1 for other hotels, in one statement."""
    from django.db import connections

    with connections[database].cursor() as cursor:
        cursor.execute(SQL_COLUMNS, [table])
        [columns] = cursor.fetchone()
        cursor.execute(
            f"INSERT INTO {table} (hotel_id, {columns}) SELECT number, {columns} "
            f"FROM generate_series(%s, %s) AS number CROSS JOIN {table} WHERE hotel_id = 1",
            [first, last],
        )
        cursor.execute(f"ANALYZE {table}")


def main() -> None:
    if sys.argv[1:2] == [FILL]:
        fill(*map(int, sys.argv[2:]))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("hotels", type=int, nargs="*", default=[100, 300, 1_000])
    parser.add_argument("--rooms", type=int, default=ROOMS, help="of each hotel")
    parser.add_argument("--nights", type=int, default=NIGHTS, help="of each hotel")
    parser.add_argument("--events", type=int, help="measure one hotel of about so many events")
    options = parser.parse_args()
    print(
        json.dumps(measure(options.hotels, options.events, options.rooms, options.nights), indent=1)
    )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roompricegenie.settings")
    django.setup()
    main()
