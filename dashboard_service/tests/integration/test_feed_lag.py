"""GET /dashboard/status/: how far the figures are behind the ledger."""

from typing import Any

import pytest
import requests
from django.test import Client

from dashboard_service.counting.feed_updater import update
from dashboard_service.data_provider_client import Provider
from dashboard_service.tests.fake_provider import BASE, FakeProvider, make_event

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=["dashboard_service"])]


def test_lag_before_and_after_an_update_and_without_the_provider(
    client: Client, settings: Any, requests_mock: Any
) -> None:
    settings.EVENTS_API_BASE_URL = BASE
    fake = FakeProvider(requests_mock, [make_event(1), make_event(2)])
    assert client.get("/dashboard/status").json()["events_behind"] == 2
    update(Provider(BASE))
    status = client.get("/dashboard/status/").json()
    assert (status["position"], status["events_behind"], status["seconds_behind"]) == (2, 0, 0)
    fake.events.append(make_event(3))
    requests_mock.get(f"{BASE}/events/feed/status/", status_code=503)
    assert client.get("/dashboard/status/").json()["events_behind"] is None


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"exc": requests.ReadTimeout}, "slow to answer"),
        ({"exc": requests.ConnectTimeout}, "cannot be reached"),
        ({"exc": requests.ConnectionError}, "cannot be reached"),
        ({"status_code": 401}, "refuses the dashboard service's key"),
        ({"status_code": 409}, "was restored"),
    ],
)
def test_it_says_why_the_lag_is_unknown(
    client: Client, settings: Any, requests_mock: Any, fault: dict[str, Any], reason: str
) -> None:
    settings.EVENTS_API_BASE_URL = BASE
    requests_mock.get(f"{BASE}/events/feed/status/", **fault)
    status = client.get("/dashboard/status/").json()
    assert (status["events_behind"], status["seconds_behind"]) == (None, None)
    assert reason in status["unknown_because"]


def test_an_estimate_is_said_to_be_one(client: Client, settings: Any, requests_mock: Any) -> None:
    settings.EVENTS_API_BASE_URL = BASE
    requests_mock.get(
        f"{BASE}/events/feed/status/",
        json={
            "events_after": 123_456, "is_estimate": True, "newest_position": 123_456,
            "oldest_recorded_at": "2024-01-01T00:00:00+00:00", "epoch": "x",
        },
    )  # fmt: skip
    status = client.get("/dashboard/status/").json()
    assert (status["events_behind"], status["events_behind_is_estimate"]) == (123_456, True)
