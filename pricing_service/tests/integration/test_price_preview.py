"""A preview says, night by night, what saving the same change does."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import orjson
import pytest
from django.test import Client

from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.decisions.manual_decisions import decide
from pricing_service.models import Action, NightPrice
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

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]


@pytest.fixture(scope="module")
def prepared_hotel(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with prepared_rows(django_db_blocker, DATABASES, create_booked_hotel):
        yield


@pytest.fixture(autouse=True)
def api_without_authentication(prepared_hotel: None, settings: Any) -> None:
    settings.API_AUTH = "open"


def create_booked_hotel() -> None:
    """Create a hotel with bookings, without rules."""
    create_hotel()
    for ahead in range(0, 60, 3):
        book(night(ahead), ROOMS - ahead % 7)


def send(method: str, path: str, body: Any) -> Any:
    response = Client().generic(method, path, orjson.dumps(body), content_type="application/json")
    assert response.status_code == 200, response.content
    return response.json()


@pytest.mark.parametrize(
    "change",
    [
        {"mode": "automatic"},
        {"base_price": "140.00"},
        {"minimum_price": "95.00", "base_price": "97.00", "aggressiveness": 5},
        {"fixed_prices": [{"night": str(night(9)), "price": "300.00"}]},
        {"rooms_for_sale": [{"first": str(night(4)), "last": str(night(8)), "rooms": 0}]},
        {"events": [{"first": str(night(2)), "last": str(night(4)), "name": "x", "factor": 1.5}]},
    ],
)
@pytest.mark.parametrize("mode", ["suggest", "automatic"])
def test_saving_does_what_the_preview_said(mode: str, change: dict[str, Any]) -> None:
    create_rules(mode=mode)
    reprice(HOTEL)
    decide(HOTEL, [night(3)], Action.OVERRIDE, "Ada", Decimal(150))
    book(night(12), -2)
    preview = send("POST", f"/prices/hotels/{HOTEL}/preview/", change)
    before = {str(row.night): str(row.price) for row in NightPrice.objects.all()}
    assert any(row["price"] != before[row["night"]] for row in preview) is False
    send("PATCH", f"/prices/hotels/{HOTEL}/", change)
    rows = Client().get(f"/prices/?hotel_id={HOTEL}&from={night(0)}").json()
    assert [(row["night"], row["recommended"], row["price"]) for row in rows] == [
        (row["night"], row["would_be"], row["price_would_be"]) for row in preview
    ]
