"""ETags of the page and of REST: a 304 until something that the answer depends on changes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from dashboard_service.counting.recount import rebuild
from dashboard_service.data_provider_client import Provider
from dashboard_service.models import HotelFigures, HotelProfile
from dashboard_service.tests.fake_provider import BASE, FakeProvider
from dashboard_service.tests.page_helpers import count_events

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(databases=["dashboard_service", "pricing_service"]),
]


@pytest.fixture(autouse=True)
def two_years() -> None:
    count_events(
        ("2023-03-10T10:00:00", "2023-07-01", 1, 8),
        ("2023-05-20T10:00:00", "2023-07-01", 2, 3),
        ("2023-06-30T23:59:59", "2023-09-01", 1, 10),
        ("2023-07-01T00:00:00", "2023-09-01", 1, 100),  # after the same day last year
        ("2024-02-29T10:00:00", "2024-07-01", 1, 5),
        ("2024-06-29T10:30:00", "2024-08-01", 1, 4),
        ("2024-06-30T09:59:59", "2024-08-01", 2, 1),
    )


def test_the_page_is_a_304_until_the_figures_change(client: Client) -> None:
    tag = client.get("/?hotel_id=7").headers["ETag"]

    def status_with_tag() -> int:
        return client.get("/?hotel_id=7", headers={"If-None-Match": tag}).status_code

    assert status_with_tag() == 304
    count_events(("2024-06-30T12:00:00", "2024-08-01", 1, 1))
    assert status_with_tag() == 200


@pytest.mark.parametrize("change", [{"name": "Seaside"}, {"rooms": 9}])
def test_a_changed_profile_changes_the_page(client: Client, change: dict[str, Any]) -> None:
    tag = client.get("/?hotel_id=7").headers["ETag"]
    HotelProfile.objects.create(hotel_id=7, **change)
    assert client.get("/?hotel_id=7", headers={"If-None-Match": tag}).status_code == 200


def test_a_changed_name_in_the_list_of_hotels_changes_the_page(client: Client) -> None:
    HotelFigures.objects.create(hotel_id=9, changed_at=datetime.now(UTC))
    tag = client.get("/?hotel_id=7").headers["ETag"]
    HotelProfile.objects.create(hotel_id=9, name="Seaside")
    assert client.get("/?hotel_id=7", headers={"If-None-Match": tag}).status_code == 200


def test_each_address_has_its_own_etag(client: Client) -> None:
    tags = {client.get(f"/?hotel_id=7&year={year}").headers["ETag"] for year in (2023, 2024)}
    assert len(tags) == 2


@pytest.mark.parametrize(
    "path", ["/dashboard/?hotel_id=7", "/dashboard/pickup/?hotel_id=7", "/dashboard?hotel_id=8"]
)
def test_rest_is_a_304_until_the_figures_of_the_hotel_change(client: Client, path: str) -> None:
    tag = client.get(path).headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    count_events(("2024-06-30T12:00:00", "2024-08-01", 1, 1))
    status = client.get(path, headers={"If-None-Match": tag}).status_code
    assert status == (304 if "8" in path else 200)


def test_json_and_csv_have_different_etags(client: Client) -> None:
    tag = client.get("/dashboard/?hotel_id=7").headers["ETag"]
    answer = client.get(
        "/dashboard/?hotel_id=7", headers={"If-None-Match": tag, "Accept": "text/csv"}
    )
    assert answer.status_code == 200
    assert answer.content.startswith(b"hotel_id,")


def test_a_rebuild_changes_the_etag(client: Client, requests_mock: Any) -> None:
    tag = client.get("/dashboard/?hotel_id=7").headers["ETag"]
    FakeProvider(requests_mock, [])
    rebuild(Provider(BASE))
    answer = client.get("/dashboard/?hotel_id=7", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.json()) == (200, [])
