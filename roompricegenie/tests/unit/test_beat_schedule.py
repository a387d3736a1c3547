"""Nothing piles up behind a long run, a worker or a beat that was down, and no day goes unchecked."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from celery.beat import Scheduler

from roompricegenie.beat_scheduler import ALIVE_FILE, InMemoryScheduler
from roompricegenie.celery import RECORD_QUEUED_EVENTS, UPDATE_DASHBOARD_DATA, app

CHECK = "check dashboard"


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def scheduler_after(data_dir: Path, away: timedelta) -> InMemoryScheduler:
    """Return the scheduler of a beat that was last alive that long ago."""
    alive_at = (datetime.now(UTC) - away).timestamp()
    (data_dir / ALIVE_FILE).touch()
    os.utime(data_dir / ALIVE_FILE, (alive_at, alive_at))
    return InMemoryScheduler(app)


@pytest.mark.parametrize("name", ["record queued events", "update dashboard data"])
def test_a_run_that_no_worker_took_expires_before_the_next_one(name: str) -> None:
    entry = app.conf.beat_schedule[name]
    assert entry["options"]["expires"] <= entry["schedule"]


def test_beat_that_was_down_for_an_hour_sends_each_task_once(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scheduler = scheduler_after(data_dir, timedelta(hours=1))
    sent: list[str] = []

    def remember(entry: Any, **_: Any) -> None:
        sent.append(entry.task)

    monkeypatch.setattr(scheduler, "apply_async", remember)
    monkeypatch.setattr(Scheduler, "producer", None)  # nothing is sent: no Redis is needed
    for _ in range(50):
        scheduler.tick()
    assert {RECORD_QUEUED_EVENTS, UPDATE_DASHBOARD_DATA} <= set(sent)
    assert len(sent) == len(set(sent))


def test_a_daily_check_missed_while_beat_was_down_is_made_up_for(data_dir: Path) -> None:
    assert scheduler_after(data_dir, timedelta(days=1)).schedule[CHECK].is_due().is_due
    InMemoryScheduler(app).sync()
    assert not InMemoryScheduler(app).schedule[CHECK].is_due().is_due


@pytest.mark.parametrize("state", ["missing", "in the future", "a folder's"])
def test_an_alive_file_of_any_state_lets_beat_start(data_dir: Path, state: str) -> None:
    if state == "in the future":
        scheduler = scheduler_after(data_dir, -timedelta(days=400))
    else:
        if state == "a folder's":
            (data_dir / ALIVE_FILE).mkdir()
        scheduler = InMemoryScheduler(app)
    entry = scheduler.schedule["record queued events"]
    assert entry.is_due().next <= 5
    assert not scheduler.schedule[CHECK].is_due().is_due
    scheduler.sync()
