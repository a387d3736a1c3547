"""Simulated guests: when they book, for which nights, how many rooms, and what they would pay.

Equal markets and seeds give equal guests, so that every policy can be given the very same ones
(*common random numbers*), and the program that is told everything (`revenue_limit`) the same
nights.

Days and nights stand on one axis of whole numbers, the `Timeline`. The number of parties that would
book at the reference price is Poisson for each night of arrival and lead. A party books if the mean
price of its nights is no higher than what it would pay, and if there is room on all of them.

Pure computation: no database, no clock.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from pricing_service.demand.bookings import Floats, Ints
from pricing_service.laboratory.markets.market import (
    MINIMUM_PRICE,
    YEAR_NIGHTS,
    Market,
    is_summer,
)
from pricing_service.laboratory.markets.willingness_to_pay import price_of_demand, relative_demand

NEVER = -1  # cancelled


@dataclass(frozen=True)
class Timeline:
    """The days and nights of a market: 0 is the day of its very first possible booking.

    Attributes:
        origin: proleptic ordinal of day 0.
        first_night: of stay, with which the history begins.
        start: the first day on which the policies set prices, and the first night they earn with.
        end: the day after the last of these.
        size: days and nights in all; the nights after the end take bookings too.
    """

    origin: int
    first_night: int
    start: int
    end: int
    size: int

    @property
    def ordinals(self) -> Ints:
        """The proleptic ordinals of all days."""
        return self.origin + np.arange(self.size)


def timeline(market: Market) -> Timeline:
    """Return the timeline of a market."""
    first_night = market.window.longest
    start = first_night + market.history_nights
    end = start + YEAR_NIGHTS
    size = end + YEAR_NIGHTS + len(market.stays)
    return Timeline(market.start.toordinal() - start, first_night, start, end, size)


@dataclass(frozen=True)
class Guests:
    """The parties who would pay the minimum price, in the order in which they come.

    Attributes:
        day: of the booking, on the timeline.
        arrival: first night.
        nights: of the stay.
        rooms: of the party.
        willingness: the highest mean price that the party would pay.
        kept_rooms: rooms that it would not cancel.
        first_cancelled: place of its first cancelled room in `cancellation_day`; one entry more
            than there are parties.
        cancellation_day: of each room that it would cancel.
    """

    day: Ints
    arrival: Ints
    nights: Ints
    rooms: Ints
    willingness: Floats
    kept_rooms: Ints
    first_cancelled: Ints
    cancellation_day: Ints


@dataclass(frozen=True)
class SimulatedGuests:
    """The guests of a market and seed, and what nobody but `revenue_limit` is told.

    Attributes:
        effects: of each night of the timeline on demand, over what the calendar gives.
    """

    market: Market
    seed: int
    timeline: Timeline
    effects: Floats
    guests: Guests


def expected_room_nights(market: Market, effects: Floats) -> Floats:
    """Return the expected room-nights booked at the reference price [lead, night of arrival].

    Cancelled ones included. All nights of a stay are counted at its arrival; a shock counts by
    booking day.

    Args:
        effects: of each night of the timeline.
    """
    line = timeline(market)
    by_lead = market.window.shares() / market.kept_shares()
    by_night = market.demand * market.rooms * market.calendar.factors(line.ordinals) * effects
    expected: Floats = by_lead[:, None] * by_night
    if market.shock:
        day = np.arange(line.size) - np.arange(len(by_lead))[:, None]
        expected[day >= line.start + market.shock.day] *= market.shock.factor
    return expected


def draw_guests(market: Market, seed: int) -> SimulatedGuests:
    """Return the random guests of a market, the same for the same arguments."""
    line = timeline(market)
    random = np.random.default_rng([seed, zlib.crc32(market.name.encode())])
    effects = _draw_effects(market, line.size, random)
    parties = expected_room_nights(market, effects) / market.mean_stay / market.mean_party
    elasticities = np.stack([market.elasticities(False), market.elasticities(True)])
    summer = is_summer(line.ordinals)
    minimum = np.array(float(MINIMUM_PRICE))
    at_minimum = relative_demand(market.form, elasticities, minimum)
    count = random.poisson(parties * at_minimum[summer].T)
    lead, arrival = np.divmod(np.repeat(np.arange(count.size), count.ravel()), line.size)
    day = arrival - lead
    first_day = line.start if market.history_nights == 0 else 0
    inside = (arrival >= line.first_night) & (day >= first_day) & (day < line.end)
    lead, arrival = lead[inside], arrival[inside]
    order = np.lexsort((random.random(len(lead)), arrival - lead))
    lead, arrival = lead[order], arrival[order]
    season = summer[arrival]
    demand = (1.0 - random.random(len(lead))) * at_minimum[season, lead]
    willingness = price_of_demand(market.form, elasticities[season, lead], demand)
    sizes, stays = market.party_sizes, market.stays
    rooms = random.choice(len(sizes), len(lead), p=sizes)
    nights = 1 + random.choice(len(stays), len(lead), p=stays)
    day = arrival - lead
    if market.competitor:
        limits = _draw_compared(market, len(lead), random)
        compares = day >= line.start + market.competitor.day
        willingness[compares] = np.minimum(willingness, limits)[compares]
    guests = _with_cancellations(market, day, arrival, nights, rooms, willingness, random)
    return SimulatedGuests(market, seed, line, effects, guests)


def _draw_effects(market: Market, count: int, random: np.random.Generator) -> Floats:
    """Return the effects of nights on demand: a gamma number, and an event now and then."""
    events = 1.0 + (market.event_factor - 1.0) * (random.random(count) < market.event_share)
    spread = market.night_deviation
    gamma = random.gamma(spread**-2, spread**2, count) if spread else np.ones(count)
    effects: Floats = gamma * events / (1.0 + (market.event_factor - 1.0) * market.event_share)
    return effects


def _draw_compared(market: Market, count: int, random: np.random.Generator) -> Floats:
    """Return the highest price that guests accept beside the competitor's; inf: do not compare."""
    competitor = market.competitor
    assert competitor
    accepted = competitor.price * random.logistic(competitor.accepted, competitor.scale, count)
    return np.where(random.random(count) < competitor.share, accepted, np.inf)


def _with_cancellations(
    market: Market,
    day: Ints,
    arrival: Ints,
    nights: Ints,
    rooms: Ints,
    willingness: Floats,
    random: np.random.Generator,
) -> Guests:
    """Return the guests, with a day for each room that would be cancelled."""
    party = np.repeat(np.arange(len(day)), rooms)
    lead = (arrival - day)[party]
    is_cancelled = (random.random(len(party)) < market.cancelled_share) & (lead > 0)
    days_before = np.floor(random.random(len(party)) * lead).astype(np.int64)
    count = np.bincount(party[is_cancelled], minlength=len(day))
    return Guests(
        day=day,
        arrival=arrival,
        nights=nights,
        rooms=rooms,
        willingness=willingness,
        kept_rooms=rooms - count,
        first_cancelled=np.concatenate([[0], np.cumsum(count)]),
        cancellation_day=(arrival[party] - days_before)[is_cancelled],
    )
