"""A made-up hotel and made-up guests who respond to price, to see how rules of pricing behave.

It is a simulation: no guest in it is real, and what a policy earns here is not what a hotel will
earn. What holds: equal worlds and seeds give equal results, and every policy meets the very same
guests (*common random numbers*), at the same bounds and step, so that differences are the rules'.

*Guests.* Each wants one room for one night. How many would book at the base price is a Poisson
number for each night and day before it: demand × rooms × month × weekday × what makes the night
special × booking window. What makes a night special, a gamma number and now and then an event, is
in no calendar. Of those who book a share cancels, on any later day up to the night.

*Price.* A guest books if the price is no higher than what the guest would pay and a room is left.
What guests would pay is spread exponentially, so that bookings fall with exp(-elasticity × price /
base), as in the examples of Gallego and van Ryzin 1994 ("Optimal dynamic pricing of inventories
with stochastic demand over finite horizons", Management Science 40): `elasticity` is that of all
guests together at the base price, with no room short. The default 1.2 is a choice: estimates for
single hotels differ widely, also within one resort (Vives, Jacob and Aguiló 2019, "Online hotel
demand model and own-price elasticities", Tourism Economics 25). Late bookers respond less.

*The hotel* renews the price of every night once a day, from what is on the books that morning. It
never overbooks. A room-night earns the price at which it was booked, and nothing if cancelled.

Pure computation: no database, no clock. Nights do not share guests, so that all nights of a year
are sold side by side, from the longest time before to the night itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import numpy as np

from pricing_service.demand.booking_curve import usual_shares
from pricing_service.demand.bookings import Bookings, Floats, Ints
from pricing_service.demand.on_the_books_history import OnTheBooksHistory
from pricing_service.engine.price_formula import Rules, Situation, occupancy_factor
from pricing_service.rules.rule_proposals import propose

BASE: Final = Decimal(100)
MINIMUM: Final = Decimal(60)
MAXIMUM: Final = Decimal(220)
STEP: Final = Decimal(1)

WINDOW: Final = 180  # days before a night, from which on guests book

# Demand by month and weekday over its mean: a summer season, full at weekends.
MONTHS: Final = np.array([0.70, 0.75, 0.85, 0.95, 1.05, 1.15, 1.30, 1.35, 1.15, 1.05, 0.80, 0.90])
WEEKDAYS: Final = np.array([0.85, 0.90, 0.95, 0.95, 1.15, 1.30, 0.90])
SPREAD: Final = 0.3  # standard deviation of a night's demand over what the calendar says
EVENT_SHARE: Final = 0.05  # of the nights have an event
EVENT: Final = 1.8  # by which it multiplies demand

SOON: Final = 10.0  # mean days before, of the half that books soon
LATER: Final = 50.0  # of the other half
CANCELLED: Final = 0.15  # share of the bookings
CALM: Final = 0.4  # by so much less do guests of the last moment respond to price than early ones
CALM_DAYS: Final = 14.0  # days before, over which that fades

# Share of the rooms on the books, below which a multiple of the base is asked.
LADDER: Final = ((0.3, 0.9), (0.5, 1.0), (0.7, 1.1), (0.85, 1.25), (np.inf, 1.4))
FIXED_PRICE: Final = "fixed base price"
OCCUPANCY_LADDER: Final = "occupancy ladder"
RECOMMENDATIONS: Final = "recommendations"
POLICIES: Final = (FIXED_PRICE, OCCUPANCY_LADDER, RECOMMENDATIONS)

# From days before and what is on the books of each night to the price of each night.
Policy = Callable[[int, Ints], Floats]


@dataclass(frozen=True)
class Span:
    """Nights of stay, one after the other."""

    first: date
    nights: int

    @property
    def dates(self) -> list[date]:
        return [self.first + timedelta(days=ahead) for ahead in range(self.nights)]

    @property
    def calendar(self) -> tuple[Ints, Ints]:
        """Month and weekday of each night, both from 0."""
        return (
            np.array([night.month - 1 for night in self.dates]),
            np.array([night.weekday() for night in self.dates]),
        )


# Learned from: the year before, and four weeks more, as `propose` leaves a hotel's first two out.
HISTORY: Final = Span(date(2024, 12, 4), 393)
YEAR: Final = Span(date(2026, 1, 1), 365)  # on which the policies are compared


@dataclass(frozen=True, kw_only=True)
class World:
    """What no policy is told but the rooms."""

    rooms: int = 40
    elasticity: float = 1.2  # of demand, at the base price
    demand: float = 1.0  # would book and keep at the base price, over the rooms; a year's mean


@dataclass(frozen=True)
class Guests:
    """Those of a span who would pay the minimum, in the order in which they come."""

    span: Span
    days_before: Ints
    night: Ints  # of the span, from 0
    willingness: Floats  # the most that the guest would pay
    cancels: Ints  # days before, if a room was booked; -1: never


@dataclass(frozen=True)
class Sold:
    """A span as a policy sold it; `paid` is the price at which each guest booked, or nan."""

    rooms: int
    guests: Guests
    paid: Floats

    @property
    def kept(self) -> Floats:
        """Prices of the room-nights that were booked and not cancelled."""
        kept: Floats = self.paid[~np.isnan(self.paid) & (self.guests.cancels < 0)]
        return kept

    @property
    def revenue(self) -> float:
        return float(self.kept.sum())

    @property
    def occupancy(self) -> float:
        """Share of the room-nights for sale that were sold."""
        return len(self.kept) / (self.rooms * self.guests.span.nights)

    @property
    def average_rate(self) -> float:
        """Revenue of a room-night sold (ADR); nan if none was."""
        return self.revenue / len(self.kept) if len(self.kept) else float("nan")

    @property
    def revpar(self) -> float:
        """Revenue of a room-night for sale."""
        return self.revenue / (self.rooms * self.guests.span.nights)

    @property
    def bookings(self) -> Bookings:
        """What the hotel sees of it: bookings and cancellations, nobody's willingness to pay."""
        booked = ~np.isnan(self.paid)
        cancelled = booked & (self.guests.cancels >= 0)
        night = self.guests.span.first.toordinal() + self.guests.night
        return Bookings(
            np.concatenate([night[booked], night[cancelled]]),
            np.concatenate(
                [
                    (night - self.guests.days_before)[booked],
                    (night - self.guests.cancels)[cancelled],
                ]
            ),
            np.repeat([1, -1], [booked.sum(), cancelled.sum()]),
        )


def booking_window() -> Floats:
    """The share of the guests who book k days before, k = 0 … WINDOW."""
    days = np.arange(WINDOW + 1)
    soon, later = (np.exp(-days / mean) for mean in (SOON, LATER))
    share: Floats = (soon / soon.sum() + later / later.sum()) / 2
    return share


def elasticities(world: World) -> Floats:
    """The elasticity at the base price of the guests who book k days before, k = 0 … WINDOW."""
    response = 1.0 - CALM * np.exp(-np.arange(WINDOW + 1) / CALM_DAYS)
    of_days: Floats = world.elasticity * response / (response @ booking_window())
    return of_days


def arrivals(world: World, span: Span, nights: Floats) -> Floats:
    """Expected guests who would pay the base price [days before, night].

    Args:
        nights: demand of each night over what the calendar says.
    """
    month, weekday = span.calendar
    shape = (MONTHS / MONTHS.mean())[month] * (WEEKDAYS / WEEKDAYS.mean())[weekday] * nights
    window = booking_window()
    window[1:] /= 1.0 - CANCELLED  # who would keep the room is meant
    expected: Floats = world.demand * world.rooms * window[:, None] * shape
    return expected


def draw(world: World, span: Span, seed: int) -> Guests:
    """The guests of a span."""
    random = np.random.default_rng([seed, span.first.toordinal()])
    events = 1.0 + (EVENT - 1.0) * (random.random(span.nights) < EVENT_SHARE)
    nights = random.gamma(SPREAD**-2, SPREAD**2, span.nights) * events
    nights /= 1.0 + (EVENT - 1.0) * EVENT_SHARE
    slope = elasticities(world) / float(BASE)  # of the logarithm of demand, per unit of money
    cheaper = np.exp(slope * float(BASE - MINIMUM))
    expected = arrivals(world, span, nights) * cheaper[:, None]
    count = random.poisson(expected[::-1])  # the earliest guests first
    row, night = np.divmod(np.repeat(np.arange(count.size), count.ravel()), span.nights)
    days_before = WINDOW - row
    willingness = float(MINIMUM) + random.exponential(1.0 / slope[days_before])
    leaves = random.random(len(night)) < CANCELLED
    when = np.floor(random.random(len(night)) * days_before).astype(np.int64)
    cancels = np.where(leaves & (days_before > 0), when, -1)
    return Guests(span, days_before, night, willingness, cancels)


def sell(guests: Guests, rooms: int, policy: Policy) -> Sold:
    """A span of guests under a policy."""
    nights = guests.span.nights
    books = np.zeros(nights, dtype=np.int64)
    leaving = np.zeros((WINDOW + 1, nights), dtype=np.int64)
    paid = np.full(len(guests.night), np.nan)
    edges = np.searchsorted(-guests.days_before, np.arange(-WINDOW, 2))
    for place, days_before in enumerate(range(WINDOW, -1, -1)):
        books -= leaving[days_before]
        prices = policy(days_before, books)
        today = np.arange(edges[place], edges[place + 1])
        today = today[guests.willingness[today] >= prices[guests.night[today]]]
        night = guests.night[today]  # in order: a guest's place in the queue is by subtraction
        has_room = np.arange(len(night)) - np.searchsorted(night, night) < (rooms - books)[night]
        today, night = today[has_room], night[has_room]
        paid[today] = prices[night]
        books += np.bincount(night, minlength=nights)
        cancels = guests.cancels[today]
        np.add.at(leaving, (cancels[cancels >= 0], night[cancels >= 0]), 1)
    return Sold(rooms, guests, paid)


def fixed_price(days_before: int, books: Ints) -> Floats:
    """The base price, always."""
    return np.full(len(books), float(BASE))


def occupancy_ladder(rooms: int) -> Policy:
    """A step of LADDER by the share of the rooms on the books, at any time before."""
    limits, multiples = np.array(LADDER).T
    return lambda days_before, books: on_list(
        float(BASE) * multiples[np.searchsorted(limits, books / rooms, side="right")]
    )


def on_list(amounts: Floats) -> Floats:
    """The nearest prices on the list's steps between the bounds."""
    steps: Floats = np.floor(amounts / float(STEP) + 0.5) * float(STEP)
    return np.clip(steps, float(MINIMUM), float(MAXIMUM))


def learned(bookings: Bookings, span: Span, rooms: int, aggressiveness: int) -> Policy:
    """The recommendations for a span of a hotel that has these bookings of the nights before it.

    They know the hotel's rooms and its bookings, nothing of the world.
    """
    as_of = span.first - timedelta(days=1)
    proposal = propose(bookings, as_of, rooms)
    rules = Rules(
        base=BASE,
        minimum=MINIMUM,
        maximum=MAXIMUM,
        step=STEP,
        aggressiveness=aggressiveness,
        months=proposal.month_factors or (1.0,) * 12,
        weekdays=proposal.weekday_factors or (1.0,) * 7,
    )
    ahead, days_before = np.meshgrid(np.arange(1, span.nights + 1), np.arange(WINDOW + 1))
    shares = usual_shares(OnTheBooksHistory(bookings, as_of, span.nights, None), ahead, days_before)
    return recommended(rules, np.nan_to_num(np.clip(shares, 0.0, 1.5), nan=1.0), span, rooms)


def recommended(rules: Rules, shares: Floats, span: Span, rooms: int) -> Policy:
    """What `price.price` says of each night, for rules without events, fixed prices and lead steps.

    The same arithmetic, side by side for all nights: a test holds them together.

    Args:
        shares: usually on the books, as a share of the final [days before, night].
    """
    month, weekday = span.calendar
    by_calendar = np.array(rules.months)[month] * np.array(rules.weekdays)[weekday]
    targets = np.array(rules.targets)[month].tolist()
    nights = span.dates

    def policy(days_before: int, books: Ints) -> Floats:
        columns = zip(nights, books.tolist(), shares[days_before].tolist(), targets, strict=True)
        sells = [
            occupancy_factor(
                Situation(night, days_before, rooms, booked, share), target, rules.aggressiveness
            )
            for night, booked, share, target in columns
        ]
        return on_list(float(rules.base) * (by_calendar * np.array(sells)))

    return policy


def live(
    world: World, seed: int, aggressiveness: int = 3, policies: Sequence[str] = POLICIES
) -> dict[str, Sold]:
    """A year under each of the policies, with the same guests, after a year at the base price."""
    guests = draw(world, YEAR, seed)
    year: dict[str, Sold] = {}
    for name in policies:
        if name == FIXED_PRICE:
            policy: Policy = fixed_price
        elif name == OCCUPANCY_LADDER:
            policy = occupancy_ladder(world.rooms)
        else:
            before = sell(draw(world, HISTORY, seed), world.rooms, fixed_price)
            policy = learned(before.bookings, YEAR, world.rooms, aggressiveness)
        year[name] = sell(guests, world.rooms, policy)
    return year
