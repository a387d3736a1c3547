"""Prices count as the hotel's performance does: room-nights one by one where it has money."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from dashboard_service.counting.feed_updater import update
from dashboard_service.counting.recount import rebuild
from dashboard_service.data_provider_client import Provider
from dashboard_service.hotel_profiles import update_profile
from dashboard_service.tests.fake_provider import BASE, FakeProvider
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.demand.demand_outlook import load_bookings, load_outlook
from pricing_service.models import NightPrice, PricingRules

pytestmark = pytest.mark.django_db(
    databases=["default", "dashboard_service", "pricing_service", "data_provider"]
)
HOTEL = 7
TODAY = datetime.now(UTC).date()
NIGHT = TODAY + timedelta(days=5)
# Days before today, status, reservation. Sold: a (booked twice), and not b (cancelled twice).
HISTORY = [(9, 1, "a"), (8, 1, "a"), (7, 1, "b"), (6, 2, "b"), (5, 2, "b"), (4, 3, "a")]


def events(*, has_money: bool) -> list[dict[str, Any]]:
    money = {"rate": "100.00", "currency": "EUR"} if has_money else {}
    return [
        {
            "id": number, "hotel_id": HOTEL, "status": status, "room_reservation_id": reservation,
            "event_timestamp": f"{TODAY - timedelta(days=back)}T10:00:00Z",
            "night_of_stay": str(NIGHT), **money,
        }
        for number, (back, status, reservation) in enumerate(HISTORY, start=1)
    ]  # fmt: skip


def follow(requests_mock: Any, history: list[dict[str, Any]]) -> None:
    FakeProvider(requests_mock, history)
    update(Provider(BASE))
    update_profile(HOTEL, rooms=2)
    PricingRules.objects.create(
        hotel_id=HOTEL, base_price=100, minimum_price=60, maximum_price=250, price_step=1
    )


def on_the_books() -> list[int]:
    bookings = load_bookings(HOTEL, TODAY, TODAY)
    days = [TODAY - timedelta(days=back) for back in range(10, -1, -1)]
    return [int(bookings.on_the_books(day, NIGHT, 1)[0]) for day in days]


def test_a_hotel_with_money_sells_a_night_of_a_reservation_once(
    requests_mock: Any, client: Client, settings: Any
) -> None:
    settings.API_AUTH = "open"
    follow(requests_mock, events(has_money=True))
    assert on_the_books() == [0, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1]
    situations = load_outlook(HOTEL, None).situations
    assert [row.on_the_books for row in situations if row.night == NIGHT] == [1]
    reprice(HOTEL)
    assert NightPrice.objects.get(night=NIGHT).on_the_books == 1
    day = f"period=day&year={NIGHT.year}&month={NIGHT.month}&day={NIGHT.day}"
    [figures] = client.get(f"/dashboard/performance/?hotel_id={HOTEL}&{day}").json()
    [price] = client.get(f"/prices/?hotel_id={HOTEL}&from={NIGHT}&to={NIGHT}").json()
    assert (figures["occupancy"], price["occupancy"]) == (0.5, 0.5)
    night = client.get(f"/prices/night/?hotel_id={HOTEL}&night={NIGHT}").json()
    known = [point["on_the_books"] for point in night["curve"] if 5 <= point["days_before"] <= 14]
    assert known == [1, 1, 2, 1, 1, 1, 1, 1, 1, 1]


def test_a_hotel_without_money_counts_its_events_until_it_is_told_otherwise(
    requests_mock: Any,
) -> None:
    history = [event for event in events(has_money=False) if event["status"] != 3]
    follow(requests_mock, history)
    assert on_the_books() == [0, 1, 2, 3, 2, 1, 1, 1, 1, 1, 1]
    update_profile(HOTEL, counts_room_nights=True)
    assert on_the_books() == [0, 1, 2, 3, 2, 1, 1, 1, 1, 1, 1], "as events until it is recounted"
    rebuild(Provider(BASE))
    assert on_the_books() == [0, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1]


def test_room_nights_in_every_currency_count(requests_mock: Any) -> None:
    dollars = {"currency": "USD", "room_reservation_id": "c", "id": 99}
    follow(requests_mock, [*events(has_money=True), {**events(has_money=True)[0], **dollars}])
    assert on_the_books()[-1] == 2
