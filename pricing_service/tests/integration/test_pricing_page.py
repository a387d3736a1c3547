"""The pricing page as the server renders it: access, query parameters, empty states, ETag."""

import re
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from common.access_rights import EVERYTHING, Ability, Access
from common.figure_help import FIGURES
from dashboard_service import figures_for_pricing
from dashboard_service.models import HotelProfile
from pricing_service.decisions import automatic_pricing
from pricing_service.decisions.manual_decisions import decide
from pricing_service.models import Action, PriceDecision
from pricing_service.rules import pricing_rules
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    ROOMS,
    book,
    create_hotel,
    create_rules,
    night,
)
from pricing_service.web_page import page_content

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]


@pytest.fixture(autouse=True)
def api_without_authentication(settings: Any) -> None:
    settings.API_AUTH = "open"


def log_in_with(monkeypatch: pytest.MonkeyPatch, **rights: Any) -> None:
    """Let all requests come from the user mia with these rights."""
    access = Access("mia", "user 1", is_known=True, **rights)
    monkeypatch.setattr("accounts.middleware.access_of_sender", lambda request: access)


def page_text(client: Client, query: str = "", status: int = 200) -> str:
    """Return the text of the page without tags."""
    response = client.get(f"/pricing/{query}")
    assert response.status_code == status, response.content
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def cell_classes(client: Client, ahead: int) -> str:
    """Return the CSS classes of a night's cell in the calendar."""
    date = night(ahead)
    html = client.get(f"/pricing/?hotel_id={HOTEL}&month={date:%Y-%m}").content.decode()
    match = re.search(rf'<a data-go class="([^"]*)"[^>]*data-night="{date}"', html)
    assert match
    return match[1]


def test_it_works(client: Client) -> None:
    create_hotel()
    create_rules(mode="suggest")
    book(night(5), ROOMS)
    automatic_pricing.reprice(HOTEL)
    assert "ahead3" in cell_classes(client, 5)
    assert "suggested" in cell_classes(client, 5)
    assert f"Hotel {HOTEL}" in page_text(client)
    opened = page_text(client, f"?hotel_id={HOTEL}&night={night(5)}")
    assert "of this month" in opened
    assert "Demand and rooms left" in opened
    assert client.get("/pricing").status_code == 200


def test_times_are_the_hotels(client: Client) -> None:
    """Whoever looks from elsewhere sees when it was at the hotel."""
    create_hotel()
    HotelProfile.objects.update(time_zone="Asia/Tokyo", counted_time_zone="Asia/Tokyo")
    create_rules()
    automatic_pricing.reprice(HOTEL)
    [row] = decide(HOTEL, [night(5)], Action.LOCK, "Ada")
    made_at = PriceDecision.objects.latest("id").made_at
    html = client.get(f"/pricing/?hotel_id={HOTEL}&night={row.night}").content.decode()
    decisions = html.partition('class="decisions"')[2].partition("</ol>")[0]
    zone = 'data-as="time" data-zone="Asia/Tokyo"'
    assert f'<time datetime="{made_at.isoformat()}" {zone}>' in decisions
    assert f"{made_at.astimezone(ZoneInfo('Asia/Tokyo')):%H:%M}</time>" in decisions
    assert zone in html.partition('id="last-act"')[2].partition("</div>")[0]
    assert 'data-as="time">' not in html, "every time has a zone"


def test_figures_of_a_night_have_their_help(client: Client) -> None:
    create_hotel()
    create_rules()
    automatic_pricing.reprice(HOTEL)
    text = page_text(client, f"?hotel_id={HOTEL}&night={night(5)}")
    for key in ("usual", "forecast"):
        assert str(FIGURES[key].counts) in text
        assert str(FIGURES[key].example) in text


def test_a_night_without_a_price(client: Client) -> None:
    create_hotel()
    create_rules()
    automatic_pricing.reprice(HOTEL)
    assert "This night has no price" in page_text(client, f"?hotel_id={HOTEL}&night=1999-01-01")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?hotel=1", "unknown parameter; known are: hotel_id, month, night"),
        ("?hotel_id=", "empty: give a value or leave the parameter out"),
        ("?hotel_id=0", "greater than or equal to 1"),
        ("?month=2024-13", "must be a month like 2024-05"),
        ("?month=2024-5", "must be a month like 2024-05"),
        ("?month=1024-05", "must lie in the years"),
        ("?month=2024-05&month=2024-06", "given more than once"),
        ("?night=2024-02-30", "night"),
    ],
)
def test_a_wrong_address_is_refused_with_the_reason(
    client: Client, query: str, message: str
) -> None:
    assert message in page_text(client, query, 400)


@pytest.mark.parametrize("month", ["1900-01", "2199-12"])
def test_the_first_and_the_last_month(client: Client, month: str) -> None:
    create_hotel()
    create_rules()
    page_text(client, f"?hotel_id={HOTEL}&month={month}")


def test_without_a_login_the_page_redirects_to_the_login(client: Client, settings: Any) -> None:
    settings.API_AUTH = "required"
    response = client.get("/pricing/?hotel_id=7")
    assert (response.status_code, response["Location"]) == (
        302,
        "/login/?next=/pricing/%3Fhotel_id%3D7",
    )


def test_a_user_without_the_right_to_read_prices_is_refused(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in_with(monkeypatch, abilities=EVERYTHING - {Ability.READ_PRICES}, hotels=None)
    assert "mia may not read prices" in page_text(client, "", 403)


def test_a_hotel_of_other_users_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    log_in_with(monkeypatch, abilities=EVERYTHING, hotels=frozenset({HOTEL}))
    assert f"mia is not for hotel {HOTEL + 1}" in page_text(client, f"?hotel_id={HOTEL + 1}", 403)


def test_a_user_who_may_only_read_gets_no_forms(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_hotel()
    create_rules()
    automatic_pricing.reprice(HOTEL)
    log_in_with(monkeypatch, abilities=frozenset({Ability.READ_PRICES}), hotels=frozenset({HOTEL}))
    html = client.get(f"/pricing/?night={night(5)}").content.decode()
    assert 'id="decide"' not in html
    assert 'id="save"' not in html
    assert re.search(r'id="settings-shown"[^>]* disabled>', html)


def test_without_hotels_the_page_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No hotel to price" in page_text(client)
    log_in_with(monkeypatch, abilities=EVERYTHING, hotels=frozenset())
    assert "No hotel is assigned to you yet" in page_text(client)


def test_a_hotel_without_pricing_rules(client: Client) -> None:
    create_hotel()
    assert f"Hotel {HOTEL} has no prices yet" in page_text(client, f"?hotel_id={HOTEL}")


def test_prices_that_are_off(client: Client) -> None:
    create_hotel()
    create_rules(mode="off")
    assert "Prices are off" in page_text(client)


def test_names_are_escaped(client: Client) -> None:
    create_hotel()
    create_rules()
    event = {"name": "<script>x", "first": night(1), "last": night(2), "factor": 1.5}
    pricing_rules.save_rules(HOTEL, {"events": [event]})
    automatic_pricing.reprice(HOTEL)
    html = client.get(f"/pricing/?night={night(1)}").content.decode()
    assert "<script>x" not in html
    assert "&lt;script&gt;x" in html


def test_an_unchanged_page_is_a_304_with_few_queries(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    create_hotel()
    create_rules()
    automatic_pricing.reprice(HOTEL)
    tag = client.get("/pricing/")["ETag"]
    with django_assert_max_num_queries(10, using="pricing_service"):
        assert client.get("/pricing/", headers={"If-None-Match": tag}).status_code == 304
    pricing_rules.save_rules(HOTEL, {"aggressiveness": 5})
    assert client.get("/pricing/", headers={"If-None-Match": tag}).status_code == 200


def test_a_database_that_does_not_answer_is_a_503(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(page_content, "page_state", fail)
    assert "try again in some seconds" in page_text(client, f"?hotel_id={HOTEL}", 503)


def test_too_many_hotels_for_a_list_get_a_number_field(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_hotel()
    create_rules()
    assert figures_for_pricing.hotels(frozenset()) == []
    monkeypatch.setattr(page_content, "LISTED_HOTELS", 0)
    assert (
        '<input type="number" id="hotel"'
        in client.get(f"/pricing/?hotel_id={HOTEL}").content.decode()
    )


def test_country_and_region_are_chosen_by_those_who_may_change_hotels(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_hotel()
    create_rules(mode="suggest")
    HotelProfile.objects.update(country="DE", region="BY")
    html = client.get(f"/pricing/?hotel_id={HOTEL}").content.decode()
    assert '<option value="DE" translate="no" selected>DE</option>' in html
    assert '<option value="BY" translate="no" selected>BY</option>' in html
    assert '<option value="NW" translate="no">NW</option>' in html
    assert "public holidays of <bdi>DE</bdi>, <bdi>BY</bdi>." in html
    log_in_with(
        monkeypatch, hotels=None, abilities=frozenset({Ability.READ_PRICES, Ability.SET_PRICES})
    )
    html = client.get(f"/pricing/?hotel_id={HOTEL}").content.decode()
    assert 'id="country"' not in html
    assert "To change it needs the right to change hotels." in html
