"""Hotel profiles: names, rooms, and time zones that recount a hotel."""

from typing import Any

import pytest
from django.test import Client

from dashboard_service import aggregation
from dashboard_service.data_provider_client import Provider
from dashboard_service.models import FeedPosition, HotelProfile, PickupData
from dashboard_service.tests.integration.test_aggregation import BASE, FakeProvider, event, shown

pytestmark = pytest.mark.django_db(databases=["dashboard_service"])


def patch(client: Client, hotel: int, body: Any) -> Any:
    return client.patch(f"/dashboard/hotels/{hotel}", body, content_type="application/json")


def test_a_hotel_has_a_number_until_told(client: Client) -> None:
    assert client.get("/dashboard/hotels/7/").json() == {
        "hotel_id": 7, "name": "Hotel 7", "time_zone": "UTC", "rooms": None, "recounting": False,
    }  # fmt: skip


def test_what_is_told_is_kept_and_the_rest_stays(client: Client) -> None:
    assert patch(client, 7, {"name": "Seaside", "rooms": 30}).status_code == 200
    assert patch(client, 7, {"rooms": 31}).json()["name"] == "Seaside"
    assert client.get("/dashboard/hotels/7").json()["rooms"] == 31


def test_the_list_shows_names(client: Client, requests_mock: Any) -> None:
    FakeProvider(requests_mock, [event(1), event(2)])
    aggregation.update(Provider(BASE))
    patch(client, 1, {"name": "Seaside"})
    hotels = client.get("/dashboard/hotels/").json()
    assert [hotel["name"] for hotel in hotels] == ["Seaside", "Hotel 2"][: len(hotels)]
    assert hotels[0]["gross_booking_count"] == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"time_zone": "Europe/Atlantis"}, "time_zone"),
        ({"time_zone": ""}, "time_zone"),
        ({"time_zone": "localtime"}, "time_zone"),
        ({"rooms": 0}, "rooms"),
        ({"rooms": "many"}, "rooms"),
        ({"name": "x" * 101}, "name"),
        ({"nmae": "x"}, "nmae"),
        ([], "detail"),
    ],
)
def test_what_is_wrong_is_refused_by_its_field(client: Client, body: Any, field: str) -> None:
    answer = patch(client, 7, body)
    assert answer.status_code == 400
    assert list(answer.json()) == [field]
    assert not HotelProfile.objects.exists()


@pytest.mark.parametrize("number", ["0", "2147483648", "9999999999", "x"])
def test_no_such_number(client: Client, number: str) -> None:
    assert client.get(f"/dashboard/hotels/{number}/").status_code == 404


def test_a_changed_time_zone_recounts_that_hotel_alone(client: Client, requests_mock: Any) -> None:
    late = {"event_timestamp": "2024-02-29T23:30:00Z", "hotel_id": 7}
    fake = FakeProvider(requests_mock, [{**event(1), **late}, {**event(2), **late, "hotel_id": 8}])
    aggregation.update(Provider(BASE))
    before = shown()
    assert patch(client, 7, {"time_zone": "Europe/Lisbon"}).json()["recounting"] is True
    assert shown() == before  # nothing is a mixture
    patch(client, 7, {"time_zone": "Asia/Tokyo"})
    fake.events.append({**event(3), **late})  # while it is not recounted yet
    aggregation.update(Provider(BASE))
    assert shown()[7, "booked", "2024-02-29"] == (2, 0)
    assert aggregation.recount_what_changed(Provider(BASE)) == [7]
    fake.events.append({**event(4), **late})
    aggregation.update(Provider(BASE))
    assert shown() == {
        (7, "booked", "2024-03-01"): (3, 0), (7, "stay", "2024-05-01"): (3, 0),
        (8, "booked", "2024-02-29"): (1, 0), (8, "stay", "2024-05-01"): (1, 0),
    }  # fmt: skip
    assert client.get("/dashboard/hotels/7/").json()["recounting"] is False
    assert aggregation.check(Provider(BASE)).differences == []
    assert aggregation.recount_what_changed(Provider(BASE)) == []


def test_a_page_that_was_cut_in_the_old_zone_is_counted_anew(
    requests_mock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between reading a page and counting it, another worker recounts the hotel elsewhere."""
    late = {"event_timestamp": "2024-02-29T23:30:00Z", "hotel_id": 7}
    FakeProvider(requests_mock, [{**event(1), **late}])
    honest = Provider.feed

    def feed_and_be_overtaken(self: Provider, after: int, limit: int = 10_000) -> Any:
        page = honest(self, after, limit)
        monkeypatch.setattr(Provider, "feed", honest)
        HotelProfile.objects.create(hotel_id=7, time_zone="Asia/Tokyo")
        aggregation.rebuild(Provider(BASE), 7)
        return page

    monkeypatch.setattr(Provider, "feed", feed_and_be_overtaken)
    aggregation.update(Provider(BASE))
    assert shown()[7, "booked", "2024-03-01"] == (1, 0)


def test_an_upgrade_that_asks_for_it_rebuilds_everything(requests_mock: Any) -> None:
    FakeProvider(requests_mock, [event(1), event(2)])
    aggregation.update(Provider(BASE))
    PickupData.objects.all().delete()  # as before they were kept
    FeedPosition.objects.update(rebuild_needed=True)
    assert aggregation.recount_what_changed(Provider(BASE)) is None
    assert PickupData.objects.count() == 2
    assert aggregation.recount_what_changed(Provider(BASE)) == []
