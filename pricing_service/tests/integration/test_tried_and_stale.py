"""Which hotels are stale, what they say of their figures, and nights while prices are tried."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from dashboard_service.models import HotelProfile
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.decisions.manual_decisions import decide
from pricing_service.demand.stale_hotels import stale_hotels
from pricing_service.models import Action, PricingRules
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

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]
RULES = f"/prices/hotels/{HOTEL}/"


@pytest.fixture(scope="module")
def prepared_hotel(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with prepared_rows(django_db_blocker, DATABASES, create_busy_hotel):
        yield


@pytest.fixture(autouse=True)
def alerted(prepared_hotel: None, settings: Any) -> None:
    settings.API_AUTH = "open"
    settings.ALERT_EMAILS = ["revenue@example.com"]


def create_busy_hotel() -> None:
    """Create a hotel with prices and bookings of each day."""
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


@pytest.mark.usefixtures("a_year_of_nights")
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


def test_a_name_with_a_line_break_is_one_line_of_a_mail(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    HotelProfile.objects.update(name="Sea\nView")
    become_stale(monkeypatch)
    assert mail.outbox[0].subject == f"[RoomPriceGenie] Sea View: no event since {today()}"


def in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def test_days_before_count_from_the_hotel_s_today(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the figures are older; that they are is said beside them."""
    [row, *_] = client.get(f"/prices/?hotel_id={HOTEL}").json()
    assert (row["days_before"], row["figures_as_of"]) == (0, None)
    assert "figures as of" not in row["sentence"]
    become_stale(monkeypatch)
    rows = client.get(f"/prices/?hotel_id={HOTEL}").json()
    assert [row["night"] for row in rows[:2]] == [str(night(9)), str(night(10))]
    assert [row["days_before"] for row in rows[:2]] == [0, 1]
    assert {row["figures_as_of"] for row in rows} == {str(today())}
    as_of = f"(figures as of {in_words(today())}, 9 days before this night)"
    assert as_of in rows[0]["sentence"]


def test_the_opened_night_says_of_which_day_its_figures_are(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"hotel_id={HOTEL}&night={night(19)}"
    assert "Figures as of" not in client.get(f"/pricing/?{address}").content.decode()
    become_stale(monkeypatch)
    context = client.get(f"/pricing/?{address}").context["night"]
    text = strip_tags(client.get(f"/pricing/?{address}").content.decode())
    assert "19 days before this night: no event has come since. Today it is 10 days before." in text
    assert "Lead time, 19 days" in text
    known = [point for point in context["curve"] if point["on_the_books"] is not None]
    assert known[-1]["days_before"] == context["chart"]["days_before"] == 19
    assert known[-1]["on_the_books"] == context["on_the_books"]


def test_a_decision_keeps_of_which_day_its_figures_were(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    become_stale(monkeypatch)
    decide(HOTEL, [night(19)], Action.OVERRIDE, "Ada", Decimal(111))
    [decision, *_] = client.get(f"/prices/decisions/?hotel_id={HOTEL}").json()
    made_from = decision["made_from"]
    assert (made_from["days_before"], made_from["figures_as_of"]) == (10, str(today()))
    page = client.get(f"/pricing/?hotel_id={HOTEL}&night={night(19)}").content.decode()
    assert f"booked 10 days before (figures as of {in_words(today())})" in page


def test_days_before_of_prices_that_are_tried_count_from_the_chosen_day(client: Client) -> None:
    patch(client, try_as_of=str(night(-30)))
    rows = client.get(f"/prices/?hotel_id={HOTEL}").json()
    assert [row["days_before"] for row in rows[:2]] == [1, 2]
    assert {row["figures_as_of"] for row in rows} == {None}
    assert "1 day before" in rows[0]["sentence"]


def test_when_events_come_again_figures_are_of_today(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    become_stale(monkeypatch)
    book(night(20), 3, day=night(9))
    reprice(HOTEL)
    [row, *_] = client.get(f"/prices/?hotel_id={HOTEL}").json()
    assert (row["night"], row["days_before"], row["figures_as_of"]) == (str(night(9)), 0, None)
