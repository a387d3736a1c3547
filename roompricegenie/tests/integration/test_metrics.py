"""`/metrics` in one process: the metrics of every part, and a response whichever part is down."""

import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from django.contrib.auth import get_user_model
from django.db import connections
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from accounts.models import ApiKey
from connections.models import Connection
from dashboard_service.models import CheckReport, FeedPosition, HotelFigures
from data_provider import ledger
from data_provider.event_queue.dead_letters import bury
from data_provider.event_queue.queue_stream import EventQueue
from data_provider.event_validation import EventRow
from data_provider.models import Event
from overview.messages.message_models import Message, MessageSending
from pricing_service.delivery.webhook_models import WebhookDelivery, WebhookReceiver
from roompricegenie.monitoring import metrics_endpoint, pipeline_metrics, task_counts
from roompricegenie.monitoring.request_ids_in_logs import CorrelationFilter
from roompricegenie.version import VERSION

# The collector reads in its own threads, which see only committed rows.
pytestmark = pytest.mark.django_db(
    transaction=True,
    databases=["default", "data_provider", "dashboard_service", "pricing_service"],
)

PARTS = {"redis", "ledger", "dashboard", "feed", "prices", "users", "connections"}


def rows(count: int) -> list[EventRow]:
    return [
        EventRow(7, "2024-03-01 10:00:00", uuid.uuid4().hex, "2024-05-01", 1, None)
        for _ in range(count)
    ]


@pytest.fixture(autouse=True)
def own_redis(settings: Any, valkey_socket: Path) -> Iterator[redis.Redis]:
    settings.CELERY_BROKER_URL = f"redis+socket://{valkey_socket}"
    client = redis.Redis(unix_socket_path=str(valkey_socket))
    client.flushall()
    metrics_endpoint._pipeline_collector.cache_clear()
    yield client
    client.close()


def scrape() -> dict[str, float]:
    """Return every sample by its name and labels."""
    answer = Client().get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert answer.headers["Cache-Control"] == "no-store"
    samples = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        assert family.documentation, family.name
        for name, labels, value, *_ in family.samples:
            selector = ",".join(f"{label}={labels[label]}" for label in sorted(labels))
            samples[f"{name}{{{selector}}}" if selector else name] = value
    return samples


def parts_up(samples: dict[str, float]) -> set[str]:
    return {part for part in PARTS if samples[f"rpg_up{{part={part}}}"] == 1}


def test_an_empty_system() -> None:
    samples = scrape()
    assert parts_up(samples) == PARTS
    assert samples[f"rpg_build_info{{version={VERSION}}}"] == 1
    zero = (
        "queue_events", "queue_batches", "queue_in_flight_batches", "queue_oldest_seconds",
        "dead_letters", "ledger_position", "dashboard_position",
        "dashboard_events_behind", "dashboard_seconds_behind", "hotels", "prices_undelivered",
        "tasks_waiting{queue=celery}", "tasks_waiting{queue=dashboard_queue}",
        "tasks_waiting{queue=webhook_queue}", "tasks_waiting{queue=connections_queue}",
        "tasks_waiting{queue=prices_queue}", "tasks_waiting{queue=checks_queue}",
        "tasks_waiting{queue=mail_queue}", "prices_due_seconds", "prices_failing_hotels",
        "repricing_failing_hotels", "repricing_due_seconds",
        "messages_waiting{channel=mail}", "messages_due_seconds{channel=mail}",
        "messages_given_up{channel=webhook}", "connections{state=reading}",
        "connections_failing{kind=ledger}", "connections_oldest_reading_seconds",
        "connections_due_seconds", "connections_not_understood", "connections_prices_unconfirmed",
    )  # fmt: skip
    assert {name: samples[f"rpg_{name}"] for name in zero} == dict.fromkeys(zero, 0)
    # There is no timestamp for what has not happened yet.
    assert not {name for name in samples if "timestamp" in name}


def test_the_queue(own_redis: redis.Redis) -> None:
    queue = EventQueue(own_redis)
    for _ in range(3):
        queue.push(rows(2))
    taken = queue.take(2)
    bury(queue, taken[0].id, "reason")
    own_redis.rpush("dashboard_queue", "a task")
    samples = scrape()
    assert samples["rpg_queue_events"] == 4
    assert samples["rpg_queue_batches"] == 2
    assert samples["rpg_queue_in_flight_batches"] == 1
    assert samples["rpg_queue_readers"] == 1
    assert samples["rpg_dead_letters"] == 1
    assert samples["rpg_tasks_waiting{queue=dashboard_queue}"] == 1


def test_how_far_the_figures_lag_behind_the_ledger() -> None:
    ledger.record(rows(5))
    ids = sorted(Event.objects.values_list("id", flat=True))
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    with connections["data_provider"].cursor() as cursor:  # by SQL: the model refuses changes
        change = "UPDATE data_provider_event SET recorded_at = %s WHERE id = %s"
        cursor.execute(change, [f"{hour_ago:%Y-%m-%d %H:%M:%S+00}", ids[3]])
    FeedPosition.objects.create(position=ids[2])
    HotelFigures.objects.create(hotel_id=7, changed_at=hour_ago)
    samples = scrape()
    assert samples["rpg_ledger_position"] == ids[4]
    assert samples["rpg_dashboard_position"] == ids[2]
    assert samples["rpg_dashboard_events_behind"] == 2
    assert 3600 <= samples["rpg_dashboard_seconds_behind"] < 4000
    assert samples["rpg_hotels"] == 1
    assert samples["rpg_dashboard_updated_timestamp_seconds"] > hour_ago.timestamp()

    FeedPosition.objects.update(position=ids[4] + 9)  # the ledger was restored to an earlier state
    samples = scrape()
    assert samples["rpg_dashboard_events_behind"] == samples["rpg_dashboard_seconds_behind"] == 0


def test_the_last_check_and_undelivered_prices() -> None:
    for differences, repaired in ((0, False), (3, True)):
        CheckReport.objects.create(events=9, counts=9, differences=differences, repaired=repaired)
    now = datetime.now(UTC)
    WebhookDelivery.objects.create(hotel_id=1, prices=[])  # as the version before queues them
    WebhookDelivery.objects.create(hotel_id=1, prices=[], delivered_at=now)
    WebhookReceiver.objects.create(hotel_id=2)
    WebhookReceiver.objects.create(hotel_id=3, changed_at=now, next_try_at=now - timedelta(hours=1))
    for hotel, days in ((4, 2), (5, 4)):
        failing_since, later = now - timedelta(days=days), now + timedelta(hours=1)
        WebhookReceiver.objects.create(
            hotel_id=hotel, changed_at=failing_since, failing_since=failing_since, next_try_at=later
        )
    samples = scrape()
    assert samples["rpg_check_differences"] == 3
    assert samples["rpg_check_repaired"] == 1
    assert abs(samples["rpg_check_timestamp_seconds"] - datetime.now(UTC).timestamp()) < 60
    assert samples["rpg_prices_undelivered"] == 4
    assert samples["rpg_prices_failing_hotels"] == 1
    assert 3600 <= samples["rpg_prices_due_seconds"] < 3700


def test_connections_that_are_late_failing_or_not_understood() -> None:
    now = datetime.now(UTC)
    states = (("reading", 7200, "credentials"), ("reading", 60, ""), ("importing", None, ""))
    for number, (state, age, failure) in enumerate(states, 1):
        Connection.objects.create(
            hotel_id=number, vendor="generic", state=state, failure=failure, sends_prices=True,
            read_at=now - timedelta(seconds=age) if age else None, prices_unconfirmed=number,
            next_read_at=now + timedelta(seconds=300 - 200 * number), price_problem="" if age else "x",
        )  # fmt: skip
    stopped = Connection.objects.create(
        hotel_id=9, vendor="generic", state="stopped", prices_unconfirmed=99, failure="odd"
    )
    for connection in (Connection.objects.get(hotel_id=1), stopped):
        connection.problems.create(reservation_id="R", reason="odd", read_at=now)
    samples = scrape()
    assert samples["rpg_connections{state=reading}"] == 2
    assert samples["rpg_connections{state=importing}"] == 1
    assert 7200 <= samples["rpg_connections_oldest_reading_seconds"] < 7300
    assert 300 <= samples["rpg_connections_due_seconds"] < 400
    assert samples["rpg_connections_failing{kind=credentials}"] == 1
    assert samples["rpg_connections_failing{kind=odd}"] == 0
    assert samples["rpg_connections_not_understood"] == 1
    assert samples["rpg_connections_prices_unconfirmed"] == 6
    assert samples["rpg_connections_price_problems"] == 1


def test_messages_that_wait_and_that_were_given_up() -> None:
    now = datetime.now(UTC)
    user = get_user_model().objects.create_user("anna")
    for channel, fields in (
        ("mail", {"next_try_at": now - timedelta(hours=1)}),
        ("mail", {"next_try_at": now + timedelta(hours=1)}),
        ("mail", {"next_try_at": None, "given_up_at": now - timedelta(days=2)}),
        ("mail", {"next_try_at": None, "sent_at": now}),
        ("webhook", {"next_try_at": None, "given_up_at": now}),
    ):
        message = Message.objects.create(user=user, hotel_id=7, kind="stale", title="silence")
        MessageSending.objects.create(message=message, channel=channel, **fields)
    samples = scrape()
    assert samples["rpg_messages_waiting{channel=mail}"] == 2
    assert 3600 <= samples["rpg_messages_due_seconds{channel=mail}"] < 3700
    assert samples["rpg_messages_given_up{channel=mail}"] == 0
    assert samples["rpg_messages_waiting{channel=webhook}"] == 0
    assert samples["rpg_messages_given_up{channel=webhook}"] == 1


def test_task_runs(own_redis: redis.Redis) -> None:
    for state in ("SUCCESS", "SUCCESS", "FAILURE"):
        task_counts.begin()
        task_counts.end(own_redis, "some.app.tasks.do_it", state)
    samples = scrape()
    assert samples["rpg_task_runs_total{outcome=success,task=do_it}"] == 2
    assert samples["rpg_task_runs_total{outcome=failure,task=do_it}"] == 1
    assert samples["rpg_task_seconds_count{task=do_it}"] == 3
    assert 0 < samples["rpg_task_seconds_sum{task=do_it}"] < 60
    assert samples["rpg_task_last_run_timestamp_seconds{task=do_it}"] > 1.7e9


def test_without_redis_the_other_parts_are_reported(settings: Any, tmp_path: Path) -> None:
    settings.CELERY_BROKER_URL = f"redis+socket://{tmp_path}/nothing.sock"
    samples = scrape()
    assert parts_up(samples) == PARTS - {"redis"}
    assert not {name for name in samples if "queue" in name or "dead" in name or "task" in name}
    assert "rpg_ledger_position" in samples


def test_a_part_that_hangs_delays_nothing_and_is_read_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release = threading.Event()
    calls = []

    def hangs() -> Any:
        calls.append(1)
        release.wait(60)
        yield from ()

    monkeypatch.setitem(pipeline_metrics.PARTS, "ledger", hangs)
    monkeypatch.setattr(pipeline_metrics, "TIMEOUT_SECONDS", 2)
    try:
        for _ in range(3):
            assert "ledger" not in parts_up(scrape())
        assert len(calls) == 1
    finally:
        release.set()
    monkeypatch.undo()


def count(samples: dict[str, float], method: str, path: str, status: int) -> float:
    return samples.get(f"rpg_http_requests_total{{method={method},path={path},status={status}}}", 0)


def test_every_response_is_counted_whichever_middleware_answers(settings: Any) -> None:
    HotelFigures.objects.create(hotel_id=7, changed_at=datetime.now(UTC))
    before = scrape()
    client = Client()  # one process: the second response comes from the cache
    tag = client.get("/dashboard/?hotel_id=7").headers["ETag"]
    client.get("/dashboard/?hotel_id=7")
    client.get("/dashboard/?hotel_id=7", headers={"If-None-Match": tag})
    client.get("/dashboard/")
    client.get("/what/is/this")
    client.generic("BREW", "/events/")
    client.generic("POST", "/events/", b"x", CONTENT_LENGTH="9000000")
    client.get("/", headers={"Host": "evil.example"})
    settings.API_AUTH = "required"
    client.get("/dashboard/?hotel_id=7")
    settings.API_AUTH = "open"
    after = scrape()
    counted = {
        key: count(after, *key) - count(before, *key)
        for key in (
            ("GET", "/dashboard/", 200), ("GET", "/dashboard/", 304), ("GET", "/dashboard/", 400),
            ("GET", "/dashboard/", 401), ("GET", "other", 404), ("other", "/events/", 405),
            ("POST", "/events/", 413), ("GET", "/", 400),
        )
    }  # fmt: skip
    assert list(counted.values()) == [2, 1, 1, 1, 1, 1, 1, 1], counted
    name = "rpg_http_request_seconds_count{path=/dashboard/}"
    assert after[name] - before.get(name, 0) == 5


@pytest.mark.parametrize("path", ["/dashboard/hotels/", "/nothing", "/events/?x=1", "/static/no"])
def test_each_response_carries_the_request_id(path: str) -> None:
    own = Client().get(path, headers={"X-Request-Id": "mine-1"})
    assert own.headers["X-Request-Id"] == "mine-1"
    made = Client().get(path, headers={"X-Request-Id": "two words"})
    assert made.headers["X-Request-Id"] not in (
        "two words",
        Client().get(path).headers["X-Request-Id"],
    )


def test_a_server_error_is_logged_with_the_request_id(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("dashboard_service.figures.hotel_list.hotel_rows", broken)
    caplog.handler.addFilter(CorrelationFilter())
    client = Client(raise_request_exception=False)
    answer = client.get("/dashboard/hotels/", headers={"X-Request-Id": "mine-1"})
    assert (answer.status_code, answer.headers["X-Request-Id"]) == (500, "mine-1")
    [logged] = [record for record in caplog.records if record.name == "django.request"]
    assert logged.request_id == "mine-1"  # type: ignore[attr-defined]


def test_the_accept_header_of_prometheus_is_ignored(settings: Any) -> None:
    settings.API_AUTH = "required"
    _, key = ApiKey.objects.create_key(name="prometheus", all_hotels=True, read_metrics=True)
    accept = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4"
    headers = {"Authorization": f"Bearer {key}", "Accept": accept}
    assert Client().get("/metrics", headers=headers).status_code == 200
    assert Client().get("/metrics", headers={"Accept": accept}).status_code == 401
    assert Client().get("/metrics", headers={**headers, "Accept": "text/html"}).status_code == 200
