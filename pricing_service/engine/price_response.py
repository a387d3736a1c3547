"""How guests respond to price: a belief, updated from what was offered and what was booked.

Of the guests who would book at the price w that a night is worth by what was told, the share r(p)
books at the price p:

    r(p) = exp(-(e / k) × ((p / w) ^ k - 1))

The elasticity of demand at p is then e × (p / w) ^ k: `e` is the elasticity at w, and `k` says how
it grows with the price. Willingness to pay is Weibull; k = 1 is the exponential demand of Gallego
and van Ryzin (1994), k → 0 constant elasticity, and larger k come close to logistic and lognormal
guests inside the prices that a hotel asks. Two numbers are needed: with the slope alone the best
price is wrong where guests respond steeply.

`e` differs by lead time (guests of the last days are calmer), by season (a yearly wave) and on
Friday and Saturday nights. Prior: e is 0.8 to 1.9 for two of three hotels. Published estimates of
hotels' own-price elasticities differ as widely, within one resort too (Vives, Jacob and Aguiló
2019, "Online hotel demand model and own-price elasticities", Tourism Economics 25).

Prices follow demand, so that the plain correlation of price and bookings is wrong. The update is by
the likelihood of all bookings with each night's own demand integrated out: given what was known
when a price was set, the price says nothing more about the night. Prices that are moved at random
(`price_trials`) add what no model can get wrong.

Pure: no database, no clock.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from pricing_service.demand.bookings import Floats, Ints
from pricing_service.engine.lead_bins import LEARNING

LATE_DAYS: Final = 14.0  # days before, over which the calm of late guests fades
# Parameters: log e at long lead times, log k, the share by which e is smaller for guests of the
# last moment, the yearly wave of log e (cosine and sine of the time of year), and Friday and
# Saturday nights.
PRIOR_MEAN: Final = np.array([math.log(1.25), math.log(1.4), 0.25, 0.0, 0.0, 0.0])
PRIOR_DEVIATION: Final = np.array([0.40, 0.45, 0.2, 0.2, 0.2, 0.15])
LOWEST: Final = np.array([-1.6, -1.2, -0.5, -1.0, -1.0, -1.0])
HIGHEST: Final = np.array([1.8, 1.8, 0.8, 1.0, 1.0, 1.0])
PARAMETERS: Final = len(PRIOR_MEAN)
CALMEST: Final = 0.05  # the least elasticity of late guests, over that of early ones
LARGEST_STEP: Final = 0.3  # of a parameter in one update
LATE: Final = np.exp(-LEARNING.middles / LATE_DAYS)


@dataclass(frozen=True)
class Season:
    """Time of year and weekday of nights, as the elasticity depends on them (a value a night)."""

    cosine: Floats
    sine: Floats
    weekend: Floats  # Friday and Saturday nights, less their mean

    @classmethod
    def of(cls, year_share: Floats, weekday: Ints) -> Season:
        """Return the season of nights from the share of the year passed and weekday (Monday 0)."""
        angle = 2 * np.pi * year_share
        return cls(
            np.cos(angle), np.sin(angle), np.isin(weekday, (4, 5)).astype(np.float64) - 2 / 7
        )


@dataclass(frozen=True)
class PriceResponse:
    """The belief: a normal distribution of the parameters."""

    mean: Floats = field(default_factory=PRIOR_MEAN.copy)
    covariance: Floats = field(default_factory=lambda: np.diag(PRIOR_DEVIATION**2))

    @property
    def uncertainty(self) -> float:
        """Standard deviation of log e."""
        return float(math.sqrt(self.covariance[0, 0]))

    def seasonal(self, season: Season) -> Floats:
        """Return each night's elasticity as a multiple of the usual one."""
        _, _, _, cosine, sine, weekend = self.mean
        log = cosine * season.cosine + sine * season.sine + weekend * season.weekend
        multiples: Floats = np.exp(log)
        return multiples

    def share(self, price_log: Floats, season: Season) -> Floats:
        """Return r [night, span of lead time].

        Args:
            price_log: log of the price over the night's worth [night, span].
        """
        share: Floats = np.exp(self._terms(price_log, season)[0])
        return share

    def gradient(self, price_log: Floats, season: Season) -> Floats:
        """Return the derivatives of log r by the parameters [night, span, parameter]."""
        log_share, elasticity, bend, bend_by_log_k = self._terms(price_log, season)
        columns = [
            log_share,
            -elasticity * bend_by_log_k,
            elasticity * bend * LATE / self._calm(LATE),
            log_share * season.cosine[:, None],
            log_share * season.sine[:, None],
            log_share * season.weekend[:, None],
        ]
        return np.stack(columns, axis=-1)

    def expected_share(
        self, multiples: Floats, lead: float | Floats, seasonal: float | Floats
    ) -> Floats:
        """Return r, averaged over the belief of e and k. The arguments are broadcast.

        Args:
            multiples: prices over the night's worth.
            lead: days before.
            seasonal: elasticity of the season, as a multiple of the usual one.
        """
        root = np.linalg.cholesky(self.covariance[:2, :2] + 1e-9 * np.eye(2))
        relative = seasonal * self._calm(np.exp(-np.asarray(lead) / LATE_DAYS))
        share = np.zeros(np.broadcast_shapes(multiples.shape, relative.shape))
        for first, weight in GAUSS_HERMITE:
            for second, other_weight in GAUSS_HERMITE:
                log_e, log_k = self.mean[:2] + root @ np.array([first, second])
                k = math.exp(log_k)
                bend = (multiples**k - 1.0) / k
                share += weight * other_weight * np.exp(-math.exp(log_e) * relative * bend)
        return share

    def moved(self, step: Floats, covariance: Floats) -> PriceResponse:
        """Return the belief after a step of the mean, which is kept within reason."""
        step = np.clip(step, -LARGEST_STEP, LARGEST_STEP)
        return PriceResponse(np.clip(self.mean + step, LOWEST, HIGHEST), covariance)

    def _calm(self, late: Floats) -> Floats:
        """Return the elasticity over that of early guests.

        Args:
            late: 1 for guests of the last moment, fading with the days before.
        """
        calm: Floats = np.maximum(1.0 - self.mean[2] * late, CALMEST)
        return calm

    def _terms(self, price_log: Floats, season: Season) -> tuple[Floats, Floats, Floats, Floats]:
        """Return log r, e, (p ^ k - 1) / k, and the derivative of the last by log k."""
        k = math.exp(self.mean[1])
        elasticity = math.exp(self.mean[0]) * self.seasonal(season)[:, None] * self._calm(LATE)
        power = np.exp(k * price_log)
        bend = (power - 1.0) / k
        return -elasticity * bend, elasticity, bend, price_log * power - bend


# Three nodes and weights that integrate polynomials of degree 5 over a standard normal.
GAUSS_HERMITE: Final = ((0.0, 2 / 3), (math.sqrt(3), 1 / 6), (-math.sqrt(3), 1 / 6))
