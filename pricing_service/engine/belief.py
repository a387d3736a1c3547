"""What the engine believes of a hotel: the demand still to come, and how guests respond to price.

The expected room-nights that are booked for night n in a span b of lead time, at the price p, are

    demand(n) × curve(b) × trend(day) × share of the span with rooms for sale × r(p)

*demand* is the calendar's (`calendar_demand`) times the night's own effect, which nobody knows
before and which bookings tell; the effects are gamma distributed. *curve* is the booking curve: the
share of the demand in each span. *trend* is the market's (`market_trend`), r the response to price
(`price_response`). All are learned together, each in turn given the others, from the days before a
cut-off. A sold-out night teaches nothing while it is sold out (`observations`).

The cut-off is the last whole week, so that what is learned of all nights changes once a week, and a
booking of this week moves the price of its own night only: of two nights that differ in bookings of
this week alone, the fuller one is never cheaper.

Pure: no database, no clock.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, NamedTuple

import numpy as np

from pricing_service.demand.bookings import WEEK, Floats, Ints
from pricing_service.engine.calendar_demand import (
    CalendarDemand,
    calendar_features,
    explained_by_calendar,
    weekdays,
    year_shares,
)
from pricing_service.engine.hotel_history import History
from pricing_service.engine.hotel_rules import HotelRules
from pricing_service.engine.lead_bins import LEADS, LEARNING
from pricing_service.engine.market_trend import Trend, learn_trend, no_trend
from pricing_service.engine.observations import Observations, learned_nights, observe
from pricing_service.engine.price_response import (
    PARAMETERS,
    PRIOR_DEVIATION,
    PRIOR_MEAN,
    PriceResponse,
    Season,
)
from pricing_service.engine.room_batches import Batches

ROUNDS: Final = 5  # after which nothing moves by more than a per cent
AHEAD: Final = 365  # coming nights to learn from
# The first booking curve: two kinds of guests, who book 12 and 50 days before on average. It counts
# as much as so many room-nights in each span.
EARLY_DAYS, LATE_DAYS, CURVE_PRIOR = 50.0, 12.0, 25.0
# The shape of the nights' own effects: candidates, and a wide prior around 8 (a deviation of 35 %).
SHAPES: Final = np.exp(np.linspace(math.log(1.5), math.log(120.0), 24))
SHAPE_PRIOR, SHAPE_PRIOR_DEVIATION = 8.0, 0.8


@dataclass(frozen=True)
class Belief:
    """What the engine believes of a hotel, as of a day.

    Attributes:
        cut_off: ordinal of the day before which everything was learned.
        first_day: ordinal of the first day observed.
        curve: share of a night's demand by span of `lead_bins.LEARNING`.
        night_shape: shape of the gamma distribution of the nights' own effects, of mean 1.
        cancelling: share of what is on the books that cancels in a day, by span.
    """

    cut_off: int
    first_day: int
    calendar: CalendarDemand
    curve: Floats
    trend: Trend
    night_shape: float
    response: PriceResponse
    cancelling: Floats
    batches: Batches

    @property
    def evidence(self) -> float:
        """Room-nights that count as much as what is believed of a night before any booking."""
        return self.night_shape * self.batches.evidence_spread

    def expected_demand(self, nights: Ints) -> Floats:
        """Return the demand of nights (ordinals) before anything is known of them, with trend."""
        features = calendar_features(nights, np.zeros(len(nights)))
        return self.calendar.of(features) * self.trend.now


class Nights(NamedTuple):
    """The belief about single nights, a value each.

    Attributes:
        demand: room-nights that guests ask for in all, at what the night is worth.
        season: on which the elasticity depends.
        evidence: room-nights that the belief of the demand counts as much as.
    """

    demand: Floats
    season: Season
    evidence: Floats


def learn(rules: HotelRules, history: History, as_of: date) -> Belief:
    """Return the belief from all that happened before the last whole week ended."""
    cut_off = last_cut_off(as_of)
    nights = learned_nights(history, cut_off, AHEAD)
    return _Learner(rules, observe(rules, history, cut_off, nights), cut_off).learn()


def last_cut_off(as_of: date) -> int:
    """Return the ordinal of the day before which a belief of this day learns: a Sunday."""
    return as_of.toordinal() // WEEK * WEEK


def believed_nights(
    belief: Belief, rules: HotelRules, history: History, as_of: date, nights: int
) -> Nights:
    """Return the belief about the nights from as_of on, by their own bookings before as_of."""
    first = as_of.toordinal()
    span = (first, first + nights - 1)
    observed = observe(rules, history, first, span, belief.batches, belief.first_day)
    season = season_of(observed.nights)
    share = belief.response.share(observed.price_log, season)
    calendar = belief.calendar.of(calendar_features(observed.nights, observed.first_price_log))
    exposure = (belief.curve * observed.time * share * trend_of(belief.trend, observed)).sum(axis=1)
    own = (belief.evidence + observed.total) / (belief.evidence + calendar * exposure)
    if belief.first_day >= belief.cut_off:
        # A hotel that nobody knew then: it may not have been on sale since, so that a night
        # without bookings says nothing.
        own = np.maximum(own, 1.0)
    demand = calendar * own * belief.trend.now
    return Nights(demand, season, belief.evidence + observed.total)


def season_of(nights: Ints) -> Season:
    """Return the season of nights (ordinals)."""
    return Season.of(year_shares(nights), weekdays(nights))


def trend_of(trend: Trend, observed: Observations) -> Floats:
    """Return the trend when each night's spans were booked [night, span]."""
    return trend.at(observed.nights[:, None] - LEARNING.middles.astype(np.int64))


def first_curve() -> Floats:
    """Return the booking curve of a hotel without history."""
    days = np.arange(LEADS)
    curve = np.exp(-days / LATE_DAYS) / LATE_DAYS + np.exp(-days / EARLY_DAYS) / EARLY_DAYS
    by_span = LEARNING.sums(curve)
    return by_span / by_span.sum()  # type: ignore[no-any-return]


class _Learner:
    """Learns a belief from observations: each part in turn, given the others."""

    def __init__(self, rules: HotelRules, observed: Observations, cut_off: int) -> None:
        self.observed = observed
        self.is_response_learned = rules.learn_response and bool(observed.has_price.any())
        self.features = calendar_features(observed.nights, observed.first_price_log)
        self.season = season_of(observed.nights)
        rooms = max([rules.rooms, *rules.rooms_by_date.values()])
        self.belief = Belief(
            cut_off=cut_off,
            first_day=observed.first_day,
            calendar=CalendarDemand.first(rooms),
            curve=first_curve(),
            trend=no_trend(cut_off),
            night_shape=SHAPE_PRIOR,
            response=PriceResponse(),
            cancelling=observed.cancelling,
            batches=observed.batches,
        )
        self.trend = np.ones_like(observed.counts)

    def learn(self) -> Belief:
        """Return the belief after all rounds."""
        for round_number in range(ROUNDS):
            share = self.belief.response.share(self.observed.price_log, self.season)
            available = self.observed.time * share * self.trend
            exposure = available @ self.belief.curve
            for _ in range(3 if round_number == 0 else 2):
                self._learn_calendar(exposure)
            expected = self.belief.calendar.of(self.features)
            self._learn_shape(expected * exposure)
            evidence = self.belief.evidence
            own = (evidence + self.observed.total) / (evidence + expected * exposure)
            self._learn_curve((expected * own) @ available)
            if round_number:
                self._learn_trend(self.belief.calendar.of(self.features) * own, share)
            if self.is_response_learned:
                for _ in range(2):
                    self._learn_response()
        return self.belief

    def _learn_calendar(self, exposure: Floats) -> None:
        calendar = self.belief.calendar.updated(
            self.features,
            self.observed.total,
            exposure,
            self.observed.batches.evidence_spread,
            self.belief.night_shape,
        )
        self.belief = replace(self.belief, calendar=calendar)

    def _learn_shape(self, expected: Floats) -> None:
        """Learn how much nights differ from the calendar: the mean of log shape, by likelihood."""
        # Loaded here: most processes find a stored belief, and need no scipy.
        from scipy.special import gammaln

        spread = self.observed.batches.evidence_spread
        counts, means = self.observed.total / spread, expected / spread
        shape = SHAPES[:, None]
        likelihood = (
            gammaln(shape + counts)
            - gammaln(shape)
            + shape * np.log(shape)
            - (shape + counts) * np.log(shape + means)
        ).sum(axis=1)
        logs = np.log(SHAPES)
        likelihood -= 0.5 * ((logs - math.log(SHAPE_PRIOR)) / SHAPE_PRIOR_DEVIATION) ** 2
        weight = np.exp(likelihood - likelihood.max())
        shape_mean = math.exp(float(weight @ logs / weight.sum()))
        self.belief = replace(self.belief, night_shape=shape_mean)

    def _learn_curve(self, exposure: Floats) -> None:
        """Learn the booking curve, given the demand that could have been booked by span."""
        booked = self.observed.counts.sum(axis=0)
        curve = (booked + CURVE_PRIOR * first_curve()) / (exposure + CURVE_PRIOR)
        total = float(curve.sum())
        calendar = self.belief.calendar.scaled(total)
        self.belief = replace(self.belief, curve=curve / total, calendar=calendar)

    def _learn_trend(self, demand: Floats, share: Floats) -> None:
        observed = self.observed
        rates = LEARNING.spread(self.belief.curve * share)
        expected = rates * observed.daily_time * demand[:, None]
        days = (observed.nights[:, None] - np.arange(LEADS)).ravel()
        cut_off = self.belief.cut_off
        weeks = min((cut_off - observed.first_day) // WEEK, (LEADS + len(expected)) // WEEK)
        first = cut_off - weeks * WEEK
        week = (days - first) // WEEK
        inside = (days >= first) & (days < cut_off)

        def weekly(table: Floats) -> Floats:
            sums = np.bincount(week[inside], table.ravel()[inside], minlength=max(weeks, 0))
            return sums.astype(np.float64)

        spread = observed.batches.evidence_spread
        trend = learn_trend(first, weekly(observed.daily_counts), weekly(expected), spread)
        self.belief = replace(self.belief, trend=trend)
        self.trend = trend_of(trend, observed)

    def _learn_response(self) -> None:
        """Take one Newton step of the response, each night's own demand integrated out.

        Curve and calendar move with the response: what they explain is taken out of the gradient,
        so that the step and its uncertainty are those of the response alone.
        """
        observed, belief = self.observed, self.belief
        response = belief.response
        share = response.share(observed.price_log, self.season)
        expected = belief.calendar.of(self.features)[:, None] * (
            belief.curve * observed.time * share * self.trend
        )
        own = (belief.evidence + observed.total) / (belief.evidence + expected.sum(axis=1))
        mean = own[:, None] * expected
        known = observed.has_price[..., None]
        offered = response.gradient(observed.price_log, self.season) * known
        booked = response.gradient(observed.booked_price_log, self.season) * known
        by_span = (mean[..., None] * offered).sum(axis=0) / np.maximum(mean.sum(axis=0), 1e-9)[
            :, None
        ]
        total = mean.sum(axis=1)
        by_night = (mean[..., None] * (offered - by_span)).sum(axis=1)
        by_night /= np.maximum(total, 1e-9)[:, None]
        spread = observed.batches.evidence_spread
        weight = total / (1.0 + total / belief.evidence)
        by_night = explained_by_calendar(self.features, weight, by_night, spread)
        explained = by_span + by_night[:, None, :]
        offered, booked = offered - explained, booked - explained
        night_sums = (mean[..., None] * offered).sum(axis=1)
        slope = (observed.counts[..., None] * booked).sum(axis=(0, 1)) - night_sums.sum(axis=0)
        flat = offered.reshape(-1, PARAMETERS)
        known_effect = night_sums / (belief.evidence + expected.sum(axis=1))[:, None]
        information = flat.T @ (flat * mean.reshape(-1, 1)) - night_sums.T @ known_effect
        prior = np.diag(PRIOR_DEVIATION**-2)
        covariance = np.linalg.inv(information / spread + prior)
        step = covariance @ (slope / spread - prior @ (response.mean - PRIOR_MEAN))
        self.belief = replace(belief, response=response.moved(step, covariance))
