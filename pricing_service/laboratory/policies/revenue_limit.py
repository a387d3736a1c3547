"""The limit: what a hotel could earn that was told the true demand of every night.

A dynamic program for each night (Gallego and van Ryzin 1994, Management Science 40; Talluri and van
Ryzin 2004, chapter 5). It is told how many guests are expected on each day before the night (the
night's own effect, event and shock included), the true response to price, the sizes of groups, and
how many rooms are cancelled. Its state is what is on the books in the morning, its decision the
day's price. What comes is still random: a limit of what can be expected, which luck may pass.

*One day.* Parties come as a Poisson process whose rate falls with the price; each takes its rooms
if they are left, and none otherwise. Let T be the expectation over one party's size of a function
of the books after it. With m parties, of a Poisson number, the value is Σ P(m) T^m V. T does not
depend on the price, so that all prices share the powers: groups are counted exactly.

*Where it is not exact.* Cancellations take the mean hazard of a room on the books by days before,
whenever it was booked. Prices are every fourth step of the list, which costs less than 0.01 %. For
stays of several nights the program is argued per night: each night is sold as if guests of that
night alone decided by its price, which neither bounds what can be earned nor is far from it, and
a policy that sells nights together may pass it.

Pure computation: no database, no clock, no randomness.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from pricing_service.demand.bookings import Floats, Ints
from pricing_service.laboratory.markets.market import (
    MAXIMUM_PRICE,
    MINIMUM_PRICE,
    YEAR_NIGHTS,
    Market,
    is_summer,
)
from pricing_service.laboratory.markets.simulated_guests import (
    SimulatedGuests,
    expected_room_nights,
    timeline,
)
from pricing_service.laboratory.markets.simulated_sales import Morning, Policy
from pricing_service.laboratory.markets.willingness_to_pay import relative_demand

PRICES: Final[Floats] = np.arange(float(MINIMUM_PRICE), float(MAXIMUM_PRICE) + 0.5, 4.0)


@dataclass(frozen=True)
class Program:
    """The solved program of some nights.

    Attributes:
        choice: place in PRICES of the best price [lead, night, on the books].
        value: expected revenue still to come [lead, night, on the books] in the morning.
    """

    choice: npt.NDArray[np.uint8]
    value: npt.NDArray[np.float32]


def cancellation_hazards(market: Market) -> Floats:
    """Return the share of the rooms on the books that is cancelled at the end of a day, by lead."""
    longest, share = market.window.longest, market.cancelled_share
    booked = market.window.shares() / market.kept_shares()
    hazards = np.zeros(longest + 1)
    for lead in range(longest):
        earlier = np.arange(lead + 1, longest + 1)
        cancelled = booked[earlier] * share / earlier
        alive = booked[earlier] * (1.0 - share * (earlier - 1 - lead) / earlier)
        hazards[lead] = cancelled.sum() / (alive.sum() + booked[lead])
    return hazards


def party_rates(market: Market, effects: Floats) -> Floats:
    """Return the expected parties that want a night at the reference price [lead, night].

    By nights of stay: a stay counts on each of its nights.
    """
    arriving = expected_room_nights(market, effects) / market.mean_stay / market.mean_party
    rates = np.zeros_like(arriving)
    staying = 1.0
    for later, share in enumerate(market.stays):
        rates[later:, later:] += (
            staying * arriving[: len(rates) - later, : arriving.shape[1] - later]
        )
        staying -= share
    return rates


def responses(market: Market, lead: int, prices: Floats = PRICES) -> Floats:
    """Return demand at prices over that at the reference [season, compares, price].

    Season 1 is summer; compares 1 is once a competitor is there.
    """
    elasticities = np.array([market.elasticities(summer)[lead] for summer in (False, True)])
    alone = relative_demand(market.form, elasticities[:, None], prices[None, :])
    beside = alone * market.competitor.staying(prices) if market.competitor else alone
    return np.stack([alone, beside], axis=1)


def solve(
    market: Market, rates: Floats, response_kind: Ints, *, every_lead: bool = False
) -> Program:
    """Solve the program for nights, from the longest lead on.

    Args:
        rates: expected parties at the reference price [lead, night].
        response_kind: season and whether guests compare [2, lead, night], as `responses` has them.
        every_lead: also those leads at which the night of that number is past, or before the start.
    """
    leads, nights = rates.shape
    rooms, sizes = market.rooms, market.party_sizes
    hazards, kept = cancellation_hazards(market), market.kept_shares()
    books = np.arange(rooms + 1)
    future = np.zeros((nights, rooms + 1))
    choice = np.zeros((leads, nights, rooms + 1), dtype=np.uint8)
    values = np.zeros((leads, nights, rooms + 1), dtype=np.float32)
    for lead in range(leads):
        first = 0 if every_lead else min(lead, nights)  # nights that are not past at the start
        # The probability of so many rooms after cancellations, for each number before.
        remaining = np.asarray(binom.pmf(books[:, None] - books, books[:, None], hazards[lead]))
        after = future[first:] @ remaining.T
        season, compares = response_kind[:, lead, first:]
        mean = rates[lead, first:, None] * responses(market, lead)[season, compares]
        probability = _poisson(mean)  # [night, price, parties]
        sold, left = _powers(books.astype(float), after, sizes, probability.shape[2])
        value = probability @ left
        value += (PRICES * kept[lead])[:, None] * (probability @ (sold - books))
        best = value.argmax(axis=1)
        choice[lead, first:] = best
        future[first:] = np.take_along_axis(value, best[:, None], axis=1)[:, 0]
        values[lead, first:] = future[first:]
    return Program(choice, values)


def _poisson(mean: Floats) -> Floats:
    """Return the probabilities of 0, 1, … events on a new last axis, for an array of means."""
    highest = float(mean.max(initial=0.0))
    # A Poisson number passes this with a probability of about one in ten million.
    most = int(np.ceil(highest + 5.2 * np.sqrt(highest) + 6.0))
    probability = np.empty((*mean.shape, most + 1))
    probability[..., 0] = np.exp(-mean)
    for count in range(1, most + 1):
        probability[..., count] = probability[..., count - 1] * mean / count
    return probability


def _powers(books: Floats, after: Floats, sizes: Floats, count: int) -> tuple[Floats, Floats]:
    """Return books and values after 0, 1, … parties [parties, books], [night, parties, books]."""
    sold = np.empty((count, len(books)))
    left = np.empty((len(after), count, len(books)))
    sold[0], left[:, 0] = books, after
    for parties in range(1, count):
        sold[parties] = _after_party(sold[parties - 1], sizes)
        left[:, parties] = _after_party(left[:, parties - 1], sizes)
    return sold, left


def _after_party(values: Floats, sizes: Floats) -> Floats:
    """Return the expected value after one more party, by books before it (the last axis)."""
    rooms = values.shape[-1] - 1
    if len(sizes) == 2:  # single guests only
        return np.concatenate([values[..., 1:], values[..., -1:]], axis=-1)
    result = np.zeros_like(values)
    for size, share in enumerate(sizes):
        if size > rooms:
            result += share * values
        elif share:
            result[..., : rooms + 1 - size] += share * values[..., size:]
            result[..., rooms + 1 - size :] += share * values[..., rooms + 1 - size :]
    return result


def limit_policy(simulated: SimulatedGuests) -> tuple[Policy, Program]:
    """Return the policy that is told everything, and its program of the year's nights.

    Nights after the year, which earn nothing, it offers at the reference price.
    """
    market, line = simulated.market, simulated.timeline
    year = slice(line.start, line.end)
    rates = party_rates(market, simulated.effects)[:, year]
    program = solve(market, rates, response_kinds(market))

    def policy(morning: Morning) -> Floats:
        prices = np.full(YEAR_NIGHTS, 100.0)
        night = np.arange(morning.day, min(morning.day + market.window.longest + 1, YEAR_NIGHTS))
        books = morning.books[: len(night)]
        prices[: len(night)] = PRICES[program.choice[night - morning.day, night, books]]
        return prices

    return policy, program


def response_kinds(market: Market) -> Ints:
    """Return season and whether guests compare, of the year's nights [2, lead, night]."""
    line = timeline(market)
    year = np.arange(line.start, line.end)
    leads = np.arange(market.window.longest + 1)[:, None]
    season = np.broadcast_to(is_summer(line.origin + year), (len(leads), len(year)))
    day = year - line.start - leads
    compares = day >= (market.competitor.day if market.competitor else np.inf)
    return np.stack([season, compares.astype(np.int64)])


def expected_revenue(program: Program, books: Ints) -> Floats:
    """Return the expected revenue of each night of the year from the start on.

    Args:
        books: on the books of the year's nights on the morning of the start.
    """
    night = np.arange(len(books))
    lead = np.minimum(night, len(program.value) - 1)
    return program.value[lead, night, books].astype(np.float64)
