"""Which hotels are stale, and which nights are shown while prices are tried as of a day."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from dashboard_service.models import HotelProfile
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.demand.stale_hotels import stale_hotels
from pricing_service.models import PricingRules
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    book,
    create_hotel,
    create_rules,
    night,
    today,
)

pytestmark = pytest.mark.django_db(databases=DATABASES)
RULES = f"/prices/hotels/{HOTEL}/"


@pytest.fixture(autouse=True)
def busy_hotel(settings: Any) -> None:
    settings.API_AUTH = "open"
    settings.ALERT_EMAILS = ["revenue@example.com"]
    create_hotel()
    for back in range(1, 60):
        book(night(-back + 7), 2, day=night(-back))
    create_rules(mode="automatic")
    reprice(HOTEL)


def patch(client: Client, **rules: Any) -> dict[str, Any]:
    response = client.patch(RULES, orjson.dumps(rules), content_type="application/json")
    assert response.status_code == 200, response.content
    answer: dict[str, Any] = response.json()
    return answer


def become_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    later = timezone.now() + timedelta(days=9)
    monkeypatch.setattr(timezone, "now", lambda: later)
    reprice(HOTEL)


def test_a_hotel_whose_prices_are_off_is_not_stale(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    become_stale(monkeypatch)
    assert stale_hotels() == [(HOTEL, today())]
    assert patch(client, mode="off")["stale_since"] is None
    assert stale_hotels() == []
    assert client.get(RULES).json()["stale_since"] is None


def test_prices_that_are_tried_are_the_ones_that_are_shown(client: Client) -> None:
    """Of a hotel that had prices of today before."""
    patch(client, try_as_of=str(night(-30)))
    rows = client.get(f"/prices/?hotel_id={HOTEL}").json()
    assert (rows[0]["night"], len(rows)) == (str(night(-29)), 365)
    patch(client, try_as_of=None)
    rows = client.get(f"/prices/?hotel_id={HOTEL}").json()
    assert (rows[0]["night"], len(rows)) == (str(night(0)), 365)


def test_a_stale_hotel_that_is_tried_is_stale_no_more(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    become_stale(monkeypatch)
    assert patch(client, try_as_of=str(today()))["stale_since"] is None
    assert stale_hotels() == []
    assert PricingRules.objects.get(pk=HOTEL).try_as_of == today()
    assert [message.subject for message in mail.outbox] == [
        f"[RoomPriceGenie] Hotel {HOTEL}: no event since {today()}"
    ], "nothing came again"


@pytest.mark.one_database
def test_a_name_with_a_line_break_is_one_line_of_a_mail(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    HotelProfile.objects.update(name="Sea\nView")
    become_stale(monkeypatch)
    assert mail.outbox[0].subject == f"[RoomPriceGenie] Sea View: no event since {today()}"
