"""A belief as JSON and back, exactly: what is read is what was written, to the last bit.

Pure: no database, no clock.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from pricing_service.demand.bookings import Floats
from pricing_service.engine.belief import Belief
from pricing_service.engine.calendar_demand import CalendarDemand
from pricing_service.engine.market_trend import Trend
from pricing_service.engine.price_response import PriceResponse
from pricing_service.engine.room_batches import Batches

# To be raised when the engine learns otherwise or a belief has other parts: stored ones are then
# learned anew.
LEARNER_VERSION: Final = 2


def belief_to_json(belief: Belief) -> dict[str, Any]:
    """Return a belief as lists and numbers that JSON can have; infinity becomes null."""
    batches = belief.batches
    return {
        "cut_off": belief.cut_off,
        "first_day": belief.first_day,
        "level_log": belief.calendar.level_log,
        "weights": belief.calendar.weights.tolist(),
        "curve": belief.curve.tolist(),
        "trend_first_day": belief.trend.first_day,
        "trend_weekly": belief.trend.weekly.tolist(),
        "night_shape": belief.night_shape,
        "response_mean": belief.response.mean.tolist(),
        "response_covariance": belief.response.covariance.tolist(),
        "cancelling": belief.cancelling.tolist(),
        "batch_sizes": batches.sizes.tolist(),
        "batch_usual_most": [
            value if math.isfinite(value) else None for value in batches.usual_most.tolist()
        ],
        "batch_scale": batches.scale,
        "batch_evidence_spread": batches.evidence_spread,
    }


def belief_from_json(values: dict[str, Any]) -> Belief:
    """Return the belief that `belief_to_json` was given.

    Raises: KeyError, TypeError or ValueError for anything else.
    """
    usual_most = [math.inf if value is None else value for value in values["batch_usual_most"]]
    return Belief(
        cut_off=int(values["cut_off"]),
        first_day=int(values["first_day"]),
        calendar=CalendarDemand(float(values["level_log"]), _floats(values["weights"])),
        curve=_floats(values["curve"]),
        trend=Trend(int(values["trend_first_day"]), _floats(values["trend_weekly"])),
        night_shape=float(values["night_shape"]),
        response=PriceResponse(
            _floats(values["response_mean"]), _floats(values["response_covariance"])
        ),
        cancelling=_floats(values["cancelling"]),
        batches=Batches(
            _floats(values["batch_sizes"]),
            _floats(usual_most),
            float(values["batch_scale"]),
            float(values["batch_evidence_spread"]),
        ),
    )


def _floats(values: list[Any]) -> Floats:
    return np.asarray(values, dtype=np.float64)
