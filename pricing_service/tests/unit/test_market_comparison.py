"""Competitors' rates beside our price: median, place, and what is not counted."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from pricing_service.market_rates.latest_rates import Sighting, compare

pytestmark = pytest.mark.unit


def seen(competitor: str, rate: str | None, room_type: str = "", **more: Any) -> Sighting:
    values: dict[str, Any] = {
        "amount": None if rate is None else Decimal(rate),
        "currency": "EUR",
        "seen_at": datetime(2026, 11, 1, tzinfo=UTC),
        "age": "",
        "is_stale": False,
        **more,
    }
    return Sighting(competitor=competitor, room_type=room_type, rate=rate, **values)


def test_each_competitor_counts_once_with_its_lowest_rate() -> None:
    market = compare(
        [seen("A", "90", "Double"), seen("A", "70", "Single"), seen("B", "100"), seen("C", "110")],
        "100", "EUR",
    )  # fmt: skip
    assert (market.median, market.place, market.hotels) == ("100.00", 2, 4)


def test_the_same_price_is_the_same_place() -> None:
    assert compare([seen("A", "100"), seen("B", "100")], "100.00", "EUR").place == 1


def test_stale_ones_other_currencies_and_sold_out_ones_are_not_counted() -> None:
    market = compare(
        [seen("A", "50", is_stale=True), seen("B", "50", currency="CHF"), seen("C", None),
         seen("D", "120"), seen("D", None, "Suite")],
        "100", "EUR",
    )  # fmt: skip
    assert (market.median, market.place, market.hotels) == ("120.00", 1, 2)
    assert (market.sold_out, market.other_currencies) == (1, 1)
    assert len(market.listed) == 5


def test_beside_a_room_type_s_prices_stand_the_rates_of_that_name() -> None:
    sightings = [seen("A", "70", "Single"), seen("A", "150", " SUITE"), seen("B", "170", "Suite")]
    market = compare(sightings, "160", "EUR", "Suite")
    assert (market.median, market.place, market.hotels) == ("160.00", 2, 3)


def test_without_a_price_of_ours_there_is_a_median_and_no_place() -> None:
    market = compare([seen("A", "70"), seen("B", "75.55")], None, "EUR")
    assert (market.median, market.place, market.hotels) == ("72.78", None, 2)
    nothing = compare([seen("A", "70", is_stale=True)], "100", "EUR")
    assert (nothing.median, nothing.place, nothing.hotels) == (None, None, 0)
