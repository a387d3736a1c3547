"""`/connections/` for Cloudbeds: the five steps, and its webhooks, which are unsigned."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from connections.models import Connection
from connections.tests.cloudbeds_emulator import (
    API_KEY,
    BASE_ROOM_TYPE,
    CLIENT_ID,
    CLIENT_SECRET,
    REFRESH_TOKEN,
    CloudbedsEmulator,
    without_waits,
)
from connections.tests.connected_hotels import HOTEL, WEBHOOK_TOKEN, connect_cloudbeds, read
from connections.tests.emulator_server import serve
from connections.tests.hotel_life import HotelLife
from connections.tests.our_services import our_services

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["default", "data_provider", "dashboard_service", "pricing_service"]
    ),
]
PATH = f"/connections/?hotel_id={HOTEL}"
OAUTH = {
    "token": "access-token-1",
    "refresh_token": REFRESH_TOKEN,
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
}


@pytest.fixture
def life() -> HotelLife:
    return HotelLife(seed=3)


@pytest.fixture(autouse=True)
def address(life: HotelLife, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    without_waits(monkeypatch)
    with our_services(settings), serve(CloudbedsEmulator(life).answer) as at:
        settings.CONNECTION_ADDRESSES = [at]
        yield at


def page() -> str:
    response = Client().get(PATH)
    assert response.status_code == 200
    return response.content.decode()


def send(act: str, **fields: str) -> int:
    return Client().post(PATH, {"act": act, **fields}).status_code


@pytest.mark.parametrize("access", [{"token": API_KEY}, OAUTH])
def test_five_steps(access: dict[str, str], address: str, life: HotelLife) -> None:
    first = page()
    assert "Sign in to Cloudbeds" in first
    assert "not Cloudbeds itself" in first
    assert send("sign-in", vendor="cloudbeds", address=address, **access) == 302
    assert "Hotel Nimbus" in page()
    assert "Bed &amp; breakfast" in page()
    assert send("answer", rate_id="base") == 302
    assert "Suite with a view" in page()
    assert "Tent" not in page()  # it has no rate
    assert send("start", years="1") == 400  # the room type is not chosen
    assert send("answer", rate_id="base", room_type_id=BASE_ROOM_TYPE) == 302
    life.happen(10)
    assert send("start", years="2") == 302
    connection = read(Connection.objects.get())
    assert connection.import_from == life.now - timedelta(days=731)
    shown = page()
    assert "Connected. All changes were read" in shown
    for name, secret in access.items():
        assert name == "client_id" or secret not in shown


def test_a_wrong_key_stores_nothing(address: str) -> None:
    assert send("sign-in", vendor="cloudbeds", address=address, token="wrong") == 400
    assert not Connection.objects.exists()


def test_webhooks_that_come_late_doubled_or_not_at_all(
    address: str, life: HotelLife, settings: Any
) -> None:
    connection = connect_cloudbeds(address, settings, life.now - timedelta(days=1))
    life.happen(10)
    appended = read(connection).events_appended
    emulator = CloudbedsEmulator(life)
    stay = next(iter(life.stays.values()))
    for event in ("dates_changed", "created", "created"):
        Connection.objects.update(next_read_at=timezone.now() + timedelta(hours=1))
        answer = Client().post(
            f"/connections/webhook/{WEBHOOK_TOKEN}/",
            emulator.webhook(stay, event),
            content_type="application/json",
        )
        assert answer.status_code == 204
        soon = timezone.now() + timedelta(seconds=6)
        assert Connection.objects.get().next_read_at < soon
        assert read(connection).events_appended == appended
