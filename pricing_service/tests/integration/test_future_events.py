"""Prices, forecast and booking curve have events dated in the future on the books at once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from dashboard_service.models import HotelProfile, HourlyData
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.demand.demand_outlook import load_outlook
from pricing_service.demand.engine_basis import load_engine_basis
from pricing_service.demand.night_chart import booking_curve_points
from pricing_service.models import NightPrice
from pricing_service.rules.pricing_rules import load_rules
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    ROOMS,
    book,
    create_hotel,
    create_rules,
    night,
    today,
)

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]


@pytest.mark.parametrize("days_ahead", [1, 40, 36_500])
def test_they_are_on_the_books_of_the_outlook(days_ahead: int) -> None:
    create_hotel()
    book(night(5), 8, day=night(days_ahead))
    outlook = load_outlook(HOTEL, None)
    on_the_books = {row.night: row.on_the_books for row in outlook.situations}
    assert on_the_books[night(5)] == 8
    assert [row.on_the_books for row in outlook.forecasts if row.night == night(5)] == [8]


def test_loaded_history_has_them_too() -> None:
    long_ago = today() - timedelta(days=435)
    book(long_ago + timedelta(days=2), 3, day=long_ago)
    book(long_ago + timedelta(days=2), 4, day=night(9))
    HotelProfile.objects.create(hotel_id=HOTEL, rooms=ROOMS)
    create_rules(try_as_of=long_ago)
    outlook = load_outlook(HOTEL, load_rules(HOTEL))
    assert (outlook.as_of, outlook.situations[1].on_the_books) == (long_ago, 7)


def test_the_booking_curve_ends_at_the_price_s_room_nights() -> None:
    create_hotel()
    create_rules()
    book(night(5), 8, day=night(1))
    reprice(HOTEL)
    row = NightPrice.objects.get(hotel_id=HOTEL, night=night(5))
    rules = load_rules(HOTEL)
    assert rules is not None
    points = {
        point["days_before"]: point
        for point in booking_curve_points(load_engine_basis(HOTEL, rules), row)
    }
    assert points[5]["on_the_books"] == row.on_the_books == 8
    assert points[6]["on_the_books"] == 0


def test_the_page_says_how_many_there_are(client: Client) -> None:
    create_hotel()
    page = client.get(f"/pricing/?hotel_id={HOTEL}").content.decode()
    assert "in the future" not in page
    HourlyData.objects.create(
        hotel_id=HOTEL,
        hour=datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=3),
        gross_booking_count=7,
        cancellation_count=1,
    )
    assert "8 events are dated in the future" in client.get(
        f"/pricing/?hotel_id={HOTEL}"
    ).content.decode().replace('<data value="8">', "").replace("</data>", "")
