"""The engine's recommended prices for a hotel's coming nights, with what the page shows of them.

One call of the engine prices all nights. Nights that are further from the day of the newest figures
than the engine looks (of a hotel that is silent for long) have their calendar's price.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import numpy as np

from common.translatable_text import Text
from pricing_service.demand.engine_basis import EngineBasis
from pricing_service.demand.night_situation import Situation
from pricing_service.engine.belief import AHEAD
from pricing_service.engine.hotel_rules import HotelRules
from pricing_service.engine.price_sentence import CLOSED, FIXED, outcomes, price_sentence
from pricing_service.engine.recommendation import NightPrice
from pricing_service.engine.revenue_curve import expected_on_the_books

# What the base price is multiplied by, in the order of the page; "trial" only where one is made.
FACTORS: Final = ("month", "weekday", "event", "lead time", "demand", "trial")
# A factor that pages of the version before look for. The next version can leave it out.
FORMER_FACTOR: Final = "occupancy"
TOO_FAR: Final = Text("Nothing is known of the demand for this night: the price by the calendar.")


@dataclass(frozen=True)
class Recommendation:
    """A recommended price with its reasons.

    Attributes:
        amount: in the hotel's currency.
        factors: that multiply the base price, in the order of FACTORS.
        expected_on_the_books: room-nights that are usual by now.
        bound: that limits the amount: "minimum", "maximum", "fixed" or empty.
        sentence: the reasons, to be read in any language.
    """

    amount: Decimal
    factors: dict[str, float]
    expected_on_the_books: float
    bound: str
    sentence: list[Text]


def recommend_nights(basis: EngineBasis, situations: Sequence[Situation]) -> list[Recommendation]:
    """Return the recommendations of nights, in their order."""
    ahead = [(situation.night - basis.as_of).days for situation in situations]
    near = [days for days in ahead if days <= AHEAD]
    engine_prices = basis.recommend(max(near) + 1) if near else []
    nights = [engine_prices[days] for days in near]
    told = outcomes(basis.rules, basis.belief, nights, basis.day_left)
    usual = usual_on_the_books(basis, [night.night for night in nights], near)
    by_engine = dict(zip(near, zip(nights, told, usual, strict=True), strict=True))
    recommendations = []
    for days, situation in zip(ahead, situations, strict=True):
        if days not in by_engine or not situation.rooms:
            recommendations.append(_by_calendar(basis.rules, situation))
            continue
        night, outcome, expected = by_engine[days]
        expected = min(expected, float(situation.rooms))
        groups = situation.group_rooms
        recommendations.append(
            Recommendation(
                amount=night.price,
                factors=_factors(basis.rules, night),
                expected_on_the_books=expected,
                bound=night.bound,
                sentence=price_sentence(
                    basis.rules, night, outcome, expected, groups, situation.figures_as_of
                ),
            )
        )
    return recommendations


def usual_on_the_books(
    basis: EngineBasis, nights: Sequence[date], leads: Sequence[int]
) -> list[float]:
    """Return what is usually on the books of nights so many days before, without a limit."""
    ordinals = np.array([night.toordinal() for night in nights], dtype=np.int64)
    usual: list[float] = expected_on_the_books(
        basis.belief, ordinals, np.array(leads, dtype=np.int64)
    ).tolist()
    return usual


def _factors(rules: HotelRules, night: NightPrice) -> dict[str, float]:
    """Return what the base price is multiplied by before rounding and bounds."""
    lead = rules.lead_factor(night.days_before)
    factors = {
        "month": rules.months[night.night.month - 1],
        "weekday": rules.weekdays[night.night.weekday()],
        "event": rules.event_factor(night.night),
        "lead time": lead,
        "demand": night.amount / (night.worth * lead),
    }
    return factors | ({"trial": 1.0 + night.trial} if night.trial else {})


def _by_calendar(rules: HotelRules, situation: Situation) -> Recommendation:
    """Return the calendar's price of a closed night, where it is not shown, and of a far one."""
    night = situation.night
    is_fixed = night in rules.fixed
    neutral = dict.fromkeys(FACTORS[:-1], 1.0)
    if not situation.rooms:
        sentence, factors = CLOSED, neutral
    else:
        sentence = FIXED if is_fixed else TOO_FAR
        factors = neutral | {
            "month": rules.months[night.month - 1],
            "weekday": rules.weekdays[night.weekday()],
            "event": rules.event_factor(night),
        }
    return Recommendation(
        rules.list_price(night), factors, 0.0, "fixed" if is_fixed else "", [sentence]
    )
