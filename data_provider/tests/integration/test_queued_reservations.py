"""Reservations in the Redis stream reach the ledger as events do."""

import time

import pytest

from data_provider.event_queue.dead_letters import list_dead_letters
from data_provider.event_queue.queue_recorder import QueueRun
from data_provider.event_queue.queue_stream import STREAM, EventQueue
from data_provider.models import Event
from data_provider.reservations.snapshot import parse_reservation
from data_provider.tests.integration.test_reservations_rest import RESERVATION

pytestmark = pytest.mark.django_db(databases=["data_provider"])


def run(queue: EventQueue) -> int:
    worker = QueueRun(queue)
    worker.record_until(time.monotonic() + 30)
    return worker.created


def test_they_are_recorded_once_and_counted_for_their_load(queue: EventQueue) -> None:
    snapshots = [parse_reservation(RESERVATION)]
    queue.push_reservations(snapshots, "load")
    assert queue.status().events == 2
    assert run(queue) == 2
    queue.push_reservations(snapshots, "load")
    assert run(queue) == 0
    assert (Event.objects.count(), queue.length()) == (2, 0)
    assert queue.load_report("load") == {
        "bookings": 2, "cancellations": 0, "changes": 0, "claimed": 0,
        "reservations_changed": 1, "reservations_outdated": 0, "reservations_unchanged": 1,
    }  # fmt: skip


def test_an_unreadable_batch_is_a_dead_letter(queue: EventQueue) -> None:
    fields = {"reservations": b'[{"hotel_id": 0}]', "events": 1, "load": ""}
    queue.client.xadd(STREAM, fields)
    assert run(queue) == 0
    [letter] = list_dead_letters(queue)
    assert "hotel_id" in letter.summary
