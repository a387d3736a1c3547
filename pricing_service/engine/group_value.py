"""What a group may pay: the revenue that a hotel loses when a group takes rooms of its nights.

A night's value is what the hotel can expect to earn from the rooms that are left, by the dynamic
program of `revenue_program`: the same steps of lead time, response to price, batches and
cancellations, solved here for one night, with that night's own bounds, fixed price, lead factors
and season. What a group of k rooms displaces is

    value with all rooms for sale  −  value with k rooms fewer

A group's rooms are taken for good: they do not cancel. Its least rate is what it displaces over its
room-nights: at that rate the hotel expects to earn as much with the group as without it. What a
room costs to clean, and what a group eats and drinks, is no part of it.

The night's demand is not known but believed: the difference is the mean over five levels of demand
(Gauss-Hermite), so that a night that is likely, but not sure, to stay half empty has its price.
Aggressiveness has no part in it: the least rate is about expected revenue.

Guarantees: nothing displaced is negative; it never falls with the rooms on the books nor with the
rooms that the group wants (up to rounding in the eighth digit); no more room-nights are displaced
than the group takes; equal input gives equal output.

Pure: no database, no clock.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import numpy as np

from pricing_service.demand.bookings import Floats, Ints
from pricing_service.engine.belief import Belief, believed_nights
from pricing_service.engine.hotel_history import History
from pricing_service.engine.hotel_rules import HotelRules
from pricing_service.engine.lead_bins import LEADS, LEARNING, PRICING
from pricing_service.engine.observations import on_the_books, worth_of
from pricing_service.engine.recommendation import HIGHEST_MULTIPLE, LOWEST_MULTIPLE
from pricing_service.engine.revenue_program import (
    CALENDAR_UNCERTAINTY,
    PeriodSales,
    after_cancellations,
    price_candidates,
)

# Nodes and weights that integrate polynomials of degree 9 over a standard normal.
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(5)
LEVEL_WEIGHTS: Final[Floats] = WEIGHTS / WEIGHTS.sum()


class GroupDoesNotFit(ValueError):
    """Nights have fewer rooms left than the group wants.

    Attributes:
        rooms_left: of each such night, in order of time.
    """

    def __init__(self, rooms_left: Mapping[date, int], wanted: int) -> None:
        self.rooms_left = rooms_left
        nights = ", ".join(f"{left} on {night}" for night, left in rooms_left.items())
        super().__init__(f"{wanted} rooms are wanted, and fewer are left: {nights}")


@dataclass(frozen=True)
class GroupNight:
    """What a group displaces on a night.

    Attributes:
        rooms: for sale on the night.
        rooms_left: before the group.
        revenue: that the hotel is expected to lose, in its currency.
        room_nights: of other guests that are expected to find no room, or a price too high.
    """

    night: date
    rooms: int
    rooms_left: int
    wanted: int
    revenue: float
    room_nights: float

    @property
    def least_rate(self) -> float:
        """The least rate of the night, per room, in the hotel's currency."""
        return self.revenue / self.wanted


@dataclass(frozen=True)
class NightForSale:
    """What is believed of the sales to come of a night. Prices are over what the night is worth.

    Attributes:
        lead: days before.
        demand: room-nights that guests ask for in all.
        evidence: room-nights that the belief of the demand counts as much as.
        lowest, highest: prices that are possible; equal where the price is fixed.
        seasonal: elasticity of the season, as a multiple of the usual one.
        lead_factors: told factor of each period of `lead_bins.PRICING`.
    """

    lead: int
    demand: float
    evidence: float
    lowest: float
    highest: float
    seasonal: float
    lead_factors: Floats


def group_nights(
    rules: HotelRules,
    belief: Belief,
    history: History,
    as_of: date,
    nights: Sequence[date],
    wanted: int,
    held: Mapping[date, Decimal] | None = None,
    day_left: float = 1.0,
) -> list[GroupNight]:
    """Return what a group displaces, night by night.

    Args:
        belief: learned from the same rules and history.
        nights: from as_of on.
        wanted: rooms of the group on each night; at least 1.
        held: nights whose price a person keeps as it is.
        day_left: share of today's demand for tonight that is still to come.
    Raises:
        GroupDoesNotFit: with the nights that have too few rooms.
        ValueError: no nights, a night before as_of, or no room wanted.
    """
    first = as_of.toordinal()
    leads = [night.toordinal() - first for night in nights]
    if not leads or min(leads) < 0 or wanted < 1:
        raise ValueError("a group needs a room or more, and nights from as_of on")
    history = history.until(first)
    count = max(leads) + 1
    believed = believed_nights(belief, rules, history, as_of, count)
    books = on_the_books(history, first, count)
    worth = worth_of(rules, first + np.arange(count))
    seasonal = belief.response.seasonal(believed.season)
    fixed = {**rules.fixed, **(held or {})}
    lead_factors = np.array([rules.lead_factor(int(lead)) for lead in PRICING.middles])
    rooms_left = {
        night: max(rules.rooms_on(night) - max(int(books[lead]), 0), 0)
        for night, lead in zip(nights, leads, strict=True)
    }
    too_few = {night: left for night, left in rooms_left.items() if left < wanted}
    if too_few:
        raise GroupDoesNotFit(dict(sorted(too_few.items())), wanted)
    found = []
    for night, lead in zip(nights, leads, strict=True):
        low, high = (fixed[night],) * 2 if night in fixed else rules.price_range(night)
        for_sale = NightForSale(
            lead=lead,
            demand=float(believed.demand[lead]) * (1.0 if lead else day_left),
            evidence=float(believed.evidence[lead]),
            lowest=float(low) / float(worth[lead]),
            highest=float(high) / float(worth[lead]),
            seasonal=float(seasonal[lead]),
            lead_factors=lead_factors,
        )
        rooms, left = rules.rooms_on(night), rooms_left[night]
        revenue, room_nights = displaced(belief, for_sale, rooms, rooms - left, wanted)
        found.append(
            GroupNight(
                night=night,
                rooms=rooms,
                rooms_left=left,
                wanted=wanted,
                revenue=revenue * float(worth[lead]),
                room_nights=room_nights,
            )
        )
    return found


def least_rate(nights: Sequence[GroupNight]) -> float:
    """Return the least rate of a stay, per room-night, in the hotel's currency."""
    return sum(night.revenue for night in nights) / sum(night.wanted for night in nights)


def displaced(
    belief: Belief, night: NightForSale, rooms: int, books: int, wanted: int
) -> tuple[float, float]:
    """Return what a group displaces on a night: revenue over what it is worth, and room-nights.

    Args:
        rooms: for sale, at least books + wanted.
        books: rooms on the books, which may cancel.
    """
    value, sales = expected_sales(belief, night, rooms)
    fewer_value, fewer_sales = expected_sales(belief, night, rooms - wanted)
    lost = value[: rooms - wanted + 1] - fewer_value
    # A fuller night never displaces less; groups among the guests can make it dip by a trifle.
    revenue = max(0.0, float(lost[: books + 1].max()))
    room_nights = float(sales[books] - fewer_sales[books])
    return revenue, min(max(0.0, room_nights), float(wanted))


def expected_sales(belief: Belief, night: NightForSale, rooms: int) -> tuple[Floats, Floats]:
    """Return revenue and net room-nights still to come, by rooms on the books, 0 to `rooms`.

    At each step the price is the one with the highest expected revenue at the level of demand, as
    in the values of `revenue_program`.
    """
    levels = _believed_levels(belief, night)
    log_prices = price_candidates(*_price_range(night))
    prices = np.exp(log_prices)
    rates = LEARNING.spread(belief.curve)
    cancelling = belief.cancelling[LEARNING.bin_of_lead]
    last_lead = min(night.lead, LEADS - 1)
    value = np.zeros((len(levels), rooms + 1))
    sales, kept = np.zeros_like(value), 1.0
    for period in range(int(PRICING.bin_of_lead[last_lead]) + 1):
        first = PRICING.edges[period]
        end = min(PRICING.edges[period + 1], last_lead + 1)
        share = belief.response.expected_share(
            prices / night.lead_factors[period], float(PRICING.middles[period]), night.seasonal
        )
        asked = levels[:, None] * rates[first:end].sum() * share
        period_sales = PeriodSales(asked, belief.batches, rooms)
        sold = period_sales.sold * kept
        expected = sold * prices + period_sales.mean(value)
        best = expected.argmax(axis=-1)[..., None]

        def of_best(by_price: Floats, best: Ints = best) -> Floats:
            chosen: Floats = np.take_along_axis(by_price, best, axis=-1)[..., 0]
            return chosen

        stays = float((1.0 - cancelling[first:end]).prod())
        sales = after_cancellations(of_best(sold + period_sales.mean(sales)), stays)
        value = after_cancellations(of_best(expected), stays)
        kept *= stays
    return LEVEL_WEIGHTS @ value, LEVEL_WEIGHTS @ sales


def _believed_levels(belief: Belief, night: NightForSale) -> Floats:
    """Return levels of demand, with LEVEL_WEIGHTS."""
    variance = belief.batches.evidence_spread / night.evidence + CALENDAR_UNCERTAINTY**2
    deviation = math.sqrt(math.log1p(variance))
    levels: Floats = night.demand * np.exp(deviation * NODES - deviation**2 / 2)
    return levels


def _price_range(night: NightForSale) -> tuple[float, float]:
    """Return the lowest and highest price to consider: the night's, where they are far apart."""
    lowest = max(night.lowest, min(LOWEST_MULTIPLE, night.highest))
    return lowest, min(night.highest, max(HIGHEST_MULTIPLE, lowest))
