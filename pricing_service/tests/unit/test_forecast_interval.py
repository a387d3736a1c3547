"""The 80 % interval: learned from nights that taught the weights nothing, and calibrated."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from pricing_service.demand.forecast import predict
from pricing_service.demand.forecast_combination import BLOCK_NIGHTS, FOLDS, learn_combination
from pricing_service.demand.forecast_interval import error_scale, learn_error_quantiles
from pricing_service.demand.on_the_books_history import OnTheBooksHistory
from pricing_service.tests.unit.constructed_bookings import AS_OF, random_bookings
from pricing_service.tests.unit.constructed_hotels import (
    CITY,
    GROWING,
    RESORT,
    SMALL,
    ConstructedHotel,
    hotel_bookings,
)

HORIZONS = np.array([7, 14, 28, 56, 90])
FIRST = date(2022, 1, 1)
NIGHTS = 1035
REPLAYED = range(310, NIGHTS - 91, 7)  # days after FIRST: from 10 months of history on
SEEDS = range(1, 7)


def test_the_outcome_of_a_past_night_teaches_nothing_to_its_own_forecast() -> None:
    leads = np.array([14, 56])
    histories = [OnTheBooksHistory(random_bookings(3, 600), AS_OF, 90, None) for _ in range(2)]
    row = histories[0].as_of_row
    in_newest_fold = (np.arange(row + 1)[::-1] // BLOCK_NIGHTS) % FOLDS == 0
    # The tables of the methods are built; only what the weights are fitted to is another.
    histories[1].final[: row + 1][in_newest_fold] *= 3.0
    (weights, before), (others, after) = (learn_combination(h, leads) for h in histories)
    changed = before.final != after.final
    assert 0.1 < changed.mean() < 0.2
    assert np.abs(weights.weights[0] - others.weights[0]).max() > 0.01
    moved = np.abs(before.expected - after.expected)
    assert np.nanmax(moved[changed]) < 1e-9
    assert np.nanmedian(moved[~changed]) > 0.01


def test_the_interval_has_the_quantiles_of_the_errors_and_no_more() -> None:
    history = OnTheBooksHistory(random_bookings(4, 760), AS_OF, 90, None)
    _, past = learn_combination(history, np.array([7, 28]))
    quantiles = learn_error_quantiles(past)
    errors = (past.final - past.expected) / error_scale(past.books, past.expected, past.rooms)
    inside = (errors >= quantiles.low[:, None]) & (errors <= quantiles.high[:, None])
    share = (inside * past.trust).sum(axis=1) / past.trust.sum(axis=1)
    assert ((share >= 0.8) & (share < 0.84)).all()


def test_a_night_that_is_nearly_full_has_a_narrower_interval() -> None:
    books, expected = np.array([20.0, 20.0]), np.array([50.0, 50.0])
    roomy, full = error_scale(books, expected, np.array([100.0, 54.0]))
    assert 0.5 < full / roomy < 0.8


def replay(hotel: ConstructedHotel, seed: int) -> np.ndarray:
    """Return [day, horizon] whether the interval of a forecast contained the outcome."""
    bookings = hotel_bookings(hotel, FIRST, NIGHTS, seed)
    outcome = bookings.on_the_books(date.max, FIRST, NIGHTS)
    contained = []
    for day in REPLAYED:
        history = OnTheBooksHistory(bookings, FIRST + timedelta(days=day), 90, hotel.rooms)
        _, low, high = predict(history, HORIZONS)
        final = outcome[day + HORIZONS]
        contained.append((low <= final) & (final <= high))
    return np.array(contained)


@pytest.mark.long
@pytest.mark.thorough
@pytest.mark.parametrize(
    "hotel", [SMALL, RESORT, CITY, GROWING], ids=lambda hotel: f"{hotel.rooms} rooms"
)
def test_the_interval_holds_80_percent_on_hotels_to_which_nobody_fitted_it(
    hotel: ConstructedHotel,
) -> None:
    contained = np.array([replay(hotel, seed) for seed in SEEDS])
    coverage = contained.mean(axis=(0, 1))
    assert ((coverage >= 0.74) & (coverage <= 0.87)).all(), coverage
