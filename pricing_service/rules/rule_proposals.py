"""What a hotel's own history says of its rooms, its guests' booking window, its week and its year.

Proposals for a pricing profile: a person may take or change them. Each is None where there is not
enough history to see it. A factor goes half the way that demand goes: a month that sells 20 % more
than the mean is worth 10 % more, since part of the demand is met by rooms, not by prices.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from pricing_service.demand.bookings import WEEK, YEAR, Bookings, Floats, Ints
from pricing_service.demand.on_the_books_history import SETTLING_NIGHTS

ENOUGH_FOR_ROOMS: Final = 4 * WEEK  # nights
ENOUGH_FOR_WEEKDAYS: Final = 8 * WEEK
NEAR_THE_HIGHEST: Final = 0.995  # quantile: a night that was counted wrong makes no hotel larger
WEIGHT: Final = 0.5  # of a difference in demand
WEEKDAY_BOUNDS: Final = (0.8, 1.3)
MONTH_BOUNDS: Final = (0.7, 1.4)
# A target above what all months aim at would take back what the month's factor gives.
TARGET_BOUNDS: Final = (0.4, 0.8)
AMBITION: Final = 1.05  # the target occupancy, over what the month had


@dataclass(frozen=True)
class Proposal:
    """Room-nights, days, shares and multipliers; months from January, weekdays from Monday."""

    rooms: int | None
    booking_window_days: int | None
    weekday_factors: list[float] | None
    month_factors: list[float] | None
    target_occupancy: list[float] | None


def propose(bookings: Bookings, as_of: date, rooms: int | None = None) -> Proposal:
    """From what was known at the end of as_of.

    Args:
        rooms: to sell in a night, if a person told; else what is proposed is aimed at.
    """
    nights, days, net = bookings.until(as_of)
    if not len(nights):
        return Proposal(None, None, None, None, None)
    first = int(nights.min()) + SETTLING_NIGHTS
    count = as_of.toordinal() + 1 - first
    if count < ENOUGH_FOR_ROOMS:
        return Proposal(None, None, None, None, None)
    start = max(first, as_of.toordinal() + 1 - 2 * YEAR)
    final = bookings.on_the_books(as_of, date.fromordinal(start), as_of.toordinal() + 1 - start)
    sold: Floats = np.maximum(final, 0).astype(np.float64)
    most = max(1, int(np.ceil(np.quantile(sold, NEAR_THE_HIGHEST))))
    whole_years = sold[-(len(sold) // YEAR) * YEAR :] if len(sold) >= YEAR else None
    months = targets = None
    if whole_years is not None and whole_years.mean() > 0:
        by_month = _means(whole_years, _months(as_of, len(whole_years)), 12)
        months = _damped(by_month / whole_years.mean(), MONTH_BOUNDS)
        targets = np.clip(AMBITION * by_month / (rooms or most), *TARGET_BOUNDS).round(2).tolist()
    weekdays = None
    if len(sold) >= ENOUGH_FOR_WEEKDAYS and sold.mean() > 0:
        recent = sold[-(min(len(sold), YEAR) // WEEK) * WEEK :]
        weekday = (as_of.toordinal() - np.arange(len(recent))[::-1] - 1) % WEEK
        weekdays = _damped(_means(recent, weekday, WEEK) / recent.mean(), WEEKDAY_BOUNDS)
    return Proposal(most, _window(nights, days, net), weekdays, months, targets)


def _months(as_of: date, nights: int) -> Ints:
    """The month, from 0, of each of the last nights up to as_of."""
    end = np.datetime64(as_of, "D") + np.timedelta64(1, "D")
    dates = np.arange(end - np.timedelta64(nights, "D"), end)
    months: Ints = dates.astype("datetime64[M]").astype(np.int64) % 12
    return months


def _means(values: Floats, group: Ints, groups: int) -> Floats:
    """The mean of each group; the mean of all where a group is empty."""
    count = np.bincount(group, minlength=groups)
    total = np.bincount(group, values, minlength=groups)
    means: Floats = np.where(count > 0, total / np.maximum(count, 1), values.mean())
    return means


def _damped(ratio: Floats, bounds: tuple[float, float]) -> list[float]:
    factors: list[float] = np.clip(1.0 + WEIGHT * (ratio - 1.0), *bounds).round(2).tolist()
    return factors


def _window(nights: Ints, days: Ints, net: Ints) -> int | None:
    """Median days between booking and night, by room-nights; the hotel's first days left out,
    on which what had been booked before may have come in at once."""
    counted = (net > 0) & (nights >= days) & (days > days.min() + WEEK)
    if not counted.any():
        return None
    leads = (nights - days)[counted]
    order = np.argsort(leads, kind="stable")
    total = net[counted][order].cumsum()
    return max(1, int(leads[order][np.searchsorted(total, total[-1] / 2)]))
