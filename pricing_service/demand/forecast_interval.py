"""The 80 % interval of the forecast, from the combination's own errors on past nights.

As in split conformal prediction: the quantiles of past errors on nights that taught the weights
nothing, in units of a scale that grows with the room-nights still to come and shrinks with the
rooms that are left. Older errors, and those made with less history, count less (weighted conformal
prediction: Barber, Candès, Ramdas and Tibshirani 2023). Pure computation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from pricing_service.demand.bookings import Floats, Ints
from pricing_service.demand.forecast_combination import PastForecasts
from pricing_service.demand.lead_interpolation import interpolate

COVERAGE: Final = 0.8  # share of the outcomes that the interval should contain
FEWEST_NIGHTS: Final = 5  # fewer errors give no interval
USUAL_STAY_NIGHTS: Final = 2
LEAST_SHARE_LEFT: Final = 0.1  # of the rooms; a night expected to be full may stay emptier


def error_scale(books: Floats, expected: Floats, rooms: Floats) -> Floats:
    """Return how far a forecast may err, in room-nights up to a constant factor.

    The geometric mean of the Poisson error of the pickup, which is the only one of a hotel without
    cancellations, and that of the whole level, for what is cancelled and booked again; smaller
    where the night is expected to be nearly full, as what is asked for beyond is turned away.

    Args:
        rooms: the most that the hotel is assumed to sell; 0 where nobody knows.
    """
    pickup = 1.0 + np.abs(expected - books)
    left = np.maximum(1.0 - expected / np.maximum(rooms, 1.0), LEAST_SHARE_LEFT)
    scale: Floats = (pickup * (1.0 + np.maximum(expected, 0.0)) * left) ** 0.25
    return scale


@dataclass(frozen=True)
class ErrorQuantiles:
    """Ends of the interval per learned lead, in units of error_scale; nan where errors are few."""

    leads: Ints
    low: Floats
    high: Floats

    def at(self, leads: Ints) -> tuple[Floats, Floats]:
        """Return the ends at leads; beyond the leads observed they grow with the lead's root.

        Infinite where no lead was observed.
        """
        observed = ~np.isnan(self.low)
        if not observed.any():
            return np.full(len(leads), -np.inf), np.full(len(leads), np.inf)
        observed_leads = self.leads[observed]
        within = np.minimum(leads, observed_leads[-1])
        below = np.maximum(-interpolate(within, observed_leads, self.low[observed]), 0.0)
        above = np.maximum(interpolate(within, observed_leads, self.high[observed]), 0.0)
        # The few errors of the longest lead do not say on which side the next ones will be.
        beyond = leads > within
        farther = np.maximum(below, above) * np.sqrt(leads / within)
        return -np.where(beyond, farther, below), np.where(beyond, farther, above)


def learn_error_quantiles(past: PastForecasts) -> ErrorQuantiles:
    """Return the ends of the interval from the errors of past forecasts.

    The share is raised to (n + 1) / n as in split conformal prediction. Nights next to each other
    share their guests, so that those of one stay count as one observation in n.
    """
    errors = (past.final - past.expected) / error_scale(past.books, past.expected, past.rooms)
    ends = np.full((2, len(errors)), np.nan)
    for place, (error, trust) in enumerate(zip(errors, past.trust, strict=True)):
        observed = ~np.isnan(error)
        nights = float(trust[observed].sum())
        if nights < FEWEST_NIGHTS:
            continue
        share = min((1.0 + COVERAGE) / 2.0 * (1.0 + USUAL_STAY_NIGHTS / nights), 1.0)
        ends[0, place] = -weighted_quantile(-error[observed], trust[observed], share)
        ends[1, place] = weighted_quantile(error[observed], trust[observed], share)
    return ErrorQuantiles(past.leads, ends[0], ends[1])


def weighted_quantile(values: Floats, weights: Floats, share: float) -> float:
    """Return the smallest value up to which at least that share of the weights lies."""
    order = np.argsort(values, kind="stable")
    total = weights[order].cumsum()
    place = int(np.searchsorted(total, share * total[-1]))
    return float(values[order[min(place, len(values) - 1)]])
