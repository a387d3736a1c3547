"""A Redis that really evicts keys under `maxmemory`: counts stay true, `--wait` says what is lost."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from django.core.management import CommandError, call_command

from data_provider.csv_loading.csv_columns import CSV_HEADER
from data_provider.event_queue.queue_recorder import BATCHES_AT_ONCE, QueueRun
from data_provider.event_queue.queue_stream import STREAM, EventQueue
from data_provider.event_validation import EventRow
from data_provider.models import Event
from roompricegenie.loading import files_load
from roompricegenie.loading.wait_for_ledger_and_dashboard import wait_until_recorded

pytestmark = pytest.mark.django_db(databases=["data_provider"], transaction=True)

EVENTS = 10_000  # of each file


@contextmanager
def evicting(client: redis.Redis) -> Iterator[None]:
    """Inside the block the server keeps no more memory than it needs for itself."""
    evicted = int(client.info("stats")["evicted_keys"])
    client.config_set("maxmemory-policy", "allkeys-lru")
    client.config_set("maxmemory", 1)
    try:
        client.config_set("maxmemory", 1)  # a second command: memory is freed before it runs
        assert int(client.info("stats")["evicted_keys"]) > evicted
        client.config_set("maxmemory", 0)
        yield
    finally:
        client.config_set("maxmemory", 0)
        client.config_set("maxmemory-policy", "noeviction")


def row(number: int) -> EventRow:
    return EventRow(7, "2024-03-01 10:00:00", f"{number:032x}", "2024-05-01", 1, None)


def write_file(path: Path, first: int) -> str:
    lines = (
        f"7,1,2024-03-01 10:00:00,2024-05-01,{n:032x},\n" for n in range(first, first + EVENTS)
    )
    path.write_text(f"{CSV_HEADER}\n{''.join(lines)}")
    return str(path)


def test_a_load_that_waits_counts_what_is_true(
    queue: EventQueue, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of four files two are recorded when Redis evicts the queue and the loads' reports."""
    settings.DATA_DIR = tmp_path
    really_wait = wait_until_recorded

    def record_two_and_evict(queue: EventQueue, last: bytes, show_text: Any) -> None:
        QueueRun(queue).record_until(stop_at=0)  # one round
        with evicting(queue.client):
            really_wait(queue, last, show_text)

    monkeypatch.setattr(files_load, "wait_until_recorded", record_two_and_evict)
    monkeypatch.setattr(files_load, "wait_until_on_dashboard", lambda *_: None)
    files = [write_file(tmp_path / f"{n}.csv", n * EVENTS) for n in range(4)]
    output = io.StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("trigger_load_events", *files, "--wait", stdout=output)
    assert Event.objects.count() == BATCHES_AT_ONCE * EVENTS
    for number, found in enumerate(("10,000", "10,000", "0", "0")):
        assert f"{number}.csv: {found} of 10,000 events are in the ledger" in output.getvalue()
    problems = str(failed.value).splitlines()
    assert len(problems) == 2, "the recorded files are not to be loaded again"
    for problem, file in zip(problems, files[2:], strict=True):
        assert problem.startswith(f"10,000 events of {file} vanished from the queue")


def test_the_number_of_queued_events_survives_the_eviction_of_the_queue(queue: EventQueue) -> None:
    """Its key is small and often used: it stays when the stream is evicted."""
    queue.push([row(1), row(2)])
    queue.client.delete(STREAM)
    assert queue.status().events == 0
    queue.push([row(3)])
    [batch] = queue.take(1)
    assert queue.remove(batch)
    queue.push([row(4)])
    assert queue.status().events == 1


def test_the_number_of_queued_events_is_never_negative(queue: EventQueue) -> None:
    queue.push([row(1), row(2)])
    queue.push([row(3)])
    queue.client.delete("events:queued")
    [batch] = queue.take(1)
    assert queue.remove(batch)
    assert queue.status().events == 0
