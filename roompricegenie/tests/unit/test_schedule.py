"""Nothing piles up: not behind a long run, not behind a worker or a beat that was away."""

from datetime import timedelta
from typing import Any

import pytest
from celery.beat import Scheduler

from roompricegenie.celery import RECORD_QUEUED_EVENTS, UPDATE_DASHBOARD_DATA, app


@pytest.mark.parametrize("name", ["record queued events", "update dashboard data"])
def test_a_run_that_nobody_took_expires_before_the_next_one(name: str) -> None:
    entry = app.conf.beat_schedule[name]
    assert entry["options"]["expires"] <= entry["schedule"]


def test_beat_that_was_away_for_an_hour_sends_each_task_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scheduler = Scheduler(app)
    for entry in scheduler.schedule.values():
        entry.last_run_at = entry.default_now() - timedelta(hours=1)
    sent: list[str] = []

    def remember(entry: Any, **_: Any) -> None:
        sent.append(entry.task)

    monkeypatch.setattr(scheduler, "apply_async", remember)
    monkeypatch.setattr(Scheduler, "producer", None)  # nothing is sent: no Redis is needed
    for _ in range(50):
        scheduler.tick()
    assert {RECORD_QUEUED_EVENTS, UPDATE_DASHBOARD_DATA} <= set(sent)
    assert len(sent) == len(set(sent))
