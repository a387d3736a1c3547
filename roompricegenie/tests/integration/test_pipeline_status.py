"""`manage.py pipeline_status`: all figures, and exit code 1 if and only if there are problems."""

import io
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command

from data_provider.event_queue.dead_letters import bury
from data_provider.event_queue.queue_stream import GROUP, STREAM, EventQueue
from data_provider.event_validation import EventRow
from pricing_service.decisions.repricing_schedule import is_turn_of_all_hotels
from pricing_service.delivery.webhook_models import WebhookReceiver
from pricing_service.models import PricingRules, PricingState
from pricing_service.tests.hotels import create_rules
from roompricegenie.celery import MAKE_MESSAGES
from roompricegenie.monitoring import task_counts

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(databases=["data_provider", "pricing_service"]),
]

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
    """Run the command with --json; check that the exit code is 1 if and only if there are troubles."""
    out = io.StringIO()
    code = 0
    try:
        call_command("pipeline_status", "--json", stdout=out)
    except SystemExit as end:
        code = int(str(end.code))
    figures: dict[str, Any] = json.loads(out.getvalue())
    assert code == (1 if figures["troubles"] else 0)
    return figures


def test_without_problems_all_figures_are_present(queue: EventQueue) -> None:
    figures = status()
    assert figures["troubles"] == []
    assert {
        "queued_events", "queued_batches", "queued_for_seconds", "batches_in_flight",
        "dead_letters", "workers_reading", "ledger_events", "ledger_position",
        "dashboard_position", "dashboard_events_behind", "dashboard_seconds_behind",
        "webhooks_due_for_seconds", "dashboard_updated_at", "last_check_checked_at", "last_check_differences",
    } <= figures.keys()  # fmt: skip


def test_without_json_a_table_is_printed(
    queue: EventQueue, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("pipeline_status")
    assert "dashboard events behind" in capsys.readouterr().out


def test_a_queue_without_workers_is_a_problem(queue: EventQueue) -> None:
    queue.push([ROW])
    figures = status()
    assert figures["queued_events"] == 1
    assert "start a worker: celery" in figures["troubles"][0]


def test_a_batch_in_flight_is_no_problem(queue: EventQueue) -> None:
    queue.push([ROW])
    queue.take(1)
    figures = status()
    assert (figures["batches_in_flight"], figures["troubles"]) == (1, [])


def test_a_batch_that_waits_long_is_a_problem(queue: EventQueue) -> None:
    an_hour_ago = int((datetime.now(UTC) - timedelta(hours=1)).timestamp() * 1000)
    queue.client.xadd(STREAM, {"rows": "[]"}, id=f"{an_hour_ago}-0")
    queue.client.xgroup_create(STREAM, GROUP, id="0")
    queue.take(1)
    assert "a batch has waited for 3600 s" in status()["troubles"][0]


def test_dead_letters_are_a_problem(queue: EventQueue) -> None:
    queue.push([ROW])
    [batch] = queue.take(1)
    bury(queue, batch.id, "reason")
    assert "manage.py dead_letters" in status()["troubles"][0]


def test_unavailable_redis_is_a_problem(settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere/valkey.sock"
    assert "Redis does not answer" in status()["troubles"][0]


def test_an_unavailable_dashboard_is_one_problem(queue: EventQueue, requests_mock: Any) -> None:
    requests_mock.get(f"{BASE}/dashboard/status/", status_code=500)
    requests_mock.get(f"{BASE}/dashboard/check/", status_code=500)
    assert len(status()["troubles"]) == 1


@pytest.mark.parametrize(
    ("behind", "problem"), [(301.0, "301 s behind"), (None, "cannot ask the ledger")]
)
def test_a_dashboard_far_behind_is_a_problem(
    queue: EventQueue, dashboard: Any, behind: float | None, problem: str
) -> None:
    dashboard({"seconds_behind": behind})
    assert problem in status()["troubles"][0]


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
def test_differences_and_an_overdue_check_are_problems(
    queue: EventQueue, dashboard: Any, check: dict[str, Any], troubles: int
) -> None:
    dashboard(**check)
    assert len(status()["troubles"]) == troubles


def test_prices_that_nobody_sends_are_a_problem(queue: EventQueue) -> None:
    made = datetime.now(UTC) - timedelta(hours=1)
    WebhookReceiver.objects.create(hotel_id=1, changed_at=made, next_try_at=made)
    figures = status()
    assert figures["webhooks_due_for_seconds"] >= 3600
    [problem] = figures["troubles"]
    assert "-Q webhook_queue" in problem
    later = datetime.now(UTC) + timedelta(hours=1)
    WebhookReceiver.objects.update(next_try_at=later, tries=7, failing_since=made)
    assert status()["troubles"] == [], "a receiver that fails is not the operator's problem"


def test_a_booking_system_that_takes_no_prices_for_days_is_a_problem(
    queue: EventQueue, dashboard: Any
) -> None:
    dashboard()
    now = datetime.now(UTC)
    for hotel in range(1, 8):
        WebhookReceiver.objects.create(
            hotel_id=hotel, changed_at=now, failing_since=now - timedelta(days=4, hours=hotel),
            answer="answered 503", next_try_at=now + timedelta(hours=1),
        )  # fmt: skip
    troubles = status()["troubles"]
    assert len(troubles) == 6
    assert troubles[0].startswith(
        "hotel 7: its booking system has taken no prices for 3 days (answered 503)"
    )
    assert "the admin lists them" in troubles[-1]
    WebhookReceiver.objects.update(changed_at=None)
    assert status()["troubles"] == [], "nothing waits"


def test_a_hotel_whose_prices_cannot_be_renewed_is_a_problem(
    queue: EventQueue, dashboard: Any
) -> None:
    now = datetime.now(UTC)
    for hotel in range(1, 8):
        create_rules(hotel)
        PricingState.objects.create(
            hotel_id=hotel, tries=3, failing_since=now - timedelta(hours=hotel), due_at=now,
            failure="ValueError: no such month",
        )  # fmt: skip
    figures = status()
    assert figures["repricing_failing_hotels"] == 7
    assert len(figures["troubles"]) == 6
    assert figures["troubles"][0].startswith("hotel 7: its prices cannot be renewed since")
    assert "no such month" in figures["troubles"][0]
    PricingRules.objects.update(mode="off")
    assert status()["troubles"] == []


def test_prices_that_nobody_renews_are_a_problem(queue: EventQueue, dashboard: Any) -> None:
    create_rules(1)
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    PricingRules.objects.update(updated_at=hour_ago)
    [problem] = status()["troubles"]
    assert "no worker has renewed prices for 36" in problem
    assert "-Q prices_queue" in problem
    assert is_turn_of_all_hotels()
    assert status()["troubles"] == []
    PricingState.objects.create(hotel_id=1, priced_at=hour_ago, due_at=hour_ago)
    [problem] = status()["troubles"]
    assert "start more workers" in problem


def test_a_queue_without_a_worker_is_a_problem(queue: EventQueue, dashboard: Any) -> None:
    queue.client.rpush("mail_queue", *["a task"] * 20)
    queue.client.rpush("checks_queue", *["a task"] * 9)
    [problem] = status()["troubles"]
    assert problem.startswith("20 tasks wait in mail_queue")
    assert "-Q mail_queue" in problem
    task_counts.begin()
    task_counts.end(queue.client, MAKE_MESSAGES, "SUCCESS")
    assert status()["troubles"] == [], "its worker is busy, but there"
