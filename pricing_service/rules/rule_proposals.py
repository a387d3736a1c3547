"""Proposals for pricing rules from a hotel's history: rooms, and factors of months and weekdays.

A person may accept or change them. Each is None if there is not enough history for it. A factor
follows demand half the way: a month that sells 20 % more than the mean gets a factor of 1.10, since
part of the demand is met by rooms, not by prices. Nights in which the hotel was closed say nothing
about demand. Weeks on end in which not a single room was sold count as closed, too, whether or not
anybody told that they were.

Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from pricing_service.demand.bookings import WEEK, YEAR, Bookings, Floats, Ints
from pricing_service.demand.on_the_books_history import SETTLING_NIGHTS

MIN_NIGHTS_FOR_ROOMS: Final = 4 * WEEK
MIN_NIGHTS_FOR_WEEKDAYS: Final = 8 * WEEK
CLOSED_RUN_NIGHTS: Final = 3 * WEEK  # a small hotel may be empty for days, an open one not so long
# Quantile of the room-nights sold that counts as full, so that one wrongly counted night does not
# make the hotel larger.
FULL_HOUSE_QUANTILE: Final = 0.995
DEMAND_WEIGHT: Final = 0.5  # of a difference in demand, in a factor
WEEKDAY_BOUNDS: Final = (0.8, 1.3)
MONTH_BOUNDS: Final = (0.7, 1.4)


@dataclass(frozen=True)
class Proposal:
    """Proposed rules; lists by month begin in January, by weekday on Monday."""

    rooms: int | None  # to sell in a night
    weekday_factors: list[float] | None
    month_factors: list[float] | None


# Nights of stay, and the usual rooms, to the rooms that are for sale in each of the nights.
RoomsByNight = Callable[[Sequence[date], int], Sequence[int]]


def propose(
    bookings: Bookings,
    as_of: date,
    rooms: int | None = None,
    rooms_by_night: RoomsByNight | None = None,
) -> Proposal:
    """Return proposals from what was known at the end of as_of.

    Args:
        rooms: rooms to sell in a night; default: the proposed rooms.
        rooms_by_night: rooms for sale where they differ by night; default: the same in all nights.
    """
    nights, _, _ = bookings.until(as_of)
    if not len(nights):
        return Proposal(None, None, None)
    first = int(nights.min()) + SETTLING_NIGHTS
    end = as_of.toordinal() + 1
    if end - first < MIN_NIGHTS_FOR_ROOMS:
        return Proposal(None, None, None)
    start = max(first, end - 2 * YEAR)
    final = bookings.on_the_books(as_of, date.fromordinal(start), end - start)
    sold: Floats = np.maximum(final, 0).astype(np.float64)
    proposed_rooms = max(1, int(np.ceil(np.quantile(sold, FULL_HOUSE_QUANTILE))))
    usual = rooms or proposed_rooms
    for_sale: Floats = np.full(len(sold), float(usual))
    if rooms_by_night:
        dates = [date.fromordinal(night) for night in range(start, end)]
        for_sale = np.asarray(rooms_by_night(dates, usual), dtype=np.float64)
    for_sale[_nothing_was_sold(sold)] = 0.0
    months = _by_month(sold, as_of, for_sale > 0)
    weekdays = _by_weekday(sold, as_of, for_sale > 0)
    return Proposal(proposed_rooms, weekdays, months)


def _nothing_was_sold(sold: Floats) -> npt.NDArray[np.bool_]:
    """Return which nights belong to CLOSED_RUN_NIGHTS or more in a row that sold nothing."""
    is_empty = np.concatenate([[False], sold <= 0, [False]])
    edges = np.flatnonzero(is_empty[1:] != is_empty[:-1])
    closed = np.zeros(len(sold), dtype=np.bool_)
    for start, end in edges.reshape(-1, 2):
        closed[start:end] = end - start >= CLOSED_RUN_NIGHTS
    return closed


def _by_month(sold: Floats, as_of: date, is_open: npt.NDArray[np.bool_]) -> list[float] | None:
    """Return month factors from whole years of nights up to as_of."""
    if len(sold) < YEAR:
        return None
    nights = (len(sold) // YEAR) * YEAR
    is_open = is_open[-nights:]
    whole_years = sold[-nights:][is_open]
    if not len(whole_years) or whole_years.mean() <= 0:
        return None
    means = _means(whole_years, _months(as_of, nights)[is_open], 12)
    return _damped(means / whole_years.mean(), MONTH_BOUNDS)


def _by_weekday(sold: Floats, as_of: date, is_open: npt.NDArray[np.bool_]) -> list[float] | None:
    """Return weekday factors from whole weeks of the last year of nights up to as_of."""
    nights = (min(len(sold), YEAR) // WEEK) * WEEK
    is_open = is_open[-nights:]
    recent = sold[-nights:][is_open]
    if nights < MIN_NIGHTS_FOR_WEEKDAYS or not len(recent) or recent.mean() <= 0:
        return None
    weekday = ((as_of.toordinal() - np.arange(nights)[::-1] - 1) % WEEK)[is_open]
    return _damped(_means(recent, weekday, WEEK) / recent.mean(), WEEKDAY_BOUNDS)


def _months(as_of: date, nights: int) -> Ints:
    """Return the month, from 0, of each of the last nights up to as_of."""
    end = np.datetime64(as_of, "D") + np.timedelta64(1, "D")
    dates = np.arange(end - np.timedelta64(nights, "D"), end)
    months: Ints = dates.astype("datetime64[M]").astype(np.int64) % 12
    return months


def _means(values: Floats, group: Ints, groups: int) -> Floats:
    """Return the mean of each group; for an empty group, the mean of all values."""
    count = np.bincount(group, minlength=groups)
    total = np.bincount(group, values, minlength=groups)
    means: Floats = np.where(count > 0, total / np.maximum(count, 1), values.mean())
    return means


def _damped(ratio: Floats, bounds: tuple[float, float]) -> list[float]:
    """Return the factors for ratios of demand, inside the bounds."""
    factors: list[float] = np.clip(1.0 + DEMAND_WEIGHT * (ratio - 1.0), *bounds).round(2).tolist()
    return factors
