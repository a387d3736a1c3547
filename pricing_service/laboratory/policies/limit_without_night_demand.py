"""The second limit: the program of `revenue_limit`, told the response but not the nights' demand.

It knows what the calendar makes expect, how the nights' own effects are distributed, and the true
response to price. The effect of each night it learns from that night's bookings: the prior is a
gamma number, or now and then an event's; bookings are Poisson, so that the posterior is a mixture
of two gamma numbers again (conjugate). A shock it is told on the day on which it begins. What the
engine lacks to this limit is what it does not know of the response and the calendar; what this
limit lacks to the first, nobody can know before the bookings come.

The price is that of the program for a night whose demand is the posterior mean (certainty
equivalence), read between tables for a grid of levels of demand. A day on which a night sells out
says nothing of the effect. Groups count as fewer, equally uncertain bookings; stays as in the first
limit. Pure computation.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from pricing_service.demand.bookings import Floats, Ints
from pricing_service.laboratory.markets.market import YEAR_NIGHTS, Market, is_summer
from pricing_service.laboratory.markets.simulated_guests import timeline
from pricing_service.laboratory.markets.simulated_sales import Morning, Policy
from pricing_service.laboratory.markets.willingness_to_pay import relative_demand
from pricing_service.laboratory.policies.revenue_limit import PRICES, party_rates, solve

LEVELS: Final[Floats] = np.geomspace(0.15, 6.0, 29)  # of demand, over the mean night's


def limit_without_night_demand(market: Market) -> Policy:
    """Return the policy of the second limit."""
    return _LearningLimit(market).prices


class _LearningLimit:
    def __init__(self, market: Market) -> None:
        self._market, self._line = market, timeline(market)
        ordinals = self._line.ordinals
        self._calendar = market.calendar.factors(ordinals)
        self._season = is_summer(ordinals)
        flat = replace(market, shock=None)
        self._parties = party_rates(flat, 1.0 / self._calendar)[:, -1]  # by lead, of a mean night
        self._choice = self._solve()
        sizes = np.arange(len(market.party_sizes))
        # Rooms of the party of a random room: so many rooms are as certain as one guest.
        self._clump = float(market.party_sizes @ sizes**2) / market.mean_party
        self._exposure = np.zeros(self._line.size)  # bookings expected so far with an effect of 1
        self._bookings = np.zeros(self._line.size)
        self._prices = np.full(self._line.size, float(market.base))

    def _solve(self) -> npt.NDArray[np.uint8]:
        """Return the best prices' places [season, compares, lead, level, books]."""
        rates = self._parties[:, None] * LEVELS
        kinds = [(season, compares) for season in (0, 1) for compares in (0, 1)]
        same_season = self._market.summer_steeper == 1.0
        competitor = self._market.competitor
        choices: list[npt.NDArray[np.uint8]] = []
        for season, compares in kinds:
            if (season and same_season) or (compares and not competitor):
                alike = 2 * (0 if same_season else season) + (compares if competitor else 0)
                choices.append(choices[alike])
                continue
            kind = np.broadcast_to(np.array([season, compares])[:, None, None], (2, *rates.shape))
            choices.append(solve(self._market, rates, kind, every_lead=True).choice)
        return np.stack(choices).reshape(2, 2, *choices[0].shape)

    def prices(self, morning: Morning) -> Floats:
        """Return the prices of the coming nights, after learning from yesterday."""
        day = self._line.start + morning.day
        self._learn(morning, day)
        longest = self._market.window.longest
        lead = np.arange(longest + 1)
        night = day + lead
        count, exposure = self._bookings[night] / self._clump, self._exposure[night] / self._clump
        effects = posterior_means(self._market, count, exposure)
        level = self._calendar[night] * effects * self._shock(day)
        place = np.interp(np.log(level), np.log(LEVELS), np.arange(len(LEVELS)))
        below = np.minimum(place.astype(np.int64), len(LEVELS) - 2)
        books = morning.books[: longest + 1]
        season, compares = self._season[night], self._compares(day)
        low, high = (
            PRICES[self._choice[season, compares, lead, at, books]] for at in (below, below + 1)
        )
        prices = np.full(YEAR_NIGHTS, 100.0)
        prices[: longest + 1] = np.round(low + (place - below) * (high - low))
        self._prices[day : day + YEAR_NIGHTS] = prices
        return prices

    def _learn(self, morning: Morning, today: int) -> None:
        """Add to bookings and exposure what came yesterday; on the start, all that came before."""
        night, day, booked, _ = morning.history.bookings()
        if morning.day == 0:
            days = np.arange(self._line.start) if self._market.history_nights else np.arange(0)
        else:
            days = np.array([today - 1])
        new = day >= self._line.origin + (days[0] if len(days) else today)
        came = np.bincount(night[new] - self._line.origin, booked[new], self._line.size)
        expected = np.zeros(self._line.size)
        for one in days.tolist():
            lead = np.arange(min(self._market.window.longest + 1, self._line.size - one))
            expected[one + lead] += self._expected(one, lead)
        has_room = np.ones(self._line.size, dtype=np.bool_)
        has_room[today : today + YEAR_NIGHTS] = morning.books < self._market.rooms
        self._exposure += np.where(has_room, expected, 0.0)
        self._bookings += np.where(has_room, came, 0.0)

    def _expected(self, day: int, lead: Ints) -> Floats:
        """Return the room-nights expected on a day for nights so far ahead, with effects of 1."""
        market, night = self._market, day + lead
        seasons = np.stack([market.elasticities(False), market.elasticities(True)])
        elasticity = seasons[self._season[night], lead]
        response = relative_demand(market.form, elasticity, self._prices[night])
        if self._compares(day) and market.competitor:
            response = response * market.competitor.staying(self._prices[night])
        rooms = self._parties[lead] * market.mean_party * self._shock(day)
        expected: Floats = rooms * self._calendar[night] * response
        return expected

    def _shock(self, day: int) -> float:
        shock = self._market.shock
        return shock.factor if shock and day >= self._line.start + shock.day else 1.0

    def _compares(self, day: int) -> int:
        competitor = self._market.competitor
        return int(competitor is not None and day >= self._line.start + competitor.day)


def posterior_means(market: Market, count: Floats, exposure: Floats) -> Floats:
    """Return the posterior means of nights' effects on demand.

    Args:
        count: bookings so far.
        exposure: bookings that were to be expected so far with an effect of 1.
    """
    shape = max(market.night_deviation, 1e-3) ** -2
    mean_event = 1.0 + (market.event_factor - 1.0) * market.event_share
    means = np.array([1.0, market.event_factor])[:, None] / mean_event
    priors = np.array([1.0 - market.event_share, market.event_share])[:, None]
    rate = shape / means
    with np.errstate(divide="ignore"):  # a market without events
        weight = np.log(priors) + shape * np.log(rate)
    weight = weight - (shape + count) * np.log(rate + exposure)
    weight = np.exp(weight - weight.max(axis=0))
    effects: Floats = (weight * (shape + count) / (rate + exposure)).sum(0) / weight.sum(0)
    return effects
