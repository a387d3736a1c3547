"""Pricing rules over REST: changes, preview, proposal, refused input."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from pricing_service.decisions import automatic_pricing
from pricing_service.models import DemandEvent, NightPrice, PricingRules
from pricing_service.rules import pricing_rules
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    ROOMS,
    book,
    create_hotel,
    create_rules,
    night,
    today,
)
from tests.prepared_rows import prepared_rows

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]


@pytest.fixture(autouse=True)
def api_without_authentication(settings: Any) -> None:
    settings.API_AUTH = "open"


@pytest.fixture(scope="class")
def priced(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with prepared_rows(django_db_blocker, DATABASES, create_priced_hotel):
        yield


def create_priced_hotel() -> None:
    create_hotel()
    create_rules(mode="suggest", webhook_secret="s", webhook_url="http://127.0.0.1:9/x")
    book(night(5), ROOMS)
    automatic_pricing.reprice(HOTEL)


def send(method: str, path: str, body: Any = None) -> Any:
    """Return the response to a JSON request."""
    data = b"" if body is None else orjson.dumps(body)
    return Client().generic(method, path, data, content_type="application/json")


@pytest.mark.usefixtures("a_year_of_nights")
def test_new_rules_need_a_base_price_only() -> None:
    create_hotel()
    assert send("PATCH", f"/prices/hotels/{HOTEL}/", {"mode": "suggest"}).json() == {
        "base_price": ["required for new pricing rules"]
    }
    rules = send("PATCH", f"/prices/hotels/{HOTEL}", {"base_price": 80}).json()
    assert (rules["minimum_price"], rules["maximum_price"]) == ("48.00", "200.00")
    assert NightPrice.objects.filter(hotel_id=HOTEL).count() == 365, "priced before the answer"


def test_a_change_keeps_other_fields_and_replaces_lists(priced: None) -> None:
    fair = {"first": str(night(3)), "last": str(night(4)), "name": "Fair", "factor": 1.5}
    send("PATCH", f"/prices/hotels/{HOTEL}/", {"events": [fair, fair]})
    rules = send(
        "PATCH", f"/prices/hotels/{HOTEL}/", {"events": [fair], "aggressiveness": 5}
    ).json()
    assert (rules["events"], rules["aggressiveness"], rules["base_price"]) == ([fair], 5, "100.00")
    assert DemandEvent.objects.count() == 1
    assert send("GET", f"/prices/hotels/{HOTEL}/").json()["events"] == [fair]


def test_a_secret_is_not_shown(priced: None) -> None:
    rules = send("GET", f"/prices/hotels/{HOTEL}/").json()
    assert rules["has_webhook_secret"] is True
    assert "webhook_secret" not in rules


WRONG = [
    ({"base_price": 10}, "minimum_price"),  # below the minimum
    ({"base_price": "NaN"}, "base_price"),
    ({"base_price": -1}, "base_price"),
    ({"price_step": 0}, "price_step"),
    ({"currency": "euro"}, "currency"),
    ({"aggressiveness": 6}, "aggressiveness"),
    ({"month_factors": [1] * 11}, "month_factors"),
    ({"weekday_factors": [1, 1, 1, 1, 1, 1, "1"]}, "weekday_factors"),
    ({"weekday_factors": [1, 1, 1, 1, 1, 1, True]}, "weekday_factors"),
    ({"try_prices": "maybe"}, "try_prices"),
    # No price depends on them any more.
    ({"target_occupancy": [0.8] * 12}, "target_occupancy"),
    ({"booking_window_days": 30}, "booking_window_days"),
    ({"lead_factors": [[3, 0.9], [3, 0.8]]}, "lead_factors"),
    ({"lead_factors": {"3": 0.9}}, "lead_factors"),
    ({"webhook_url": "file:///etc/passwd"}, "webhook_url"),
    ({"webhook_secret": ""}, "webhook_secret"),
    (
        {"events": [{"first": "2026-05-02", "last": "2026-05-01", "name": "x", "factor": 2}]},
        "events",
    ),
    ({"fixed_prices": [{"night": "2026-05-02", "price": 5}] * 2}, "fixed_prices"),
    ({"basis": 1}, "basis"),
    ({"hotel_id": 5}, "hotel_id"),
]


class TestWrongChanges:
    @pytest.mark.parametrize(("change", "field"), WRONG)
    @pytest.mark.parametrize("method", ["PATCH", "POST"])
    def test_a_wrong_change_names_its_field_and_changes_nothing(
        self, priced: None, method: str, change: dict[str, Any], field: str
    ) -> None:
        before = PricingRules.objects.values().get()
        path = f"/prices/hotels/{HOTEL}/" + ("preview/" if method == "POST" else "")
        response = send(method, path, change)
        assert (response.status_code, list(response.json())) == (400, [field]), response.content
        assert PricingRules.objects.values().get() == before


def test_a_preview_returns_the_new_prices_and_saves_nothing(priced: None) -> None:
    before = list(NightPrice.objects.values())
    rows = send(
        "POST", f"/prices/hotels/{HOTEL}/preview/", {"minimum_price": 110, "base_price": 120}
    ).json()
    assert all(Decimal(row["would_be"]) >= 110 for row in rows)
    assert any(Decimal(row["recommended"]) < 110 for row in rows)
    assert list(NightPrice.objects.values()) == before
    assert PricingRules.objects.get().minimum_price == 60
    send("PATCH", f"/prices/hotels/{HOTEL}/", {"minimum_price": 110, "base_price": 120})
    now = send("GET", f"/prices/?hotel_id={HOTEL}").json()
    assert [row["recommended"] for row in now] == [row["would_be"] for row in rows]


class TestAnyChange(TestCase):
    databases = set(DATABASES)

    @given(
        st.dictionaries(
            st.sampled_from([field.name for field in PricingRules._meta.concrete_fields]),
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
            | st.lists(st.floats(0, 2), max_size=13) | st.lists(st.lists(st.integers())),
        )
    )  # fmt: skip
    def test_no_change_makes_a_500(self, change: dict[str, Any]) -> None:
        create_rules()
        with self.settings(API_AUTH="open"):
            try:
                body = orjson.dumps(change)
            except TypeError:
                return  # an integer beyond 64 bits, which orjson cannot write
            response = Client().post(
                f"/prices/hotels/{HOTEL}/preview/", body, content_type="application/json"
            )
        assert response.status_code in (200, 400)


def test_a_proposal_from_more_than_a_year_of_history() -> None:
    """Fridays and Saturdays sell twice as much as other nights, summer more than winter."""
    for back in range(1, 500):
        past = today() - timedelta(days=back)
        sold = (12 if past.weekday() in (4, 5) else 6) + (6 if past.month in (6, 7, 8) else 0)
        book(past, sold, day=past - timedelta(days=back % 21))
    details = send("GET", f"/prices/hotels/{HOTEL}/proposal/").json()
    assert details["rooms"] == 18
    assert min(details["weekday_factors"][4:6]) > 1 > max(details["weekday_factors"][:4])
    assert min(details["month_factors"][5:8]) > 1 > details["month_factors"][0]


def test_each_change_starts_from_the_result_of_the_one_before() -> None:
    create_hotel()
    pricing_rules.save_rules(HOTEL, {"base_price": Decimal(100)})
    pricing_rules.save_rules(HOTEL, {"aggressiveness": 4})
    pricing_rules.save_rules(HOTEL, {"maximum_price": Decimal(300)})
    rules = pricing_rules.load_rules(HOTEL)
    assert rules and (rules.rules.aggressiveness, rules.rules.maximum_price) == (4, 300)
