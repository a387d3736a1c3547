"""What a client of one hotel is answered does not depend on what other hotels do.

Exceptions: the ids of events, which count all of the ledger, and whether and for how long anything
of the ledger is not counted yet.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import requests_mock
from django.test import Client

from dashboard_service.models import CheckReport, DashboardData, FeedPosition, HotelFigures
from data_provider import ledger
from data_provider.event_validation import parse_event
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.models import PricingRules
from tests.integration.access_calls import CALLS
from tests.integration.access_clients import OTHER_HOTEL, OWN_HOTEL, client_of

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["default", "data_provider", "dashboard_service", "pricing_service"]
    ),
]

PROVIDER = "http://provider.test"
CHANGED = datetime(2026, 3, 1, 10, tzinfo=UTC)
PATHS = (
    *(call.path for call in CALLS if call.method == "GET"), "/", "/?hotel_id=1", "/?hotel_id=2",
    "/pricing", "/pricing?hotel_id=1", "/pricing?hotel_id=2", "/events/?rpg_status=1&page_size=1",
    "/dashboard/?hotel_id=2&year=2025", "/dashboard/hotels/?page_size=1", "/prices/hotels/2/",
    "/prices/hotels/2/proposal/", "/prices/decisions/?hotel_id=2",
)  # fmt: skip
# Ids of events, also where they say where the next page begins, and what differs in each response.
CHANGING = re.compile(r'"id":\d+|~\d+|name="csrfmiddlewaretoken" value="\w+"')


@pytest.fixture(autouse=True)
def closed_system(settings: Any) -> None:
    settings.API_AUTH = "required"
    settings.EVENTS_API_BASE_URL = PROVIDER


def open_for_business(hotel: int, bookings: int) -> None:
    """Give a hotel events, figures and prices."""
    for number in range(bookings):
        row, errors = parse_event(
            {
                "hotel_id": hotel, "status": 1, "event_timestamp": "2025-06-01T10:00:00Z",
                "room_reservation_id": str(UUID(int=number)), "night_of_stay": "2025-07-04",
            }
        )  # fmt: skip
        assert row, errors
        ledger.record([row])
    HotelFigures.objects.create(hotel_id=hotel, changed_at=CHANGED)
    for basis, day in (("booked", "2025-06-01"), ("stay", "2025-07-04")):
        DashboardData.objects.create(
            hotel_id=hotel, basis=basis, day=day, gross_booking_count=bookings
        )
    PricingRules.objects.create(hotel_id=hotel, base_price=90, minimum_price=1, maximum_price=200)
    reprice(hotel)


def count(events: int) -> None:
    """Say that so many events are counted and checked."""
    position = FeedPosition.current()
    position.position = events
    position.save()
    CheckReport.objects.update_or_create(
        pk=1, defaults={"events": events, "counts": events, "differences": events}
    )
    CheckReport.objects.update(checked_at=CHANGED)


def answers(
    client: Client, behind: int, paths: Iterable[str] = PATHS
) -> dict[str, tuple[int, str, str]]:
    """Return status, link and body of each path."""
    oldest = "2025-06-01T10:00:00+00:00" if behind else None
    status = {
        "events_after": behind, "oldest_recorded_at": oldest, "newest_position": 4711,
        "epoch": FeedPosition.current().epoch,
    }  # fmt: skip
    found = {}
    with requests_mock.Mocker() as provider:
        provider.get(f"{PROVIDER}/events/feed/status/", json=status)
        for path in paths:
            response = client.get(path)
            link = CHANGING.sub("", response.headers.get("Link", ""))
            found[path] = response.status_code, link, CHANGING.sub("", response.content.decode())
    return found


@pytest.mark.parametrize("kind", ["key of the hotel", "plain user"])
def test_another_hotel_changes_no_answer(kind: str) -> None:
    open_for_business(OWN_HOTEL, 2)
    count(2)
    client = client_of(kind)
    before = answers(client, behind=0)
    open_for_business(OTHER_HOTEL, 30)
    count(32)
    after = answers(client, behind=0)
    assert {path: after[path] for path in PATHS if after[path] != before[path]} == {}
    allowed = [path for path in PATHS if before[path][0] == 200]
    assert {"/dashboard/status/", "/dashboard/check/", "/events/", "/dashboard/hotels/"} <= set(
        allowed
    )


@pytest.mark.parametrize("kind", ["key of the hotel", "plain user"])
def test_how_many_events_are_not_counted_is_not_told(kind: str) -> None:
    open_for_business(OWN_HOTEL, 2)
    client = client_of(kind)

    def status(behind: int) -> str:
        path = "/dashboard/status/"
        body = answers(client, behind, [path])[path][2]
        return re.sub(r'"seconds_behind":[\d.]+', "", body)

    assert status(1) == status(5_000)
    assert status(1) != status(0)
