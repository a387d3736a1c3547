"""Tonight: until when it is on sale, and what is still to be expected of it.

Tonight can be priced, decided and sent until check-in closes, at the hotel's own time. Its booking
curve and its forecast end during the day: what guests usually still book on the day of arrival
counts by the part of the day that is left.

Pure computation: no database, no clock.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final

import numpy as np

from pricing_service.demand.forecast import NightForecast
from pricing_service.demand.on_the_books_history import RECENT_DAYS, OnTheBooksHistory

INTERVAL_ENDS: Final = (0.1, 0.9)  # quantiles: the forecast's interval holds 80 % of the outcomes


def first_night_on_sale(local_time: datetime, check_in_closes: time) -> date:
    """Return tonight until check-in closes, then tomorrow.

    Args:
        local_time: the time in the hotel's time zone.
    """
    today = local_time.date()
    return today if local_time.time() < check_in_closes else today + timedelta(days=1)


def share_of_day_left(local_time: datetime, check_in_closes: time) -> float:
    """Return the part of the day of arrival, from midnight until check-in closes, that is left."""
    closes = _hours(check_in_closes)
    return max(0.0, 1.0 - _hours(local_time.time()) / closes) if closes else 0.0


def forecast_tonight(history: OnTheBooksHistory, tonight: date, day_left: float) -> NightForecast:
    """Return the forecast of tonight: on the books, and the part of the last day's usual pickup.

    The usual pickup, and the ends of the interval, are those of the open nights of the last 8
    weeks; without any, nothing more is expected.

    Args:
        history: as of tonight's own date.
        day_left: see `share_of_day_left`.
    """
    row = history.as_of_row
    books = float(history.final[row])
    rows = np.arange(max(row - RECENT_DAYS, history.first_day + 1, 0), row)
    rows = rows[history.is_open[rows] > 0]
    low = expected = high = 0.0
    if len(rows):
        pickup = history.final[rows] - history.books[rows, 1]
        expected = float(pickup.mean())
        low, high = (float(np.quantile(pickup, share)) for share in INTERVAL_ENDS)
    ends = (books + day_left * min(low, expected), books + day_left * max(high, expected))
    return NightForecast(
        tonight,
        round(books),
        max(0.0, books + day_left * expected),
        max(0.0, ends[0]),
        max(0.0, ends[1]),
    )


def _hours(clock: time) -> float:
    return clock.hour + clock.minute / 60 + clock.second / 3600
