"""`python -m benchmarks.write_ahead_log [EVENTS]`: SQLite's write-ahead log beside a load.

A ledger of its own in a temporary folder takes the events in the worker's batches, as fast as it
can, while processes read it without a pause: feed pages, pages of a hotel and the feed's status. So
at each moment somebody has a snapshot open. The output is JSON: the largest write-ahead log and the
one after the load, events per second, and how long the reads took. docs/performance.md has figures.
"""

import json
import multiprocessing
import os
import sys
import tempfile
import time
from itertools import islice
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

BATCH_EVENTS = 20_000
READERS = 3
PAGE_EVENTS = 5_000
HOTELS = 20


def main(events: int) -> dict[str, Any]:
    """Run the measurement; the environment names the ledger's database."""
    from django.core.management import call_command

    call_command("migrate", database="data_provider", verbosity=0)
    spawn = multiprocessing.get_context("spawn")
    stop = spawn.Event()
    results: Any = spawn.Queue()
    readers = [
        spawn.Process(target=_read, args=(stop, results, number)) for number in range(READERS)
    ]
    for reader in readers:
        reader.start()
    loaded = _load(events)
    stop.set()
    seconds = sorted(each for _ in readers for each in results.get())
    for reader in readers:
        reader.join()
    loaded["reads"] = len(seconds)
    for percent in (50, 99):
        loaded[f"read ms, {percent} %"] = round(seconds[len(seconds) * percent // 100] * 1000, 1)
    loaded["read ms, longest"] = round(seconds[-1] * 1000, 1)
    return loaded


def _load(events: int) -> dict[str, Any]:
    from django.conf import settings

    from benchmarks.generated_events import rows
    from data_provider import ledger

    database = Path(settings.DATABASES["data_provider"]["NAME"])
    log = Path(f"{database}-wal")
    largest = 0
    longest = 0.0
    generated = rows(events)
    working = 0.0
    while batch := list(islice(generated, BATCH_EVENTS)):
        start = time.perf_counter()
        ledger.record(batch)
        took = time.perf_counter() - start
        longest = max(longest, took)
        working += took
        largest = max(largest, log.stat().st_size)
    return {
        "events": events,
        "events a second": round(events / working),
        "longest batch s": round(longest, 2),
        "database MB": round(database.stat().st_size / 1e6),
        "largest log MB": round(largest / 1e6),
        "log MB after the load": round(log.stat().st_size / 1e6),
    }


def _read(stop: Event, results: Any, number: int) -> None:
    """Read until told to stop; put the seconds of each read into the queue."""
    import django

    django.setup()
    from django.db import close_old_connections

    from data_provider import ledger
    from data_provider.ledger.query_conditions import Condition

    seconds = []
    position = turn = 0
    while not stop.is_set():
        turn += 1
        start = time.perf_counter()
        if turn % 3 == 0:
            page = ledger.read_feed(position, PAGE_EVENTS)
            position = page.position if page.has_more else 0
        elif turn % 3 == 1:
            ledger.read_events(
                [Condition("hotel_id", "=", (turn + number) % HOTELS + 1)], PAGE_EVENTS
            )
        else:
            ledger.feed_status(position)
        seconds.append(time.perf_counter() - start)
        close_old_connections()
    results.put(seconds)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="rpg-log-") as folder:
        os.environ["DATA_DIR"] = folder
        import logging

        import django

        django.setup()
        logging.disable(logging.WARNING)  # about nudges, because no Redis runs
        print(json.dumps(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000), indent=1))
