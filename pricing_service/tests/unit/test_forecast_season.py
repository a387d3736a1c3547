"""The forecast of another season: last year's season with the recent trend, not last weeks'."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest

from pricing_service.demand.bookings import YEAR, Bookings
from pricing_service.demand.forecast import forecast

SEPTEMBER = date(2024, 9, 15)
LEADS = np.arange(400)
ON_THE_BOOKS = 0.5 ** (LEADS / 21)  # share of the final, so many days before


def season(night: date, rooms: float, growth: float = 0.0) -> float:
    """Summer three times as full as winter, weekends 30 % fuller, growing by the year."""
    wave = 1 + 0.5 * math.cos(2 * math.pi * (night.timetuple().tm_yday - 200) / 365)
    weekend = 1.3 if night.weekday() in (4, 5) else 1.0
    return float(rooms * wave * weekend * (1 + growth) ** ((night - SEPTEMBER).days / YEAR))


def seasonal_hotel(months: int, seed: int, rooms: float, growth: float = 0.0) -> Bookings:
    """Past nights differ from their season by chance; coming ones are exactly on its curve."""
    rng = np.random.default_rng(seed)
    usual = ON_THE_BOOKS - np.append(ON_THE_BOOKS[1:], 0.0)
    rows = []
    for ahead in range(-months * 365 // 12, 366):
        night = SEPTEMBER + timedelta(days=ahead)
        level = season(night, rooms, growth)
        if ahead <= 0:
            gains = rng.multinomial(rng.poisson(level * rng.gamma(20, 1 / 20)), usual / usual.sum())
        else:
            books = np.round(level * ON_THE_BOOKS)
            gains = books - np.append(books[1:], 0.0)
        rows += [
            (night.toordinal(), night.toordinal() - lead, gains[lead])
            for lead in np.flatnonzero(gains)
        ]
    return Bookings(*np.array(rows, dtype=np.int64).T)


def december_ratio(months: int, rooms: float, growth: float = 0.0) -> float:
    """Return the forecast of December over its season, seen from September; several hotels."""
    expected = own = 0.0
    for seed in range(6):
        bookings = seasonal_hotel(months, seed, rooms, growth)
        december = [f for f in forecast(bookings, SEPTEMBER) if f.night.month == 12]
        expected += sum(night.expected for night in december)
        own += sum(season(night.night, rooms, growth) for night in december)
    return expected / own


@pytest.mark.parametrize("months", [14, 18, 26])
def test_a_december_night_on_its_own_curve_is_forecast_as_its_own_season(months: int) -> None:
    assert december_ratio(months, 60) == pytest.approx(1.0, abs=0.05)


def test_a_growing_hotel_has_last_years_season_with_the_recent_trend() -> None:
    assert december_ratio(26, 60, 0.2) == pytest.approx(1.0, abs=0.08)


def test_of_a_small_hotel_the_season_is_found_too() -> None:
    assert december_ratio(18, 10) == pytest.approx(1.0, abs=0.1)
