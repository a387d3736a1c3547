"""`python -m tests.postgres python -m benchmarks.database_size [HOTELS]`: bytes in PostgreSQL.

Simulated hotels of 20 rooms with two years of nights are recorded in the ledger in the worker's
batches, and counted by the dashboard from the feed, page by page; some are priced for a year. Then
follow the daily check, and events that each belong to another hotel, as from very many hotels at
once. Times are processor time of this process and of its PostgreSQL connections, so that other load
on the machine matters little. The output is JSON; docs/scaling.md
calculates with these figures. 73 hotels have a million events.
"""

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import psutil

from common.value_limits import MAX_HOTEL_ID
from simulator.simulated_event import SimulatedEvent

if TYPE_CHECKING:
    from dashboard_service.data_provider_client import Provider

CHECK = "check"

ROOMS = 20
FIRST_NIGHT, LAST_NIGHT = date(2024, 1, 1), date(2025, 12, 31)
DAYS = (LAST_NIGHT - FIRST_NIGHT).days + 1
PRICED_HOTELS = 5  # enough: every hotel takes as much as the others
EVENTS_OF_OTHER_HOTELS = 100_000
DATABASES = ("data_provider", "dashboard_service", "pricing_service")
SQL_SIZES = """
    SELECT relname, pg_table_size(c.oid), pg_indexes_size(c.oid), pg_total_relation_size(c.oid)
    FROM pg_class c WHERE relkind = 'r' AND relname ~ '^(data_provider|dashboard|pricing)_'"""
SQL_INDEXES = """
    SELECT indexrelname, pg_relation_size(indexrelid) FROM pg_stat_user_indexes
    WHERE relname = 'data_provider_event'"""


def main(hotels: int) -> None:
    from django.core.management import call_command

    logging.disable(logging.WARNING)  # about nudges, because no Redis runs
    call_command("migrate_all", verbosity=0)
    report: dict[str, Any] = {"hotels": hotels, "days": DAYS}
    events = _simulated(hotels)
    report["events"] = len(events)
    report["processor s to record"] = _processor_seconds(lambda: record_simulated(events))
    report["processor s to count"] = _processor_seconds(_count)
    events.clear()
    _price(min(hotels, PRICED_HOTELS))
    report |= _sizes()
    check = [sys.executable, "-m", "benchmarks.database_size", CHECK]
    report["daily check"] = json.loads(subprocess.check_output(check))
    of_other_hotels = [
        event._replace(hotel_id=1_000_000 + number)
        for number, event in enumerate(
            _simulated(EVENTS_OF_OTHER_HOTELS // 10_000)[:EVENTS_OF_OTHER_HOTELS]
        )
    ]
    report["events of as many hotels"] = len(of_other_hotels)
    report["processor s to record them"] = _processor_seconds(
        lambda: record_simulated(of_other_hotels)
    )
    report["processor s to count them"] = _processor_seconds(_count)
    print(json.dumps(report, indent=1))


def _processor_seconds(work: Callable[[], object]) -> float:
    """Return the processor seconds of a function, in this process and in PostgreSQL."""
    from django.db import connections

    def total_seconds() -> float:
        total = time.process_time()
        for name in DATABASES:
            with connections[name].cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                times = psutil.Process(cursor.fetchone()[0]).cpu_times()
                total += times.user + times.system
        return total

    before = total_seconds()
    work()
    return round(total_seconds() - before, 1)


def _sizes() -> dict[str, Any]:
    """Return rows and bytes of each table, and bytes of the ledger's indexes."""
    from django.db import connections

    sizes: dict[str, Any] = {}
    for name in DATABASES:
        with connections[name].cursor() as cursor:
            cursor.execute(SQL_SIZES)
            for table, heap, indexes, total in cursor.fetchall():
                cursor.execute(f"SELECT count(*) FROM {table}")
                rows = cursor.fetchone()[0]
                sizes[table] = {"rows": rows, "heap": heap, "indexes": indexes, "total": total}
    with connections["data_provider"].cursor() as cursor:
        cursor.execute(SQL_INDEXES)
        sizes["indexes of the ledger"] = dict(cursor.fetchall())
    return sizes


def _simulated(hotels: int) -> list[SimulatedEvent]:
    from simulator.booking_history import simulate_history
    from simulator.hotel_demand import hotel_profile

    events = [
        event
        for hotel in range(1, hotels + 1)
        for event in simulate_history(hotel_profile(hotel, ROOMS), FIRST_NIGHT, LAST_NIGHT, 1)
    ]
    events.sort(key=lambda event: event.event_timestamp)  # the hotels send at the same time
    return events


def record_simulated(events: list[SimulatedEvent], *, with_money: bool = False) -> None:
    """Record events in the ledger, in the worker's batches; with their rates and words or not."""
    from data_provider import ledger
    from data_provider.event_queue.queue_stream import BATCH_EVENTS
    from data_provider.event_validation import EventRow, parse_event
    from data_provider.rate_and_words import OPTIONAL

    for start in range(0, len(events), BATCH_EVENTS):
        rows: list[EventRow] = []
        for event in events[start : start + BATCH_EVENTS]:
            fields = event.as_json()
            if not with_money:
                fields = {name: value for name, value in fields.items() if name not in OPTIONAL}
            row, _ = parse_event({**fields, "source_id": event.id})
            assert row
            rows.append(row)
        ledger.record(rows)


def _provider() -> "Provider":
    """Return a Data Provider client that reads the ledger directly, without HTTP."""
    from dashboard_service.data_provider_client import PAGE_EVENTS, FeedPage, FeedStatus, Provider
    from data_provider import ledger

    class Direct(Provider):
        def feed(
            self,
            after: int,
            limit: int = PAGE_EVENTS,
            epoch: str = "",
            share: tuple[int, int] | None = None,
        ) -> FeedPage:
            return FeedPage(*ledger.read_feed(after, limit))

        def feed_status(
            self, position: int, epoch: str = "", share: tuple[int, int] | None = None
        ) -> FeedStatus:
            status = ledger.feed_status(position)
            return FeedStatus(0, False, None, status.epoch, status.newest_position or 0)

        def hotels(self) -> Iterator[list[int]]:
            yield ledger.hotels_after(0, MAX_HOTEL_ID)

        def events(self, hotel_id: int | None = None) -> Iterator[list[dict[str, Any]]]:
            conditions = [ledger.Condition("hotel_id", "=", hotel_id)] if hotel_id else []
            place = None
            while page := ledger.read_events(conditions, PAGE_EVENTS, after=place):
                yield page
                newest = page[-1]
                moment = datetime.fromisoformat(newest["event_timestamp"])
                place = ledger.Place(moment, newest["id"])

    return Direct()


def _count() -> None:
    from dashboard_service.counting.feed_updater import update

    update(_provider())


def check() -> None:
    """Check all figures; print their number, and the memory that this process needed for it."""
    from dashboard_service.counting import consistency_check

    before = _peak_mb()
    result = consistency_check.check(_provider())
    counts = {"counts": result.counts, "differences": result.different}
    print(json.dumps({**counts, "MB": _peak_mb() - before}))


def _peak_mb() -> int:
    """Return the peak resident memory of this process."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1000


def _price(hotels: int) -> None:
    from dashboard_service.models import HotelProfile
    from pricing_service.decisions import automatic_pricing
    from pricing_service.models import PricingRules

    for hotel in range(1, hotels + 1):
        HotelProfile.objects.create(hotel_id=hotel, rooms=ROOMS)
        PricingRules.objects.create(
            hotel_id=hotel, base_price=100, minimum_price=60, maximum_price=250
        )
        automatic_pricing.reprice(hotel)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roompricegenie.settings")
    django.setup()
    arguments = sys.argv[1:] or ["73"]
    if arguments == [CHECK]:
        check()
    else:
        main(int(arguments[0]))
