"""What a night is expected to sell and earn at a price that stays until the night.

The bookings still to come are the believed demand times what is left of the booking curve, times
the share of guests who book at the price, less those who cancel. The demand of a night is gamma
distributed and bookings come by a Poisson process, in batches where groups book, so that their
number is negative binomial with the same mean and variance; no more than the free rooms can be
sold. The engine's price may change until the night, and is worth more than these constant ones.

Also here: what is usually on the books of such a night by now.

Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from pricing_service.demand.bookings import Floats, Ints
from pricing_service.engine.belief import Belief
from pricing_service.engine.lead_bins import LEADS, LEARNING
from pricing_service.engine.recommendation import NightPrice
from pricing_service.engine.revenue_program import CALENDAR_UNCERTAINTY

TAIL_DEVIATIONS: Final = 8.0  # beyond which more bookings are as good as impossible
SMALLEST_MEAN: Final = 1e-9


@dataclass(frozen=True)
class ExpectedSales:
    """Expectations [night, price].

    Attributes:
        bookings: further room-nights that are booked and not cancelled.
        revenue: of these, in the hotel's currency.
    """

    bookings: Floats
    revenue: Floats


def expected_sales(
    belief: Belief, nights: Sequence[NightPrice], prices: Floats, day_left: float = 1.0
) -> ExpectedSales:
    """Return what nights are expected to sell at prices that stay until the night.

    Args:
        nights: as `recommend` returned them, with the same belief.
        prices: [night, price], in the hotel's currency.
        day_left: share of today's demand for tonight that is still to come.
    """
    worth = np.array([night.worth for night in nights])
    demand = np.array([night.demand for night in nights])
    seasonal = np.array([night.seasonal for night in nights])
    evidence = np.array([night.evidence for night in nights])
    leads = np.array([night.days_before for night in nights])
    free = np.array([max(night.rooms - night.on_the_books, 0) for night in nights])
    to_come = belief.curve * _part_to_come(leads) * _kept_until_the_night(belief)
    to_come *= np.where(leads == 0, day_left, 1.0)[:, None]
    multiples = (prices / worth[:, None])[..., None]
    share = belief.response.expected_share(multiples, LEARNING.middles, seasonal[:, None, None])
    mean = demand[:, None] * (to_come[:, None, :] * share).sum(axis=-1)
    variance = belief.batches.evidence_spread / evidence + CALENDAR_UNCERTAINTY**2
    bookings = _at_most(mean, variance[:, None], belief.batches.spread, free)
    return ExpectedSales(bookings, prices * bookings)


def expected_on_the_books(belief: Belief, nights: Ints, leads: Ints) -> Floats:
    """Return what is usually on the books of nights (ordinals) so many days before, each its own.

    At prices that are what the nights are worth, and without a limit of rooms.
    """
    stays = 1.0 - belief.cancelling[LEARNING.bin_of_lead]
    rates = LEARNING.spread(belief.curve)
    books, by_lead = 0.0, np.zeros(LEADS)
    for lead in range(LEADS - 1, -1, -1):
        books = books * stays[lead] + rates[lead]
        by_lead[lead] = books
    expected: Floats = belief.expected_demand(nights) * by_lead[np.minimum(leads, LEADS - 1)]
    return expected


def _part_to_come(leads: Ints) -> Floats:
    """Return which part of each span is still to come, today included [night, span]."""
    days = leads[:, None] + 1 - LEARNING.edges[:-1]
    part: Floats = np.clip(days / LEARNING.widths, 0.0, 1.0)
    return part


def _kept_until_the_night(belief: Belief) -> Floats:
    """Return the share of the bookings of each span that do not cancel before the night."""
    stays = 1.0 - belief.cancelling[LEARNING.bin_of_lead]
    kept = np.concatenate([[1.0], np.cumprod(stays)[:-1]])
    by_span: Floats = LEARNING.sums(kept) / LEARNING.widths
    return by_span


def _at_most(mean: Floats, relative: Floats, spread: float, free: Ints) -> Floats:
    """Return the mean number of bookings, of which no more than the free rooms can be sold.

    Args:
        mean: without the limit [night, price].
        relative: variance of the demand over its square.
        spread: variance over mean of bookings of known demand.
        free: rooms, by night.
    """
    mean = np.maximum(mean, SMALLEST_MEAN)
    variance = spread * mean + relative * mean**2
    shape = mean**2 / np.maximum(variance - mean, SMALLEST_MEAN)
    reach = np.ceil(mean + TAIL_DEVIATIONS * np.sqrt(variance) + 3)
    most = max(int(min(free.max(initial=0), reach.max(initial=0))), 1)
    number = np.arange(most)  # of bookings
    ratios = (number + shape[..., None]) / (number + 1) * (mean / (shape + mean))[..., None]
    logs = np.concatenate([np.zeros((*mean.shape, 1)), np.log(ratios).cumsum(axis=-1)], axis=-1)
    logs -= (shape * np.log1p(mean / shape))[..., None]
    more = 1.0 - np.minimum(np.exp(logs[..., :-1]).cumsum(axis=-1), 1.0)  # than 0, 1, …
    limited: Floats = np.where(number < free[:, None, None], more, 0.0).sum(axis=-1)
    return np.minimum(limited, mean)
