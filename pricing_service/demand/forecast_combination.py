"""The combination of the pickup methods: weights learned from the errors on the hotel's past.

For every learned lead each method's forecasts of the hotel's own past nights are made, as they
could have been made then, and compared with what came (combination of forecasts: Bates and Granger
1969; convex weights by least squares: Granger and Ramanathan 1984). What is learned at a stage
with little history is the starting point of the next stage.

The past is cut into folds of whole weeks. Each past night is also forecast by the weights that the
other folds teach: weights fit the nights that they come from better than they will fit the next
ones, so that the interval is learned from nights on which nothing was fitted (cross-fitting).

Pure computation: no database, no clock, no randomness.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

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
STAGE_HALF_NIGHTS: Final = 60.0  # nights after which the errors of fewer methods count half
# From so many days before on fewer nights are enough, in proportion: the farther ahead, the more a
# year of history changes a forecast, and the less its errors before say about those to come.
STAGE_LEAD: Final = 5 * WEEK
GRADIENT_STEPS: Final = 30  # of the least squares; more change no forecast visibly
FOLDS: Final = 8  # parts of the past, each of them forecast by what the others teach
BLOCK_NIGHTS: Final = 4 * WEEK  # nights in a row that belong to one fold


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

    The nights are in no order of time. trust says how much each counts: less the older it is, and
    the fewer methods it could use.
    """

    leads: Ints
    night_rows: Ints  # the nights' rows in the history
    books: Floats
    expected: Floats  # by weights of other nights; nan where no forecast could have been made
    final: Floats
    rooms: Floats  # assumed on the day of the forecast
    trust: Floats


def learn_combination(history: OnTheBooksHistory, leads: Ints) -> tuple[Combination, PastForecasts]:
    """Return the weights for leads, and forecasts of past nights by what other nights teach."""
    nights, folds = _nights_by_fold(history.as_of_row)
    row, lead = np.meshgrid(nights, leads)
    forecasts = candidate_forecasts(history, row, lead)
    forecasts[:, history.is_open[row] == 0.0] = np.nan  # of a closed night nothing is learned
    final = history.final[row]
    available = ~np.isnan(forecasts)
    forecasts = np.where(available, forecasts, 0.0)
    recency = 0.5 ** ((history.as_of_row - row) / HALF_LIFE_DAYS)
    half = STAGE_HALF_NIGHTS * np.minimum(1.0, STAGE_LEAD / leads)[:, None]
    stages: list[Floats] = []
    expected, trust = np.full(row.shape, np.nan), recency
    for size in STAGES:
        usable: npt.NDArray[np.bool_] = np.all(available[:size], axis=0)
        # The errors of fewer methods fade out, but not before more seasons were observed.
        trust = np.where(usable, recency, half / (half + usable.sum(axis=1, keepdims=True)) * trust)
        prior = _prior_weights(stages[-1] if stages else None, size, len(leads))
        stages.append(_fit_weights(forecasts[:size] - final, recency * usable, folds, prior))
        for weights, of_fold in zip(stages[-1], folds, strict=False):
            combined = np.einsum("gm,mgn->gn", weights, forecasts[:size, :, of_fold])
            expected[:, of_fold] = np.where(usable[:, of_fold], combined, expected[:, of_fold])
    rooms = history.assumed_rooms[np.maximum(row - lead, 0)]
    past = PastForecasts(leads, nights, forecasts[BOOKS], expected, final, rooms, trust)
    return Combination(leads, tuple(weights[-1] for weights in stages)), past


def _nights_by_fold(as_of_row: int) -> tuple[Ints, list[slice]]:
    """Return the rows of the past nights to learn from, and where in them each fold is."""
    first = max(min(SETTLING_NIGHTS, as_of_row // 4), as_of_row + 1 - 2 * YEAR, 0)
    nights = np.arange(first, as_of_row + 1)
    fold = (as_of_row - nights) // BLOCK_NIGHTS % FOLDS
    ends = np.bincount(fold, minlength=FOLDS).cumsum().tolist()
    starts = [0, *ends[:-1]]
    return nights[np.argsort(fold, kind="stable")], [
        slice(start, end) for start, end in zip(starts, ends, strict=True)
    ]


def _prior_weights(lower_stage: Floats | None, size: int, leads: int) -> Floats:
    """Return the weights [fold, lead, method] assumed before any error of this stage is seen.

    At first the advanced pickup alone. With a year of history half goes to last year's pickup. The
    last stage starts with none: a level ignores most of what is on the books and must earn its
    weight.
    """
    prior = np.zeros((FOLDS + 1, leads, size))
    if lower_stage is None:
        prior[..., ADVANCED] = 1.0
        return prior
    known = lower_stage.shape[-1]
    share = 0.0 if size > LEVEL else 0.5
    prior[..., :known] = (1.0 - share) * lower_stage
    prior[..., known:] = share / (size - known)
    return prior


def _fit_weights(errors: Floats, trust: Floats, folds: Sequence[slice], prior: Floats) -> Floats:
    """Return weights [fold, lead, method] by least squares on past errors [method, lead, night].

    Those of a fold are fitted on the nights of all others; the last ones, after the folds, on all
    nights. The solution is pulled to the inverse squared errors of the methods (Bates and Granger),
    and these in turn to the prior where there are few nights.

    Args:
        trust: how much each error counts [lead, night]; 0 where there was no forecast.
        folds: which nights belong to each fold.
    """
    trusted = errors * trust
    grams = [
        np.einsum("mgn,kgn->gmk", trusted[..., of_fold], errors[..., of_fold], optimize=True)
        for of_fold in folds
    ]
    counts = [trust[:, of_fold].sum(axis=1, keepdims=True) for of_fold in folds]
    gram, nights = _without_each(np.stack(grams)), _without_each(np.stack(counts))
    square = np.diagonal(gram, axis1=-2, axis2=-1) / np.maximum(nights, 1e-9)
    inverse = 1.0 / np.maximum(square, 1e-9)
    inverse = inverse / inverse.sum(axis=-1, keepdims=True)
    start = (nights * inverse + PRIOR_NIGHTS * prior) / (nights + PRIOR_NIGHTS)
    size = len(errors)
    weights = _convex_least_squares(
        gram.reshape(-1, size, size),
        SHRINKAGE_NIGHTS * np.median(square, axis=-1).ravel(),
        start.reshape(-1, size),
    )
    return weights.reshape(start.shape)


def _without_each(parts: Floats) -> Floats:
    """Return, for each of the parts, the sum of all others, and the sum of all as the last one."""
    total = parts.sum(axis=0)
    # Rounding may leave a little less than nothing, of what is a sum of squares or of weights.
    others = np.where(np.abs(total - parts) > 1e-9 * np.abs(total), total - parts, 0.0)
    return np.concatenate([others, total[None]])


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
