"""Simulated guests who respond to price: who they are, when they book, what they would pay.

A simulation: no guest is real. Equal markets and seeds give equal guests, so that every policy can
be given the very same ones (*common random numbers*).

*Guests.* Each wants one room for one night. How many would book at the base price is a Poisson
number for each night and day before it: demand × rooms × month × weekday × the night's own factor ×
booking window. The night's own factor, a gamma number and now and then an event, is in no calendar.
Of those who book a share cancels, on any later day up to the night.

*Willingness to pay.* A guest books if the price is no higher than what the guest would pay and a
room is left. What guests would pay is exponentially distributed, so that bookings fall with
exp(-elasticity × price / base), as in the examples of Gallego and van Ryzin 1994 ("Optimal dynamic
pricing of inventories with stochastic demand over finite horizons", Management Science 40):
`elasticity` is that of all guests together at the base price, while there are rooms for all. The
default 1.2 is a choice: estimates for single hotels differ widely, also within one resort (Vives,
Jacob and Aguiló 2019, "Online hotel demand model and own-price elasticities", Tourism Economics
25). Late bookers respond less.

Pure computation: no database, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import numpy as np

from pricing_service.demand.bookings import Floats, Ints

# The price list, the same for every policy. Guests who would not pay the minimum are not drawn.
BASE_PRICE: Final = Decimal(100)
MINIMUM_PRICE: Final = Decimal(60)
MAXIMUM_PRICE: Final = Decimal(220)
PRICE_STEP: Final = Decimal(1)

WINDOW_DAYS: Final = 180  # days before a night from which on guests book

# Demand by month and weekday over its mean: a summer season, full at weekends.
MONTHS: Final = np.array([0.70, 0.75, 0.85, 0.95, 1.05, 1.15, 1.30, 1.35, 1.15, 1.05, 0.80, 0.90])
WEEKDAYS: Final = np.array([0.85, 0.90, 0.95, 0.95, 1.15, 1.30, 0.90])
NIGHT_DEVIATION: Final = 0.3  # standard deviation of a night's demand over what the calendar gives
EVENT_SHARE: Final = 0.05  # of the nights have an event
EVENT_FACTOR: Final = 1.8  # by which an event multiplies demand

EARLY_MEAN_DAYS: Final = 50.0  # mean days before, of the half of the guests that books early
LATE_MEAN_DAYS: Final = 10.0  # of the other half
CANCELLED_SHARE: Final = 0.15  # of the bookings
LATE_CALM: Final = 0.4  # share by which guests of the last moment respond less than early ones
LATE_CALM_DAYS: Final = 14.0  # days before, over which that fades


@dataclass(frozen=True)
class Nights:
    """Consecutive nights of stay."""

    first: date
    count: int

    @property
    def dates(self) -> list[date]:
        return [self.first + timedelta(days=ahead) for ahead in range(self.count)]

    @property
    def months_and_weekdays(self) -> tuple[Ints, Ints]:
        """Month and weekday of each night, both from 0."""
        return (
            np.array([night.month - 1 for night in self.dates]),
            np.array([night.weekday() for night in self.dates]),
        )


@dataclass(frozen=True, kw_only=True)
class Market:
    """The simulated hotel and its demand. Of this, policies are given only the rooms."""

    rooms: int = 40
    elasticity: float = 1.2  # of demand, at the base price
    # Room-nights that guests would book and keep at the base price, over the rooms; a year's mean.
    demand: float = 1.0


@dataclass(frozen=True)
class Guests:
    """The guests of some nights who would pay the minimum, in the order in which they come."""

    nights: Nights
    days_before: Ints
    night: Ints  # index in nights
    willingness: Floats  # the most that the guest would pay
    cancels: Ints  # days before on which a booking would be cancelled; -1: never


def booking_window() -> Floats:
    """Return the share of the guests who book k days before, k = 0 … WINDOW_DAYS."""
    days = np.arange(WINDOW_DAYS + 1)
    late, early = (np.exp(-days / mean) for mean in (LATE_MEAN_DAYS, EARLY_MEAN_DAYS))
    share: Floats = (late / late.sum() + early / early.sum()) / 2
    return share


def elasticities(market: Market) -> Floats:
    """Return the elasticity at the base price of guests who book k days before, k = 0 …"""
    response = 1.0 - LATE_CALM * np.exp(-np.arange(WINDOW_DAYS + 1) / LATE_CALM_DAYS)
    by_days_before: Floats = market.elasticity * response / (response @ booking_window())
    return by_days_before


def expected_guests(market: Market, nights: Nights, night_factors: Floats) -> Floats:
    """Return the expected number of guests who would pay the base price [days before, night].

    Args:
        night_factors: demand of each night over what the calendar gives.
    """
    month, weekday = nights.months_and_weekdays
    by_calendar = (MONTHS / MONTHS.mean())[month] * (WEEKDAYS / WEEKDAYS.mean())[weekday]
    shape = by_calendar * night_factors
    window = booking_window()
    # The market's demand counts bookings that are kept, so that more must be made.
    window[1:] /= 1.0 - CANCELLED_SHARE
    expected: Floats = market.demand * market.rooms * window[:, None] * shape
    return expected


def draw_guests(market: Market, nights: Nights, seed: int) -> Guests:
    """Return the random guests of these nights, the same for the same arguments."""
    random = np.random.default_rng([seed, nights.first.toordinal()])
    events = 1.0 + (EVENT_FACTOR - 1.0) * (random.random(nights.count) < EVENT_SHARE)
    factors = random.gamma(NIGHT_DEVIATION**-2, NIGHT_DEVIATION**2, nights.count) * events
    factors /= 1.0 + (EVENT_FACTOR - 1.0) * EVENT_SHARE
    slope = elasticities(market) / float(BASE_PRICE)  # of the logarithm of demand, by price
    at_minimum = np.exp(slope * float(BASE_PRICE - MINIMUM_PRICE))
    expected = expected_guests(market, nights, factors) * at_minimum[:, None]
    count = random.poisson(expected[::-1])  # the earliest guests first
    row, night = np.divmod(np.repeat(np.arange(count.size), count.ravel()), nights.count)
    days_before = WINDOW_DAYS - row
    willingness = float(MINIMUM_PRICE) + random.exponential(1.0 / slope[days_before])
    is_cancelled = random.random(len(night)) < CANCELLED_SHARE
    when = np.floor(random.random(len(night)) * days_before).astype(np.int64)
    cancels = np.where(is_cancelled & (days_before > 0), when, -1)
    return Guests(nights, days_before, night, willingness, cancels)
