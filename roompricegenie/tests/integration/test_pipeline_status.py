"""`manage.py pipeline_status`: every figure, and exit code 1 exactly when a person is needed."""

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command

from data_provider.event_queue.dead_letters import bury
from data_provider.event_queue.queue_stream import GROUP, STREAM, EventQueue
from data_provider.event_validation import EventRow

pytestmark = pytest.mark.django_db(databases=["data_provider"])

BASE = "http://dashboard.test"
ROW = EventRow(7, "2024-03-01 10:00:00", "0" * 31 + "1", "2024-05-01", 1, None)
STATUS = {
    "position": 5, "events_behind": 0, "seconds_behind": 0.0, "updated_at": "2026-01-01T00:00:00Z",
}  # fmt: skip


@pytest.fixture(autouse=True)
def dashboard(requests_mock: Any, settings: Any) -> Any:
    settings.DASHBOARD_API_BASE_URL = BASE

    def answer(status: dict[str, Any] | None = None, **check: Any) -> None:
        last = {
            "checked_at": datetime.now(UTC).isoformat(), "events": 9, "counts": 3, "differences": 0,
            "repaired": False,
        }  # fmt: skip
        requests_mock.get(f"{BASE}/dashboard/status/", json={**STATUS, **(status or {})})
        requests_mock.get(f"{BASE}/dashboard/check/", json={**last, **check})

    answer()
    return answer


def status() -> dict[str, Any]:
    """The JSON form; exit code 1 if and only if there are troubles."""
    out = io.StringIO()
    code = 0
    try:
        call_command("pipeline_status", "--json", stdout=out)
    except SystemExit as end:
        code = int(str(end.code))
    figures: dict[str, Any] = json.loads(out.getvalue())
    assert code == (1 if figures["troubles"] else 0)
    return figures


def test_all_is_well(queue: EventQueue) -> None:
    figures = status()
    assert figures["troubles"] == []
    assert {
        "queued_events", "queued_batches", "queued_for_seconds", "batches_in_flight",
        "dead_letters", "workers_reading", "ledger_events", "ledger_position",
        "dashboard_position", "dashboard_events_behind", "dashboard_seconds_behind",
        "dashboard_updated_at", "last_check_checked_at", "last_check_differences",
    } <= figures.keys()  # fmt: skip


def test_the_table_is_for_people(queue: EventQueue, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("pipeline_status")
    assert "dashboard events behind" in capsys.readouterr().out


def test_a_queue_that_nobody_reads(queue: EventQueue) -> None:
    queue.push([ROW])
    figures = status()
    assert figures["queued_events"] == 1
    assert "start a worker: celery" in figures["troubles"][0]


def test_a_batch_in_a_worker_s_hands(queue: EventQueue) -> None:
    queue.push([ROW])
    queue.take(1)
    figures = status()
    assert (figures["batches_in_flight"], figures["troubles"]) == (1, [])


def test_a_batch_that_waits_for_long(queue: EventQueue) -> None:
    an_hour_ago = int((datetime.now(UTC) - timedelta(hours=1)).timestamp() * 1000)
    queue.client.xadd(STREAM, {"rows": "[]"}, id=f"{an_hour_ago}-0")
    queue.client.xgroup_create(STREAM, GROUP, id="0")
    queue.take(1)
    assert "a batch has waited for 3600 s" in status()["troubles"][0]


def test_dead_letters(queue: EventQueue) -> None:
    queue.push([ROW])
    [batch] = queue.take(1)
    bury(queue, batch.id, "reason")
    assert "manage.py dead_letters" in status()["troubles"][0]


def test_redis_is_away(settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere/valkey.sock"
    assert "Redis does not answer" in status()["troubles"][0]


def test_the_dashboard_is_away(queue: EventQueue, requests_mock: Any) -> None:
    requests_mock.get(f"{BASE}/dashboard/status/", status_code=500)
    requests_mock.get(f"{BASE}/dashboard/check/", status_code=500)
    assert len(status()["troubles"]) == 1


@pytest.mark.parametrize(
    ("behind", "said"), [(301.0, "301 s behind"), (None, "cannot ask the ledger")]
)
def test_the_dashboard_is_behind(
    queue: EventQueue, dashboard: Any, behind: float | None, said: str
) -> None:
    dashboard({"seconds_behind": behind})
    assert said in status()["troubles"][0]


def test_a_lag_that_is_unknown_blames_no_setting_when_the_answer_was_slow(
    queue: EventQueue, dashboard: Any
) -> None:
    reason = "the ledger is slow to answer: ask again"
    dashboard({"events_behind": None, "seconds_behind": None, "unknown_because": reason})
    [trouble] = status()["troubles"]
    assert reason in trouble
    assert "EVENTS_API_BASE_URL" not in trouble


@pytest.mark.parametrize(
    ("check", "troubles"),
    [
        ({"differences": 2}, 1),
        ({"differences": 2, "repaired": True}, 0),
        ({"checked_at": "2026-01-01T00:00:00Z"}, 1),
        ({"checked_at": None, "differences": None, "repaired": None}, 0),
    ],
)
def test_the_last_check(
    queue: EventQueue, dashboard: Any, check: dict[str, Any], troubles: int
) -> None:
    dashboard(**check)
    assert len(status()["troubles"]) == troubles
