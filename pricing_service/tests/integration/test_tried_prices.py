"""Prices that are tried: in automatic mode only, where the hotel allows it, and said so."""

import re
from typing import Any

import pytest
from django.test import Client

from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.models import NightPrice, PriceDecision
from pricing_service.tests.hotels import DATABASES, HOTEL, book, create_hotel, create_rules, night

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(databases=DATABASES),
]


@pytest.fixture(autouse=True)
def open_hotel(settings: Any) -> None:
    settings.API_AUTH = "open"
    create_hotel()
    for ahead in range(0, 60, 4):
        book(night(ahead), 1 + ahead % 9)


def trials() -> list[float]:
    rows = [row.factors for row in NightPrice.objects.all()]
    return [factors["trial"] - 1 for factors in rows if "trial" in factors]


@pytest.mark.parametrize(("mode", "allowed"), [("suggest", True), ("automatic", False)])
def test_nothing_is_tried_in_suggest_mode_or_where_the_hotel_does_not_allow_it(
    mode: str, allowed: bool
) -> None:
    create_rules(mode=mode, try_prices=allowed)
    reprice(HOTEL)
    assert trials() == []
    assert not any("Tried" in row.sentence for row in NightPrice.objects.all())


@pytest.mark.usefixtures("a_year_of_nights")
def test_a_tried_price_says_so_with_its_decision() -> None:
    create_rules(mode="automatic")
    reprice(HOTEL)
    assert len(trials()) > 300
    assert all(0 < abs(trial) <= 0.0625 for trial in trials())
    tried = 0
    for decision in PriceDecision.objects.all():
        trial = decision.made_from["factors"].get("trial", 1) - 1
        found = re.search(r"Tried (\d+) % (higher|lower) to learn how guests respond",
                          decision.reason)  # fmt: skip
        assert bool(trial) == bool(found)
        if found:
            tried += 1
            assert int(found[1]) == round(100 * abs(trial))
            assert (found[2] == "higher") == (trial > 0)
    assert tried > 300


def test_the_same_prices_are_tried_again() -> None:
    create_rules(mode="automatic")
    reprice(HOTEL)
    before = list(NightPrice.objects.values_list("night", "recommended", "sentence"))
    assert reprice(HOTEL) <= 1  # tonight's, as the day goes by
    assert list(NightPrice.objects.values_list("night", "recommended"))[1:] == [
        row[:2] for row in before[1:]
    ]


def test_the_rules_say_whether_prices_are_tried() -> None:
    create_rules()
    client = Client()
    assert client.get(f"/prices/hotels/{HOTEL}/").json()["try_prices"] is True
    answer = client.patch(f"/prices/hotels/{HOTEL}/", {"try_prices": False}, "application/json")
    assert answer.json()["try_prices"] is False
    page = client.get(f"/pricing/?hotel_id={HOTEL}").content.decode()
    assert re.search(r'id="try_prices" type="checkbox"[^>]*data-kind="flag">', page)
