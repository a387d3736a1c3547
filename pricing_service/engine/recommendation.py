"""The recommended price of each coming night: the call that production and every simulation make.

`recommend` learns a belief (`belief`), solves the revenue program for it (`revenue_program`), looks
up the best price of each night, tries small steps if it may (`price_trials`), and keeps what a
person told: fixed prices, bounds, price steps, factors, events. A closed night has its calendar
price.

Guarantees: equal input and seed give equal prices; nothing after the day is used; a price is a
whole number of steps inside the night's bounds; of two histories that differ only in what was
booked of one night this week, the one that has more on the books never has the lower price.

Pure: no database, no clock.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import numpy as np

from pricing_service.demand.bookings import Floats, Ints
from pricing_service.engine.belief import Belief, Nights, believed_nights, learn
from pricing_service.engine.hotel_history import History
from pricing_service.engine.hotel_rules import HotelRules
from pricing_service.engine.observations import on_the_books, worth_of
from pricing_service.engine.price_trials import trial_moves, trial_step
from pricing_service.engine.revenue_program import PRICE_STEP, RevenueProgram, solve

# Demand is taken to be so much lower or higher by aggressiveness 1 … 5: prices for a house that is
# sooner full, or dearer.
RISK: Final = (0.85, 0.93, 1.0, 1.08, 1.16)
# The prices that a program considers, over what a night is worth, whatever the bounds are.
LOWEST_MULTIPLE, HIGHEST_MULTIPLE = 0.3, 4.0
# Seasons whose elasticities differ by less share one program.
SAME_SEASON: Final = 1.06


@dataclass(frozen=True)
class NightPrice:
    """A recommended price with what it comes from.

    Attributes:
        price: on a step, inside the bounds; in the hotel's currency.
        worth: what the night is worth by what was told: base price times factors.
        demand: room-nights that are believed to be asked for in all, at that worth.
        trial: by which share of the price a random step moved it; 0 without.
        bound: that limits the price: "minimum", "maximum", "fixed" or empty.
        amount: the best price before rounding, bounds and the random step.
        seasonal: elasticity of the night's season, as a multiple of the usual one.
        evidence: room-nights that the belief of the demand counts as much as.
    """

    night: date
    days_before: int
    price: Decimal
    rooms: int
    on_the_books: int
    worth: float
    demand: float
    trial: float
    bound: str
    amount: float
    seasonal: float
    evidence: float


def recommend(
    rules: HotelRules,
    history: History,
    as_of: date,
    nights: int = 365,
    seed: int = 0,
    belief: Belief | None = None,
    day_left: float = 1.0,
) -> list[NightPrice]:
    """Return the recommended prices of the nights from tonight (as_of) on.

    Args:
        history: what happened after as_of is not used.
        seed: of the steps that are tried; give each hotel its own.
        belief: learned before from the same rules and history; learned here where none is given.
        day_left: share of today's demand for tonight that is still to come.
    """
    history = history.until(as_of.toordinal())
    belief = belief or learn(rules, history, as_of)
    ordinals = as_of.toordinal() + np.arange(nights)
    leads = np.arange(nights)
    dates = [date.fromordinal(int(night)) for night in ordinals]
    believed = believed_nights(belief, rules, history, as_of, nights)
    rooms = np.array([rules.rooms_on(night) for night in dates])
    books = on_the_books(history, as_of.toordinal(), nights)
    worth = worth_of(rules, ordinals)
    if not rooms.any():
        logs = np.zeros(nights)
    else:
        logs = _best_logs(rules, belief, believed, worth, leads, rooms, books, day_left)
    moves = np.zeros(nights)
    if rules.try_prices:
        moves = trial_step(belief.response.uncertainty) * trial_moves(ordinals, leads, seed)
    lead_factors = np.array([rules.lead_factor(lead) for lead in range(nights)])
    best = worth * lead_factors * np.exp(logs)
    amounts = best * np.exp(moves)
    seasonal = belief.response.seasonal(believed.season)
    prices = []
    for index, night in enumerate(dates):
        if night in rules.fixed:
            price, bound, trial = rules.fixed[night], "fixed", 0.0
        elif not rooms[index]:
            price, bound, trial = rules.list_price(night), "", 0.0
        else:
            price, bound = rules.inside_bounds(float(amounts[index]), night)
            trial = 0.0 if bound else math.expm1(float(moves[index]))
        prices.append(
            NightPrice(
                night=night,
                days_before=index,
                price=price,
                rooms=int(rooms[index]),
                on_the_books=int(books[index]),
                worth=float(worth[index]),
                demand=float(believed.demand[index]),
                trial=trial,
                bound=bound,
                amount=float(best[index]),
                seasonal=float(seasonal[index]),
                evidence=float(believed.evidence[index]),
            )
        )
    return prices


def believed_night(
    rules: HotelRules, belief: Belief, history: History, as_of: date, night: date
) -> NightPrice:
    """Return what is believed of one night, with its calendar price; nothing is optimised."""
    ahead = (night - as_of).days
    history = history.until(as_of.toordinal())
    believed = believed_nights(belief, rules, history, as_of, ahead + 1)
    books = on_the_books(history, night.toordinal(), 1)
    [worth] = worth_of(rules, np.array([night.toordinal()]))
    return NightPrice(
        night=night,
        days_before=ahead,
        price=rules.list_price(night),
        rooms=rules.rooms_on(night),
        on_the_books=int(books[0]),
        worth=float(worth),
        demand=float(believed.demand[ahead]),
        trial=0.0,
        bound="",
        amount=float(worth),
        seasonal=float(belief.response.seasonal(believed.season)[ahead]),
        evidence=float(believed.evidence[ahead]),
    )


def _best_logs(
    rules: HotelRules,
    belief: Belief,
    believed: Nights,
    worth: Floats,
    leads: Ints,
    rooms: Ints,
    books: Ints,
    day_left: float,
) -> Floats:
    """Return the logs of the best prices over what the nights are worth."""
    most = int(rooms.max())
    demand = believed.demand * RISK[rules.aggressiveness - 1]
    demand = np.where(leads == 0, demand * day_left, demand)
    # On a night with fewer rooms, the ones that are not for sale count as taken.
    taken = np.clip(books + (most - rooms), 0, most)
    seasonal = belief.response.seasonal(believed.season)
    programs = solve_by_season(rules, belief, worth, most, seasonal)
    logs = [program.log_price(leads, demand, taken) for _, program in programs]
    return _between_seasons(seasonal, [log for log, _ in programs], logs)


def solve_by_season(
    rules: HotelRules, belief: Belief, worth: Floats, rooms: int, seasonal: Floats
) -> list[tuple[float, RevenueProgram]]:
    """Return one program, or one for each end of the seasons' elasticities, with its log."""
    lowest = float(rules.minimum) / float(worth.max())
    highest = float(rules.maximum) / float(worth.min())
    # On a grid that stays where it is when the worth of one night moves the ends: no other night's
    # price may change by that.
    lowest = _on_grid(min(max(lowest, LOWEST_MULTIPLE), 1.0), math.floor)
    highest = _on_grid(max(min(highest, HIGHEST_MULTIPLE), 1.0), math.ceil)
    calm, steep = float(seasonal.min()), float(seasonal.max())
    ends = [math.sqrt(calm * steep)] if steep < SAME_SEASON * calm else [calm, steep]
    return [(math.log(end), solve(belief, rooms, lowest, highest, end)) for end in ends]


def _on_grid(multiple: float, rounded: Callable[[float], int]) -> float:
    """Return the multiple rounded to a whole number of steps of its log."""
    return math.exp(rounded(round(math.log(multiple) / PRICE_STEP, 6)) * PRICE_STEP)


def _between_seasons(seasonal: Floats, ends: list[float], values: list[Floats]) -> Floats:
    """Interpolate the programs' values by the log of each night's elasticity."""
    if len(values) == 1:
        return values[0]
    part = (np.log(seasonal) - ends[0]) / (ends[1] - ends[0])
    between: Floats = values[0] * (1.0 - part) + values[1] * part
    return between
