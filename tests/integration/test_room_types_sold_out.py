"""From events to prices: a room type is sold out by its bookings, cancellations and changes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from dashboard_service.counting.feed_updater import update
from dashboard_service.data_provider_client import Provider
from dashboard_service.hotel_profiles import update_profile
from dashboard_service.tests.fake_provider import BASE, FakeProvider
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.models import PricingRules
from pricing_service.room_types.room_type_models import RoomType

pytestmark = pytest.mark.django_db(
    databases=["default", "dashboard_service", "pricing_service", "data_provider"]
)
HOTEL = 7
TODAY = datetime.now(UTC).date()
NIGHT = TODAY + timedelta(days=5)


@pytest.fixture(autouse=True)
def hotel(settings: Any) -> None:
    """A hotel of ten rooms, two of them suites."""
    settings.API_AUTH = "open"
    rules = PricingRules.objects.create(
        hotel_id=HOTEL, base_price=100, minimum_price=60, maximum_price=250, price_step=1
    )
    RoomType.objects.create(profile=rules, name="Double", is_reference=True, rooms=8)
    RoomType.objects.create(profile=rules, name="Suite", percent=25, rooms=2)


def suites_after(requests_mock: Any, *history: tuple[int, str, str | None]) -> tuple[Any, Any]:
    """Return suites on the books and their state after events: status, reservation, room type."""
    FakeProvider(
        requests_mock,
        [
            {
                "id": number, "hotel_id": HOTEL, "status": status, "room_reservation_id": name,
                "event_timestamp": f"{TODAY - timedelta(days=1)}T10:00:{number:02}Z",
                "night_of_stay": str(NIGHT), **({"room_type": kind} if kind else {}),
            }
            for number, (status, name, kind) in enumerate(history, start=1)
        ],
    )  # fmt: skip
    update(Provider(BASE))
    update_profile(HOTEL, rooms=10)
    reprice(HOTEL)
    path = f"/prices/?hotel_id={HOTEL}&from={NIGHT}&to={NIGHT}&room_type=Suite"
    [row] = Client().get(path).json()
    return row["on_the_books"], row["state"] == "sold out"


def test_bookings_of_all_its_rooms_sell_it_out(requests_mock: Any) -> None:
    assert suites_after(requests_mock, (1, "a", "Suite"), (1, "b", "suite")) == (2, True)


def test_a_cancellation_opens_it_again(requests_mock: Any) -> None:
    history = [(1, "a", "Suite"), (1, "b", "Suite"), (2, "a", "Suite")]
    assert suites_after(requests_mock, *history) == (1, False)


def test_a_move_to_another_type_counts_there(requests_mock: Any) -> None:
    history = [(1, "a", "Suite"), (1, "b", "Double"), (3, "b", "Suite")]
    assert suites_after(requests_mock, *history) == (2, True)


def test_of_a_hotel_whose_events_say_no_type_nothing_is_known(requests_mock: Any) -> None:
    assert suites_after(requests_mock, (1, "a", None), (1, "b", None)) == (None, False)
