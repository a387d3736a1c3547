"""People's decisions: all or nothing, inside the bounds, saved with author and reason."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from pricing_service.decisions import automatic_pricing
from pricing_service.decisions.manual_decisions import InvalidDecision, decide
from pricing_service.models import Action, NightPrice, PriceDecision
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    ROOMS,
    book,
    create_hotel,
    create_rules,
    night,
)
from tests.prepared_rows import prepared_rows

pytestmark = pytest.mark.django_db(databases=DATABASES)
FULL = 5


@pytest.fixture(scope="module")
def prepared_hotel(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with prepared_rows(django_db_blocker, DATABASES, create_priced_hotel):
        yield


@pytest.fixture(autouse=True)
def full_night(prepared_hotel: None) -> None:
    """Each test begins with these rows."""


def create_priced_hotel() -> None:
    """Create a hotel with prices and a full night."""
    create_hotel()
    book(night(FULL), ROOMS)
    create_rules(mode="suggest")
    automatic_pricing.reprice(HOTEL)


def price_of(ahead: int) -> NightPrice:
    return NightPrice.objects.get(hotel_id=HOTEL, night=night(ahead))


def test_an_accepted_price_is_in_force() -> None:
    recommended = price_of(FULL).recommended
    [row] = decide(HOTEL, [night(FULL)], Action.ACCEPT, "Ada", recommended)
    assert row.price == price_of(FULL).price == recommended > 100
    decision = PriceDecision.objects.latest("id")
    assert (decision.action, decision.who, decision.old_price) == ("accept", "Ada", 100)


def test_an_overridden_price_is_held_and_its_reason_saved() -> None:
    decide(HOTEL, [night(FULL)], Action.OVERRIDE, "Ada", Decimal(111), "the mayor comes")
    assert (price_of(FULL).price, price_of(FULL).is_held) == (Decimal(111), True)
    assert PriceDecision.objects.latest("id").reason == "the mayor comes"


def test_lock_and_release() -> None:
    for action, held in ((Action.LOCK, True), (Action.RELEASE, False)):
        decide(HOTEL, [night(FULL), night(FULL + 1)], action, "Ada")
        assert [price_of(ahead).is_held for ahead in (FULL, FULL + 1)] == [held, held]
        assert price_of(FULL).price == 100


def test_the_documented_example_works(client: Client, settings: Any) -> None:
    settings.API_AUTH = "open"
    example = client.get("/swagger.json").json()["definitions"]["PriceDecisionInput"]["example"]
    create_hotel(example["hotel_id"])
    create_rules(example["hotel_id"])
    automatic_pricing.reprice(example["hotel_id"])
    response = client.post("/prices/decisions/", example, content_type="application/json")
    assert response.status_code == 200, response.content
    assert [row["state"] for row in response.json()] == ["held"]


def test_a_repeated_decision_is_saved_once() -> None:
    for _ in range(2):
        decide(HOTEL, [night(FULL)], Action.LOCK, "Ada")
    assert PriceDecision.objects.filter(action="lock").count() == 1


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"action": Action.OVERRIDE}, "price"),
        ({"action": Action.OVERRIDE, "price": Decimal("59.99")}, "price"),
        ({"action": Action.OVERRIDE, "price": Decimal("250.01")}, "price"),
        ({"action": Action.LOCK, "price": Decimal(100)}, "price"),
        ({"action": Action.ACCEPT, "price": Decimal("61.23")}, "price"),
        ({"action": Action.LOCK, "nights": [FULL, 400]}, "nights"),
        ({"action": Action.LOCK, "hotel_id": HOTEL + 1}, "hotel_id"),
    ],
)
def test_an_invalid_decision_changes_nothing(arguments: dict[str, Any], field: str) -> None:
    nights = [night(ahead) for ahead in arguments.pop("nights", [FULL])]
    before = list(NightPrice.objects.values())
    with pytest.raises(InvalidDecision) as refused:
        decide(arguments.pop("hotel_id", HOTEL), nights, who="Ada", **arguments)
    assert refused.value.field == field
    assert list(NightPrice.objects.values()) == before
    assert not PriceDecision.objects.exclude(action="start").exists()
