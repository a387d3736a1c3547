"""Which nights need a person, in which order, and what the page's forms do without script."""

import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client

from overview.morning.ahead_and_behind import MOST_NIGHTS, nights_that_need_a_person
from overview.morning.hotel_morning import load_morning
from overview.tests.morning_hotel import count, hours_ago, sell
from pricing_service.decisions.manual_decisions import decide
from pricing_service.models import Action, Mode, NightPrice, PriceDecision, PricingRules
from pricing_service.tests.hotels import DATABASES, HOTEL, create_rules, night, put_price

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]
PAGE = f"/morning/?hotel_id={HOTEL}"


@pytest.fixture(autouse=True)
def hotel_with_prices() -> None:
    count(sell(60, 1, hours_ago(30)))
    create_rules()


def needed() -> list[dict[str, Any]]:
    return nights_that_need_a_person(load_morning(HOTEL, hours_ago(24), set()))


def test_those_with_the_most_money_at_stake_come_first() -> None:
    put_price(3, 90, recommended=100, forecast=10)  # 10 × 10
    put_price(
        4, 130, recommended=100, forecast=9, on_the_books=2, expected_on_the_books=2
    )  # 30 × 7
    put_price(
        5, 50, recommended=100, forecast=2, on_the_books=2, expected_on_the_books=2
    )  # none left
    put_price(6, 100, recommended=100, forecast=20)
    rows = needed()
    assert [(row["night"], row["stake"]) for row in rows] == [
        (night(4), Decimal(210)), (night(3), Decimal(100)), (night(5), None),
    ]  # fmt: skip
    assert {row["reason"] for row in rows} == {"waiting"}


def test_rooms_that_cannot_be_sold_are_not_at_stake() -> None:
    put_price(3, 90, recommended=100, forecast=40, on_the_books=18, expected_on_the_books=18)
    assert [row["stake"] for row in needed()] == [Decimal(20)], "2 of 20 rooms are free"


def test_there_are_at_most_eight() -> None:
    for ahead in range(1, 20):
        put_price(ahead, 90, recommended=100, forecast=ahead)
    assert [row["night"] for row in needed()] == [night(ahead) for ahead in range(19, 11, -1)]
    assert MOST_NIGHTS == 8


def test_a_difference_below_the_smallest_change_needs_nobody() -> None:
    put_price(3, 99, recommended=100, forecast=10)
    assert needed() == []


def test_where_prices_move_by_themselves_only_held_ones_wait() -> None:
    PricingRules.objects.update(mode=Mode.AUTOMATIC)
    put_price(3, 90, recommended=100, forecast=10)
    put_price(4, 90, recommended=100, forecast=10, is_held=True)
    assert [(row["night"], row["reason"]) for row in needed()] == [(night(4), "held")]


def put_far_price(ahead: int, amount: int, on_the_books: int) -> None:
    """Put a price in force by itself, for a night with usually 5 rooms booked by now."""
    put_price(
        ahead, amount, action=Action.AUTOMATIC, recommended=100, forecast=10,
        on_the_books=on_the_books, expected_on_the_books=5,
    )  # fmt: skip


def test_a_night_far_off_what_is_usual_is_named_after_the_others() -> None:
    put_far_price(3, 100, on_the_books=2)
    put_far_price(4, 100, on_the_books=9)
    put_far_price(5, 100, on_the_books=4)
    put_far_price(6, 98, on_the_books=5)
    assert [(row["night"], row["reason"], row["side"]) for row in needed()] == [
        (night(6), "waiting", "even"), (night(4), "far", "ahead"), (night(3), "far", "behind"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("action", "in_force"), [(Action.ACCEPT, 90), (Action.OVERRIDE, 90), (Action.LOCK, 100)]
)
def test_a_night_far_off_that_a_person_decided_on_comes_again_the_next_day(
    action: Action, in_force: int
) -> None:
    put_far_price(4, in_force, on_the_books=9)
    price = Decimal(100) if action == Action.OVERRIDE else None
    decide(HOTEL, [night(4)], action, "a test", price)
    assert needed() == []
    PriceDecision.objects.update(made_at=hours_ago(24))
    assert [row["reason"] for row in needed()] == ["far"]


def test_closed_and_past_nights_need_nobody() -> None:
    put_price(3, 90, recommended=100, forecast=10, rooms=0)
    put_price(-1, 90, recommended=100, forecast=10)
    assert needed() == []


def form_fields(html: str, shown: Any, act: str) -> dict[str, str]:
    """Return what a browser sends of a night's form."""
    row = html.partition(f'<li data-night="{shown}"')[2].partition("</li>")[0]
    form = next(part for part in row.split("<form ") if f'data-act="{act}"' in part)
    fields = dict(re.findall(r'<input[^>]* name="(\w+)" value="([^"]*)"', form))
    return {name: unescape(text) for name, text in fields.items()}


def test_a_night_is_accepted_without_script(client: Client) -> None:
    put_price(3, 90, recommended=100, forecast=10)
    fields = form_fields(client.get(PAGE + "&since=yesterday").text, night(3), "accept")
    response = client.post("/morning/decide/", fields)
    assert response.headers["Location"] == f"/morning?hotel_id={HOTEL}&since=yesterday#needs"
    assert NightPrice.objects.get(night=night(3)).price == 100
    html = client.get(PAGE).text
    assert f"Accepted: {night(3):%a} {night(3).day} {night(3):%b %Y}, 100.00." in html
    assert 'id="no-needs"' in html
    assert "Accepted" not in client.get(PAGE).text, "said once"


@pytest.mark.parametrize(("typed", "price"), [("120", 120), ("120,00", 120), (" 99.00 ", 99)])
def test_another_price_is_set_and_held_without_script(
    client: Client, typed: str, price: int
) -> None:
    put_price(3, 90, recommended=100, forecast=10)
    fields = form_fields(client.get(PAGE).text, night(3), "override") | {"price": typed}
    client.post("/morning/decide/", fields)
    row = NightPrice.objects.get(night=night(3))
    assert (row.price, row.is_held) == (price, True)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"price": "9999"}, "must lie between 60.00 and 250.00"),
        ({"price": "12x"}, "Nothing was changed"),
        ({"price": "100.50"}, "not a multiple of the price step"),
        ({"price": ""}, "may not be blank"),
        ({"night": "2001-01-01"}, "has begun"),
        ({"action": "accept", "price": "101"}, "the recommended price is now 100.00"),
    ],
)
def test_a_wrong_decision_changes_nothing_and_says_why(
    client: Client, change: dict[str, str], said: str
) -> None:
    put_price(3, 90, recommended=100, forecast=10)
    decisions = PriceDecision.objects.count()
    fields = form_fields(client.get(PAGE).text, night(3), "override") | {"price": "110"} | change
    response = client.post("/morning/decide/", fields, follow=True)
    assert response.status_code in (200, 400)
    assert said in unescape(response.text)
    assert NightPrice.objects.get(night=night(3)).price == 90
    assert PriceDecision.objects.count() == decisions


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"hotel_id": "x"}, {"hotel_id": "7", "night": "today", "action": "accept", "price": "1"},
        {"hotel_id": "7", "night": "2026-12-01", "action": "lock", "price": "1"},
        {"hotel_id": "7", "night": "2026-12-01", "action": "accept", "price": "1", "more": "x"},
        {"hotel_id": "7", "night": "2026-12-01", "action": "accept", "price": "1", "since": "//x.y"},
    ],
)  # fmt: skip
def test_a_form_that_is_none_of_the_page_s_is_refused(
    client: Client, fields: dict[str, str]
) -> None:
    response = client.post("/morning/decide/", fields)
    assert response.status_code == 400
    assert client.get("/morning/decide/").status_code == 405


def test_a_form_of_another_site_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    put_price(3, 90, recommended=100, forecast=10)
    fields = form_fields(client.get(PAGE).text, night(3), "accept")
    token = fields.pop("csrfmiddlewaretoken")
    assert client.post("/morning/decide/", fields).status_code == 403
    assert NightPrice.objects.get(night=night(3)).price == 90
    fields["csrfmiddlewaretoken"] = token
    assert client.post("/morning/decide/", fields).status_code == 302
    assert NightPrice.objects.get(night=night(3)).price == 100
