"""How demand falls with price: five forms of what guests would pay, each with any elasticity.

A form says which share of the guests who would pay the reference price (100) would also pay another
price; above 1 for lower prices. The elasticity is that of demand at the reference price: by how
many per cent demand falls there when the price rises by one per cent. The forms agree there, and
differ away from it: of an elasticity of 1.2, a price of 150 keeps 55 % of the guests (exponential),
50 % (lognormal), 34 % (logistic), 47 % (Weibull) or 40 % (linear).

*Exponential*: Gallego and van Ryzin 1994 (Management Science 40). *Linear* (willingness uniform)
and *logistic* (a choice against an outside option): Talluri and van Ryzin 2004, "The theory and
practice of revenue management", chapter 7. *Lognormal* and *Weibull*: the usual models of a
quantity that is never negative.

Prices are floats in the hotel's currency. Pure computation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from scipy.special import log_ndtr, ndtr, ndtri

from pricing_service.demand.bookings import Floats

REFERENCE_PRICE: Final = 100.0

SPREAD: Final = 0.5  # of the logarithm of what guests would pay, lognormal
LOGIT_SCALE: Final = 0.25  # of what guests would pay over the reference price, logistic
HIGHEST_LOGIT_LOSS: Final = 0.98  # share of all guests who would not pay the reference price
WEIBULL_SHAPE: Final = 2.0

# Of elasticities and prices over the reference, arrays of one shape: shares, and prices again.
_Function = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True)
class Willingness:
    """A form of willingness to pay.

    Attributes:
        demand: of elasticity and price over the reference price: demand over that at the reference.
        price: its inverse, of elasticity and demand.
    """

    demand: _Function
    price: _Function


def relative_demand(form: str, elasticity: Floats, price: Floats) -> Floats:
    """Return demand at prices over demand at the reference price; arrays are broadcast.

    Raises:
        KeyError: no such form.
    """
    return FORMS[form].demand(np.asarray(elasticity), np.asarray(price) / REFERENCE_PRICE)


def price_of_demand(form: str, elasticity: Floats, demand: Floats) -> Floats:
    """Return the prices at which demand, over that at the reference price, is the given one.

    Raises:
        KeyError: no such form.
    """
    return REFERENCE_PRICE * FORMS[form].price(np.asarray(elasticity), np.asarray(demand))


def _lognormal_demand(elasticity: Floats, price: Floats) -> Floats:
    start = _lognormal_start(elasticity)
    demand: Floats = ndtr(-(start + np.log(price) / SPREAD)) / ndtr(-start)
    return demand


def _lognormal_price(elasticity: Floats, demand: Floats) -> Floats:
    start = _lognormal_start(elasticity)
    price: Floats = np.exp(SPREAD * (-ndtri(demand * ndtr(-start)) - start))
    return price


def _lognormal_start(elasticity: Floats) -> Floats:
    """Return the reference price on the scale of the standard normal distribution.

    Its hazard there is elasticity × SPREAD.
    """
    scale, hazard = _normal_hazard()
    return np.interp(elasticity * SPREAD, hazard, scale)


@cache
def _normal_hazard() -> tuple[Floats, Floats]:
    """Return a fine scale, and the hazard of the standard normal distribution on it."""
    scale = np.linspace(-6.0, 6.0, 12001)
    hazard = np.exp(-(scale**2) / 2 - log_ndtr(-scale)) / np.sqrt(2 * np.pi)
    return scale, hazard


def _logistic_share(elasticity: Floats) -> Floats:
    """Return the share of all guests who would pay the reference price."""
    return 1.0 - np.minimum(elasticity * LOGIT_SCALE, HIGHEST_LOGIT_LOSS)


def _logistic_demand(elasticity: Floats, price: Floats) -> Floats:
    share = _logistic_share(elasticity)
    odds = (1.0 - share) / share * np.exp((price - 1.0) / LOGIT_SCALE)
    demand: Floats = 1.0 / (1.0 + odds) / share
    return demand


def _logistic_price(elasticity: Floats, demand: Floats) -> Floats:
    share = _logistic_share(elasticity)
    odds = 1.0 / (demand * share) - 1.0
    price: Floats = 1.0 + LOGIT_SCALE * np.log(odds * share / (1.0 - share))
    return price


FORMS: Final = {
    "exponential": Willingness(
        lambda elasticity, price: np.exp(-elasticity * (price - 1.0)),
        lambda elasticity, demand: 1.0 - np.log(demand) / elasticity,
    ),
    "lognormal": Willingness(_lognormal_demand, _lognormal_price),
    "logistic": Willingness(_logistic_demand, _logistic_price),
    "weibull": Willingness(
        lambda elasticity, price: np.exp(-elasticity / WEIBULL_SHAPE * (price**WEIBULL_SHAPE - 1)),
        lambda elasticity, demand: (
            (1.0 - WEIBULL_SHAPE * np.log(demand) / elasticity) ** (1.0 / WEIBULL_SHAPE)
        ),
    ),
    "linear": Willingness(
        lambda elasticity, price: np.maximum(1.0 - elasticity * (price - 1.0), 0.0),
        lambda elasticity, demand: 1.0 + (1.0 - demand) / elasticity,
    ),
}
