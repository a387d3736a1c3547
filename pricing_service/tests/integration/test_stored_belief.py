"""The stored belief: learned once, valid until there is something new to learn, never overwritten
by what a person only tries.
"""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from dashboard_service.models import HotelProfile
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.demand.belief_models import StoredBelief
from pricing_service.demand.engine_basis import load_engine_basis
from pricing_service.engine.belief import learn
from pricing_service.engine.belief_json import belief_to_json
from pricing_service.rules.pricing_rules import load_rules, save_rules
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    book,
    create_hotel,
    create_rules,
    night,
    set_rooms_by_date,
    today,
)
from tests.prepared_rows import prepared_rows

pytestmark = pytest.mark.django_db(databases=DATABASES)


@pytest.fixture(scope="module")
def prepared_hotel(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with prepared_rows(django_db_blocker, DATABASES, create_priced_hotel):
        yield


@pytest.fixture(autouse=True)
def api_without_authentication(prepared_hotel: None, settings: Any) -> None:
    settings.API_AUTH = "open"


def create_priced_hotel() -> None:
    """Create a hotel with prices and two months of history."""
    create_hotel()
    for back in range(1, 60):
        book(night(-back), 4 + back % 5, day=night(-back - back % 30))
    create_rules()
    reprice(HOTEL)


def basis() -> Any:
    hotel_rules = load_rules(HOTEL)
    assert hotel_rules
    return load_engine_basis(HOTEL, hotel_rules)


def stored() -> StoredBelief:
    return StoredBelief.objects.get(pk=HOTEL)


def test_it_is_what_the_engine_learns_and_is_learned_once() -> None:
    before = stored()
    found = basis()
    assert belief_to_json(found.belief) == belief_to_json(
        learn(found.rules, found.history, found.as_of)
    )
    reprice(HOTEL)
    assert (stored().learned_at, stored().belief) == (before.learned_at, before.belief)


@pytest.mark.one_database
def test_bookings_of_this_week_bounds_steps_and_aggressiveness_leave_it_valid() -> None:
    before = stored()
    book(night(9), 8)
    save_rules(
        HOTEL,
        {
            "minimum_price": Decimal(70), "maximum_price": Decimal(400), "price_step": Decimal(5),
            "aggressiveness": 5, "try_prices": False, "mode": "automatic",
        },
    )  # fmt: skip
    reprice(HOTEL)
    assert stored().learned_at == before.learned_at


@pytest.mark.one_database
@pytest.mark.parametrize("what", ["base", "weekdays", "events", "rooms", "closed", "bookings"])
def test_what_is_learned_from_something_else_is_learned_anew(what: str) -> None:
    before = stored()
    if what == "base":
        save_rules(HOTEL, {"base_price": Decimal(120)})
    elif what == "weekdays":
        save_rules(HOTEL, {"weekday_factors": [1, 1, 1, 1, 1.2, 1.2, 1]})
    elif what == "events":
        event = {"first": night(3), "last": night(4), "name": "fair", "factor": 1.5}
        save_rules(HOTEL, {"events": [event]})
    elif what == "rooms":
        HotelProfile.objects.update(rooms=30)
    elif what == "closed":
        set_rooms_by_date(night(-20), night(-10), 0)
    else:
        book(night(-30), 3, day=night(-40))
    reprice(HOTEL)
    assert stored().fingerprint != before.fingerprint
    assert stored().learned_at > before.learned_at
    found = basis()
    assert stored().belief == belief_to_json(learn(found.rules, found.history, found.as_of))


def test_a_preview_stores_nothing() -> None:
    before = stored()
    response = Client().post(
        f"/prices/hotels/{HOTEL}/preview/", {"base_price": "150.00"}, "application/json"
    )
    assert response.status_code == 200
    assert (stored().fingerprint, stored().learned_at) == (before.fingerprint, before.learned_at)


@pytest.mark.one_database
def test_one_more_booking_of_this_week_never_makes_its_night_cheaper() -> None:
    def recommended() -> dict[Any, Decimal]:
        rows = Client().get(f"/prices/?hotel_id={HOTEL}").json()
        return {row["night"]: Decimal(row["recommended"]) for row in rows}

    for ahead in (0, 2, 30):
        for _ in range(6):
            before = recommended()
            book(night(ahead), 3)
            reprice(HOTEL)
            after = recommended()
            at = str(night(ahead))
            assert after.pop(at) >= before.pop(at)
            # Tonight's price follows the time of day, too.
            tonight = str(night(0))
            assert after | {tonight: 0} == before | {tonight: 0}


@pytest.mark.one_database
def test_the_learned_weeks_end_a_week_later_a_week_later() -> None:
    found = basis()
    later = found.as_of + timedelta(days=7)
    assert today() >= found.as_of
    assert learn(found.rules, found.history, later).cut_off == found.belief.cut_off + 7
