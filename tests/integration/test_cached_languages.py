"""Cached responses and ETags belong to one language."""

from datetime import UTC, datetime

import pytest

from accounts.tests.integration.conftest import log_in, make_user
from dashboard_service.models import DashboardData, HotelFigures

DATABASES = ["default", "data_provider", "dashboard_service", "pricing_service"]
pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]


@pytest.mark.parametrize("path", ["/dashboard/?hotel_id=1", "/?hotel_id=1"])
def test_etags_and_cached_responses_differ_by_language(path: str) -> None:
    HotelFigures.objects.create(hotel_id=1, changed_at=datetime.now(UTC))
    DashboardData.objects.create(
        hotel_id=1, basis="booked", day="2025-06-01", gross_booking_count=1
    )
    client = log_in(make_user("mia", sees="1"))
    client.get(path)  # sets the cookie of forms, on which a page depends
    etags: dict[str, str] = {}
    for accepted in ("en", "de", "en", "de"):
        response = client.get(path, headers={"Accept-Language": accepted})
        assert response.status_code == 200
        assert etags.setdefault(accepted, response.headers["ETag"]) == response.headers["ETag"]
    assert etags["en"] != etags["de"]
    for accepted, status in (("de", 304), ("en", 200)):
        headers = {"Accept-Language": accepted, "If-None-Match": etags["de"]}
        assert client.get(path, headers=headers).status_code == status
