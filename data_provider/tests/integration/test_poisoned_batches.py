"""A batch that no worker can record goes to the dead letters after five deliveries, and only then.

Deliveries count when the worker died with the batch, or failed on it with an error that is not
recognized. Failures of the database do not count, however many there are.
"""

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError

from data_provider import ledger, tasks
from data_provider.event_queue import queue_stream
from data_provider.event_queue.dead_letters import list_dead_letters
from data_provider.event_queue.queue_stream import GROUP, STREAM, EventQueue
from data_provider.event_validation import EventRow
from data_provider.models import Event

pytestmark = pytest.mark.django_db(databases=["data_provider"], transaction=True)

ROOT = Path(__file__).resolve().parents[3]
POISONED_HOTEL = 13


def row(hotel: int, number: int = 1) -> EventRow:
    return EventRow(hotel, "2024-03-01 10:00:00", f"{number:032x}", "2024-05-01", 1, None)


@pytest.fixture(autouse=True)
def _dead_workers_batches_are_claimed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_stream, "CLAIM_AFTER_MS", 0)


def work(queue: EventQueue, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(tasks, "_queue", queue)
    return int(tasks.record_queued_events())


def reasons(queue: EventQueue) -> list[str]:
    return [letter.fields[b"reason"].decode() for letter in list_dead_letters(queue)]


def fail_for_the_poisoned_hotel(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    original = ledger.record

    def record(rows: Any) -> Any:
        if any(row.hotel_id == POISONED_HOTEL for row in rows):
            raise error
        return original(rows)

    monkeypatch.setattr(ledger, "record", record)


def test_a_batch_that_kills_five_workers_goes_to_the_dead_letters(
    queue: EventQueue, valkey_socket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.push([row(POISONED_HOTEL)])
    code = (
        "import django, os, signal; django.setup()\n"
        "from data_provider import ledger, tasks\n"
        "from data_provider.event_queue import queue_stream\n"
        "queue_stream.CLAIM_AFTER_MS = 0\n"
        "ledger.record = lambda rows: os.kill(os.getpid(), signal.SIGKILL)\n"
        "ledger.check_writable = lambda: None\n"
        "tasks.record_queued_events()"
    )
    environment = {
        **os.environ,
        "CELERY_BROKER_URL": f"redis+socket://{valkey_socket}",
        "DATA_DIR": str(tmp_path),
        "DJANGO_DEBUG": "true",
        "DJANGO_SETTINGS_MODULE": "roompricegenie.settings",
    }
    for _ in range(5):
        assert reasons(queue) == []
        worker = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, check=False, timeout=60,
            capture_output=True, text=True,
        )  # fmt: skip
        assert worker.returncode == -9, worker.stderr
    queue.push([row(7)])
    assert work(queue, monkeypatch) == 1
    [reason] = reasons(queue)
    assert reason.startswith("delivered five times and never recorded: each worker ended")
    status = queue.status()
    assert (status.batches, status.events, status.in_flight) == (0, 0, 0)


def test_an_unrecognized_error_counts_as_a_delivery_and_is_the_reason(
    queue: EventQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_for_the_poisoned_hotel(monkeypatch, MemoryError("too large"))
    queue.push([row(POISONED_HOTEL)])
    queue.push([row(7)])
    assert work(queue, monkeypatch) == 1, "new work is not held up"
    for _ in range(3):
        assert work(queue, monkeypatch) == 0
    assert reasons(queue) == []
    work(queue, monkeypatch)
    assert reasons(queue) == ["delivered five times and never recorded: MemoryError: too large"]


def test_a_database_outage_counts_no_delivery(
    queue: EventQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as outage:
        fail_for_the_poisoned_hotel(outage, OperationalError("the server is away"))
        queue.push([row(POISONED_HOTEL)])
        for _ in range(30):
            assert work(queue, monkeypatch) == 0
            assert work(EventQueue(queue.client), monkeypatch) == 0  # another worker claims it
    [entry] = queue.client.xpending_range(STREAM, GROUP, "-", "+", 10)
    assert entry["times_delivered"] <= 1
    assert (reasons(queue), queue.length()) == ([], 1)
    assert work(queue, monkeypatch) == 1


def test_nothing_is_delivered_again_while_the_database_takes_no_writes(
    queue: EventQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that hangs on the database is killed at its time limit: no fault of the batch."""
    queue.push([row(7)])
    EventQueue(queue.client).take(1)

    def refuse() -> None:
        raise OperationalError("the database is locked")

    with monkeypatch.context() as outage:
        outage.setattr(ledger, "check_writable", refuse)
        for _ in range(9):
            assert work(queue, monkeypatch) == 0
    assert work(queue, monkeypatch) == 1
    assert reasons(queue) == []


def test_the_ledger_says_whether_it_takes_writes() -> None:
    ledger.check_writable()
    assert Event.objects.count() == 0


def test_a_batch_that_died_beside_a_poisoned_one_is_recorded(
    queue: EventQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.push([row(POISONED_HOTEL)])
    queue.push([row(7)])
    assert len(EventQueue(queue.client).take(2)) == 2
    for _ in range(4):  # workers that die with what they take
        EventQueue(queue.client).take(2)
    work(queue, monkeypatch)
    work(queue, monkeypatch)
    assert {event.hotel_id for event in Event.objects.all()} >= {7}


def test_a_poisoned_batch_can_be_sent_again_with_a_fresh_count(
    queue: EventQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as fault:
        fail_for_the_poisoned_hotel(fault, MemoryError("too large"))
        queue.push([row(POISONED_HOTEL)])
        for _ in range(5):
            work(queue, monkeypatch)
        assert len(reasons(queue)) == 1
        call_command("dead_letters", "--resend", "all", stdout=io.StringIO())
        for _ in range(4):
            work(queue, monkeypatch)
        assert (reasons(queue), queue.length()) == ([], 1)
    assert work(queue, monkeypatch) == 1
