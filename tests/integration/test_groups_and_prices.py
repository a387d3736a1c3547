"""Groups are shown apart, make rooms scarce, and are no part of the forecast of single guests."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from dashboard_service.counting.feed_updater import update
from dashboard_service.counting.recount import rebuild_outdated
from dashboard_service.data_provider_client import Provider
from dashboard_service.hotel_profiles import update_profile
from dashboard_service.tests.fake_provider import BASE, FakeProvider
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.demand.demand_outlook import Outlook, load_outlook
from pricing_service.demand.room_night_counting import follow_priced_hotels
from pricing_service.models import NightPrice, PricingRules

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["default", "dashboard_service", "pricing_service", "data_provider"]
    ),
]
HOTEL, OTHER = 7, 8
TODAY = datetime.now(UTC).date()
NIGHT = TODAY + timedelta(days=20)
ROOMS = 60


class Hotels:
    """Hotels whose events are posted one after the other, and read at once."""

    def __init__(self, requests_mock: Any, page: int = 1000) -> None:
        self.provider = FakeProvider(requests_mock, [], page)
        self.client = Provider(BASE)
        for hotel in (HOTEL, OTHER):
            update_profile(hotel, rooms=ROOMS)
            PricingRules.objects.create(
                hotel_id=hotel, base_price=100, minimum_price=40, maximum_price=400, price_step=1,
                check_in_closes="23:59:59",
            )  # fmt: skip

    def add(
        self, hotel: int, room: str, time: str, nights: int = 1, ahead: int = 20,
        status: int = 1, back: int = 1, **fields: Any,
    ) -> None:  # fmt: skip
        for number in range(nights):
            self.provider.events.append(
                {
                    "id": len(self.provider.events) + 1, "hotel_id": hotel, "status": status,
                    "event_timestamp": f"{TODAY - timedelta(days=back)}T{time}Z",
                    "room_reservation_id": room,
                    "night_of_stay": str(TODAY + timedelta(days=ahead + number)), **fields,
                }
            )  # fmt: skip

    def add_single_guests(self, hotel: int, rooms: int = 20, **fields: Any) -> None:
        for number in range(rooms):
            self.add(hotel, f"single {number}", f"{number % 24:02}:{number:02}:00", 3, **fields)

    def read(self) -> None:
        """Do what the workers do until nothing is left to be done."""
        follow_priced_hotels()
        update(self.client)
        rebuild_outdated(self.client)
        for hotel in (HOTEL, OTHER):
            reprice(hotel)


def row(hotel: int, ahead: int = 20) -> NightPrice:
    return NightPrice.objects.get(hotel_id=hotel, night=TODAY + timedelta(days=ahead))


@pytest.fixture
def hotels(requests_mock: Any, settings: Any) -> Hotels:
    settings.API_AUTH = "open"
    return Hotels(requests_mock)


def test_35_rooms_for_3_nights_by_a_group(hotels: Hotels, client: Client) -> None:
    for hotel in (HOTEL, OTHER):
        hotels.add_single_guests(hotel)
    hotels.read()
    before = row(HOTEL)
    assert (before.on_the_books, before.group_rooms) == (20, 0)
    for number in range(35):
        hotels.add(HOTEL, f"group {number}", f"10:17:{number:02}", 3)
        hotels.add(OTHER, f"other {number}", f"10:{number:02}:00", 3)  # in a minute each
    hotels.read()
    for ahead in (20, 21, 22):
        grouped, as_demand = row(HOTEL, ahead), row(OTHER, ahead)
        assert (grouped.on_the_books, grouped.group_rooms) == (55, 35)
        assert (as_demand.on_the_books, as_demand.group_rooms) == (55, 0)
        assert before.recommended < grouped.recommended
        text = f"55 of 60 rooms are booked {ahead} days before, 35 of them in groups"
        assert text in grouped.sentence
        assert grouped.forecast >= 55
    assert row(HOTEL, 23).recommended == row(OTHER, 23).recommended
    [shown] = client.get(f"/prices/?hotel_id={HOTEL}&from={NIGHT}&to={NIGHT}").json()
    assert (shown["on_the_books"], shown["group_rooms"]) == (55, 35)
    night = client.get(f"/prices/night/?hotel_id={HOTEL}&night={NIGHT}").json()
    minute = f"{TODAY - timedelta(days=1)}T10:17:00+00:00"
    assert night["groups"] == [{"booked_at": minute, "rooms_booked": 35, "rooms": 35}]
    [now] = [point for point in night["curve"] if point["days_before"] == 20]
    assert now["on_the_books"] == 55
    assert now["expected"] == pytest.approx(night["expected_on_the_books"], abs=0.1)


def test_a_small_group_makes_no_night_cheaper_and_is_in_the_forecast(hotels: Hotels) -> None:
    hotels.add_single_guests(HOTEL)
    hotels.read()
    before = row(HOTEL)
    for number in range(6):
        hotels.add(HOTEL, f"group {number}", "10:17:00", 3)
    hotels.read()
    after = row(HOTEL)
    assert (after.on_the_books, after.group_rooms) == (26, 6)
    assert after.recommended >= before.recommended
    assert after.forecast == pytest.approx(before.forecast + 6, abs=0.01)


def test_rooms_of_a_group_that_are_cancelled_leave_it(hotels: Hotels, client: Client) -> None:
    hotels.add_single_guests(HOTEL)
    for number in range(8):
        hotels.add(HOTEL, f"group {number}", "10:17:00", 3, back=2)
    hotels.read()
    assert [row(HOTEL, ahead).group_rooms for ahead in (20, 22)] == [8, 8]
    for left in range(7, -1, -1):
        hotels.add(HOTEL, f"group {left}", f"11:{left:02}:00", 2, status=2)  # keeps the third night
        hotels.read()
        assert [row(HOTEL, ahead).group_rooms for ahead in (20, 21, 22)] == [left, left, 8]
        assert row(HOTEL).on_the_books == 20 + left
    night = client.get(f"/prices/night/?hotel_id={HOTEL}&night={NIGHT}").json()
    assert [(group["rooms_booked"], group["rooms"]) for group in night["groups"]] == [(8, 0)]


def learn(hotels: Hotels, hotel: int) -> None:
    """Half a year of nights with two to four single guests each, booked up to 40 days before."""
    for back in range(1, 200):
        for guest in range(2 + back % 3):
            hotels.add(hotel, f"{back} {guest}", f"{guest + 9:02}:{back % 60:02}:00", 1, -back,
                       back=back + (13 * guest + 7 * back) % 40)  # fmt: skip


def of_coming_nights(outlook: Outlook) -> list[tuple[Any, ...]]:
    return [
        (situation.on_the_books, round(forecast.expected, 6), round(forecast.low, 6),
         round(forecast.high, 6))
        # Without tonight, whose forecast falls with every second of the day.
        for situation, forecast in zip(
            outlook.situations[1:90], outlook.forecasts[1:90], strict=True
        )
    ]  # fmt: skip


@pytest.mark.one_database
def test_past_groups_teach_nothing_about_single_guests(hotels: Hotels) -> None:
    for hotel in (HOTEL, OTHER):
        learn(hotels, hotel)
        hotels.add_single_guests(hotel)
    for back, minute in ((60, 17), (30, 3), (25, 44), (12, 31), (5, 9)):
        for number in range(20):
            name = f"group {back} {number}"
            hotels.add(HOTEL, name, f"10:{minute:02}:00", 3, -back, back=back + 30)
            if number % 2:
                hotels.add(HOTEL, name, "12:00:00", 3, -back, status=2, back=back + 4)
    hotels.read()
    groups = load_outlook(HOTEL, None).groups
    assert [len(group.rooms) for group in groups.bookings] == [20] * 5
    assert of_coming_nights(load_outlook(HOTEL, None)) == of_coming_nights(
        load_outlook(OTHER, None)
    )


def test_a_person_tells_from_how_many_rooms_on(hotels: Hotels, client: Client) -> None:
    hotels.add_single_guests(HOTEL)
    for number in range(8):
        hotels.add(HOTEL, f"group {number}", "10:17:00", 3)
    hotels.read()
    assert row(HOTEL).group_rooms == 8

    def tell(rooms: Any) -> Any:
        return client.patch(
            f"/prices/hotels/{HOTEL}/", {"group_rooms": rooms}, content_type="application/json"
        )

    for rooms, found in ((9, 0), (8, 8), (2, 8), (None, 8)):
        assert tell(rooms).json()["group_rooms"] == rooms
        hotels.read()
        assert row(HOTEL).group_rooms == found
    for wrong in (1, 0, -5, 1001, 2.5, "many"):
        answer = tell(wrong)
        assert (answer.status_code, list(answer.json())) == (400, ["group_rooms"]), wrong
    assert PricingRules.objects.get(pk=HOTEL).group_rooms is None


@pytest.mark.one_database
def test_the_page_shows_groups_apart(hotels: Hotels, client: Client) -> None:
    hotels.add_single_guests(HOTEL)
    for number in range(8):
        hotels.add(HOTEL, f"group {number}", "10:17:00", 3)
    hotels.read()
    page = client.get(f"/pricing/?hotel_id={HOTEL}&month={NIGHT:%Y-%m}&night={NIGHT}")
    words = " ".join(re.sub("<[^>]*>", "", page.content.decode()).split())
    assert "of 60 rooms, 8 of them in groups" in words
    assert "8 rooms in groups" in words
    assert "8 rooms booked" in words
    assert "Empty: learned (now 6)." in words
