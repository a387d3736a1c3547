"""Whether a hotel's base price is far from the prices that earn the most.

The base price is what a person believes a room to be worth. The engine starts from it and finds the
price that earns the most wherever that lies, so that a wrong base price costs little; but bounds,
first prices and calendar prices are made from it. So once the response to price has been learned
from the hotel's own prices, a base price that is far off is said to be so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import fmean
from typing import Final

from pricing_service.demand.belief_models import StoredBelief
from pricing_service.engine.belief_json import belief_from_json
from pricing_service.engine.price_steps import on_step
from pricing_service.models import NightPrice, PricingRules

# Standard deviation of the log of the elasticity below which the response counts as learned; a
# hotel that has never tried another price has 0.4.
LEARNED: Final = 0.25
FAR: Final = 0.12  # log of the mean best price over what nights are worth: about an eighth
FEWEST_NIGHTS: Final = 60


@dataclass(frozen=True)
class BasePriceCheck:
    """A base price that is far off: by how much the best prices differ, and a better one."""

    percent: int  # by which the best prices are higher (lower, if negative) than what was told
    proposed: Decimal  # in the hotel's currency, on a step


def check_base_price(rules: PricingRules, first_night: date) -> BasePriceCheck | None:
    """Return what is wrong with a hotel's base price; None if nothing is, or nobody knows yet.

    Args:
        first_night: of the coming nights.
    Raises:
        django.db.Error.
    """
    stored = StoredBelief.objects.filter(pk=rules.hotel_id).first()
    if stored is None:
        return None
    uncertainty = belief_from_json(stored.belief).response.uncertainty
    if uncertainty >= LEARNED:
        return None
    rows = NightPrice.objects.filter(
        hotel_id=rules.hotel_id, night__gte=first_night, rooms__gt=0, is_fixed=False
    ).values_list("factors", flat=True)
    demand_factors = [factors["demand"] for factors in rows if "demand" in factors]
    return judge_base_price(rules.base_price, rules.price_step, demand_factors)


def judge_base_price(
    base: Decimal, step: Decimal, demand_factors: Sequence[float]
) -> BasePriceCheck | None:
    """Return the check from the best prices over what nights are worth. Pure.

    Args:
        demand_factors: of each coming night.
    """
    if len(demand_factors) < FEWEST_NIGHTS:
        return None
    mean = fmean(math.log(factor) for factor in demand_factors)
    if abs(mean) < FAR:
        return None
    factor = math.exp(mean)
    proposed = max(on_step(base * Decimal(factor), step), step)
    return None if proposed == base else BasePriceCheck(round(100 * (factor - 1)), proposed)
