"""Who may download files and read the report: whoever may read the page that links to them."""

import pytest
from django.test import Client

from dashboard_service.models import DashboardData, HotelProfile
from pricing_service.models import PricingRules
from tests.integration.access_clients import OTHER_HOTEL, OWN_HOTEL, RIGHTS, client_of

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["default", "data_provider", "dashboard_service", "pricing_service"]
    ),
]

PATHS = {
    "/dashboard/table/?table=pickup&format=xlsx": "read_dashboard",
    "/dashboard/table?table=figures&format=csv": "read_dashboard",
    "/dashboard/report/?year=2025&month=6": "read_dashboard",
    "/pricing/events.ics?": "read_prices",
    "/pricing/table/?table=events&format=xlsx": "read_prices",
    "/pricing/table?table=nights&format=csv": "read_prices",
}


@pytest.fixture(autouse=True)
def two_hotels(settings: object) -> None:
    settings.API_AUTH = "required"  # type: ignore[attr-defined]
    for hotel in (OWN_HOTEL, OTHER_HOTEL):
        HotelProfile.objects.create(hotel_id=hotel, rooms=10)
        PricingRules.objects.create(
            hotel_id=hotel, base_price=90, minimum_price=1, maximum_price=200
        )
        for basis in ("booked", "stay"):
            DashboardData.objects.create(
                hotel_id=hotel, basis=basis, day="2025-06-01", gross_booking_count=1
            )


@pytest.mark.parametrize("kind", RIGHTS)
def test_a_hotel_s_files_are_for_those_who_read_the_hotel(kind: str) -> None:
    client, rights = client_of(kind), RIGHTS[kind]
    for path, ability in PATHS.items():
        for hotel in (OWN_HOTEL, OTHER_HOTEL):
            response = client.get(f"{path}&hotel_id={hotel}")
            if rights.abilities is None:
                assert response.status_code == 302, path
                assert response.headers["Location"].startswith("/login/?next=")
                continue
            may_read = ability in rights.abilities and (
                rights.hotels is None or hotel in rights.hotels
            )
            assert response.status_code == (200 if may_read else 403), path
            if may_read and "/table" in path:
                assert response.headers["Content-Disposition"].startswith("attachment")


def test_nothing_is_sent_to_a_post() -> None:
    client: Client = client_of("superuser")
    for path in PATHS:
        assert client.post(f"{path}&hotel_id={OWN_HOTEL}").status_code == 405, path
