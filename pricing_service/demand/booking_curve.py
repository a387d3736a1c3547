"""The booking curve: which share of the final room-nights is usually on the books k days before.

Computed from the hotel's own past nights: the last 8 weeks and, once it was observed, the same
season last year. Pure computation: no database, no clock.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from pricing_service.demand.bookings import YEAR, Bookings, Floats, Ints
from pricing_service.demand.on_the_books_history import (
    MAX_DAYS_BEFORE,
    RECENT_DAYS,
    SEASON_DAYS,
    OnTheBooksHistory,
)


def expected_curve(
    bookings: Bookings, as_of: date, night: date | None = None, days: int = MAX_DAYS_BEFORE
) -> Floats:
    """Return the usual share of the final on the books k days before; k = 0 … days.

    Above 1 where cancellations outweigh late bookings; nan where the hotel has no such past.

    Args:
        night: the night whose season counts; by default the day after as_of.
    """
    history = OnTheBooksHistory(bookings, as_of, days, None)
    lead = np.arange(days + 1)
    ahead = np.full_like(lead, (night - as_of).days if night else 1)
    return usual_shares(history, ahead, lead)


def usual_shares(history: OnTheBooksHistory, ahead: Ints, lead: Ints) -> Floats:
    """Return the usual share of the final on the books, for each pair of ahead and lead.

    It is the ratio of the sums over past nights: the last 8 weeks, and the same season last year.

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
