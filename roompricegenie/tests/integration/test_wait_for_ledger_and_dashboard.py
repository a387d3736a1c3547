"""Waiting for a load: until it is recorded, until it is on the dashboard, and its outcome."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from data_provider import ledger, tasks
from data_provider.csv_loading.csv_columns import CSV_HEADER
from data_provider.csv_loading.csv_loader import LoadResult
from data_provider.event_queue.queue_stream import EventQueue
from data_provider.event_validation import EventRow
from roompricegenie.loading import wait_for_ledger_and_dashboard as waiting

pytestmark = pytest.mark.django_db(databases=["data_provider"], transaction=True)

BASE = "http://dashboard.test"
ROW = EventRow(7, "2024-03-01 10:00:00", "0" * 31 + "1", "2024-05-01", 1, None)


def status(position: int) -> dict[str, Any]:
    return {"position": position, "events_behind": 0, "seconds_behind": 0, "updated_at": None}


def push(queue: EventQueue) -> LoadResult:
    result = LoadResult("events.csv", queued=1)
    result.last_entry = queue.push([ROW], result.load)
    return result


def test_recording_ends_the_wait(queue: EventQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    result = push(queue)
    monkeypatch.setattr(tasks, "_queue", queue)
    texts: list[str] = []

    def show_text_and_record(text: str) -> None:
        texts.append(text)
        if len(texts) == 2:
            tasks.record_queued_events()

    assert result.last_entry
    waiting.wait_until_recorded(queue, result.last_entry, show_text_and_record)
    assert "1 batches wait for the ledger" in texts[0]
    assert "start a worker: celery" in texts[1]
    assert waiting.ledger_outcome(queue, result)[:6] == (1, 0, 0, 0, False, None)


def test_a_later_entry_is_not_waited_for(queue: EventQueue) -> None:
    first, _ = push(queue), push(queue)
    [batch] = queue.take(1)
    queue.remove(batch)
    assert first.last_entry
    waiting.wait_until_recorded(queue, first.last_entry, lambda text: pytest.fail(text))


def test_the_dashboard_is_asked_again_until_it_has_counted_everything(
    queue: EventQueue, requests_mock: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DASHBOARD_API_BASE_URL = BASE
    monkeypatch.setattr("data_provider.ledger.newest_position", lambda: 5)
    requests_mock.get(
        f"{BASE}/dashboard/status/",
        [{"status_code": 502}, {"json": status(4)}, {"json": status(5)}],
    )
    texts: list[str] = []
    waiting.wait_until_on_dashboard(texts.append)
    assert "does not answer" in texts[0]
    assert texts[1:] == ["the dashboard is at 4 of 5"]


def test_a_database_that_is_away_is_waited_for(
    requests_mock: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DASHBOARD_API_BASE_URL = BASE
    requests_mock.get(f"{BASE}/dashboard/status/", json=status(5))
    errors = [OperationalError("the server\nwent away")]

    def newest_position() -> int:
        if errors:
            raise errors.pop()
        return 5

    monkeypatch.setattr("data_provider.ledger.newest_position", newest_position)
    texts: list[str] = []
    waiting.wait_until_on_dashboard(texts.append)
    assert texts == ["the ledger's database does not answer: the server went away"]


def test_an_outcome_that_the_database_does_not_tell_is_a_problem_of_its_file(
    queue: EventQueue, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path

    def fail(*_: Any) -> int:
        raise OperationalError("disk I/O error")

    command = "roompricegenie.loading.files_load"
    monkeypatch.setattr(f"{command}.wait_until_recorded", lambda queue, *_: queue.client.flushall())
    monkeypatch.setattr(f"{command}.wait_until_on_dashboard", lambda *_: None)
    monkeypatch.setattr("data_provider.ledger.count_recorded", fail)
    with pytest.raises(CommandError, match=r"what was recorded is unknown: .*disk I/O error"):
        call_command("trigger_load_events", "--wait")


def test_events_that_vanished_from_redis_are_missing(queue: EventQueue, tmp_path: Path) -> None:
    result = push(queue)
    queue.client.flushall()
    assert waiting.ledger_outcome(queue, result).missing is None, "it cannot be read again"
    result.name = str(tmp_path / "events.csv")
    Path(result.name).write_text(f"{CSV_HEADER}\n7,1,{ROW.timestamp},2024-05-01,{'0' * 31}1,\n")
    assert waiting.ledger_outcome(queue, result)[:6] == (0, 0, 0, 1, False, 0)
    ledger.record([ROW])
    assert waiting.ledger_outcome(queue, result)[:6] == (0, 0, 0, 0, False, 1)


def test_the_command_fails_when_events_vanished(
    queue: EventQueue, tmp_path: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    command = "roompricegenie.loading.files_load"
    monkeypatch.setattr(f"{command}.wait_until_recorded", lambda queue, *_: queue.client.flushall())
    monkeypatch.setattr(f"{command}.wait_until_on_dashboard", lambda *_: None)
    with pytest.raises(CommandError, match="vanished from the queue"):
        call_command("trigger_load_events", "--wait")
