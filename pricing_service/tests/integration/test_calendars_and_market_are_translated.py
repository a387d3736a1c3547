"""Event calendars, competitors and the booking system's prices: no text is left in English."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.delivered.delivered_prices import save_report
from pricing_service.event_calendars.calendar_models import EventCalendar, FoundEvent
from pricing_service.market_rates.rate_recording import record_rates
from pricing_service.market_rates.rate_validation import SeenRate
from pricing_service.models import FixedPrice
from pricing_service.tests.calendar_server import CalendarServer
from pricing_service.tests.hotels import DATABASES, HOTEL, create_hotel, create_rules, night
from tests.untranslated_texts import marked_language, page_texts_left, untranslated

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]
PATH = f"/pricing/event-calendars/?hotel_id={HOTEL}"
DATA = (f"Hotel {HOTEL}",)


@pytest.fixture(autouse=True)
def hotel(settings: Any) -> None:
    settings.API_AUTH = "open"
    create_hotel()
    create_rules(mode="automatic")


@pytest.fixture
def fair(settings: Any) -> Iterator[CalendarServer]:
    server = CalendarServer()
    settings.WEBHOOK_INTERNAL_HOSTS = [server.host]
    yield server
    server.close()


def send(client: Client, **fields: Any) -> None:
    assert client.post(PATH, fields).status_code == 302


def left(client: Client, **form: Any) -> list[str]:
    if not form:
        return page_texts_left(client, PATH, *DATA)
    with marked_language():
        response = client.post(PATH, form)
    assert response.status_code == 400
    return untranslated(response.content.decode(), *DATA)


def test_every_state_of_the_calendars(client: Client, fair: CalendarServer) -> None:
    assert left(client) == []
    fair.has(*((str(n), f"Fair {n}", night(20 + n), night(21 + n)) for n in range(3)))
    send(client, act="add", address=fair.url)
    assert left(client) == []
    for event in FoundEvent.objects.exclude(name="Fair 2"):
        send(client, act="accept", event=event.pk, factor="1.2")
    fair.has(("0", "Fair 0", night(30), night(31)))
    send(client, act="check", calendar=EventCalendar.objects.get().pk)
    assert left(client) == []
    for form in (
        {"act": "add", "address": "no address"}, {"act": "add", "address": fair.url},
        {"act": "accept", "event": 0, "factor": "1"}, {"act": "accept", "factor": "99"},
        {"act": "move", "event": 0}, {"act": "fly"},
    ):  # fmt: skip
        assert left(client, **form) == [], form


@pytest.mark.parametrize(
    ("failure", "notice"),
    [
        ("it answered 503", ""),
        ("it leads to http://a.example/…, which must begin with https://", ""),
        ("the name a.example is not known: name or service not known", ""),
        ("", "2 entries cannot be read. Of 1 recurring entry only the first time is known."),
        ("", "It has no events in the coming two years."),
    ],
)
def test_what_a_reading_has_stored(client: Client, failure: str, notice: str) -> None:
    EventCalendar.objects.create(
        hotel_id=HOTEL, address="https://fair.example/e.ics", read_at=timezone.now(),
        failure=failure, notice=notice,
    )  # fmt: skip
    assert left(client) == []
    with marked_language():
        marked = client.get(PATH).content.decode()
    assert f"⟦{(failure or notice)[:9]}" in marked
    shown = client.get(PATH).content.decode()
    assert failure in shown
    assert notice in shown


def test_a_reading_is_stored_in_english(client: Client, fair: CalendarServer) -> None:
    fair.has()
    client.post(PATH, {"act": "add", "address": fair.url}, headers={"accept-language": "de"})
    assert EventCalendar.objects.get().notice == "It has no events in the coming two years."


def test_competitors_and_prices_in_the_booking_system(client: Client) -> None:
    FixedPrice.objects.create(profile_id=HOTEL, night=night(5), price=100)
    reprice(HOTEL)
    now = timezone.now()
    seen = [
        SeenRate(HOTEL, night(5), name, "", now - timedelta(hours=hours), rate, currency)
        for name, hours, rate, currency in (
            ("<bdi>", 1, Decimal(90), "EUR"), ("B", 26, None, ""), ("C", 999, Decimal(80), "EUR"),
            ("D", 0.1, Decimal(80), "USD"),
        )
    ]  # fmt: skip
    path = f"/pricing/?hotel_id={HOTEL}&night={night(5)}"
    before = page_texts_left(client, path, *DATA)
    record_rates(seen)
    row = {"night": night(5), "room_type": "", "currency": "EUR", "confirmed_at": now}
    save_report(HOTEL, "PMS", "the connection was stopped", [{**row, "price": "1", "problem": ""}])
    after = page_texts_left(client, path, *DATA)
    assert set(after) - set(before) == set()
    save_report(HOTEL, "PMS", "", [{**row, "price": None, "problem": "no connection"}])
    assert set(page_texts_left(client, path, *DATA)) - set(before) == set()
