"""Hotel profiles over REST: name, rooms and time zone."""

from typing import Any

import pytest
from django.test import Client

from dashboard_service.counting.feed_updater import update
from dashboard_service.counting.recount import rebuild_outdated
from dashboard_service.data_provider_client import Provider
from dashboard_service.models import HotelProfile
from dashboard_service.tests.fake_provider import BASE, FakeProvider, make_event

pytestmark = pytest.mark.django_db(databases=["dashboard_service"])


def patch(client: Client, hotel: int, body: Any) -> Any:
    return client.patch(f"/dashboard/hotels/{hotel}", body, content_type="application/json")


def test_a_hotel_without_a_profile_is_named_by_its_number(client: Client) -> None:
    assert client.get("/dashboard/hotels/7/").json() == {
        "hotel_id": 7, "name": "Hotel 7", "time_zone": "UTC", "rooms": None, "recounting": False,
        "rooms_by_date": [], "currency": None, "country": None, "region": None, "language": None, "proposed_currency": None,
        "counts_room_nights": False, "room_nights_in_other_currencies": 0,
        "events_beyond_room_nights": 0,
    }  # fmt: skip


def test_a_patch_saves_its_fields_and_leaves_the_others_unchanged(client: Client) -> None:
    assert patch(client, 7, {"name": "Seaside", "rooms": 30}).status_code == 200
    assert patch(client, 7, {"rooms": 31}).json()["name"] == "Seaside"
    assert client.get("/dashboard/hotels/7").json()["rooms"] == 31


def test_the_list_shows_names(client: Client, requests_mock: Any) -> None:
    FakeProvider(requests_mock, [make_event(1), make_event(2)])
    update(Provider(BASE))
    patch(client, 1, {"name": "Seaside"})
    hotels = client.get("/dashboard/hotels/").json()
    assert [hotel["name"] for hotel in hotels] == ["Seaside", "Hotel 2"][: len(hotels)]
    assert hotels[0]["gross_booking_count"] == 1


def test_room_nights_are_followed_where_a_person_wants_it(
    client: Client, requests_mock: Any
) -> None:
    FakeProvider(requests_mock, [make_event(2), make_event(4)])
    update(Provider(BASE))
    assert patch(client, 1, {"counts_room_nights": True}).json()["recounting"] is True
    assert rebuild_outdated(Provider(BASE)) == [1]
    assert client.get("/dashboard/hotels/1/").json()["recounting"] is False
    [row] = client.get("/dashboard/performance/?hotel_id=1").json()
    assert (row["room_nights"], row["revenue"]) == (2, None)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"time_zone": "Europe/Atlantis"}, "time_zone"),
        ({"time_zone": ""}, "time_zone"),
        ({"time_zone": "localtime"}, "time_zone"),
        ({"rooms": 0}, "rooms"),
        ({"rooms": "many"}, "rooms"),
        ({"name": "x" * 101}, "name"),
        ({"country": "XX"}, "country"),
        ({"country": "de"}, "country"),
        ({"language": "xx"}, "language"),
        ({"language": "DE"}, "language"),
        ({"country": "DEU"}, "country"),
        ({"country": "DE", "region": "ZZ"}, "region"),
        ({"country": "VA", "region": "BY"}, "region"),
        ({"region": "BY"}, "region"),
        ({"nmae": "x"}, "nmae"),
        ([], "detail"),
    ],
)
def test_an_invalid_field_is_refused_by_its_name(client: Client, body: Any, field: str) -> None:
    answer = patch(client, 7, body)
    assert answer.status_code == 400
    assert list(answer.json()) == [field]
    assert not HotelProfile.objects.exists()


def test_country_and_region_go_together(client: Client) -> None:
    assert patch(client, 7, {"country": "DE", "region": "BY"}).status_code == 200
    assert patch(client, 7, {"region": "BE"}).json()["region"] == "BE"
    answer = patch(client, 7, {"country": "AT", "name": "Seaside"})
    assert answer.status_code == 400
    assert "'BE' is no region of AT; known are" in answer.json()["region"][0]
    profile = client.get("/dashboard/hotels/7/").json()
    assert (profile["name"], profile["country"], profile["region"]) == ("Hotel 7", "DE", "BE")
    assert patch(client, 7, {"country": "AT", "region": None}).json()["region"] is None
    assert patch(client, 7, {"country": None}).json()["country"] is None


@pytest.mark.one_database
def test_a_hotel_has_a_language_of_its_own_or_none(client: Client) -> None:
    assert patch(client, 7, {"language": "de"}).json()["language"] == "de"
    assert patch(client, 7, {"name": "Seaside"}).json()["language"] == "de"
    assert patch(client, 7, {"language": None}).json()["language"] is None


@pytest.mark.one_database
@pytest.mark.parametrize("number", ["0", "2147483648", "9999999999", "x"])
def test_an_invalid_hotel_number_is_a_404(client: Client, number: str) -> None:
    assert client.get(f"/dashboard/hotels/{number}/").status_code == 404
