"""The pricing page as the server writes it: who sees it, what an address may say, empty states."""

import re
from html import unescape
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from common.access_rights import EVERYTHING, Ability, Access
from dashboard_service import figures_for_pricing
from pricing_service.decisions import automatic_pricing
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

pytestmark = pytest.mark.django_db(databases=DATABASES)


@pytest.fixture(autouse=True)
def an_open_system(settings: Any) -> None:
    settings.API_AUTH = "open"


def as_somebody(monkeypatch: pytest.MonkeyPatch, **rights: Any) -> None:
    """Requests come from somebody with these rights."""
    access = Access("mia", "user 1", is_known=True, **rights)
    monkeypatch.setattr("accounts.middleware.access_of_sender", lambda request: access)


def show(client: Client, query: str = "", status: int = 200) -> str:
    answer = client.get(f"/pricing/{query}")
    assert answer.status_code == status, answer.content
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def cell(client: Client, ahead: int) -> str:
    """What the calendar says of the night so many days ahead."""
    at = night(ahead)
    html = client.get(f"/pricing/?hotel_id={HOTEL}&month={at:%Y-%m}").content.decode()
    found = re.search(rf'<a data-go class="([^"]*)"[^>]*data-night="{at}"', html)
    assert found
    return found[1]


def test_it_works(client: Client) -> None:
    create_hotel()
    create_rules(mode="suggest")
    book(night(5), ROOMS)
    automatic_pricing.reprice(HOTEL)
    assert "ahead3" in cell(client, 5)
    assert "suggested" in cell(client, 5)
    assert f"Hotel {HOTEL}" in show(client)
    opened = show(client, f"?hotel_id={HOTEL}&night={night(5)}")
    assert "of this month" in opened
    assert "Occupancy against the curve" in opened
    assert client.get("/pricing").status_code == 200


def test_a_night_without_a_price(client: Client) -> None:
    create_hotel()
    create_rules()
    automatic_pricing.reprice(HOTEL)
    assert "This night has no price" in show(client, f"?hotel_id={HOTEL}&night=1999-01-01")


@pytest.mark.parametrize(
    ("query", "said"),
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
def test_an_address_is_taken_strictly(client: Client, query: str, said: str) -> None:
    assert said in show(client, query, 400)


@pytest.mark.parametrize("month", ["1900-01", "2199-12"])
def test_the_first_and_the_last_month(client: Client, month: str) -> None:
    create_hotel()
    create_rules()
    show(client, f"?hotel_id={HOTEL}&month={month}")


def test_strangers_log_in_first(client: Client, settings: Any) -> None:
    settings.API_AUTH = "required"
    answer = client.get("/pricing/?hotel_id=7")
    assert (answer.status_code, answer["Location"]) == (
        302,
        "/login/?next=/pricing/%3Fhotel_id%3D7",
    )


def test_who_may_not_read_prices(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    as_somebody(monkeypatch, abilities=EVERYTHING - {Ability.READ_PRICES}, hotels=None)
    assert "mia may not read prices" in show(client, "", 403)


def test_somebody_else_s_hotel(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    as_somebody(monkeypatch, abilities=EVERYTHING, hotels=frozenset({HOTEL}))
    assert f"mia is not for hotel {HOTEL + 1}" in show(client, f"?hotel_id={HOTEL + 1}", 403)


def test_who_may_only_read_gets_no_forms(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    create_hotel()
    create_rules()
    automatic_pricing.reprice(HOTEL)
    as_somebody(monkeypatch, abilities=frozenset({Ability.READ_PRICES}), hotels=frozenset({HOTEL}))
    html = client.get(f"/pricing/?night={night(5)}").content.decode()
    assert 'id="decide"' not in html
    assert 'id="save"' not in html
    assert "data-live disabled" in html


def test_nothing_to_show_yet(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No hotel to price" in show(client)
    as_somebody(monkeypatch, abilities=EVERYTHING, hotels=frozenset())
    assert "No hotel is assigned to you yet" in show(client)


def test_a_hotel_without_a_profile(client: Client) -> None:
    create_hotel()
    assert f"Hotel {HOTEL} has no prices yet" in show(client, f"?hotel_id={HOTEL}")


def test_prices_that_are_off(client: Client) -> None:
    create_hotel()
    create_rules(mode="off")
    assert "Prices are off" in show(client)


def test_names_that_people_gave_are_text(client: Client) -> None:
    create_hotel()
    create_rules()
    event = {"name": "<script>x", "first": night(1), "last": night(2), "factor": 1.5}
    pricing_rules.save_rules(HOTEL, {"events": [event]})
    automatic_pricing.reprice(HOTEL)
    html = client.get(f"/pricing/?night={night(1)}").content.decode()
    assert "<script>x" not in html
    assert "&lt;script&gt;x" in html


def test_asking_again_costs_little_until_something_changes(
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


def test_a_database_that_is_away(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(page_content, "page_state", away)
    assert "try again in some seconds" in show(client, f"?hotel_id={HOTEL}", 503)


def test_more_hotels_than_a_list_takes(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    create_hotel()
    create_rules()
    assert figures_for_pricing.hotels(frozenset()) == []
    monkeypatch.setattr(page_content, "LISTED_HOTELS", 0)
    assert (
        '<input type="number" id="hotel"'
        in client.get(f"/pricing/?hotel_id={HOTEL}").content.decode()
    )
