"""A Redis that answers with an error (out of memory, read-only): its words, once, in one line."""

import io
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from celery.beat import ScheduleEntry
from django.core.management import CommandError, call_command
from django.test import Client

from data_provider import tasks
from data_provider.event_queue.queue_stream import STREAM, EventQueue
from data_provider.event_validation import EventRow
from roompricegenie import beat_scheduler
from roompricegenie.beat_scheduler import InMemoryScheduler
from roompricegenie.celery import app

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["data_provider", "default", "dashboard_service", "pricing_service"]
    ),
]

ROW = EventRow(7, "2024-03-01 10:00:00", "0" * 31 + "1", "2024-05-01", 1, None)


@pytest.fixture
def full_redis(queue: EventQueue) -> Iterator[EventQueue]:
    """A Redis without memory left, with a batch in its queue."""
    queue.push([ROW])
    queue.client.config_set("maxmemory", 1)
    yield queue
    queue.client.config_set("maxmemory", 0)


def test_a_worker_says_once_what_redis_answered_and_that_it_is_over(
    full_redis: EventQueue, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tasks, "_queue", full_redis)
    for _ in range(5):
        assert tasks.record_queued_events() == 0
    full_redis.client.config_set("maxmemory", 0)
    assert tasks.record_queued_events() == 1
    # A nudge's thread may log at any time that it finds no Redis.
    lines = [
        record.message
        for record in caplog.records
        if record.levelno >= logging.WARNING and record.name != "roompricegenie.task_nudges"
    ]
    first, last = lines
    assert first.startswith("Redis answers: ")
    assert "maxmemory" in first
    assert last.startswith("over after")


def test_beat_logs_one_line_and_goes_on(
    full_redis: EventQueue, valkey_socket: Any, caplog: pytest.LogCaptureFixture
) -> None:
    scheduler = InMemoryScheduler(app, lazy=True)
    entry = ScheduleEntry(name="record", task=tasks.record_queued_events.name, schedule=5, app=app)
    with app.connection_for_write(f"redis+socket://{valkey_socket}") as connection:
        producer = app.amqp.Producer(connection, auto_declare=False)
        for _ in range(5):
            scheduler.apply_entry(entry, producer)
        full_redis.client.config_set("maxmemory", 0)
        scheduler.apply_entry(entry, producer)
    assert full_redis.client.llen("celery") == 1
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(lines) == 2, lines
    assert "cannot be sent: Redis answers: " in lines[0]
    assert "Traceback" not in caplog.text
    beat_scheduler._outage.is_over()


def test_readyz_says_that_redis_answers(queue: EventQueue, client: Client) -> None:
    queue.client.acl_setuser("default", enabled=True, nopass=True, commands=["-ping"])
    try:
        problems = client.get("/readyz").json()["problems"]
    finally:
        queue.client.acl_setuser("default", enabled=True, nopass=True, commands=["+ping"])
    assert problems["redis"].startswith("Redis answers")


def test_dead_letters_says_what_redis_answered(full_redis: EventQueue) -> None:
    full_redis.client.config_set("maxmemory", 0)
    full_redis.client.xadd("events:dead", {"rows": "[]", "reason": "x", "failed_at": "y"})
    full_redis.client.config_set("maxmemory", 1)
    with pytest.raises(CommandError, match="Redis answers: "):
        call_command("dead_letters", "--resend", "all", stdout=io.StringIO())
    assert full_redis.client.xlen(STREAM) == 1


@pytest.mark.parametrize(
    ("policy", "maxmemory", "is_named"),
    [
        ("allkeys-lru", "100mb", True),
        ("volatile-ttl", "100mb", True),
        ("noeviction", "100mb", False),
        ("allkeys-lru", "0", False),
    ],
)
def test_pipeline_status_names_a_redis_that_may_evict_the_queue(
    queue: EventQueue, capsys: pytest.CaptureFixture[str], policy: str, maxmemory: str,
    is_named: bool,
) -> None:  # fmt: skip
    queue.client.config_set("maxmemory-policy", policy)
    queue.client.config_set("maxmemory", maxmemory)
    out = io.StringIO()
    try:
        with pytest.raises(SystemExit):  # the dashboard is not there
            call_command("pipeline_status", stdout=out)
    finally:
        queue.client.config_set("maxmemory", 0)
        queue.client.config_set("maxmemory-policy", "noeviction")
    assert (f"maxmemory-policy is {policy}" in out.getvalue()) is is_named
