"""The combination of the pickup methods: weights learned from the errors on the hotel's past.

For every learned lead each method's forecasts of the hotel's own past nights are made, as they
could have been made then, and compared with what came (combination of forecasts: Bates and Granger
1969; convex weights by least squares: Granger and Ramanathan 1984). What is learned at a stage
with little history is the starting point of the next stage.

Pure computation: no database, no clock, no randomness.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from pricing_service.demand.bookings import WEEK, YEAR, Floats, Ints
from pricing_service.demand.lead_interpolation import interpolate
from pricing_service.demand.on_the_books_history import SETTLING_NIGHTS, OnTheBooksHistory
from pricing_service.demand.pickup_methods import (
    ADVANCED,
    BOOKS,
    LEVEL,
    STAGES,
    candidate_forecasts,
)

HALF_LIFE_DAYS: Final = YEAR  # after which a past error counts half
PRIOR_NIGHTS: Final = 4 * WEEK  # past nights that the prior weights count as
SHRINKAGE_NIGHTS: Final = 100.0  # nights that the pull to the inverse squared errors counts as
STAGE_HALF_NIGHTS: Final = YEAR // 2  # nights after which the errors of fewer methods count half
GRADIENT_STEPS: Final = 100  # of the least squares; more change no forecast visibly


@dataclass(frozen=True)
class Combination:
    """Weights of the methods: for each stage one table [learned lead, method]."""

    leads: Ints
    weights: tuple[Floats, ...]

    def expected(self, candidates: Floats, leads: Ints) -> Floats:
        """Return the combined forecast of final room-nights, per lead.

        Args:
            candidates: the methods' forecasts [method, lead]; nan where a method has no data.
        """
        available = ~np.isnan(candidates)
        values = np.where(available, candidates, 0.0)
        # A lead longer than the history has no past forecast to learn from: the plain mean.
        simple = [ADVANCED, LEVEL]
        count = np.maximum(available[simple].sum(axis=0), 1)
        mean = values[simple].sum(axis=0) / count
        expected: Floats = np.where(available[ADVANCED], mean, values[BOOKS])
        for size, weights in zip(STAGES, self.weights, strict=True):
            at_leads = interpolate(leads, self.leads, weights)
            combined = np.einsum("gm,mg->g", at_leads, values[:size])
            expected = np.where(available[:size].all(axis=0), combined, expected)
        return np.maximum(expected, 0.0)


@dataclass(frozen=True)
class PastForecasts:
    """The combination's forecasts of past nights, tables [learned lead, night] of room-nights.

    trust says how much each counts: less the older it is, and the fewer methods it could use.
    """

    leads: Ints
    books: Floats
    expected: Floats  # nan where no forecast could have been made
    final: Floats
    trust: Floats


def learn_combination(history: OnTheBooksHistory, leads: Ints) -> tuple[Combination, PastForecasts]:
    """Return the weights for leads, and the forecasts of past nights that they would have made."""
    first = max(min(SETTLING_NIGHTS, history.as_of_row // 4), history.as_of_row + 1 - 2 * YEAR, 0)
    row, lead = np.meshgrid(np.arange(first, history.as_of_row + 1), leads)
    forecasts = candidate_forecasts(history, row, lead)
    forecasts[:, history.is_open[row] == 0.0] = np.nan  # of a closed night nothing is learned
    final = history.final[row]
    available = ~np.isnan(forecasts)
    forecasts = np.where(available, forecasts, 0.0)
    recency = 0.5 ** ((history.as_of_row - row) / HALF_LIFE_DAYS)
    weights: list[Floats] = []
    expected, trust = np.full(row.shape, np.nan), recency
    for size in STAGES:
        usable = available[:size].all(axis=0)
        # The errors of fewer methods fade out, but not before more seasons were observed.
        fade = STAGE_HALF_NIGHTS / (STAGE_HALF_NIGHTS + usable.sum(axis=1, keepdims=True))
        trust = np.where(usable, recency, fade * trust)
        prior = _prior_weights(weights[-1] if weights else None, size, len(leads))
        weights.append(_fit_weights(forecasts[:size] - final, recency * usable, prior))
        combined = np.einsum("gm,mgn->gn", weights[-1], forecasts[:size])
        expected = np.where(usable, combined, expected)
    past = PastForecasts(leads, forecasts[BOOKS], expected, final, trust)
    return Combination(leads, tuple(weights)), past


def _prior_weights(lower_stage: Floats | None, size: int, leads: int) -> Floats:
    """Return the weights [lead, method] assumed before any error of this stage is seen.

    At first the advanced pickup alone. With a year of history half goes to last year's pickup. The
    last stage starts with none: a level ignores most of what is on the books and must earn its
    weight.
    """
    prior = np.zeros((leads, size))
    if lower_stage is None:
        prior[:, ADVANCED] = 1.0
        return prior
    new = size - lower_stage.shape[1]
    share = 0.0 if size > LEVEL else 0.5
    prior[:, : lower_stage.shape[1]] = (1.0 - share) * lower_stage
    prior[:, lower_stage.shape[1] :] = share / new
    return prior


def _fit_weights(errors: Floats, trust: Floats, prior: Floats) -> Floats:
    """Return weights [lead, method] by least squares on past errors [method, lead, night].

    The solution is pulled to the inverse squared errors of the methods (Bates and Granger), and
    these in turn to the prior where there are few nights.

    Args:
        trust: how much each error counts [lead, night]; 0 where there was no forecast.
    """
    gram: Floats = np.einsum("mgn,kgn->gmk", errors * trust, errors, optimize=True)
    nights = trust.sum(axis=1, keepdims=True)
    square = np.diagonal(gram, axis1=1, axis2=2) / np.maximum(nights, 1e-9)
    inverse = 1.0 / np.maximum(square, 1e-9)
    inverse = inverse / inverse.sum(axis=1, keepdims=True)
    start = (nights * inverse + PRIOR_NIGHTS * prior) / (nights + PRIOR_NIGHTS)
    return _convex_least_squares(gram, SHRINKAGE_NIGHTS * np.median(square, axis=1), start)


def _convex_least_squares(gram: Floats, penalty: Floats, start: Floats) -> Floats:
    """Return convex weights w that minimise w'Gw + penalty |w - start|^2, one problem per row.

    Nesterov's projected gradient. As the weights sum to 1, w'Gw with the Gram matrix G of the
    errors is the squared error of the combination.
    """
    step = 1.0 / (np.trace(gram, axis1=-2, axis2=-1) + penalty + 1e-9)[:, None]
    weights = ahead = start
    for turn in range(GRADIENT_STEPS):
        slope = np.einsum("gij,gj->gi", gram, ahead) + penalty[:, None] * (ahead - start)
        previous, weights = weights, _project_to_simplex(ahead - step * slope)
        ahead = weights + turn / (turn + 3.0) * (weights - previous)
    return weights


def _project_to_simplex(points: Floats) -> Floats:
    """Return the nearest weights to each point (last axis): none below 0, with sum 1."""
    size = points.shape[-1]
    ordered = -np.sort(-points, axis=-1)
    excess = (ordered.cumsum(axis=-1) - 1.0) / np.arange(1, size + 1)
    last = (ordered > excess).sum(axis=-1, keepdims=True) - 1
    shift: Floats = np.take_along_axis(excess, last, axis=-1)
    return np.maximum(points - shift, 0.0)
