"""The engine as a policy: the call that production makes each morning, with what it knows then.

As in production, what is believed is learned once a week and kept until the next cut-off.
"""

from __future__ import annotations

import numpy as np

from pricing_service.demand.bookings import Floats
from pricing_service.engine import History, HotelRules, recommend
from pricing_service.engine.belief import Belief, last_cut_off, learn
from pricing_service.laboratory.markets.market import (
    MAXIMUM_PRICE,
    MINIMUM_PRICE,
    PRICE_STEP,
    YEAR_NIGHTS,
    Market,
)
from pricing_service.laboratory.markets.simulated_sales import Morning, Policy


def engine(market: Market, seed: int, *, learns: bool = True) -> Policy:
    """Return the engine's prices for a hotel.

    Args:
        seed: of the prices that the engine tries.
        learns: False: it believes of guests' response what it believed at first, and tries nothing.
    """
    rules = HotelRules(
        base=market.base,
        minimum=MINIMUM_PRICE,
        maximum=MAXIMUM_PRICE,
        step=PRICE_STEP,
        rooms=market.rooms,
        learn_response=learns,
        try_prices=learns,
    )

    belief: Belief | None = None

    def policy(morning: Morning) -> Floats:
        nonlocal belief
        history = History(morning.history.bookings(), morning.history.offers())
        if belief is None or belief.cut_off != last_cut_off(morning.as_of):
            belief = learn(rules, history, morning.as_of)
        nights = recommend(rules, history, morning.as_of, YEAR_NIGHTS, seed, belief)
        return np.array([float(night.price) for night in nights])

    return policy
