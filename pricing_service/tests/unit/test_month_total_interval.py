"""The interval of several nights together: about four in five outcomes are inside."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from pricing_service.demand.bookings import Bookings
from pricing_service.demand.forecast import predict
from pricing_service.demand.on_the_books_history import OnTheBooksHistory
from pricing_service.month_forecast.total_interval import Nights, TotalForecast, TotalForecaster
from pricing_service.tests.unit.constructed_bookings import (
    AS_OF,
    constant_bookings,
    random_bookings,
    real_bookings,
)
from pricing_service.tests.unit.constructed_hotels import (
    CITY,
    GROWING,
    RESORT,
    SMALL,
    ConstructedHotel,
    hotel_bookings,
)

FIRST, NIGHTS = date(2022, 1, 1), 1035
AHEAD = 120
MONTHS = (slice(0, 30), slice(30, 60), slice(60, 90), slice(90, 120))  # nights ahead


def forecaster(
    bookings: Bookings, as_of: date, rooms: int | None, ahead: int = AHEAD
) -> tuple[TotalForecaster, Nights]:
    history = OnTheBooksHistory(bookings, as_of, ahead, rooms)
    leads = np.arange(1, ahead + 1)
    expected, low, high = predict(history, leads)
    books = history.books[history.as_of_row + leads, leads]
    most = np.maximum(books, max(history.capacity, history.books.max()))
    nights = Nights(leads, books, expected, low, high, most)
    return TotalForecaster(history, nights), nights


def replay(
    bookings: Bookings, first: date, nights: int, rooms: int | None, days: range
) -> np.ndarray:
    """Return [day, month ahead] whether the interval of a past forecast contained the outcome."""
    outcome = bookings.on_the_books(date.max, first, nights)
    inside = []
    for day in days:
        totals, known = forecaster(bookings, first + timedelta(days=day), rooms)
        found = []
        for part in MONTHS:
            total = totals.total(part)
            found.append(total.low <= outcome[day + known.leads[part]].sum() <= total.high)
        inside.append(found)
    return np.array(inside)


def test_it_is_wider_than_of_independent_nights_and_no_wider_than_their_sum() -> None:
    bookings = hotel_bookings(RESORT, FIRST, NIGHTS, 1)
    totals, nights = forecaster(bookings, FIRST + timedelta(days=800), RESORT.rooms)
    for part in MONTHS:
        own = nights[part]
        total, widths = totals.total(part), own.high - own.low
        assert np.sqrt((widths**2).sum()) < total.high - total.low <= widths.sum()
        assert total.low <= total.expected <= total.high
        assert total.expected == pytest.approx(own.expected.sum())


def test_a_short_history_adds_up_the_ends_of_the_nights() -> None:
    bookings = random_bookings(5, 40)
    totals, nights = forecaster(bookings, AS_OF, 60, 60)
    assert totals.total(slice(0, 30)) == TotalForecast(
        float(nights.expected[:30].sum()),
        float(nights.low[:30].sum()),
        float(nights.high[:30].sum()),
    )


def test_a_hotel_that_is_always_the_same_has_hardly_any_interval() -> None:
    bookings = constant_bookings(range(-700, 400), {40: 6, 10: 5, 2: 4})
    total = forecaster(bookings, AS_OF, 20)[0].total(MONTHS[1])
    assert total.expected == pytest.approx(30 * 15, rel=0.02)
    assert total.high - total.low < 0.03 * total.expected


def test_the_most_that_nights_can_have_is_never_passed() -> None:
    bookings = hotel_bookings(CITY, FIRST, NIGHTS, 2)
    totals, nights = forecaster(bookings, FIRST + timedelta(days=700), CITY.rooms)
    for part in MONTHS:
        assert totals.total(part).high <= nights[part].most.sum()


def test_what_is_booked_later_changes_nothing() -> None:
    bookings = hotel_bookings(SMALL, FIRST, NIGHTS, 3)
    as_of = FIRST + timedelta(days=600)
    known = Bookings(*bookings.until(as_of))
    for part in MONTHS:
        assert forecaster(bookings, as_of, SMALL.rooms)[0].total(part) == forecaster(
            known, as_of, SMALL.rooms
        )[0].total(part)


def test_about_four_in_five_months_are_inside() -> None:
    inside = [
        replay(hotel_bookings(hotel, FIRST, NIGHTS, 1), FIRST, NIGHTS, hotel.rooms, days)
        for hotel, days in ((RESORT, range(400, 900, 60)), (CITY, range(400, 900, 60)))
    ]
    assert 0.7 <= np.mean(inside) <= 0.92


@pytest.mark.long
@pytest.mark.thorough
@pytest.mark.parametrize(
    "hotel", [SMALL, RESORT, CITY, GROWING], ids=lambda hotel: f"{hotel.rooms} rooms"
)
def test_the_months_interval_holds_80_percent_on_made_up_hotels(hotel: ConstructedHotel) -> None:
    inside = np.array(
        [
            replay(
                hotel_bookings(hotel, FIRST, NIGHTS, seed), FIRST, NIGHTS, hotel.rooms,
                range(310, NIGHTS - AHEAD - 1, 15),
            )
            for seed in range(1, 7)
        ]
    )  # fmt: skip
    coverage = inside.mean(axis=(0, 1))
    assert ((coverage >= 0.72) & (coverage <= 0.94)).all(), coverage


@pytest.mark.long
@pytest.mark.thorough
def test_the_months_interval_holds_about_80_percent_of_a_real_hotel(shared_data: Path) -> None:
    """One hotel's year holds few months that are independent of each other: the limits are wide."""
    inside = replay(real_bookings(shared_data), date(2015, 7, 1), 790, None, range(300, 668, 7))
    assert 0.7 <= inside.mean() <= 0.92, inside.mean(axis=0)
