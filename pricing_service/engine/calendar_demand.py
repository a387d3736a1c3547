"""Expected demand by season and weekday, learned from the nights of up to two years.

The logarithm of a night's demand is a level, a season (linear between 24 points of the year, each
close to its neighbours) and a weekday. The fit weighs a night by what it can say: its room-nights
against the spread that nights of equal expectation have. What nobody has seen stays close to the
level; three bookings of a small hotel move it little.

A person who sets a high first price for a night may know of a fair that no calendar shows. The fit
has a place for it: the log of a night's first price over its worth. Without it, nights that were
dear because they were to sell well would teach that guests do not mind the price.

Pure: no database, no clock.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np

from pricing_service.demand.bookings import Floats, Ints

POINTS: Final = 24  # of the season, in a year
WEEKDAYS: Final = 7
FEATURES: Final = 1 + POINTS + WEEKDAYS + 1
# Prior deviations of logarithms: the level, a point of the season from the next and from the level,
# a weekday.
LEVEL_DEVIATION, STEP_DEVIATION, SEASON_DEVIATION, WEEKDAY_DEVIATION = 0.5, 0.10, 0.5, 0.25
FIRST_PRICE_DEVIATION: Final = 1.0  # of the change of demand by the log of the first price
# Room-nights that guests ask for, over the rooms, of a hotel that nobody knows.
FIRST_LEVEL: Final = 0.9


@dataclass(frozen=True)
class CalendarDemand:
    """Expected room-nights that guests ask for on a night, at what the night is worth."""

    level_log: float
    weights: Floats

    @classmethod
    def first(cls, rooms: float) -> CalendarDemand:
        """Return the belief about a hotel without history."""
        return cls(math.log(max(FIRST_LEVEL * rooms, 0.1)), np.zeros(FEATURES))

    def of(self, features: Floats) -> Floats:
        """Return the room-nights of each night [row of features]."""
        demand: Floats = np.exp(self.level_log + features @ self.weights)
        return demand

    def scaled(self, factor: float) -> CalendarDemand:
        """Return the demand times a factor."""
        return replace(self, level_log=self.level_log + math.log(factor))

    def updated(
        self,
        features: Floats,
        room_nights: Floats,
        exposure: Floats,
        spread: float,
        night_shape: float,
    ) -> CalendarDemand:
        """Return a belief that is one Newton step closer to the nights.

        Args:
            room_nights: of each night.
            exposure: share of the night's demand that could have been booked.
            spread: variance over mean of the counts of a night of known demand.
            night_shape: shape of the gamma distribution of the nights' own effects.
        """
        expected = self.of(features) * exposure
        weight = expected / (spread + expected / night_shape)
        relative = (room_nights - expected) / np.maximum(expected, 1e-9)
        slope = features.T @ (weight * relative) - PENALTY @ self.weights
        step = np.linalg.solve(features.T @ (features * weight[:, None]) + PENALTY, slope)
        return replace(self, weights=self.weights + np.clip(step, -1.0, 1.0))


def explained_by_calendar(
    features: Floats, weight: Floats, values: Floats, spread: float
) -> Floats:
    """Return which part of values [night, column] season and weekday explain."""
    normal = features.T @ (features * weight[:, None]) + PENALTY * spread
    explained: Floats = features @ np.linalg.solve(normal, features.T @ (weight[:, None] * values))
    return explained


def calendar_features(nights: Ints, first_price_log: Floats) -> Floats:
    """Return the features of nights, a row each.

    Args:
        nights: ordinals.
        first_price_log: log of the first price of each night over its worth; 0 if unknown.
    """
    position = year_shares(nights) * POINTS
    before = np.floor(position).astype(np.int64)
    part = position - before
    row = np.arange(len(nights))
    features = np.zeros((len(nights), FEATURES))
    features[:, 0] = 1.0
    features[row, 1 + before % POINTS] += 1.0 - part
    features[row, 1 + (before + 1) % POINTS] += part
    features[row, 1 + POINTS + weekdays(nights)] = 1.0
    features[:, -1] = first_price_log
    return features


def year_shares(nights: Ints) -> Floats:
    """Return the share of the year that has passed on each night (ordinals)."""
    days = [date.fromordinal(int(night)).timetuple().tm_yday for night in nights]
    return np.array(days) / 365.25


def weekdays(nights: Ints) -> Ints:
    """Return the weekday of each night (an ordinal), Monday 0."""
    return (nights - 1) % WEEKDAYS


def _penalty() -> Floats:
    """Return the inverse covariance of the prior of the weights."""
    penalty = np.zeros((FEATURES, FEATURES))
    penalty[0, 0] = LEVEL_DEVIATION**-2
    steps = np.eye(POINTS) - np.roll(np.eye(POINTS), 1, axis=1)
    season = slice(1, 1 + POINTS)
    penalty[season, season] = (
        steps.T @ steps / STEP_DEVIATION**2 + np.eye(POINTS) / SEASON_DEVIATION**2
    )
    weekday = slice(1 + POINTS, FEATURES - 1)
    penalty[weekday, weekday] = np.eye(WEEKDAYS) / WEEKDAY_DEVIATION**2
    penalty[-1, -1] = FIRST_PRICE_DEVIATION**-2
    return penalty


PENALTY: Final = _penalty()
