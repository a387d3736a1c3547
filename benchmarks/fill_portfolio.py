"""`python -m benchmarks.fill_portfolio HOTELS YEARS`: write figures and prices of many hotels.

Without events: each night has as many rows as a hotel of forty rooms has in some years, four of its
kinds of room-nights (room type, channel, segment) and eight of its booking days. Each hotel has
rules and prices of the coming year.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import django

KINDS = [
    ("Double", "Direct", "Leisure"), ("Double", "Portal", "Leisure"),
    ("Suite", "Direct", "Corporate"), ("Single", "Portal", "Corporate"),
]  # fmt: skip
BOOKING_DAYS = 8  # of a night
DAYS_AHEAD = 365


def main(hotels: int, years: int) -> None:
    from django.db import connections

    from dashboard_service.models import HotelFigures, HotelProfile, RoomNightHotel
    from pricing_service.models import NightPrice, PricingRules, PricingState

    now = datetime.now(UTC)
    today = now.date()
    numbers = range(1, hotels + 1)
    HotelProfile.objects.bulk_create(
        HotelProfile(hotel_id=n, rooms=40, name=f"Hotel number {n}") for n in numbers
    )
    RoomNightHotel.objects.bulk_create(RoomNightHotel(hotel_id=n, is_counted=True) for n in numbers)
    HotelFigures.objects.bulk_create(HotelFigures(hotel_id=n, changed_at=now) for n in numbers)
    with connections["dashboard_service"].cursor() as cursor:
        for table, columns, rows in _tables(today, years):
            marks = ", ".join(["%s"] * (columns.count(",") + 1))
            cursor.executemany(
                f"INSERT INTO dashboard_service_{table} (hotel_id, {columns}) VALUES (1, {marks})",
                rows,
            )
            for number in numbers[1:]:  # a copy takes a tenth of the time
                cursor.execute(
                    f"INSERT INTO dashboard_service_{table} (hotel_id, {columns}) "
                    f"SELECT %s, {columns} FROM dashboard_service_{table} WHERE hotel_id = 1",
                    [number],
                )
    PricingRules.objects.bulk_create(
        PricingRules(
            hotel_id=n, mode="suggest", base_price=100, minimum_price=60, maximum_price=250
        )
        for n in numbers
    )
    PricingState.objects.bulk_create(PricingState(hotel_id=n, priced_at=now) for n in numbers)
    for number in numbers:
        NightPrice.objects.bulk_create(_prices(NightPrice, number, today, now))


def _tables(today: date, years: int) -> Iterator[tuple[str, str, list[Any]]]:
    """Yield each table's name, columns and rows."""
    nights = [today + timedelta(days=n) for n in range(-365 * years, DAYS_AHEAD)]
    counted = "basis, day, gross_booking_count, cancellation_count"
    yield "dashboarddata", counted, [
        (basis, night, 20, 2)
        for basis in ("stay", "booked")
        for night in nights
        if basis == "stay" or night <= today
    ]  # fmt: skip
    yield (
        "performancedata",
        "basis, day, currency, room_type, channel, segment, room_nights, "
        "room_nights_with_rate, revenue",
        [
            (basis, night, "EUR", *kind, 5, 5, 500_000)
            for basis in ("stay", "booked")
            for night in nights
            if basis == "stay" or night <= today
            for kind in KINDS
        ],
    )
    booked = [
        (night, day)
        for night in nights
        for step in range(BOOKING_DAYS)
        if (day := night - timedelta(days=step * step + step)) <= today
    ]
    yield (
        "pacedata",
        "night_of_stay, day, currency, room_nights, room_nights_with_rate, revenue",
        [(night, day, "EUR", 3, 3, 300_000) for night, day in booked],
    )
    yield (
        "pickupdata",
        "night_of_stay, day, gross_booking_count, cancellation_count",
        [(night, day, 3, 0) for night, day in booked],
    )


def _prices(model: Any, hotel: int, today: date, now: datetime) -> list[Any]:
    return [
        model(
            hotel_id=hotel, night=today + timedelta(days=ahead), price=100 + ahead % 9,
            currency="EUR", recommended=104, days_before=ahead, rooms=40, on_the_books=20,
            expected_on_the_books=18, forecast=30, forecast_low=25, forecast_high=35,
            factors={"month": 1.1, "weekday": 1.0}, sentence="As usual. " * 20, priced_at=now,
            made_from={"bound": "maximum" if ahead % 5 == 0 else "", "base_price": "100.00"},
        )
        for ahead in range(DAYS_AHEAD)
    ]  # fmt: skip


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]), int(sys.argv[2]))
