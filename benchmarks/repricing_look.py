"""`python -m benchmarks.repricing_look HOTELS`: print what a look for due hotels costs, as JSON.

All hotels are priced and nothing changed. A run of one worker then: with a look at what changed
lately, and with the look at all hotels that one of all workers does every 12 seconds; milliseconds,
those of this process's processor, and queries, the median of some runs. Run it on empty databases.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import django

RUNS = 7
SPANS = 3  # of rooms by date, of each hotel


def main(hotels: int) -> None:
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    from pricing_service.decisions import repricing_run, repricing_schedule
    from pricing_service.demand.room_night_counting import follow_priced_hotels
    from pricing_service.rules.rooms_carry_over import carry_over_all_rooms

    _create(hotels)

    def run() -> None:
        assert repricing_run.reprice_due(lambda: True) == 0

    def measured(work: Callable[[], object]) -> dict[str, float]:
        seconds, cpu = [], []
        for _ in range(RUNS):
            began, began_cpu = time.perf_counter(), time.process_time()
            work()
            seconds.append(time.perf_counter() - began)
            cpu.append(time.process_time() - began_cpu)
        queries = 0
        for name in connections:
            with CaptureQueriesContext(connections[name]) as captured:
                work()
            queries += len(captured)
        return {
            "ms": round(statistics.median(seconds) * 1000, 1),
            "own_cpu_ms": round(statistics.median(cpu) * 1000, 1),
            "queries": queries,
        }

    run()
    found = {}
    repricing_schedule.ALL_HOTELS_SECONDS = 1_000_000  # type: ignore[misc]
    found["look at what changed"] = measured(run)
    repricing_schedule.ALL_HOTELS_SECONDS = 0  # type: ignore[misc]
    found["look at all hotels"] = measured(run)
    found["of that, carry_over_all_rooms"] = measured(carry_over_all_rooms)
    found["of that, follow_priced_hotels"] = measured(follow_priced_hotels)
    print(json.dumps({"hotels": hotels, **found}))


def _create(hotels: int) -> None:
    """Create hotels with figures, profiles, rooms by date, rules and prices of a minute ago."""
    from dashboard_service import figures_for_pricing
    from dashboard_service.models import HotelFigures, HotelProfile, RoomNightHotel, RoomsForSale
    from pricing_service.models import PricingRules, PricingState

    now = datetime.now(UTC)
    before, today = now - timedelta(minutes=5), now.date()
    numbers = range(1, hotels + 1)
    HotelProfile.objects.bulk_create(HotelProfile(hotel_id=n, rooms=40) for n in numbers)
    RoomsForSale.objects.bulk_create(
        RoomsForSale(
            hotel_id=n,
            first=today + timedelta(days=30 * span),
            last=today + timedelta(days=30 * span + 9),
            rooms=span,
        )
        for n in numbers
        for span in range(SPANS)
    )
    RoomNightHotel.objects.bulk_create(RoomNightHotel(hotel_id=n, is_counted=True) for n in numbers)
    HotelFigures.objects.bulk_create(HotelFigures(hotel_id=n, changed_at=before) for n in numbers)
    PricingRules.objects.bulk_create(
        PricingRules(hotel_id=n, base_price=100, minimum_price=60, maximum_price=250)
        for n in numbers
    )
    PricingRules.objects.update(updated_at=before)
    rooms = figures_for_pricing.hotel(1).rooms_fingerprint
    PricingState.objects.bulk_create(
        PricingState(
            hotel_id=n,
            priced_at=now,
            figures_changed_at=before,
            as_of=today,
            rooms_fingerprint=rooms,
            due_at=now + timedelta(days=1),
        )
        for n in numbers
    )


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]))
