"""The price formula of versions before the engine, as a policy to compare with.

base × month × weekday × exp(strength × (ahead + 0.5 × scarce)): *ahead* is the distance of what is
on the books from the hotel's booking curve towards a target occupancy, as a share of the rooms;
*scarce* makes the last two fifths of the rooms dearer. The factors are those that the
product proposes; strength 1 is that of the usual aggressiveness, target 0.8 the former default.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import numpy as np

from pricing_service.demand.bookings import YEAR, Floats, Ints
from pricing_service.demand.on_the_books_history import (
    RECENT_DAYS,
    SEASON_DAYS,
    OnTheBooksHistory,
)
from pricing_service.laboratory.markets.market import YEAR_NIGHTS, Market
from pricing_service.laboratory.markets.simulated_sales import Morning, Policy
from pricing_service.laboratory.policies.simple_policies import ProposedCalendar, on_price_list

TARGET: Final = 0.8  # occupancy
SCARCE_FROM: Final = 0.6
SCARCITY: Final = 0.5
HIGHEST_SHARE: Final = 1.5
CURVE_RENEWED: Final = 14  # days after which the booking curve is learned again


def former_recommendations(market: Market) -> Policy:
    """Return the former formula's prices for a hotel that learns its curve as it goes."""
    calendar = ProposedCalendar(market.rooms)
    shares = np.ones(YEAR_NIGHTS)

    def policy(morning: Morning) -> Floats:
        factors = calendar.factors(morning)
        if morning.day % CURVE_RENEWED == 0:
            shares[:] = _usual_shares(morning)
        occupancy = morning.books / market.rooms
        ahead = occupancy - TARGET * shares
        scarce = np.clip((occupancy - SCARCE_FROM) / (1.0 - SCARCE_FROM), 0.0, 1.0) ** 2
        return on_price_list(float(market.base) * factors * np.exp(ahead + SCARCITY * scarce))

    return policy


def usual_shares(history: OnTheBooksHistory, ahead: Ints, lead: Ints) -> Floats:
    """Return the usual share of the final on the books, for each pair of ahead and lead.

    It is the ratio of the sums over past nights: the last 8 weeks, and the same season last year.
    Above 1 where cancellations outweigh late bookings; nan where the hotel has no such past.

    Args:
        ahead: days from the history's day to the night; says which season of last year counts.
        lead: days before the night at which the share is taken; an array of the same shape.
    """
    as_of_row = np.full_like(lead, history.as_of_row)
    past = as_of_row + ahead - YEAR
    means = [
        history.mean(as_of_row - RECENT_DAYS + 1, as_of_row, lead),
        history.mean(past - SEASON_DAYS, np.minimum(past + SEASON_DAYS, as_of_row), lead),
    ]
    final, books = np.nansum(np.array(means), axis=0)
    share: Floats = books / np.where(final > 0, final, np.nan)
    return share


def _usual_shares(morning: Morning) -> Floats:
    """Return the usual share of the final on the books of the coming nights; 1 if unknown."""
    bookings = morning.history.net_bookings()
    if not len(morning.history.bookings()[0]):
        return np.ones(YEAR_NIGHTS)
    yesterday = morning.as_of - timedelta(days=1)
    history = OnTheBooksHistory(bookings, yesterday, YEAR_NIGHTS, None)
    ahead = np.arange(1, YEAR_NIGHTS + 1)
    shares = usual_shares(history, ahead, ahead)
    return np.nan_to_num(np.clip(shares, 0.0, HIGHEST_SHARE), nan=1.0)
