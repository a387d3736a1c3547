"""The trend of the market: bookings of a week over what season and booking curve lead to expect.

A local level that drifts from week to week (Harvey 1989, "Forecasting, Structural Time Series
Models and the Kalman Filter"). How fast it drifts is taken from the last weeks: slowly in calm
times, fast after a shock. What comes is expected at the level of the last week.

Pure: no database, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from pricing_service.demand.bookings import WEEK, Floats, Ints

DRIFTS: Final = (0.003, 0.015, 0.05)  # standard deviations of a week's change of the level
CONVINCING: Final = 0.7  # log-likelihood by which a faster drift must explain the weeks better
RECENT_WEEKS: Final = 16
FIRST_VARIANCE: Final = 0.01
NIGHTS_VARIANCE: Final = 0.03**2  # of a week's ratio, since nights have effects of their own
PSEUDO_BOOKINGS: Final = 3.0
FEWEST_WEEKS: Final = 3


@dataclass(frozen=True)
class Trend:
    """The log of the trend by week: before the first and after the last week it stays.

    Attributes:
        first_day: ordinal of the first day of the first week.
    """

    first_day: int
    weekly: Floats

    def at(self, days: Ints) -> Floats:
        """Return the trend on days (ordinals) as a factor of demand."""
        week = np.clip((days - self.first_day) // WEEK, 0, len(self.weekly) - 1)
        factors: Floats = np.exp(self.weekly[week])
        return factors

    @property
    def now(self) -> float:
        """The factor that is expected from now on."""
        return float(np.exp(self.weekly[-1]))


def no_trend(day: int) -> Trend:
    """Return a trend of 1."""
    return Trend(day, np.zeros(1))


@dataclass(frozen=True)
class _Path:
    """The filtered level of each week."""

    drift: float
    levels: list[float]
    variances: list[float]
    likelihood: float


def learn_trend(first_day: int, booked: Floats, expected: Floats, spread: float) -> Trend:
    """Return the trend.

    Args:
        first_day: ordinal of the first day of the first week.
        booked, expected: room-nights of each week, oldest first.
        spread: variance over mean of the counts.
    """
    if len(booked) < FEWEST_WEEKS:
        return no_trend(first_day)
    ratios = np.log((booked + PSEUDO_BOOKINGS) / (expected + PSEUDO_BOOKINGS))
    variances = spread / (expected + PSEUDO_BOOKINGS) + NIGHTS_VARIANCE
    best = _filtered(ratios, variances, DRIFTS[0])
    for drift in DRIFTS[1:]:
        path = _filtered(ratios, variances, drift)
        if path.likelihood > best.likelihood + CONVINCING:
            best = path
    return Trend(first_day, _smoothed(best))


def _filtered(ratios: Floats, variances: Floats, drift: float) -> _Path:
    level, variance, likelihood = 0.0, FIRST_VARIANCE, 0.0
    levels, level_variances = [], []
    for week, (ratio, noise) in enumerate(zip(ratios.tolist(), variances.tolist(), strict=True)):
        variance += drift**2
        total, surprise = variance + noise, ratio - level
        if week >= len(ratios) - RECENT_WEEKS:
            likelihood -= 0.5 * (float(np.log(total)) + surprise**2 / total)
        gain = variance / total
        level += gain * surprise
        variance *= 1.0 - gain
        levels.append(level)
        level_variances.append(variance)
    return _Path(drift, levels, level_variances, likelihood)


def _smoothed(path: _Path) -> Floats:
    """Return the levels given all weeks (Rauch, Tung and Striebel 1965)."""
    levels = list(path.levels)
    for week in range(len(levels) - 2, -1, -1):
        gain = path.variances[week] / (path.variances[week] + path.drift**2)
        levels[week] += gain * (levels[week + 1] - path.levels[week])
    return np.array(levels)
