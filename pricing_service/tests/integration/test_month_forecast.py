"""GET /prices/forecast/: the months' room-nights and revenue, gone and to come."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from dashboard_service.models import (
    DashboardData,
    HotelProfile,
    PaceData,
    PerformanceData,
    PickupData,
    RoomNightHotel,
)
from pricing_service.month_forecast.month_forecast import COLUMNS
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    ROOMS,
    create_hotel,
    create_rules,
    put_price,
    today,
)

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(databases=DATABASES),
]
DAY = timedelta(days=1)


def get(client: Client, query: str = "") -> list[dict[str, Any]]:
    answer = client.get(f"/prices/forecast/?hotel_id={HOTEL}{query}")
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()
    return rows


def a_year_of_bookings(rooms: int = 8) -> None:
    """Every night gets half of its rooms sixty days before, and the rest ten days before."""
    create_hotel()
    booked = [
        (today() + number * DAY, today() + (number - before) * DAY)
        for number in range(-400, 199)  # the night after has the hotel's own booking
        for before in (60, 10)
        if number - before <= 0
    ]
    PickupData.objects.bulk_create(
        PickupData(hotel_id=HOTEL, night_of_stay=night, day=day, gross_booking_count=rooms // 2)
        for night, day in booked
    )
    nights = Counter(night for night, _ in booked)
    DashboardData.objects.bulk_create(
        DashboardData(
            hotel_id=HOTEL, basis="stay", day=night, gross_booking_count=count * rooms // 2
        )
        for night, count in nights.items()
    )


def with_rates(rate: int) -> None:
    """Give each room-night on the books a rate."""
    RoomNightHotel.objects.create(hotel_id=HOTEL, is_counted=True)
    rows = PickupData.objects.filter(hotel_id=HOTEL)
    nights: dict[date, int] = {}
    for row in rows:
        count = row.gross_booking_count - row.cancellation_count
        nights[row.night_of_stay] = nights.get(row.night_of_stay, 0) + count
        PaceData.objects.create(
            hotel_id=HOTEL, night_of_stay=row.night_of_stay, day=row.day, currency="EUR",
            room_nights=count, room_nights_with_rate=count, revenue=count * rate * 1_000,
        )  # fmt: skip
    PerformanceData.objects.bulk_create(
        PerformanceData(
            hotel_id=HOTEL, basis="stay", day=night, currency="EUR", room_nights=count,
            room_nights_with_rate=count, revenue=count * rate * 1_000,
        )
        for night, count in nights.items()
    )  # fmt: skip


def next_month(months: int = 1) -> date:
    first = today().replace(day=1)
    for _ in range(months):
        first = (first + 31 * DAY).replace(day=1)
    return first


def test_a_coming_month_ends_as_its_like_did(client: Client) -> None:
    a_year_of_bookings()
    rows = get(client, f"&from={next_month(2)}&to={next_month(3)}")
    assert [list(row) for row in rows] == [list(COLUMNS)] * 2
    for row in rows:
        final = 8 * row["nights"]
        assert row["on_the_books"] < final
        assert row["room_nights"] == pytest.approx(final, rel=0.03)
        assert row["room_nights_low"] <= row["room_nights"] <= row["room_nights_high"]
        assert (row["revenue"], row["currency"]) == (None, None)


def test_a_month_that_is_over_is_as_it_was(client: Client) -> None:
    a_year_of_bookings()
    last = today().replace(day=1) - DAY
    [row] = get(client, f"&from={last}&to={last}")
    assert row["nights_gone"] == row["nights"]
    assert [row[f"room_nights{end}"] for end in ("", "_low", "_high")] == [8 * row["nights"]] * 3


def test_revenue_is_on_the_books_and_further_room_nights_at_their_rate(client: Client) -> None:
    a_year_of_bookings()
    with_rates(100)
    [row] = get(client, f"&from={next_month(2)}&to={next_month(2)}")
    assert row["revenue_on_the_books"] == f"{row['on_the_books'] * 100}.00"
    assert float(row["revenue"]) == pytest.approx(row["room_nights"] * 100, abs=10)
    assert float(row["revenue_high"]) - float(row["revenue"]) == pytest.approx(
        (row["room_nights_high"] - row["room_nights"]) * 100, abs=10
    )


def test_prices_count_where_guests_pay_them(client: Client) -> None:
    a_year_of_bookings()
    with_rates(100)
    rules = create_rules(mode="automatic")
    month = next_month(2)
    for ahead in range((next_month(3) - month).days):
        put_price((month - today()).days + ahead, 200)
    [row] = get(client, f"&from={month}&to={month}")
    further = row["room_nights"] - row["on_the_books"]
    assert float(row["revenue"]) == pytest.approx(row["on_the_books"] * 100 + further * 200, abs=20)
    rules.mode = "suggest"
    rules.save()
    [row] = get(client, f"&from={month}&to={month}")
    assert float(row["revenue"]) == pytest.approx(row["room_nights"] * 100, abs=10)


def test_the_running_month_is_nights_gone_and_coming(client: Client) -> None:
    a_year_of_bookings()
    create_rules()
    row = get(client)[0]
    assert (row["year"], row["month"]) == (today().year, today().month)
    assert row["nights_gone"] == today().day - 1
    assert row["room_nights_low"] >= 8 * row["nights_gone"]
    assert row["room_nights"] == pytest.approx(8 * row["nights"], rel=0.05)


def test_twelve_months_by_default_and_none_beyond_what_is_forecast(client: Client) -> None:
    a_year_of_bookings()
    assert len(get(client)) == 12
    [far] = get(client, f"&from={next_month(13)}&to={next_month(13)}")
    assert (far["room_nights"], far["revenue"]) == (None, None)


def test_without_rooms_there_is_no_forecast(client: Client) -> None:
    create_hotel(rooms=None)
    row = get(client)[1]
    assert (row["on_the_books"], row["room_nights"]) == (0, None)


def test_a_hotel_without_data_has_rows_without_figures(client: Client) -> None:
    HotelProfile.objects.create(hotel_id=HOTEL, rooms=ROOMS)
    assert {row["on_the_books"] for row in get(client)} == {0}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2026-05", "from"),
        ("to=2026-05-01", "to"),
        ("from=2026-06-01&to=2026-05-31", "to"),
        ("from=2020-01-01&to=2026-05-31", "to"),
        ("by=year", "by"),
        ("month=5", "month"),
    ],
)
def test_a_wrong_parameter_is_named(client: Client, query: str, field: str) -> None:
    answer = client.get(f"/prices/forecast/?hotel_id={HOTEL}&{query}")
    assert (answer.status_code, list(answer.json())) == (400, [field])


def test_csv_has_the_same_rows(client: Client) -> None:
    create_hotel()
    answer = client.get(f"/prices/forecast/?hotel_id={HOTEL}&format=csv")
    assert answer.content.decode().splitlines()[0] == ",".join(COLUMNS)
