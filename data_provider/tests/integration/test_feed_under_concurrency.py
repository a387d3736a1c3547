"""The feed gives every event exactly once while many writers commit at the same time.

PostgreSQL takes ids before a commit makes them visible, so a reader of `id > after` skips events
that commit late. The same load shows both: that reader loses events, the feed does not.
"""

import random
import threading
import time
from collections.abc import Callable

import pytest
from django.db import connections, transaction

from data_provider import ledger
from data_provider.event_validation import EventRow
from data_provider.ledger import recording

pytestmark = [
    pytest.mark.django_db(databases=["data_provider"], transaction=True),
    pytest.mark.skipif(
        connections["data_provider"].vendor != "postgresql",
        reason="PostgreSQL only (`python -m tests.postgres`): SQLite has one writer at a time",
    ),
]

WRITERS = 16
TRANSACTIONS = 12
LONGEST_DELAY_SECONDS = 0.1


def _row(writer: int, number: int) -> EventRow:
    return EventRow(
        writer + 1, "2024-03-01 10:00:00", f"{writer * 10_000 + number:032x}", "2024-05-01", 1, None
    )


def _write_slowly(writer: int) -> None:
    """Insert as `ledger.record` does, with a pause between the insert and its commit."""
    rng = random.Random(writer)
    try:
        for number in range(TRANSACTIONS):
            rows = [_row(writer, number * 3 + part) for part in range(rng.randint(1, 3))]
            with transaction.atomic(using="data_provider", durable=True):
                recording.append(rows)
                time.sleep(rng.uniform(0, LONGEST_DELAY_SECONDS))
    finally:
        connections["data_provider"].close()


def _follow(page: Callable[[int], list[int]], seen: list[int], done: threading.Event) -> None:
    """Read page after page with the function `page` until the writers are done."""
    position = 0
    try:
        while True:
            last_round = done.is_set()
            while ids := page(position):
                seen += ids
                position = ids[-1]
            if last_round:
                return
            time.sleep(0.002)
    finally:
        connections["data_provider"].close()


def _feed_ids(after: int) -> list[int]:
    return [event["id"] for event in ledger.read_feed(after, 50).events]


def _naive_ids(after: int) -> list[int]:
    with connections["data_provider"].cursor() as cursor:
        cursor.execute(
            "SELECT id FROM data_provider_event WHERE id > %s ORDER BY id LIMIT 50", [after]
        )
        return [row[0] for row in cursor.fetchall()]


def test_sixteen_writers_and_a_reader() -> None:
    done = threading.Event()
    by_feed: list[int] = []
    by_id: list[int] = []
    readers = [
        threading.Thread(target=_follow, args=(page, seen, done))
        for page, seen in ((_feed_ids, by_feed), (_naive_ids, by_id))
    ]
    writers = [threading.Thread(target=_write_slowly, args=(number,)) for number in range(WRITERS)]
    for thread in (*readers, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()

    with connections["data_provider"].cursor() as cursor:
        cursor.execute("SELECT id FROM data_provider_event ORDER BY id")
        committed = [row[0] for row in cursor.fetchall()]
    assert len(committed) >= WRITERS * TRANSACTIONS
    assert by_feed == committed
    assert len(by_id) < len(committed), "this load does not show why the guard is needed"


def _hold_open(started: threading.Event, release: threading.Event, prepare: str) -> None:
    """Write like a writer that stops between its insert and its commit."""
    connection = connections["data_provider"]
    try:
        with transaction.atomic(using="data_provider"):
            with connection.cursor() as cursor:
                cursor.execute(prepare)
            recording.append([_row(0, 0)])
            started.set()
            release.wait(10)
    except Exception:  # the server ended the transaction, which is what the test is about
        connection.close()
    finally:
        connection.close()


def test_writers_do_not_wait_for_an_open_writer_and_readers_see_older_events() -> None:
    ledger.record([_row(1, 1)])
    started, release = threading.Event(), threading.Event()
    holder = threading.Thread(target=_hold_open, args=(started, release, "SELECT 1"))
    holder.start()
    try:
        assert started.wait(10)
        assert ledger.record([_row(2, 2)]).created == 1  # at once
        assert len(_feed_ids(0)) == 1  # the older event; the newer may not overtake the open one
    finally:
        release.set()
        holder.join()
    assert len(_feed_ids(0)) == 3


def test_a_writer_that_stopped_is_ended_by_the_server() -> None:
    with connections["data_provider"].cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        assert cursor.fetchone()[0] == "30s"
    started, release = threading.Event(), threading.Event()
    prepare = "SET idle_in_transaction_session_timeout = '300ms'"
    holder = threading.Thread(target=_hold_open, args=(started, release, prepare))
    holder.start()
    try:
        assert started.wait(10)
        ledger.record([_row(2, 2)])
        give_up = time.monotonic() + 5
        while not _feed_ids(0):
            assert time.monotonic() < give_up, "the feed still waits for the stopped writer"
            time.sleep(0.05)
    finally:
        release.set()
        holder.join()


def test_an_idle_transaction_of_a_reader_holds_nobody_back() -> None:
    ledger.record([_row(1, 1)])
    started, release = threading.Event(), threading.Event()

    def read_and_sit() -> None:
        try:
            with (
                transaction.atomic(using="data_provider"),
                connections["data_provider"].cursor() as cursor,
            ):
                cursor.execute("SELECT count(*) FROM data_provider_event")
                started.set()
                release.wait(10)
        finally:
            connections["data_provider"].close()

    sitter = threading.Thread(target=read_and_sit)
    sitter.start()
    try:
        assert started.wait(10)
        ledger.record([_row(2, 2)])
        assert len(_feed_ids(0)) == 2
    finally:
        release.set()
        sitter.join()
