"""Bounds by season, minimum stays and combined events over REST, and where they count."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from pricing_service.decisions import automatic_pricing
from pricing_service.decisions.manual_decisions import InvalidDecision, decide
from pricing_service.models import Action, NightPrice
from pricing_service.rules.rule_list_models import MinimumStay, PriceBounds
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    ROOMS,
    book,
    create_hotel,
    create_rules,
    night,
)
from pricing_service.tests.integration.test_pricing_rules_rest import send

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]
RULES = f"/prices/hotels/{HOTEL}/"
SPAN = {"first": str(night(5)), "last": str(night(8))}


@pytest.fixture(autouse=True)
def hotel(settings: Any) -> None:
    """A hotel in suggest mode; base 100, bounds 60 and 250."""
    settings.API_AUTH = "open"
    create_hotel()
    create_rules()


def change(**changes: Any) -> dict[str, Any]:
    response = send("PATCH", RULES, changes)
    assert response.status_code == 200, response.content
    rules: dict[str, Any] = response.json()
    return rules


def refused(**changes: Any) -> dict[str, Any]:
    response = send("PATCH", RULES, changes)
    assert response.status_code == 400, response.content
    reasons: dict[str, Any] = response.json()
    return reasons


def price_row(ahead: int) -> dict[str, Any]:
    rows = send("GET", f"/prices/?hotel_id={HOTEL}").json()
    [row] = [row for row in rows if row["night"] == str(night(ahead))]
    found: dict[str, Any] = row
    return found


def test_bounds_are_stored_whole_and_shown() -> None:
    yearly = {**SPAN, "weekdays": [4, 5], "every_year": True, "minimum_price": "110.00"}
    once = {**SPAN, "maximum_price": "90.00"}
    shown = change(bounds=[once])["bounds"]
    assert shown == [{**once, "weekdays": [], "every_year": False, "minimum_price": None}]
    shown = change(bounds=[yearly])["bounds"]
    assert shown == [{**yearly, "maximum_price": None}]
    assert PriceBounds.objects.count() == 1
    assert send("GET", RULES).json()["bounds"] == shown
    assert change(aggressiveness=4)["bounds"] == shown, "left out: as it was"


def test_they_limit_recommended_first_and_overridden_prices() -> None:
    change(bounds=[{**SPAN, "minimum_price": 120, "maximum_price": 140}])
    row = price_row(5)
    assert (row["price"], row["recommended"]) == ("120.00", "120.00")
    assert "Held at the minimum of" in row["sentence"]
    assert price_row(9)["price"] == "100.00"
    details = send("GET", f"/prices/night/?hotel_id={HOTEL}&night={night(5)}").json()
    assert (details["minimum_price"], details["maximum_price"]) == ("120.00", "140.00")
    details = send("GET", f"/prices/night/?hotel_id={HOTEL}&night={night(9)}").json()
    assert (details["minimum_price"], details["maximum_price"]) == ("60.00", "250.00")


def test_an_override_keeps_the_bounds_of_each_of_its_nights() -> None:
    change(bounds=[{**SPAN, "minimum_price": 120, "maximum_price": 300}])
    [row] = decide(HOTEL, [night(5)], Action.OVERRIDE, "Ada", Decimal(290))
    assert row.price == 290, "above the hotel's maximum, and inside the season's"
    before = list(NightPrice.objects.values())
    with pytest.raises(InvalidDecision, match=f"between 60.* and 250.*the night {night(9)}"):
        decide(HOTEL, [night(5), night(9)], Action.OVERRIDE, "Ada", Decimal(290))
    with pytest.raises(InvalidDecision, match=r"between 120.* and 300"):
        decide(HOTEL, [night(9), night(5)], Action.OVERRIDE, "Ada", Decimal(100))
    assert list(NightPrice.objects.values()) == before


def test_a_preview_counts_with_them_and_saves_nothing() -> None:
    automatic_pricing.reprice(HOTEL)
    rows = send("POST", f"{RULES}preview/", {"bounds": [{**SPAN, "minimum_price": 130}]}).json()
    would_be = {row["night"]: row["would_be"] for row in rows}
    assert would_be[str(night(5))] == "130.00"
    assert not PriceBounds.objects.exists()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({}, "give a minimum or a maximum price"),
        (
            {"minimum_price": 120, "maximum_price": 110},
            "the minimum 120.00 is above the maximum 110.00",
        ),
        ({"minimum_price": 251}, "that maximum is the hotel's"),
        ({"maximum_price": 59}, "that minimum is the hotel's"),
        ({"minimum_price": "100.20", "maximum_price": "100.80"}, "no multiple of the price step"),
        ({"minimum_price": 0}, "must be more than 0"),
        ({"minimum_price": 90, "weekdays": [7]}, "less than or equal to 6"),
        ({"minimum_price": 90, "weekdays": "Fri"}, "must be a list"),
        ({"minimum_price": 90, "last": str(night(4))}, "comes before the first night"),
        ({"minimum_price": 90, "first": None}, "null"),
        ({"minimum_price": 90, "last": str(night(5 + 366)), "every_year": True}, "than a year"),
        ({"minimum_price": 90, "name": "summer"}, "unknown field"),
    ],
)
@pytest.mark.parametrize("method", ["PATCH", "POST"])
def test_wrong_bounds_are_refused(method: str, row: dict[str, Any], reason: str) -> None:
    path = RULES + ("preview/" if method == "POST" else "")
    response = send(method, path, {"bounds": [{**SPAN, **row}]})
    assert response.status_code == 400
    assert list(response.json()) == ["bounds"]
    assert reason in response.content.decode()
    assert not PriceBounds.objects.exists()


def test_the_hotel_s_bounds_cannot_be_changed_so_that_a_season_s_become_impossible() -> None:
    change(bounds=[{**SPAN, "minimum_price": 200}])
    assert "row" not in str(refused(maximum_price=150))
    assert list(refused(maximum_price=150)) == ["bounds"]
    assert (
        "0: the minimum 200.00 is above the maximum 150" in refused(maximum_price=150)["bounds"][0]
    )
    change(maximum_price=150, bounds=[])


def test_several_events_of_a_night_count_as_the_hotel_says() -> None:
    fairs = [{**SPAN, "name": name, "factor": factor} for name, factor in (("A", 1.2), ("B", 1.5))]
    assert change(events=fairs)["event_combination"] == "largest"
    assert "B +50 %" in price_row(5)["sentence"]
    assert "A +20 %" not in price_row(5)["sentence"]
    assert change(event_combination="product")["event_combination"] == "product"
    assert "A and B +80 %" in price_row(5)["sentence"]
    assert list(refused(event_combination="sum")) == ["event_combination"]


def test_minimum_stays_are_stored_and_shown_for_each_night() -> None:
    shown = change(
        minimum_stays=[{**SPAN, "nights": 3}, {**SPAN, "last": SPAN["first"], "nights": 1}]
    )
    assert [row["nights"] for row in shown["minimum_stays"]] == [3, 1]
    assert [price_row(ahead)["minimum_stay"] for ahead in (4, 5, 6, 8, 9)] == [1, 1, 3, 3, 1]
    details = send("GET", f"/prices/night/?hotel_id={HOTEL}&night={night(6)}").json()
    assert details["minimum_stay"] == 3
    csv = send("GET", f"/prices/?hotel_id={HOTEL}&format=csv").content.decode().splitlines()
    assert "minimum_stay" in csv[0].split(",")
    for wrong in (0, 29, 1.5, None):
        assert list(refused(minimum_stays=[{**SPAN, "nights": wrong}])) == ["minimum_stays"]
    assert MinimumStay.objects.count() == 2


def test_the_proposal_has_a_minimum_stay_for_a_full_night_between_empty_ones() -> None:
    book(night(20), ROOMS * 9 // 10, night(-1))
    rows = send("GET", f"{RULES}proposal/").json()["minimum_stays"]
    assert [(row["first"], row["last"], row["nights"]) for row in rows] == [
        (str(night(20)), str(night(20)), 2)
    ]
    change(minimum_stays=[{key: rows[0][key] for key in ("first", "last", "nights")}])
    assert send("GET", f"{RULES}proposal/").json()["minimum_stays"] == []


def test_a_long_season_of_bounds_and_stays_is_priced_in_time() -> None:
    """A thousand rows of each list, as many as a hotel may have."""
    rows = [
        {"first": str(night(1)), "last": str(night(300) + timedelta(days=number))}
        for number in range(1000)
    ]
    change(
        bounds=[{**row, "minimum_price": 70, "every_year": False} for row in rows],
        minimum_stays=[{**row, "nights": 2} for row in rows],
    )
    assert price_row(5)["minimum_stay"] == 2
