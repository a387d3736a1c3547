"""Wait until loaded events are in the ledger and on the dashboard; read how many were new.

The waits have no time limit: while workers, Redis, the ledger's database or the dashboard are down
they report it and go on, so that a load continues when the part is back.
"""

import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

import redis
from django.db import Error, connections

from common.redis_errors import describe_redis_error
from data_provider import ledger
from data_provider.csv_loading.csv_loader import LoadResult
from data_provider.csv_loading.csv_reader import EventFile, UnusableFile
from data_provider.csv_loading.local_times import ZoneUnknown
from data_provider.event_queue.queue_sender import START_WORKER
from data_provider.event_queue.queue_stream import EventQueue
from data_provider.event_validation import EventRow
from roompricegenie import dashboard_client

POLL_SECONDS = 0.2
LOOKUP_EVENTS = 10_000  # held in memory while a file's events are looked up


class LedgerOutcome(NamedTuple):
    """What the workers did with the events of one load."""

    created: int
    duplicates: int
    dead: int  # moved to the dead letters
    missing: int | None  # neither recorded nor dead: Redis lost them; None if that is unknown
    # A batch of a worker that stopped was recorded by another one. Events that the first one had
    # recorded then count as duplicates.
    has_claimed_batches: bool
    # How many of the file's events are in the ledger, if that had to be looked up because Redis
    # lost the load's report or a part of it. Then nobody knows which of them were new.
    found: int | None = None
    conflicts: int = 0  # duplicates that name another rate, currency or word than the ledger


def wait_until_recorded(queue: EventQueue, last: bytes, show_text: Callable[[str], None]) -> None:
    """Wait until the workers acknowledged all entries of the queue up to and including one.

    Args:
        last: id of an entry of the stream.
        show_text: called with the current state about five times a second.
    """
    while True:
        try:
            if queue.has_left(last):
                return
            show_text(f"{queue.length():,} batches wait for the ledger")
            if not queue.readers():
                show_text(f"no worker reads the queue; start a worker: {START_WORKER}")
        except redis.RedisError as error:
            show_text(describe_redis_error(error))
        time.sleep(POLL_SECONDS)


def wait_until_on_dashboard(show_text: Callable[[str], None]) -> None:
    """Wait until the dashboard has counted every event that is in the ledger now.

    Args:
        show_text: called with the current state about five times a second.
    """
    position: int | None = None
    while True:
        try:
            if position is None:
                position = ledger.newest_position()
            status = dashboard_client.fetch_status()
            if int(status["position"]) >= position:
                return
            show_text(f"the dashboard is at {status['position']:,} of {position:,}")
        except dashboard_client.DashboardUnavailable as error:
            show_text(str(error))
        except Error as error:
            show_text(describe_database_error(error))
            connections.close_all()  # the next query connects anew
        time.sleep(POLL_SECONDS)


def ledger_outcome(queue: EventQueue, result: LoadResult) -> LedgerOutcome:
    """Return what the ledger did with a load that was waited for.

    Redis may evict or lose the report of a load whose events were recorded. When the report does
    not account for every event, the file is read again and its events are looked up in the ledger.

    Raises: redis.RedisError, django.db.Error.
    """
    report = queue.load_report(result.load)
    created, duplicates = report.get("created", 0), report.get("duplicates", 0)
    dead = report.get("dead", 0)
    is_claimed = bool(report.get("claimed", 0))
    missing = max(0, result.queued - created - duplicates - dead)
    if not missing:
        conflicts = report.get("conflicts", 0)
        return LedgerOutcome(created, duplicates, dead, 0, is_claimed, conflicts=conflicts)
    found = _count_in_ledger(result)
    lost = None if found is None else max(0, result.queued - found - dead)
    return LedgerOutcome(created, duplicates, dead, lost, is_claimed, found)


def _count_in_ledger(result: LoadResult) -> int | None:
    """Return how many of the file's events are in the ledger; None if it cannot be read again."""
    path = Path(result.name)
    if not path.is_file():  # standard input, a pipe
        return None
    found = 0
    batch: list[EventRow] = []
    try:
        file = EventFile.open(path, result.zone_of_hotel)
    except UnusableFile:
        return None
    # What was queued lies before the damage, or before the hotel of an unknown zone.
    with closing(file), suppress(UnusableFile, ZoneUnknown):
        for record in file.records():
            if isinstance(record, EventRow):
                batch.append(record)
            if len(batch) == LOOKUP_EVENTS:
                found += ledger.count_recorded(batch)
                batch = []
    return found + ledger.count_recorded(batch)


def describe_database_error(error: Error) -> str:
    """Return one line about an error of the ledger's database."""
    return f"the ledger's database does not answer: {' '.join(str(error).split())}"
