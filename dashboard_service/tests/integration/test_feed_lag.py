"""GET /dashboard/status/: how far the figures are behind the ledger."""

from typing import Any

import pytest
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
