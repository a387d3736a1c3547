"""The 80 % interval of the sum of several coming nights, such as those of a month.

The errors of nights next to each other belong together: one demand that nobody foresaw fills or
empties all of them. To add up their variances would make a month's interval several times too
narrow, to add up their ends too wide. So the errors are taken together as they came: for each past
day, the errors that forecasts of that day made on the nights as many days ahead as the coming ones
are (`forecast_combination`'s forecasts of past nights by weights of other nights). Scaled to the
coming nights, they give one total for each past day; the interval has the quantiles of these
totals. That is the joint distribution of the past errors, carried over to the coming nights by
order of time, as the Schaake shuffle does for weather (Clark and others 2004), with the quantiles
raised for few observations as in split conformal prediction; never wider than the sum of the
nights' own intervals.

Pure computation: no database, no clock, no randomness. The words are those of `demand.bookings`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from pricing_service.demand.bookings import Floats, Ints
from pricing_service.demand.forecast_combination import (
    PastForecasts,
    learn_combination,
)
from pricing_service.demand.forecast_interval import COVERAGE, error_scale, weighted_quantile
from pricing_service.demand.lead_interpolation import surrounding_learned_leads
from pricing_service.demand.on_the_books_history import OnTheBooksHistory

# Past days share their errors with those next to them: so many of them as the nights reach hold
# about two observations. Measured on made-up hotels: 75 to 92 % of the totals are inside.
OBSERVATIONS_A_SPAN: Final = 2.0
FEWEST_OBSERVATIONS: Final = 4.0  # of fewer the nights' own intervals are added up
FEWEST_NIGHTS: Final = 0.5  # share of the nights whose error a past day must have


@dataclass(frozen=True)
class TotalForecast:
    """Room-nights of several nights together: expected, and the ends of the 80 % interval."""

    expected: float
    low: float
    high: float


@dataclass(frozen=True)
class Nights:
    """Coming nights with their forecasts: arrays of one length, in order of time.

    Attributes:
        leads: days from the history's day to the night, from 1 up.
        most: room-nights that the night can have, as its rooms for sale.
    """

    leads: Ints
    books: Floats
    expected: Floats
    low: Floats
    high: Floats
    most: Floats

    def __getitem__(self, part: slice) -> Nights:
        """Return some of the nights."""
        return Nights(*(column[part] for column in vars(self).values()))


class TotalForecaster:
    """Forecasts sums of coming nights from one history, whose past errors it works out once."""

    def __init__(self, history: OnTheBooksHistory, nights: Nights) -> None:
        self._nights = nights
        leads = surrounding_learned_leads(nights.leads)
        _, past = learn_combination(history, leads)
        self._leads = leads
        self._errors, self._trust = _errors_by_row(history, past)
        self._as_of_row = history.as_of_row
        self._rooms = float(history.assumed_rooms[-1])

    def total(self, part: slice) -> TotalForecast:
        """Return the forecast of some of the nights together."""
        nights = self._nights[part]
        expected = float(nights.expected.sum())
        totals, weights = self._past_totals(nights)
        span = int(nights.leads[-1] - nights.leads[0]) + 1
        # The widest: all nights miss in the same direction, each to the end of its own interval.
        lowest, highest = float(nights.low.sum()), float(nights.high.sum())
        observations = OBSERVATIONS_A_SPAN * float(weights.sum()) / span
        if observations < FEWEST_OBSERVATIONS:
            return TotalForecast(expected, lowest, highest)
        share = min((1.0 + COVERAGE) / 2.0 * (1.0 + 1.0 / observations), 1.0)
        low = max(-weighted_quantile(-totals, weights, share), lowest)
        high = min(weighted_quantile(totals, weights, share), highest)
        return TotalForecast(expected, min(low, expected), max(high, expected))

    def _past_totals(self, nights: Nights) -> tuple[Floats, Floats]:
        """Return the nights' total with the errors of each past day, and how much each counts."""
        leads = nights.leads
        place = np.clip(np.searchsorted(self._leads, leads, side="right") - 1, 0, None)
        after = np.minimum(place + 1, len(self._leads) - 1)
        gap = np.maximum(self._leads[after] - self._leads[place], 1)
        part = np.clip((leads - self._leads[place]) / gap, 0.0, 1.0)
        days = np.arange(self._as_of_row - int(leads[-1]) + 1)
        rows = days[:, None] + leads  # [past day, night]
        before = self._errors[place, rows]
        errors = np.where(part > 0, before * (1 - part) + self._errors[after, rows] * part, before)
        trust = self._trust[place, rows]
        is_known = ~np.isnan(errors)
        counted = is_known.sum(axis=1)
        is_usable = counted >= np.maximum(FEWEST_NIGHTS * len(leads), 1)
        errors, is_known, counted = errors[is_usable], is_known[is_usable], counted[is_usable]
        known = np.where(is_known, errors, 0.0)
        mean = known.sum(axis=1) / np.maximum(counted, 1)
        filled = np.where(is_known, errors, mean[:, None])  # of nights that were closed then
        scale = error_scale(
            nights.books, nights.expected, np.full(len(leads), max(self._rooms, 1.0))
        )
        nights_then = np.clip(nights.expected + scale * filled, 0.0, nights.most)
        weights = np.where(is_known, trust[is_usable], 0.0).sum(axis=1) / np.maximum(counted, 1)
        return nights_then.sum(axis=1), weights


def _errors_by_row(history: OnTheBooksHistory, past: PastForecasts) -> tuple[Floats, Floats]:
    """Return scaled errors and trust [learned lead, row]; nan where there was no forecast."""
    shape = (len(past.leads), history.as_of_row + 1)
    errors, trust = np.full(shape, np.nan), np.zeros(shape)
    scale = error_scale(past.books, past.expected, past.rooms)
    errors[:, past.night_rows] = (past.final - past.expected) / scale
    trust[:, past.night_rows] = past.trust
    return errors, trust
