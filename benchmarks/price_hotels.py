"""`python -m benchmarks.price_hotels HOTELS`: print the seconds that pricing takes, as JSON.

Each hotel has two years of history and a year on the books, with ten booking days a night. First
prices take longest, because every night gets its first decision. Then one night of each hotel
changes, as new figures would change it, and the hotel is priced again. Then other settings are
previewed, and the engine alone prices a year from what was learned.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from pricing_service.demand.engine_basis import EngineBasis

NIGHTS_BACK, NIGHTS_AHEAD, BOOKING_DAYS_A_NIGHT = 730, 365, 10


def main(hotels: int) -> None:
    from django.db import connections

    from dashboard_service.models import DashboardData, HotelFigures, HotelProfile, PickupData
    from pricing_service.decisions import automatic_pricing
    from pricing_service.models import PricingRules

    now = datetime.now(UTC)
    today = now.date()
    rng = random.Random(1)
    numbers = range(1, hotels + 1)
    connection = connections["dashboard_service"]
    with connection.cursor() as cursor:
        for hotel in numbers:
            cursor.executemany(
                "INSERT INTO dashboard_service_pickupdata (hotel_id, night_of_stay, day, "
                "gross_booking_count, cancellation_count) VALUES (%s, %s, %s, %s, %s) "
                "ON CONFLICT DO NOTHING",
                _rows(hotel, today, rng),
            )
    DashboardData.objects.bulk_create(
        DashboardData(hotel_id=hotel, basis="booked", day=today, gross_booking_count=1)
        for hotel in numbers
    )
    HotelProfile.objects.bulk_create(HotelProfile(hotel_id=hotel, rooms=40) for hotel in numbers)
    HotelFigures.objects.bulk_create(
        HotelFigures(hotel_id=hotel, changed_at=now) for hotel in numbers
    )
    PricingRules.objects.bulk_create(
        PricingRules(
            hotel_id=hotel, mode="automatic", base_price=100, minimum_price=60, maximum_price=250
        )
        for hotel in numbers
    )
    first = [_seconds(automatic_pricing.reprice, hotel) for hotel in numbers]
    for hotel in numbers:
        PickupData.objects.update_or_create(
            hotel_id=hotel,
            night_of_stay=today + timedelta(days=30),
            day=today,
            defaults={"gross_booking_count": 9},
        )
    again = [_seconds(automatic_pricing.reprice, hotel) for hotel in numbers]
    previews = [_seconds(_preview, hotel) for hotel in numbers]
    engine = [_seconds(basis.recommend, 366) for basis in map(_basis, numbers)]
    print(json.dumps({"first": first, "again": again, "preview": previews, "engine": engine}))


def _preview(hotel: int) -> None:
    """Preview other bounds, another step and another aggressiveness: nothing is learned anew."""
    from pricing_service.rules.price_preview import preview_prices
    from pricing_service.rules.pricing_rules import load_rules, with_changes

    changes = {"minimum_price": Decimal(70), "price_step": Decimal(2), "aggressiveness": 4}
    preview_prices(hotel, with_changes(load_rules(hotel), hotel, changes))


def _basis(hotel: int) -> EngineBasis:
    from pricing_service.demand.engine_basis import load_engine_basis
    from pricing_service.rules.pricing_rules import load_rules

    hotel_rules = load_rules(hotel)
    assert hotel_rules
    return load_engine_basis(hotel, hotel_rules)


def _rows(hotel: int, today: date, rng: random.Random) -> list[tuple[int | date, ...]]:
    rows: list[tuple[int | date, ...]] = []
    for number in range(-NIGHTS_BACK, NIGHTS_AHEAD):
        night = today + timedelta(days=number)
        for _ in range(BOOKING_DAYS_A_NIGHT):
            day = night - timedelta(days=int(rng.expovariate(1 / 40)))
            if day <= today:
                rows.append((hotel, night, day, rng.randint(1, 6), rng.randint(0, 1)))
    return rows


def _seconds(work: Callable[[int], object], hotel: int) -> float:
    began = time.perf_counter()
    work(hotel)
    return time.perf_counter() - began


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]))
