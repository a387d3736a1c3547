"""The price with the highest expected revenue, by days before, rooms on the books and demand.

A dynamic program over rooms and time (Gallego and van Ryzin 1994, "Optimal dynamic pricing of
inventories with stochastic demand over finite horizons", Management Science 40; Talluri and van
Ryzin 2004, "The Theory and Practice of Revenue Management"). From the night backwards, for each
period of lead time, for each number of rooms on the books and each level of demand:

    value = max over p of  E[ p × kept × sold(p) + value of the next period ]

*sold* is the room-nights booked in the period, Poisson or, where groups book, compound Poisson, at
most the rooms that are left; *kept* the share of bookings that does not cancel; what cancels gives
its room back. Prices and values are multiples of what the night is worth, so that one program
serves all nights of a hotel.

The demand of a night is not known but believed. The price is best on average over the levels that
are believed, as if the level were told a period later; the belief narrows as a night is booked. The
response is the average over its belief, so that a doubtful response makes no bold prices.

Guarantee: a price never falls with the rooms on the books, nor with the demand. Groups can make the
best price dip by a per cent where one more room decides whether a group still fits; the table takes
the higher price there.

Pure: no database, no clock.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from pricing_service.demand.bookings import Floats, Ints
from pricing_service.engine.belief import Belief
from pricing_service.engine.lead_bins import LEARNING, PRICING
from pricing_service.engine.price_response import GAUSS_HERMITE
from pricing_service.engine.room_batches import Batches

PRICE_STEP: Final = 0.05  # between candidates, of the log of the price; the best is interpolated
LEVEL_STEP: Final = 0.25  # between levels, of the log of the demand
LOWEST_LEVEL, HIGHEST_LEVEL = 0.08, 5.0  # demand over rooms
CALENDAR_UNCERTAINTY: Final = 0.07  # of a night's demand, beside its own effect
TAIL_DEVIATIONS: Final = 5.0  # beyond which sales of a period are as good as impossible


@dataclass(frozen=True)
class RevenueProgram:
    """Prices and values of all states, as multiples of what the night is worth.

    Attributes:
        log_levels: logs of the levels of demand.
        log_prices: logs of the best prices [period, level, rooms on the books].
        values: expected revenue still to come at the start of a period [same].
    """

    rooms: int
    log_levels: Floats
    log_prices: Floats
    values: Floats

    def log_price(self, leads: Ints, demand: Floats, books: Ints) -> Floats:
        """Return the log of the best price of nights, over what they are worth.

        Args:
            leads: days before of each night.
            demand: room-nights that are believed to be asked for.
            books: rooms on the books, 0 to `rooms`.
        """
        return self._between(self.log_prices, leads, demand, books)

    def value(self, leads: Ints, demand: Floats, books: Ints) -> Floats:
        """Return the expected revenue still to come of nights, over what they are worth."""
        return self._between(self.values, leads, demand, books)

    def _between(self, table: Floats, leads: Ints, demand: Floats, books: Ints) -> Floats:
        """Interpolate a table between levels and between the middles of the periods."""
        position = (np.log(np.maximum(demand, 1e-9)) - self.log_levels[0]) / LEVEL_STEP
        level, part = _split(position, len(self.log_levels))
        middles = PRICING.middles
        later = np.clip(np.searchsorted(middles, leads, side="right") - 1, 0, len(middles) - 2)
        span = middles[later + 1] - middles[later]
        earlier_part = np.clip((leads - middles[later]) / span, 0.0, 1.0)

        def at(period: Ints) -> Floats:
            low, high = table[period, level, books], table[period, level + 1, books]
            return low * (1.0 - part) + high * part

        between: Floats = at(later) * (1.0 - earlier_part) + at(later + 1) * earlier_part
        return between


def solve(
    belief: Belief, rooms: int, lowest: float, highest: float, seasonal: float
) -> RevenueProgram:
    """Return the program of a hotel.

    Args:
        rooms: for sale on a night; at least 1.
        lowest, highest: prices over what a night is worth.
        seasonal: elasticity of the season, as a multiple of the usual one.
    """
    log_multiples = price_candidates(lowest, highest)
    multiples = np.exp(log_multiples)
    top = math.log(HIGHEST_LEVEL / LOWEST_LEVEL)
    log_levels = math.log(LOWEST_LEVEL * rooms) + np.arange(0.0, top, LEVEL_STEP)
    levels = np.exp(log_levels)
    rates = LEARNING.spread(belief.curve)
    booked_by = np.concatenate([[0.0], rates.cumsum()])
    cancelling = belief.cancelling[LEARNING.bin_of_lead]
    shape = (PRICING.count, len(levels), rooms + 1)
    log_prices, values = np.zeros(shape), np.zeros(shape)
    value, kept = np.zeros(shape[1:]), 1.0
    for period in range(PRICING.count):
        first, end = PRICING.edges[period], PRICING.edges[period + 1]
        share = belief.response.expected_share(multiples, float(PRICING.middles[period]), seasonal)
        asked = levels[:, None] * rates[first:end].sum() * share
        sales = PeriodSales(asked, belief.batches, rooms)
        expected = sales.sold * (multiples * kept) + sales.mean(value)
        seen = max(1.0 - booked_by[end], 0.0) * levels
        variance = belief.batches.evidence_spread / (belief.evidence + seen)
        believed = _believed(expected, variance + CALENDAR_UNCERTAINTY**2)
        best = _best(believed, log_multiples)
        rising = np.maximum.accumulate(np.maximum.accumulate(best, axis=1), axis=0)
        log_prices[period] = rising
        values[period] = expected.max(axis=-1)
        stays = (1.0 - cancelling[first:end]).prod()
        value, kept = after_cancellations(values[period], stays), kept * stays
    return RevenueProgram(rooms, log_levels, log_prices, values)


def price_candidates(lowest: float, highest: float) -> Floats:
    """Return the logs of the prices to choose from; both ends included."""
    low, high = math.log(lowest), math.log(max(highest, lowest))
    steps = max(math.ceil((high - low) / PRICE_STEP), 2)
    return np.linspace(low, max(high, low + 1e-6), steps + 1)


class PeriodSales:
    """The sales of one period, and what they leave, by what guests ask for."""

    def __init__(self, asked: Floats, batches: Batches, rooms: int) -> None:
        """Take what guests ask for.

        Args:
            asked: room-nights that guests ask for in the period [level, price].
            rooms: for sale; a state is a number of them on the books, 0 to `rooms`.
        """
        most = float(asked.max())
        reach = TAIL_DEVIATIONS * math.sqrt(most * batches.spread) + 4 + 5 * (batches.spread > 1.0)
        limit = min(rooms, math.ceil(most + reach))
        chances = sales_chances(asked, batches, limit)
        self.beyond: Floats = np.maximum(1.0 - chances.sum(axis=-1), 0.0)[:, None, :]
        self.chances: Floats = chances.transpose(0, 2, 1)  # [level, room-nights, price]
        self.books: Ints = np.arange(rooms + 1)
        self.after: Ints = np.minimum(self.books[:, None] + np.arange(limit + 1), rooms)

    @property
    def sold(self) -> Floats:
        """Expected room-nights sold [level, rooms on the books, price]."""
        rooms = self.books[-1]
        sold: Floats = np.matmul((self.after - self.books[:, None]).astype(float), self.chances)
        sold += self.beyond * (rooms - self.books)[None, :, None]
        return sold

    def mean(self, value: Floats) -> Floats:
        """Return the expected value after the period [level, rooms on the books, price].

        Args:
            value: after the period [level, rooms on the books].
        """
        mean: Floats = np.matmul(value[:, self.after], self.chances)
        mean += self.beyond * value[:, -1][:, None, None]
        return mean


def sales_chances(asked: Floats, batches: Batches, limit: int) -> Floats:
    """Return the chances that 0 … limit room-nights are asked for, on a new last axis.

    Batches come by a Poisson process; room-nights are its compound (Panjer 1981, "Recursive
    evaluation of a family of compound distributions", ASTIN Bulletin 12).

    Args:
        asked: expected room-nights.
    """
    rate = asked / batches.mean
    sizes = [size for size in range(1, len(batches.sizes)) if batches.sizes[size] > 0]
    chances = np.zeros((*asked.shape, limit + 1))
    chances[..., 0] = np.exp(-rate)
    for total in range(1, limit + 1):
        for size in sizes:
            if size <= total:
                weight = size * batches.sizes[size] / total
                chances[..., total] += weight * chances[..., total - size]
        chances[..., total] *= rate
    return chances


def _believed(expected: Floats, variance: Floats) -> Floats:
    """Return the mean over the levels that are believed where each level is the mean.

    Args:
        expected: [level, …].
        variance: of the level over its square, by level.
    """
    deviation = np.sqrt(np.log1p(variance))
    levels = np.arange(len(expected))
    mean = np.zeros_like(expected)
    for node, weight in GAUSS_HERMITE:
        shift = (node * deviation - deviation**2 / 2) / LEVEL_STEP
        level, part = _split(levels + shift, len(expected))
        part = part[:, None, None]
        mean += weight * (expected[level] * (1.0 - part) + expected[level + 1] * part)
    return mean


def _best(expected: Floats, log_multiples: Floats) -> Floats:
    """Return the log of the best price [level, rooms on the books], between candidates too."""
    best = expected.argmax(axis=-1)
    inner = np.clip(best, 1, len(log_multiples) - 2)

    def at(place: Ints) -> Floats:
        chosen: Floats = np.take_along_axis(expected, place[..., None], axis=-1)[..., 0]
        return chosen

    before, middle, after = at(inner - 1), at(inner), at(inner + 1)
    bend = before - 2.0 * middle + after
    is_curved = bend < -1e-12
    vertex = 0.5 * (before - after) / np.where(is_curved, bend, -1.0)
    offset = np.where(is_curved, np.clip(vertex, -1.0, 1.0), np.sign(best - inner))
    step = log_multiples[1] - log_multiples[0]
    log_prices: Floats = log_multiples[inner] + offset * step
    # Nothing is left to sell: the price of the last room.
    log_prices[:, -1] = log_prices[:, -2]
    return log_prices


def after_cancellations(value: Floats, stays: float) -> Floats:
    """Return the mean value when each room on the books stays with the given chance.

    By the binomial distribution: approximations lose rooms at a full house, where they count most.
    """
    if stays >= 1.0:
        return value
    rooms = value.shape[1] - 1
    left = np.arange(rooms + 1)
    logs = _ways_log(rooms) + left * math.log(stays) + (left[:, None] - left) * math.log1p(-stays)
    chances = np.where(left <= left[:, None], np.exp(np.minimum(logs, 0.0)), 0.0)
    expected: Floats = value @ chances.T
    return expected


@lru_cache(maxsize=64)
def _ways_log(rooms: int) -> Floats:
    """Return the log of the ways in which so many of the rooms on the books stay [books, left]."""
    factorials = np.concatenate([[0.0], np.log(np.arange(1, rooms + 1)).cumsum()])
    books = np.arange(rooms + 1)
    gone = np.maximum(books[:, None] - books, 0)
    ways: Floats = factorials[:, None] - factorials - factorials[gone]
    return ways


def _split(position: Floats, count: int) -> tuple[Ints, Floats]:
    """Return the place before a position in 0 … count - 1, and the part of the way to the next."""
    inside = np.clip(position, 0.0, count - 1)
    place = np.minimum(inside.astype(np.int64), count - 2)
    return place, inside - place
