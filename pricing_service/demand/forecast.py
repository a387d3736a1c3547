"""Forecast of the final net room-nights of each coming night of stay, with an 80 % interval.

Every forecast combines the candidates of `pickup_methods`, with weights that
`forecast_combination` learns for every number of days before from the errors that each would have
made on the hotel's own past nights. The interval comes from that combination's errors on
past nights that taught it nothing (`forecast_interval`). The words are defined in `bookings`.

Pure computation: no database, no clock, no randomness. Equal input, equal output. Nothing booked
after the day of the forecast is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from pricing_service.demand.bookings import YEAR, Bookings, Floats, Ints
from pricing_service.demand.forecast_combination import learn_combination
from pricing_service.demand.forecast_interval import error_scale, learn_error_quantiles
from pricing_service.demand.lead_interpolation import surrounding_learned_leads
from pricing_service.demand.on_the_books_history import MAX_DAYS_BEFORE, OnTheBooksHistory
from pricing_service.demand.pickup_methods import candidate_forecasts


@dataclass(frozen=True)
class NightForecast:
    """Final net room-nights of one night: expected, and the ends of the 80 % interval."""

    night: date
    on_the_books: int
    expected: float
    low: float
    high: float


def forecast(
    bookings: Bookings, as_of: date, days: int = MAX_DAYS_BEFORE, capacity: int | None = None
) -> list[NightForecast]:
    """Return the nights as_of + 1 … as_of + days, forecast from what was known at as_of's end.

    Args:
        capacity: rooms to sell, or None if unknown; no forecast goes above it, except where the
            hotel has sold more before.
    """
    if days < 1:
        return []
    return coming(OnTheBooksHistory(bookings, as_of, days, capacity), as_of, days)


def coming(history: OnTheBooksHistory, as_of: date, days: int) -> list[NightForecast]:
    """Return the same as `forecast`, for callers that have built the history already."""
    leads = np.arange(1, days + 1)
    books = history.books[history.as_of_row + leads, leads]
    expected, low, high = predict(history, leads)
    columns = np.stack([books, expected, low, high], axis=1).tolist()
    return [
        NightForecast(as_of + timedelta(days=ahead), round(on_the_books), middle, lower, upper)
        for ahead, (on_the_books, middle, lower, upper) in enumerate(columns, start=1)
    ]


def predict(history: OnTheBooksHistory, leads: Ints) -> tuple[Floats, Floats, Floats]:
    """Return expected final net room-nights and both interval ends of the nights leads days ahead.

    Args:
        leads: days from the history's day to the night, from 1 up.
    """
    combination, past = learn_combination(history, surrounding_learned_leads(leads))
    row = history.as_of_row + leads
    books = history.books[row, leads]
    expected = combination.expected(candidate_forecasts(history, row, leads), leads)
    ceiling = np.maximum(books, _ceiling(history))
    expected = np.minimum(expected, ceiling)
    below, above = learn_error_quantiles(past).at(leads)
    scale = error_scale(books, expected, history.assumed_rooms[-1])
    low = np.maximum(expected + below * scale, 0.0)
    # Of a hotel without any past night only the rooms are known.
    most = np.maximum(2.0 * expected, history.books.max())
    widest = np.maximum(most, history.capacity)
    high = np.where(np.isfinite(above), expected + above * scale, widest)
    high = np.minimum(high, ceiling)
    return expected, np.minimum(low, expected), np.maximum(high, expected)


def _ceiling(history: OnTheBooksHistory) -> float:
    """Return the most room-nights to expect of a night: the rooms, or the most ever on the books.

    A hotel may overbook, so that the most it ever had on the books counts too. Without a year of
    nights and without a known capacity there is no ceiling.
    """
    if history.capacity == 0 and history.as_of_row < YEAR:
        return float("inf")
    return max(float(history.capacity), float(history.books.max()))
