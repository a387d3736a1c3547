"""A database that cannot write: no batch is acknowledged, and work resumes afterwards."""

import io
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.core.management import call_command
from django.db import Error, connections
from django.test import Client

from data_provider import tasks
from data_provider.event_queue.queue_stream import EventQueue
from data_provider.event_validation import EventRow
from data_provider.models import Event

pytestmark = pytest.mark.django_db(databases=["data_provider"], transaction=True)

Fault = Callable[[], Callable[[], None]]  # causes the fault; returns a function that repairs it


def _execute(*statements: str) -> None:
    with connections["data_provider"].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def read_only() -> Callable[[], None]:
    """Refuse writes, like a file without write permission or a PostgreSQL that became a standby."""
    if connections["data_provider"].vendor == "postgresql":
        on = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"
        _execute(on)
        return lambda: _execute(on.replace("ONLY", "WRITE"))
    _execute("PRAGMA query_only = ON")
    return lambda: _execute("PRAGMA query_only = OFF")


def full_disk() -> Callable[[], None]:
    if connections["data_provider"].vendor == "postgresql":
        pytest.skip("SQLite only: a test must not fill a server's disk")
    with connections["data_provider"].cursor() as cursor:
        cursor.execute("VACUUM")  # no free page is left
        cursor.execute("PRAGMA page_count")
        _execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
    return lambda: _execute("PRAGMA max_page_count = 1000000000")


def connection_cut() -> Callable[[], None]:
    if connections["data_provider"].vendor != "postgresql":
        pytest.skip("PostgreSQL only")
    connections["data_provider"].ensure_connection()
    connections["data_provider"].connection.close()  # as after the server ended it
    return connections["data_provider"].close


def not_migrated() -> Callable[[], None]:
    _execute("ALTER TABLE data_provider_event RENAME TO elsewhere")
    return lambda: _execute("ALTER TABLE elsewhere RENAME TO data_provider_event")


def rows(count: int) -> list[EventRow]:
    return [
        EventRow(7, "2024-03-01 10:00:00", uuid.uuid4().hex, "2024-05-01", 1, None)
        for _ in range(count)
    ]


@pytest.mark.parametrize("fault", [read_only, full_disk, connection_cut, not_migrated])
def test_the_worker_leaves_the_batch_in_the_queue_and_records_it_later(
    queue: EventQueue, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    monkeypatch.setattr(tasks, "_queue", queue)
    queue.push(rows(3_000))
    repair = fault()
    try:
        assert tasks.record_queued_events() == 0
        assert (queue.length(), queue.status().dead_letters) == (1, 0)
    finally:
        repair()
    assert tasks.record_queued_events() == 3_000
    assert (queue.length(), Event.objects.count()) == (0, 3_000)


@pytest.mark.parametrize("fault", [read_only, full_disk, connection_cut])
def test_a_post_is_refused_as_unavailable_and_can_be_repeated(client: Client, fault: Fault) -> None:
    client.raise_request_exception = False
    body = [
        {
            "hotel_id": 7, "event_timestamp": "2024-03-01T10:00:00Z", "status": 1,
            "room_reservation_id": str(uuid.uuid4()), "night_of_stay": "2024-05-01",
        }
        for _ in range(3_000)
    ]  # fmt: skip
    repair = fault()
    try:
        answer = client.post("/events/", body, content_type="application/json")
        assert answer.status_code == 503, answer.content
        assert answer.headers["Retry-After"]
    finally:
        repair()
    assert Event.objects.count() == 0
    answer = client.post("/events/", body, content_type="application/json")
    assert (answer.status_code, answer.json()) == (201, {"created": 3_000, "duplicates": 0})


def test_a_batch_that_the_database_refuses_for_its_content_is_buried_alone(
    queue: EventQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "_queue", queue)
    good, bad = rows(2)
    queue.push([good])
    _refuse_reservation(bad)
    queue.push([bad])
    assert tasks.record_queued_events() == 1
    assert queue.status().dead_letters == 1


def _refuse_reservation(row: EventRow) -> None:
    """Make the table refuse one reservation, as a constraint of a later version may."""
    vendor = connections["data_provider"].vendor
    if vendor == "postgresql":
        _execute(
            "ALTER TABLE data_provider_event ADD CONSTRAINT refused "
            f"CHECK (room_reservation_id <> '{row.room_reservation_id}')"
        )
    else:
        _execute(
            "CREATE TRIGGER refused BEFORE INSERT ON data_provider_event "
            f"WHEN new.room_reservation_id = '{row.room_reservation_id}' "
            "BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )


@pytest.fixture(autouse=True)
def _remove_refusal() -> Any:
    yield
    for statement in (
        "DROP TRIGGER IF EXISTS refused",
        "ALTER TABLE data_provider_event DROP CONSTRAINT IF EXISTS refused",
    ):
        with suppress(Error):
            _execute(statement)


@pytest.mark.django_db(databases=["data_provider", "pricing_service"], transaction=True)
def test_pipeline_status_reports_a_ledger_that_does_not_answer(queue: EventQueue) -> None:
    repair = not_migrated()
    out = io.StringIO()
    try:
        with pytest.raises(SystemExit):
            call_command("pipeline_status", stdout=out)
    finally:
        repair()
    assert "the ledger does not answer" in out.getvalue()
