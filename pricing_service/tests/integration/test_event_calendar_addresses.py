"""Addresses of event calendars: which are refused, and servers that are slow, endless or inside."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from pricing_service.event_calendars import calendar_fetching
from pricing_service.event_calendars.calendar_fetching import NotFetched, fetch
from pricing_service.event_calendars.calendar_models import EventCalendar
from pricing_service.tests.calendar_server import CalendarServer
from pricing_service.tests.hotels import DATABASES, HOTEL, create_hotel
from pricing_service.tests.receivers import drip_body, hostile, send_100_mb, stall

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]


@pytest.fixture(autouse=True)
def hotel(settings: Any) -> None:
    settings.API_AUTH = "open"
    create_hotel()


@pytest.fixture
def fair(settings: Any) -> Iterator[CalendarServer]:
    server = CalendarServer()
    settings.WEBHOOK_INTERNAL_HOSTS = [server.host]
    yield server
    server.close()


@pytest.mark.parametrize("behave", [stall, drip_body, send_100_mb])
def test_slow_and_endless_servers_are_left(
    behave: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar_fetching, "SECONDS", 0.3)
    with hostile(behave) as server:
        settings.WEBHOOK_INTERNAL_HOSTS = [server.url.split("/")[2]]
        with pytest.raises(NotFetched, match=r"did not answer|larger than|no valid HTTP") as raised:
            fetch(server.url)
    assert "hidden-token" not in str(raised.value)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("http://fair.example/a.ics", "must begin with https"),
        ("https://127.0.0.1/a.ics", "not a public address"),
        ("https://[::ffff:10.0.0.1]/a.ics", "not a public address"),
        ("https://localhost/a.ics", "not a public address"),
        ("https://me:secret@fair.example/a.ics", "user name or password"),
        ("file:///etc/passwd", "no web address"),
        ("https://fair.example/ä.ics", "no web address"),
        ("", "no web address"),
        ("https://fair.example/" + "a" * 1_000, "too long"),
        ("https://fair.example:99999/", "no web address"),
    ],
)
def test_addresses_that_are_refused(client: Client, address: str, reason: str) -> None:
    path = f"/pricing/event-calendars/?hotel_id={HOTEL}"
    response = client.post(path, {"act": "add", "address": address})
    assert response.status_code == 400
    assert reason in response.content.decode()
    assert not EventCalendar.objects.exists()


def test_a_redirect_leads_to_nothing_inside(fair: CalendarServer, settings: Any) -> None:
    inside = CalendarServer()
    fair.status, fair.headers = 302, {"Location": f"https://{inside.host}/"}
    with pytest.raises(NotFetched, match="not a public address"):
        fetch(fair.url)
    settings.WEBHOOK_INTERNAL_HOSTS = []
    with pytest.raises(NotFetched, match="not a public address"):
        fetch(fair.url)
    assert inside.requests == []
    inside.close()
