"""A made-up market: the hotel, and everything in which its demand may differ from another's.

A simulation: no number here is measured. `market_sets` has the markets by name.

*Demand* counts room-nights that guests would book and keep at the reference price (100) if there
were rooms for all, over the rooms; it is the mean of a year without the shock. A night's demand is
that × month × weekday × the night's own effect × booking window. The night's own effect, a gamma
number and now and then an event, is in no calendar.

*Response*: a form of willingness to pay and its elasticity at the reference price, that of all
guests together; guests of the last moment respond less, those of summer nights more where the
market says so (`willingness_to_pay`).

*Cancellations*: a share of the rooms booked before the last day, on a day drawn evenly from those
after the booking up to the night. The rooms of a group drop out one by one (the *wash*).

Times are in days: *lead* is night less booking day, the first day of a shock and of a competitor is
counted from the day on which the policies start. Pure: no database, no clock, no randomness.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import numpy as np

from pricing_service.demand.bookings import Floats, Ints
from pricing_service.laboratory.markets.willingness_to_pay import FORMS

# The price list, the same for every policy. Guests who would not pay the minimum are not drawn.
MINIMUM_PRICE: Final = Decimal(60)
MAXIMUM_PRICE: Final = Decimal(220)
PRICE_STEP: Final = Decimal(1)

HISTORY_NIGHTS: Final = 393  # a year, the first two weeks, which proposals leave out, and two more
YEAR_NIGHTS: Final = 365  # that are sold under the policies, and priced on each day
GROUP_SIZES: Final = (2, 3, 4, 5, 6, 7, 8)  # rooms, each as frequent
SUMMER_MONTHS: Final = (6, 7, 8)
LATE_CALM_DAYS: Final = 14.0  # days before, over which the calm of the latest guests fades


@dataclass(frozen=True)
class CalendarPattern:
    """Demand by month (January first) and weekday (Monday first); scaled to a mean of 1 each."""

    months: tuple[float, ...]
    weekdays: tuple[float, ...]

    def factors(self, ordinals: Ints) -> Floats:
        """Return the factors of nights, given as proleptic ordinals."""
        dates = [date.fromordinal(ordinal) for ordinal in ordinals.tolist()]
        months, weekdays = np.array(self.months), np.array(self.weekdays)
        month = np.array([night.month - 1 for night in dates], dtype=np.int64)
        weekday = np.array([night.weekday() for night in dates], dtype=np.int64)
        factors: Floats = (months / months.mean())[month] * (weekdays / weekdays.mean())[weekday]
        return factors


SUMMER: Final = CalendarPattern(
    (0.70, 0.75, 0.85, 0.95, 1.05, 1.15, 1.30, 1.35, 1.15, 1.05, 0.80, 0.90),
    (0.85, 0.90, 0.95, 0.95, 1.15, 1.30, 0.90),
)
WINTER: Final = CalendarPattern(
    (1.45, 1.50, 1.30, 0.80, 0.60, 0.75, 1.00, 1.10, 0.75, 0.60, 0.65, 1.30),
    (0.80, 0.80, 0.90, 0.95, 1.25, 1.35, 0.95),
)
CITY: Final = CalendarPattern(
    (0.80, 0.90, 1.05, 1.05, 1.15, 1.15, 0.90, 0.80, 1.20, 1.20, 1.05, 0.75),
    (1.00, 1.20, 1.25, 1.15, 0.85, 0.90, 0.65),
)


@dataclass(frozen=True)
class BookingWindow:
    """When guests book: two exponential parts, cut off at the longest lead.

    Attributes:
        late_mean, early_mean: days before, of the parts.
        early_share: of the guests in the early part.
        longest: days before, from which on guests book; below YEAR_NIGHTS.
    """

    late_mean: float
    early_mean: float
    early_share: float
    longest: int

    def shares(self) -> Floats:
        """Return the share of the guests by lead, 0 … longest."""
        days = np.arange(self.longest + 1)
        late, early = (np.exp(-days / mean) for mean in (self.late_mean, self.early_mean))
        late, early = late / late.sum(), early / early.sum()
        shares: Floats = (1.0 - self.early_share) * late + self.early_share * early
        return shares


USUAL_WINDOW: Final = BookingWindow(10.0, 50.0, 0.5, 180)
SHORT_WINDOW: Final = BookingWindow(3.0, 14.0, 0.5, 60)
LONG_WINDOW: Final = BookingWindow(25.0, 100.0, 0.6, 330)


@dataclass(frozen=True)
class Shock:
    """From `day` on, so many times the bookings are made; unknown before."""

    day: int
    factor: float


@dataclass(frozen=True)
class Competitor:
    """From `day` on, a share of the guests compares with a competitor's price.

    Such a guest books only if the hotel's price, over the competitor's, is no higher than what the
    guest accepts: a logistic number with mean `accepted` and scale `scale`.
    """

    day: int
    price: float = 85.0
    share: float = 0.6
    accepted: float = 1.1
    scale: float = 0.08

    def staying(self, prices: Floats) -> Floats:
        """Return the share of the guests that the competitor does not take at these prices."""
        ratio = (prices / self.price - self.accepted) / self.scale
        shares: Floats = 1.0 - self.share + self.share / (1.0 + np.exp(np.minimum(ratio, 500.0)))
        return shares


@dataclass(frozen=True, kw_only=True)
class Market:
    """A hotel and its demand. Of this, policies are told the rooms and the base price only.

    Attributes:
        stays: shares of the parties that stay one night, two nights, …
        group_share: of the room-nights, booked by groups: all their rooms or none.
        base: what a person told to be the right price. The reference price is 100 whatever it is.
        past_offers_known: whether the hotel's records say at what price the past was sold.
    """

    name: str
    rooms: int = 40
    demand: float = 1.0
    form: str = "exponential"
    elasticity: float = 1.2
    summer_steeper: float = 1.0  # elasticity of summer nights over that of others
    late_calm: float = 0.4  # share by which guests of the last moment respond less than early ones
    calendar: CalendarPattern = SUMMER
    window: BookingWindow = USUAL_WINDOW
    night_deviation: float = 0.3  # standard deviation of a night's demand over the calendar's
    event_share: float = 0.05  # of the nights have an event
    event_factor: float = 1.8  # by which an event multiplies demand
    cancelled_share: float = 0.15
    group_share: float = 0.0
    stays: tuple[float, ...] = (1.0,)
    base: Decimal = Decimal(100)
    history_nights: int = HISTORY_NIGHTS
    past_offers_known: bool = False
    shock: Shock | None = None
    competitor: Competitor | None = None
    start: date = date(2026, 1, 1)  # the first day, and night, of the policies

    def __post_init__(self) -> None:
        """Check what would give wrong numbers silently.

        Raises:
            ValueError: an unknown form, shares that do not add up, a window beyond a year.
        """
        if self.form not in FORMS:
            raise ValueError(f"{self.name}: no form of willingness to pay is called {self.form!r}")
        if abs(sum(self.stays) - 1.0) > 1e-9:
            raise ValueError(f"{self.name}: the shares of the stays must add up to 1")
        if self.window.longest + len(self.stays) >= YEAR_NIGHTS:
            raise ValueError(f"{self.name}: guests book less than {YEAR_NIGHTS} days before")

    @property
    def mean_stay(self) -> float:
        """Nights that a party stays, in the mean."""
        return sum(nights * share for nights, share in enumerate(self.stays, start=1))

    @property
    def party_sizes(self) -> Floats:
        """Shares of the parties by rooms: 0, 1, … the largest group."""
        parties = np.zeros(max(GROUP_SIZES) + 1 if self.group_share else 2)
        parties[1] = 1.0 - self.group_share
        if self.group_share:
            mean_size = sum(GROUP_SIZES) / len(GROUP_SIZES)
            parties[list(GROUP_SIZES)] = self.group_share / mean_size / len(GROUP_SIZES)
        shares: Floats = parties / parties.sum()
        return shares

    @property
    def mean_party(self) -> float:
        """Rooms of a party, in the mean."""
        return float(self.party_sizes @ np.arange(len(self.party_sizes)))

    def kept_shares(self) -> Floats:
        """Return the share of the rooms booked at each lead, 0 … longest, that is not cancelled."""
        kept = np.full(self.window.longest + 1, 1.0 - self.cancelled_share)
        kept[0] = 1.0
        return kept

    def elasticities(self, is_summer: bool) -> Floats:
        """Return the elasticity at the reference price by lead, 0 … longest."""
        lead = np.arange(self.window.longest + 1)
        response = 1.0 - self.late_calm * np.exp(-lead / LATE_CALM_DAYS)
        response /= response @ self.window.shares()
        scale = self.elasticity * (self.summer_steeper if is_summer else 1.0)
        elasticities: Floats = scale * response
        return elasticities


def is_summer(ordinals: Ints) -> Ints:
    """Return 1 for the nights of summer months and 0 for others; nights as proleptic ordinals."""
    months = [date.fromordinal(ordinal).month for ordinal in ordinals.tolist()]
    return np.isin(months, SUMMER_MONTHS).astype(np.int64)
