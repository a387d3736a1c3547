"""Roles with hotels: what each may do with which hotel, and that assignments from before stay."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import Client

from accounts.hotel_roles import find_user, give_role, roles_of, take_role, user_access
from accounts.models import HotelAccess, Role
from common.access_rights import Ability
from overview.models import HotelGroup
from pricing_service.models import PricingRules

pytestmark = pytest.mark.django_db(
    databases=["default", "data_provider", "dashboard_service", "pricing_service"]
)

SEEN, DECIDED, MANAGED, FOREIGN = 1, 2, 3, 4
NIGHT = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()


@pytest.fixture(autouse=True)
def closed_system(settings: Any) -> None:
    settings.API_AUTH = "required"


@pytest.fixture
def mia() -> Any:
    """A user who sees hotel 1, decides about 2 and manages 3."""
    user = get_user_model().objects.create_user("mia")
    with transaction.atomic():
        give_role(user, [SEEN], Role.SEE)
        give_role(user, [DECIDED], Role.DECIDE)
        give_role(user, [MANAGED], Role.MANAGE)
    return user


@pytest.fixture
def client(mia: Any) -> Client:
    client = Client()
    client.force_login(mia, "django.contrib.auth.backends.ModelBackend")
    return client


def by_hotel(send: Any) -> dict[int, int]:
    return {hotel: send(hotel).status_code for hotel in (SEEN, DECIDED, MANAGED, FOREIGN)}


def test_a_role_reads_its_hotels_only(client: Client) -> None:
    statuses = by_hotel(lambda hotel: client.get(f"/dashboard/?hotel_id={hotel}"))
    assert statuses == {SEEN: 200, DECIDED: 200, MANAGED: 200, FOREIGN: 403}


def test_prices_are_set_by_those_who_decide_or_manage(client: Client) -> None:
    def set_base(hotel: int) -> Any:
        return client.patch(
            f"/prices/hotels/{hotel}/", {"base_price": 90}, content_type="application/json"
        )

    assert by_hotel(set_base) == {SEEN: 403, DECIDED: 200, MANAGED: 200, FOREIGN: 403}
    assert set(PricingRules.objects.values_list("hotel_id", flat=True)) == {DECIDED, MANAGED}


def test_a_refusal_says_what_is_missing(client: Client) -> None:
    body = {"hotel_id": SEEN, "nights": [NIGHT], "action": "lock"}
    response = client.post("/prices/decisions/", body, content_type="application/json")
    assert response.json()["detail"] == "mia may not set prices of hotel 1"


def test_the_profile_is_changed_by_those_who_manage(client: Client) -> None:
    def rename(hotel: int) -> Any:
        path = f"/dashboard/hotels/{hotel}/"
        return client.patch(path, {"name": "Sea"}, content_type="application/json")

    assert by_hotel(rename) == {SEEN: 403, DECIDED: 403, MANAGED: 200, FOREIGN: 403}


def test_events_are_sent_by_those_who_manage(client: Client) -> None:
    def send(hotel: int) -> Any:
        event = {
            "hotel_id": hotel, "status": 1, "event_timestamp": "2025-06-01T10:00:00Z",
            "room_reservation_id": "3f2b8c1e-0d4a-4b6e-9a51-0123456789ab",
            "night_of_stay": "2025-07-04",
        }  # fmt: skip
        return client.post("/events/", event, content_type="application/json")

    assert by_hotel(send) == {SEEN: 403, DECIDED: 403, MANAGED: 201, FOREIGN: 403}


def test_rooms_are_the_profile_s_even_for_those_who_set_prices(client: Client) -> None:
    def set_rooms(hotel: int) -> Any:
        rooms = [{"first": NIGHT, "last": NIGHT, "rooms": 3}]
        body = {"base_price": 90, "rooms_for_sale": rooms}
        return client.patch(f"/prices/hotels/{hotel}/", body, content_type="application/json")

    assert by_hotel(set_rooms) == {SEEN: 403, DECIDED: 403, MANAGED: 200, FOREIGN: 403}


@pytest.mark.parametrize(("hotel", "may"), [(SEEN, False), (DECIDED, True), (MANAGED, True)])
def test_the_pricing_page_offers_decisions_by_role(client: Client, hotel: int, may: bool) -> None:
    html = client.get(f"/pricing/?hotel_id={hotel}").content.decode()
    assert (" data-may-set>" in html) == may


def test_assignments_from_before_roles_keep_their_meaning() -> None:
    user = get_user_model().objects.create_user("ada")
    HotelAccess.objects.create(user=user, hotels="1, 2")
    access = user_access(user)
    assert access.hotels == frozenset({1, 2})
    assert access.abilities == {
        Ability.READ_EVENTS, Ability.READ_DASHBOARD, Ability.READ_PRICES,
    }  # fmt: skip
    assert access.manages == frozenset()
    user.user_permissions.add(Permission.objects.get(codename="change_nightprice"))
    access = user_access(get_user_model().objects.get(username="ada"))
    assert access.may(Ability.SET_PRICES, 1)
    assert access.may(Ability.SET_PRICES, 2)
    assert not access.may(Ability.SET_PRICES, 3)


def test_a_role_with_a_hotel_that_is_not_assigned_counts_for_nothing() -> None:
    """The version before roles takes a hotel away by its number in `hotels` alone."""
    user = get_user_model().objects.create_user("ada")
    HotelAccess.objects.create(user=user, hotels="1", manages="1, 2", decides="2")
    assert roles_of(user) == {1: Role.MANAGE}
    assert not user_access(user).may_manage_people(2)


def test_a_role_is_changed_and_taken(mia: Any) -> None:
    with transaction.atomic():
        give_role(mia, [MANAGED], Role.SEE)
        take_role(mia, DECIDED)
    assert roles_of(mia) == {SEEN: Role.SEE, MANAGED: Role.SEE}


def test_staff_have_a_role_beside_their_permissions() -> None:
    user = get_user_model().objects.create_user("sam", is_staff=True)
    with transaction.atomic():
        give_role(user, [1], Role.MANAGE)
    access = user_access(user)
    assert access.hotels is None
    assert access.may(Ability.CHANGE_HOTELS, 1)
    assert not access.may(Ability.CHANGE_HOTELS, 2)
    assert access.manages == frozenset({1})


def test_a_user_is_found_by_name_or_address_in_any_letters() -> None:
    users = get_user_model().objects
    ada = users.create_user("Ada", email="ada@hotel.test")
    users.create_user("bob", email="both@hotel.test")
    users.create_user("eva", email="BOTH@hotel.test")
    assert find_user("ADA") == find_user("ADA@hotel.test") == ada
    assert find_user("both@hotel.test") is None, "two users of one address"
    assert find_user("") is find_user("nobody") is None


def test_who_manages_one_hotel_only_sees_another_on_every_page(client: Client) -> None:
    """An ability with one hotel is none with the next, on pages as over REST."""
    figures = {"hotel_id": SEEN, "file_name": "a.csv", "size": 5}
    decision = {"hotel_id": SEEN, "night": NIGHT, "action": "override", "price": "150"}
    group = {"name": "Both", "hotel": [f"{SEEN}", f"{MANAGED}"]}
    statuses = {
        "settings": client.get(f"/settings/?hotel_id={SEEN}").status_code,
        "upload": client.post("/upload/begin/", figures).status_code,
        "budget": client.post(
            f"/budget/?hotel_id={SEEN}&year=2026", {"room_nights_5": "7"}
        ).status_code,
        "decision": client.post("/morning/decide/", decision).status_code,
        "links": client.get(f"/dashboard/links/?hotel_id={SEEN}").status_code,
        "people": client.get(f"/people/?hotel_id={SEEN}").status_code,
    }
    assert statuses == dict.fromkeys(statuses, 403)
    assert client.get(f"/settings/?hotel_id={MANAGED}").status_code == 200
    client.post("/hotels/groups/", group)
    assert not HotelGroup.objects.exists()
    html = client.get(f"/?hotel_id={SEEN}").content.decode()
    assert ">Settings</a>" not in html
    assert ">Settings</a>" in client.get(f"/?hotel_id={MANAGED}").content.decode()
