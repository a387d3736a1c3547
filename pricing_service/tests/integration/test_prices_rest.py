"""Prices over REST: what a booking system takes and what people tell, strictly."""

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
from pricing_service.models import DemandEvent, NightPrice, PriceDecision, PricingRules
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

pytestmark = pytest.mark.django_db(databases=DATABASES)


@pytest.fixture(autouse=True)
def an_open_system(settings: Any) -> None:
    settings.API_AUTH = "open"


@pytest.fixture
def priced() -> PricingRules:
    create_hotel()
    made = create_rules(mode="suggest", webhook_secret="s", webhook_url="http://127.0.0.1:9/x")
    book(night(5), ROOMS)
    automatic_pricing.reprice(HOTEL)
    return made


def send(method: str, path: str, body: Any = None) -> Any:
    data = b"" if body is None else orjson.dumps(body)
    return Client().generic(method, path, data, content_type="application/json")


def test_a_year_of_prices(priced: PricingRules) -> None:
    rows = send("GET", f"/prices/?hotel_id={HOTEL}").json()
    assert [row["night"] for row in rows] == [str(night(ahead)) for ahead in range(1, 366)]
    full = rows[4]
    assert (full["price"], full["state"], full["occupancy"]) == ("100.00", "suggested", 1.0)
    assert Decimal(full["recommended"]) > 100


def test_a_span_of_nights(priced: PricingRules) -> None:
    span = f"/prices?hotel_id={HOTEL}&from={night(3)}&to={night(4)}"
    assert [row["night"] for row in send("GET", span).json()] == [str(night(3)), str(night(4))]


def test_csv_holds_the_same_rows(priced: PricingRules) -> None:
    path = f"/prices/?hotel_id={HOTEL}&from={night(5)}&to={night(5)}"
    [row] = send("GET", path).json()
    answer = send("GET", path + "&format=csv")
    head, line = answer.content.decode().splitlines()
    assert head == ",".join(row)
    assert line.startswith(f"{HOTEL},{night(5)},100.00,EUR,{row['recommended']},suggested,5,")
    assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "hotel_id"),
        ("hotel_id=abc", "hotel_id"),
        (f"hotel_id={HOTEL}&from=2026-02-30", "from"),
        (f"hotel_id={HOTEL}&from=2026-05-02&to=2026-05-01", "to"),
        (f"hotel_id={HOTEL}&from=2020-01-01&to=2026-05-01", "to"),
        (f"hotel_id={HOTEL}&form=2026-05-01", "form"),
        (f"hotel_id={HOTEL}&format=xml", "format"),
    ],
)
def test_a_wrong_query_names_its_field(query: str, field: str) -> None:
    answer = send("GET", f"/prices/?{query}")
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_a_hotel_without_a_profile_has_no_prices() -> None:
    assert send("GET", "/prices/?hotel_id=99").json() == []
    assert send("GET", "/prices/hotels/99/").status_code == 404
    assert send("GET", f"/prices/night/?hotel_id=99&night={night(1)}").status_code == 404
    assert send("GET", "/prices/hotels/99/proposal/").json()["rooms"] is None


def test_a_night_with_all_that_stands_behind_it(priced: PricingRules) -> None:
    found = send("GET", f"/prices/night/?hotel_id={HOTEL}&night={night(5)}").json()
    assert set(found["factors"]) == {"month", "weekday", "event", "occupancy", "lead time"}
    by_day = {point["days_before"]: point for point in found["curve"]}
    assert len(by_day) == 366
    assert by_day[5]["on_the_books"] == ROOMS
    assert by_day[6]["on_the_books"] == 0
    assert by_day[4]["on_the_books"] is None, "to come"
    assert by_day[0]["expected"] == pytest.approx(0.8 * ROOMS)
    assert [one["action"] for one in found["decisions"]] == ["start"]


def test_last_year_s_curve(priced: PricingRules) -> None:
    past = night(5) - timedelta(days=364)
    book(past, 7, day=past - timedelta(days=10))
    found = send("GET", f"/prices/night/?hotel_id={HOTEL}&night={night(5)}").json()
    by_day = {point["days_before"]: point["last_year"] for point in found["curve"]}
    assert (by_day[11], by_day[10], by_day[0]) == (0, 7, 7)


def test_a_new_profile_needs_its_base_price_only() -> None:
    create_hotel()
    assert send("PATCH", f"/prices/hotels/{HOTEL}/", {"mode": "suggest"}).json() == {
        "base_price": ["required for new pricing rules"]
    }
    told = send("PATCH", f"/prices/hotels/{HOTEL}", {"base_price": 80}).json()
    assert (told["minimum_price"], told["maximum_price"]) == ("48.00", "200.00")
    assert NightPrice.objects.filter(hotel_id=HOTEL).count() == 365, "priced before the answer"


def test_a_change_keeps_the_rest_and_replaces_lists_whole(priced: PricingRules) -> None:
    fair = {"first": str(night(3)), "last": str(night(4)), "name": "Fair", "factor": 1.5}
    send("PATCH", f"/prices/hotels/{HOTEL}/", {"events": [fair, fair]})
    told = send("PATCH", f"/prices/hotels/{HOTEL}/", {"events": [fair], "aggressiveness": 5}).json()
    assert (told["events"], told["aggressiveness"], told["base_price"]) == ([fair], 5, "100.00")
    assert DemandEvent.objects.count() == 1
    assert send("GET", f"/prices/hotels/{HOTEL}/").json()["events"] == [fair]


def test_a_secret_is_not_shown(priced: PricingRules) -> None:
    told = send("GET", f"/prices/hotels/{HOTEL}/").json()
    assert told["has_webhook_secret"] is True
    assert "webhook_secret" not in told


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
    ({"target_occupancy": [0] * 12}, "target_occupancy"),
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


@pytest.mark.parametrize(("change", "field"), WRONG)
@pytest.mark.parametrize("method", ["PATCH", "POST"])
def test_a_wrong_change_names_its_field_and_changes_nothing(
    priced: PricingRules, method: str, change: dict[str, Any], field: str
) -> None:
    before = PricingRules.objects.values().get()
    path = f"/prices/hotels/{HOTEL}/" + ("preview/" if method == "POST" else "")
    answer = send(method, path, change)
    assert (answer.status_code, list(answer.json())) == (400, [field]), answer.content
    assert PricingRules.objects.values().get() == before


def test_a_preview_says_what_would_be_and_changes_nothing(priced: PricingRules) -> None:
    before = list(NightPrice.objects.values())
    rows = send("POST", f"/prices/hotels/{HOTEL}/preview/", {"minimum_price": 90}).json()
    assert {row["would_be"] for row in rows[:4]} == {"90.00"}
    assert {row["recommended"] for row in rows[:2]} != {"90.00"}
    assert list(NightPrice.objects.values()) == before
    assert PricingRules.objects.get().minimum_price == 60
    send("PATCH", f"/prices/hotels/{HOTEL}/", {"minimum_price": 90})
    now = send("GET", f"/prices/?hotel_id={HOTEL}").json()
    assert [row["recommended"] for row in now] == [row["would_be"] for row in rows]


def test_a_decision_says_who(priced: PricingRules) -> None:
    body = {"hotel_id": HOTEL, "nights": [str(night(5))], "action": "override", "price": "99.5"}
    [row] = send("POST", "/prices/decisions/", {**body, "reason": "a friend"}).json()
    assert (row["price"], row["state"]) == ("99.50", "held")
    [made, _] = send(
        "GET", f"/prices/decisions/?hotel_id={HOTEL}&from={night(5)}&to={night(5)}"
    ).json()
    assert (made["who"], made["reason"], made["old_price"]) == ("anybody", "a friend", "100.00")


def test_decisions_come_in_pages(priced: PricingRules) -> None:
    seen: list[int] = []
    path = f"/prices/decisions/?hotel_id={HOTEL}&page_size=200"
    while path:
        answer = send("GET", path)
        seen += [one["id"] for one in answer.json()]
        link = answer.headers.get("Link", "")
        path = link[link.index("/prices") : link.index(">")] if link else ""
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == PriceDecision.objects.count() == 365


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"action": "start"}, "action"),
        ({"nights": []}, "nights"),
        ({"nights": ["tomorrow"]}, "nights"),
        ({"price": "1e3"}, "price"),
        ({"who": "me"}, "who"),
        ({"action": "override", "price": "59"}, "price"),
    ],
)
def test_a_wrong_decision_names_its_field(
    priced: PricingRules, change: dict[str, Any], field: str
) -> None:
    body = {"hotel_id": HOTEL, "nights": [str(night(5))], "action": "lock", **change}
    answer = send("POST", "/prices/decisions/", body)
    assert (answer.status_code, list(answer.json())) == (400, [field]), answer.content
    assert not PriceDecision.objects.exclude(action="start").exists()


class TestAnything(TestCase):
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
                return  # an integer that JSON here does not know
            answer = Client().post(
                f"/prices/hotels/{HOTEL}/preview/", body, content_type="application/json"
            )
        assert answer.status_code in (200, 400)


def test_a_proposal_of_a_hotel_with_a_year_behind_it() -> None:
    """Fridays and Saturdays sell twice as much as other nights, summer more than winter."""
    for back in range(1, 500):
        past = today() - timedelta(days=back)
        sold = (12 if past.weekday() in (4, 5) else 6) + (6 if past.month in (6, 7, 8) else 0)
        book(past, sold, day=past - timedelta(days=back % 21))
    found = send("GET", f"/prices/hotels/{HOTEL}/proposal/").json()
    assert found["rooms"] == 18
    assert found["booking_window_days"] == pytest.approx(10, abs=2)
    assert min(found["weekday_factors"][4:6]) > 1 > max(found["weekday_factors"][:4])
    assert min(found["month_factors"][5:8]) > 1 > found["month_factors"][0]
    assert min(found["target_occupancy"][5:8]) > found["target_occupancy"][0]


def test_profiles_told_twice_at_once_do_not_mix() -> None:
    """Whoever comes second sees the whole of the first."""
    create_hotel()
    pricing_rules.save_rules(HOTEL, {"base_price": Decimal(100)})
    pricing_rules.save_rules(HOTEL, {"aggressiveness": 4})
    pricing_rules.save_rules(HOTEL, {"maximum_price": Decimal(300)})
    told = pricing_rules.load_rules(HOTEL)
    assert told and (told.rules.aggressiveness, told.rules.maximum_price) == (4, 300)
