"""Events that come twice, with new times, are one room in a hotel's prices, and counted as events.

Ten rooms, no rates: the hotel's room-nights are followed because it has pricing rules.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from dashboard_service.counting.feed_updater import update
from dashboard_service.counting.recount import rebuild_outdated
from dashboard_service.data_provider_client import Provider
from dashboard_service.hotel_profiles import update_profile
from dashboard_service.models import RoomNightHotel
from dashboard_service.tests.fake_provider import BASE, FakeProvider
from pricing_service import tasks
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.demand.room_night_counting import HOTELS_AT_ONCE, follow_priced_hotels
from pricing_service.models import Mode, NightPrice, PricingRules

pytestmark = pytest.mark.django_db(
    databases=["default", "dashboard_service", "pricing_service", "data_provider"]
)
HOTEL = 7
ROOMS = 10
TODAY = datetime.now(UTC).date()
NIGHT = TODAY + timedelta(days=5)


class BookingSystem:
    """A booking system whose events go to the ledger and to the figures."""

    def __init__(self, requests_mock: Any) -> None:
        self.provider = FakeProvider(requests_mock, [], page=100)

    def send(self, status: int, reservations: str, days_ago: int, hotel: int = HOTEL) -> None:
        """Send an event of the night for each reservation, and count them."""
        first = len(self.provider.events) + 1
        self.provider.events += [
            {
                "id": number, "hotel_id": hotel, "status": status, "night_of_stay": str(NIGHT),
                "event_timestamp": f"{TODAY - timedelta(days=days_ago)}T10:00:00Z",
                "room_reservation_id": reservation,
            }
            for number, reservation in enumerate(reservations, start=first)
        ]  # fmt: skip
        update(Provider(BASE))


@pytest.fixture
def booking_system(requests_mock: Any, settings: Any) -> BookingSystem:
    settings.API_AUTH = "open"
    return BookingSystem(requests_mock)


def make_rules(hotel: int = HOTEL, mode: str = Mode.AUTOMATIC) -> None:
    update_profile(hotel, rooms=ROOMS)
    PricingRules.objects.create(
        hotel_id=hotel, base_price=100, minimum_price=60, maximum_price=250, mode=mode
    )


def recount() -> None:
    """Do what the periodic tasks do: follow the hotels with rules, recount, and price anew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks, "PRICING_RUN_SECONDS", float("inf"))  # also on a machine that is busy
        tasks.price_what_changed()
    rebuild_outdated(Provider(BASE))
    reprice(HOTEL)


def priced() -> NightPrice:
    return NightPrice.objects.get(hotel_id=HOTEL, night=NIGHT)


def net_events(client: Client) -> int:
    rows = client.get(f"/dashboard/?hotel_id={HOTEL}&basis=stay&period=year").json()
    return sum(row["booking_count"] for row in rows)


def page(client: Client) -> str:
    html = client.get(f"/pricing/?hotel_id={HOTEL}").content.decode()
    return html.split('id="doubled-events"')[1].split("</div>")[0]


def test_reservations_sent_again_are_the_same_rooms(
    booking_system: BookingSystem, client: Client
) -> None:
    booking_system.send(1, "abcd", days_ago=2)
    make_rules()
    recount()
    reprice(HOTEL)  # the rest of the way from the calendar's price to the recommended one
    before = priced()
    assert (before.on_the_books, net_events(client)) == (4, 4)
    booking_system.send(1, "abcd", days_ago=1)
    reprice(HOTEL)
    after = priced()
    assert (after.on_the_books, after.recommended, after.price) == (
        4, before.recommended, before.price,
    )  # fmt: skip
    assert net_events(client) == 8, "GET /dashboard/ counts events"
    assert '<data value="4" data-as="number">4</data> that were booked again' in page(client)
    assert "cancelled again" not in page(client)


def test_a_double_cancellation_takes_no_room_that_was_not_sold(
    booking_system: BookingSystem, client: Client
) -> None:
    booking_system.send(1, "abc", days_ago=3)
    booking_system.send(2, "abc", days_ago=2)
    make_rules()
    recount()
    before = priced()
    booking_system.send(2, "abc", days_ago=1)
    reprice(HOTEL)
    assert (priced().on_the_books, priced().recommended) == (0, before.recommended)
    assert net_events(client) == -3, "GET /dashboard/ counts events"
    assert '<data value="3" data-as="number">3</data> that were cancelled again' in page(client)


def test_what_came_twice_before_there_were_rules_counts_once_after_the_recount(
    booking_system: BookingSystem, client: Client
) -> None:
    booking_system.send(1, "abcd", days_ago=2)
    booking_system.send(1, "abcd", days_ago=1)
    make_rules(mode=Mode.SUGGEST)
    reprice(HOTEL)
    assert priced().on_the_books == 8
    recount()
    assert priced().on_the_books == 4
    profile = client.get(f"/dashboard/hotels/{HOTEL}/").json()
    assert profile["counts_room_nights"]
    assert profile["events_beyond_room_nights"] == 4


def test_automatic_prices_stand_still_until_the_recount(
    booking_system: BookingSystem, client: Client
) -> None:
    booking_system.send(1, "ab", days_ago=2)
    make_rules()
    reprice(HOTEL)
    before = priced()
    follow_priced_hotels()
    booking_system.send(1, "cdefghij", days_ago=1)
    reprice(HOTEL)
    assert "being counted one by one" in page(client)
    assert priced().price == before.price < priced().recommended
    recount()
    assert "being counted one by one" not in page(client)
    assert before.price < priced().price


def test_hotels_take_turns_and_the_one_saved_last_goes_first(
    booking_system: BookingSystem,
) -> None:
    for hotel in range(1, HOTELS_AT_ONCE + 3):
        booking_system.send(1, "a", days_ago=1, hotel=hotel)
        make_rules(hotel, Mode.OFF if hotel == 1 else Mode.SUGGEST)
    newest = list(range(HOTELS_AT_ONCE + 2, 2, -1))
    assert follow_priced_hotels() == newest
    assert follow_priced_hotels() == [], "a recount goes on"
    rebuild_outdated(Provider(BASE))
    assert follow_priced_hotels() == [2]
    rebuild_outdated(Provider(BASE))
    assert follow_priced_hotels() == []
    assert not RoomNightHotel.objects.filter(pk=1).exists(), "prices are off"
