"""Prices and decisions over REST: rows, CSV, details of a night, pages, refused input."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from django.test import Client

from pricing_service.decisions import automatic_pricing
from pricing_service.models import NightPrice, PriceDecision, PricingRules
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    ROOMS,
    book,
    create_hotel,
    create_rules,
    night,
)

pytestmark = pytest.mark.django_db(databases=DATABASES)


@pytest.fixture(autouse=True)
def api_without_authentication(settings: Any) -> None:
    settings.API_AUTH = "open"


@pytest.fixture
def priced() -> PricingRules:
    create_hotel()
    rules = create_rules(mode="suggest", webhook_secret="s", webhook_url="http://127.0.0.1:9/x")
    book(night(5), ROOMS)
    automatic_pricing.reprice(HOTEL)
    return rules


def send(method: str, path: str, body: Any = None) -> Any:
    """Return the response to a JSON request."""
    data = b"" if body is None else orjson.dumps(body)
    return Client().generic(method, path, data, content_type="application/json")


@pytest.mark.usefixtures("a_year_of_nights")
def test_a_year_of_prices(priced: PricingRules) -> None:
    rows = send("GET", f"/prices/?hotel_id={HOTEL}").json()
    assert [row["night"] for row in rows] == [str(night(ahead)) for ahead in range(365)]
    full = rows[5]
    assert (full["price"], full["state"], full["occupancy"]) == ("100.00", "suggested", 1.0)
    assert Decimal(full["recommended"]) > 100


def test_a_span_of_nights(priced: PricingRules) -> None:
    span = f"/prices?hotel_id={HOTEL}&from={night(3)}&to={night(4)}"
    assert [row["night"] for row in send("GET", span).json()] == [str(night(3)), str(night(4))]


def test_csv_holds_the_same_rows(priced: PricingRules) -> None:
    path = f"/prices/?hotel_id={HOTEL}&from={night(5)}&to={night(5)}"
    [row] = send("GET", path).json()
    response = send("GET", path + "&format=csv")
    head, line = response.content.decode().splitlines()
    assert head == ",".join(row)
    assert line.startswith(f"{HOTEL},{night(5)},,100.00,EUR,{row['recommended']},suggested,5,")
    assert "attachment" in response.headers["Content-Disposition"]


@pytest.mark.one_database
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
    response = send("GET", f"/prices/?{query}")
    assert (response.status_code, list(response.json())) == (400, [field])


def test_a_hotel_without_pricing_rules_has_no_prices() -> None:
    assert send("GET", "/prices/?hotel_id=99").json() == []
    assert send("GET", "/prices/hotels/99/").status_code == 404
    assert send("GET", f"/prices/night/?hotel_id=99&night={night(1)}").status_code == 404
    assert send("GET", "/prices/hotels/99/proposal/").json()["rooms"] is None


def test_a_night_with_factors_booking_curve_and_decisions(priced: PricingRules) -> None:
    details = send("GET", f"/prices/night/?hotel_id={HOTEL}&night={night(5)}").json()
    assert set(details["factors"]) == {"month", "weekday", "event", "lead time", "demand"}
    by_day = {point["days_before"]: point for point in details["curve"]}
    assert len(by_day) == 366
    assert by_day[5]["on_the_books"] == ROOMS
    assert by_day[6]["on_the_books"] == 0
    assert by_day[4]["on_the_books"] is None, "to come"
    assert by_day[30]["expected"] < by_day[5]["expected"] < by_day[0]["expected"] <= ROOMS
    assert [decision["action"] for decision in details["decisions"]] == ["start"]


def test_the_booking_curve_of_last_year(priced: PricingRules) -> None:
    past = night(5) - timedelta(days=364)
    book(past, 7, day=past - timedelta(days=10))
    details = send("GET", f"/prices/night/?hotel_id={HOTEL}&night={night(5)}").json()
    by_day = {point["days_before"]: point["last_year"] for point in details["curve"]}
    assert (by_day[11], by_day[10], by_day[0]) == (0, 7, 7)


def test_a_decision_is_saved_with_author_and_reason(priced: PricingRules) -> None:
    body = {"hotel_id": HOTEL, "nights": [str(night(5))], "action": "override", "price": "99"}
    [row] = send("POST", "/prices/decisions/", {**body, "reason": "a friend"}).json()
    assert (row["price"], row["state"]) == ("99.00", "held")
    [decision, _] = send(
        "GET", f"/prices/decisions/?hotel_id={HOTEL}&from={night(5)}&to={night(5)}"
    ).json()
    assert (decision["who"], decision["reason"], decision["old_price"]) == (
        "anybody",
        "a friend",
        "100.00",
    )


@pytest.mark.usefixtures("a_year_of_nights")
def test_decisions_come_in_pages(priced: PricingRules) -> None:
    seen: list[int] = []
    path = f"/prices/decisions/?hotel_id={HOTEL}&page_size=200"
    while path:
        response = send("GET", path)
        seen += [decision["id"] for decision in response.json()]
        link = response.headers.get("Link", "")
        path = link[link.index("/prices") : link.index(">")] if link else ""
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == PriceDecision.objects.count() == 365


@pytest.mark.one_database
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
    response = send("POST", "/prices/decisions/", body)
    assert (response.status_code, list(response.json())) == (400, [field]), response.content
    assert not PriceDecision.objects.exclude(action="start").exists()


def test_rows_begin_with_tonight_however_far_prices_reach(priced: PricingRules) -> None:
    """The version before priced a night more; `GET /prices/` begins with tonight all the same."""
    NightPrice.objects.filter(night=night(364)).update(night=night(366))
    rows = send("GET", f"/prices/?hotel_id={HOTEL}").json()
    assert rows[0]["night"] == str(night(0))


def test_pages_of_the_version_before_find_their_factor(priced: PricingRules) -> None:
    """During a rolling upgrade they show nights that a new process has priced."""
    factors = [row.factors for row in NightPrice.objects.all()]
    former = ("month", "weekday", "event", "occupancy", "lead time")
    assert factors
    assert all(name in row for row in factors for name in former)
