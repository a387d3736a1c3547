"""A booking system that falls silent is said to be silent; it is not taken for a lack of demand."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.decisions.manual_decisions import decide
from pricing_service.delivery.present_prices import present_prices
from pricing_service.demand.stale_hotels import stale_hotels
from pricing_service.models import Action, NightPrice, PricingRules, PricingState
from pricing_service.rules.pricing_rules import save_rules
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    book,
    create_hotel,
    create_rules,
    night,
    today,
)
from tests.prepared_rows import prepared_rows

pytestmark = [pytest.mark.django_db(databases=DATABASES), pytest.mark.one_database]


@pytest.fixture(scope="module")
def busy_hotel(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with prepared_rows(django_db_blocker, DATABASES, create_busy_hotel):
        yield


@pytest.fixture(autouse=True)
def alerted(busy_hotel: None, settings: Any) -> None:
    settings.API_AUTH = "open"
    settings.ALERT_EMAILS = ["revenue@example.com"]


def create_busy_hotel() -> None:
    """Create a hotel with bookings of every day up to yesterday."""
    create_hotel()
    for back in range(1, 120):
        for ahead in (7, 14, 28, 60):
            book(night(-back + ahead), 2, day=night(-back))


def after_quiet_days(days: int, monkeypatch: pytest.MonkeyPatch) -> None:
    later = timezone.now() + timedelta(days=days)
    monkeypatch.setattr(timezone, "now", lambda: later)
    reprice(HOTEL)


def mean_price(first: date) -> Decimal:
    rows = list(NightPrice.objects.filter(night__range=(first, first + timedelta(days=89))))
    assert len(rows) == 90
    return sum((row.recommended for row in rows), Decimal()) / 90


def page() -> str:
    return Client().get(f"/pricing/?hotel_id={HOTEL}").content.decode()


def dashboard_page() -> str:
    return Client().get(f"/?hotel_id={HOTEL}").content.decode()


@pytest.mark.parametrize("days", [7, 20, 34, 36, 200])
@pytest.mark.usefixtures("a_year_of_nights")
def test_prices_stand_still_in_silence(days: int, monkeypatch: pytest.MonkeyPatch) -> None:
    create_rules(mode="automatic")
    reprice(HOTEL)
    last = night(364)
    before = dict(NightPrice.objects.values_list("night", "price"))
    after_quiet_days(days, monkeypatch)
    coming = NightPrice.objects.filter(night__range=(night(days), last))
    assert {row.night: row.price for row in coming} == {
        at: price for at, price in before.items() if at >= night(days)
    }
    recommended = {row.night: (row.recommended, row.price) for row in coming}
    assert all(abs(new - old) <= old * Decimal("0.02") for new, old in recommended.values())


@pytest.mark.usefixtures("a_year_of_nights")
def test_nights_that_are_gone_are_not_coming(monkeypatch: pytest.MonkeyPatch) -> None:
    create_rules(mode="automatic")
    reprice(HOTEL)
    after_quiet_days(40, monkeypatch)
    rows = Client().get(f"/prices/?hotel_id={HOTEL}").json()
    assert (rows[0]["night"], len(rows)) == (str(night(40)), 365)


def test_it_is_said_on_the_page_over_rest_and_by_one_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    create_rules(mode="automatic")
    reprice(HOTEL)
    assert "No event of" not in page()
    assert 'id="stale"' not in dashboard_page()
    for _ in range(3):
        after_quiet_days(3, monkeypatch)
    assert stale_hotels() == [(HOTEL, today())]
    assert "No event of" in page()
    assert 'id="stale"' in dashboard_page(), "the dashboard says so by the same rule"
    assert Client().get(f"/prices/hotels/{HOTEL}/").json()["stale_since"] == str(today())
    [message] = mail.outbox
    assert f"no event since {today()}" in message.subject
    assert message.to == ["revenue@example.com"]


def test_when_events_come_again_prices_follow_them(monkeypatch: pytest.MonkeyPatch) -> None:
    create_rules(mode="automatic")
    reprice(HOTEL)
    before = NightPrice.objects.get(night=night(20)).on_the_books
    after_quiet_days(9, monkeypatch)
    book(night(20), 18, day=night(9))
    reprice(HOTEL)
    assert stale_hotels() == []
    assert "events come again" in mail.outbox[-1].subject
    assert NightPrice.objects.get(night=night(20)).on_the_books == before + 18


def test_a_person_still_decides_and_changes_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    create_rules(mode="automatic")
    reprice(HOTEL)
    after_quiet_days(9, monkeypatch)
    decide(HOTEL, [night(20)], Action.OVERRIDE, "Ada", Decimal(111))
    save_rules(HOTEL, {"minimum_price": Decimal(95), "base_price": Decimal(120)})
    reprice(HOTEL)
    assert NightPrice.objects.get(night=night(20)).price == 111
    assert min(NightPrice.objects.filter(night__gte=night(9)).values_list("price", flat=True)) >= 95


def test_prices_that_are_tried_are_sent_to_nobody() -> None:
    create_rules(
        mode="automatic", webhook_url="https://example.com/x", webhook_secret="s",
        try_as_of=night(-40),
    )  # fmt: skip
    reprice(HOTEL)
    assert present_prices(PricingRules.objects.get()) == []
    assert NightPrice.objects.earliest("night").night == night(-39)
    assert "nothing is sent" in page()
    assert PricingState.objects.get().stale_since is None


def test_a_day_in_the_future_is_not_tried() -> None:
    create_rules()
    body = orjson.dumps({"try_as_of": str(night(3))})
    path = f"/prices/hotels/{HOTEL}/"
    response = Client().patch(path, body, content_type="application/json")
    assert (response.status_code, list(response.json())) == (400, ["try_as_of"])
