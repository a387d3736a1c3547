"""The primary Redis dies while files are loaded; Sentinels make a replica the new one."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from celery import Celery

from common.redis_client import redis_client
from data_provider.event_queue import queue_sender, queue_stream
from data_provider.event_queue.queue_stream import EventQueue, NotReplicated
from data_provider.event_validation import EventRow
from roompricegenie.celery import RECORD_QUEUED_EVENTS
from tests.migrated_databases import copy_migrated_databases
from tests.redis_sentinels import NAME, Servers, redis_with_sentinels
from tests.waiting import until

ROOT = Path(__file__).resolve().parents[3]
pytestmark = [pytest.mark.long, pytest.mark.thorough]


@pytest.fixture
def servers(settings: Any) -> Iterator[Servers]:
    with redis_with_sentinels() as running:
        settings.CELERY_BROKER_URL = running.url
        settings.REDIS_SENTINEL_MASTER = NAME
        yield running


@pytest.fixture
def ledger_file(servers: Servers, tmp_path: Path) -> Iterator[Path]:
    """The ledger of a worker that runs."""
    copy_migrated_databases(tmp_path)
    without_databases = {
        name: value for name, value in os.environ.items() if not name.startswith("DATABASE_URL")
    }
    environment = {
        **without_databases, "CELERY_BROKER_URL": servers.url, "REDIS_SENTINEL_MASTER": NAME,
        "DATA_DIR": str(tmp_path), "DJANGO_DEBUG": "true",
    }  # fmt: skip
    celery = [sys.executable, "-m", "celery", "-A", "roompricegenie", "worker"]
    with (tmp_path / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [*celery, "-P", "solo", "-l", "info", "-n", "failover@%h"],
            cwd=ROOT, env=environment, stdout=log, stderr=log,
        )  # fmt: skip
    yield tmp_path / "data_provider.sqlite3"
    worker.terminate()
    worker.wait(60)


def send_task(url: str) -> None:
    """Send the task that beat sends every five seconds."""
    with Celery(broker=url, broker_transport_options={"master_name": NAME}) as app:
        app.send_task(RECORD_QUEUED_EVENTS, retry=False)


def rows(number: int) -> list[EventRow]:
    return [
        EventRow(7, "2024-03-01 10:00:00", f"{number:032x}", f"2024-05-{night:02}", 1, None)
        for night in range(1, 31)
    ]


def test_loads_and_workers_go_on_after_a_failover_and_no_queued_event_is_lost(
    servers: Servers, ledger_file: Path
) -> None:
    def recorded() -> int:
        with closing(sqlite3.connect(ledger_file)) as ledger:
            return int(ledger.execute("SELECT count(*) FROM data_provider_event").fetchone()[0])

    def nudged(expected: int) -> bool:
        send_task(servers.url)
        return recorded() == expected

    queue = EventQueue()
    queue.push(rows(1))
    until(lambda: nudged(30), "the worker records", pause=1)
    # Nobody acknowledges these before the primary dies: they are lost if no replica has them.
    for number in range(2, 6):
        queue.push(rows(number))
    former = servers.primary()
    servers.kill(former)
    messages: list[str] = []
    for number in range(6, 11):
        push = partial(queue.push, rows(number))
        queue_sender.push_with_retries(push, "the load ended", messages.append)
    assert servers.primary() != former
    assert messages, "the load waited for the failover"
    until(lambda: nudged(300), "the worker records after the failover", pause=1)
    until(lambda: queue.status().batches == 0, "the worker has acknowledged all")


def test_what_no_replica_has_was_not_queued(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_stream, "REPLICA_MS", 50)
    queue = EventQueue()
    assert redis_client().connection_pool.connection_kwargs["db"] == 1
    for port in servers.servers:
        if port != servers.primary():
            servers.freeze(port)
    with pytest.raises(NotReplicated):
        queue.push(rows(1))
