"""What a room should cost on a night of stay, and why.

    price = base × month × weekday × event × occupancy × lead time

inside minimum and maximum and on a step of the hotel's price list. Every factor but *occupancy* is
what the hotel told; multipliers on a reference price are how hotels set prices by hand, and they
can be as good as free optimisation (Bayoumi, Saleh, Atiya and Aziz 2013, "Dynamic pricing for
hotel revenue management using price multipliers", J. Revenue and Pricing Management 12).

*Occupancy* says how this night sells. Let `rooms` be the rooms to sell, `share` the part of the
final room-nights that the hotel usually has on the books so many days before (its booking curve):

    expected = rooms × target occupancy × share
    ahead    = (on the books - expected) / rooms
    scarce   = max(0, (on the books / rooms - 0.6) / 0.4) ^ 2
    factor   = exp(strength × (ahead + 0.5 × scarce))

`ahead` is the distance from the curve in shares of the house, so that few bookings long before a
night, which say little, move little. If the night goes on as usual it ends at the target plus
`ahead`: that is all the demand that the target did not count on, and the room left for it. The
last two fifths of the rooms cost more in any case. That the best price rises with what is sold and
falls with time in which nothing is sold is the result of Gallego and van Ryzin 1994 ("Optimal
dynamic pricing of inventories with stochastic demand over finite horizons", Management Science
40); where demand falls exponentially with the price, the price answers to the pressure in its
exponent, as here. `strength` is the aggressiveness: one point of occupancy ahead of the curve
raises the price by 0.5, 0.7, 1, 1.5 or 2 %. Both constants of `scarce` and the weakest strength
were chosen in the simulated market (`manage.py simulate_market`), whose guests are made up.

What a hotelier may rely on: of two nights that differ in what is on the books only, the fuller one
is never cheaper; no price lies outside minimum and maximum; a fixed price stands whatever else is
told. Pure arithmetic: equal input, equal output.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Final

SCARCE_FROM: Final = 0.6  # occupancy from which the last rooms cost more
SCARCITY: Final = 0.5  # with no room left, as much as 50 points ahead of the curve
STRENGTHS: Final = (0.5, 0.7, 1.0, 1.5, 2.0)  # of aggressiveness 1 … 5
FURTHEST: Final = 2.0  # `ahead` beyond this changes nothing: no hotel is twice too full
TARGET: Final = 0.8  # occupancy aimed at, unless told
FACTORS: Final = ("month", "weekday", "event", "occupancy", "lead time")


@dataclass(frozen=True)
class Occasion:
    """Dates, both included, on which a room is worth another price."""

    first: date
    last: date
    factor: float
    name: str = ""


@dataclass(frozen=True)
class LeadStep:
    """A factor for up to so many days before arrival."""

    days_before: int
    factor: float


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a hotel told: prices in its currency, occupancies as shares, factors as multipliers."""

    base: Decimal
    minimum: Decimal
    maximum: Decimal
    step: Decimal = Decimal(1)
    aggressiveness: int = 3  # 1 … 5
    targets: Sequence[float] = (TARGET,) * 12  # January first
    months: Sequence[float] = (1.0,) * 12
    weekdays: Sequence[float] = (1.0,) * 7  # Monday first
    lead: Sequence[LeadStep] = ()
    occasions: Sequence[Occasion] = ()
    fixed: Mapping[date, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Situation:
    """How a night stands: room-nights, and the share of the final that is usual by now."""

    night: date
    days_before: int
    rooms: int
    on_the_books: int
    usual_share: float

    @property
    def occupancy(self) -> float:
        """The share of the rooms that is on the books."""
        return self.on_the_books / self.rooms if self.rooms else 1.0


@dataclass(frozen=True)
class Price:
    """A price with all that made it; `factors` multiply the base, in the order of FACTORS."""

    amount: Decimal
    factors: dict[str, float]
    expected_on_the_books: float
    bound: str  # "minimum", "maximum", "fixed" or nothing
    sentence: str


def occupancy_factor(situation: Situation, target: float, aggressiveness: int) -> float:
    """By how much the way a night sells changes its price; 1 on the curve."""
    if situation.rooms <= 0:
        return math.exp(STRENGTHS[aggressiveness - 1] * (1.0 + SCARCITY))
    ahead = situation.occupancy - target * situation.usual_share
    scarce = min(max(0.0, (situation.occupancy - SCARCE_FROM) / (1.0 - SCARCE_FROM)), 1.0) ** 2
    pressure = min(max(ahead, -FURTHEST), FURTHEST) + SCARCITY * scarce
    return math.exp(STRENGTHS[aggressiveness - 1] * pressure)


def price(rules: Rules, situation: Situation) -> Price:
    """The price of a night, its factors, and a sentence that says why."""
    night = situation.night
    target = rules.targets[night.month - 1]
    occasions = [one for one in rules.occasions if one.first <= night <= one.last]
    factors = {
        "month": rules.months[night.month - 1],
        "weekday": rules.weekdays[night.weekday()],
        "event": math.prod(one.factor for one in occasions),
        "occupancy": occupancy_factor(situation, target, rules.aggressiveness),
        "lead time": _lead_factor(rules.lead, situation.days_before),
    }
    if night in rules.fixed:
        amount, bound = rules.fixed[night], "fixed"
    else:
        amount, bound = _inside(rules, float(rules.base) * math.prod(factors.values()))
    expected = situation.rooms * target * situation.usual_share
    names = " and ".join(one.name for one in occasions if one.name)
    sentence = _sentence(situation, factors, expected, bound, names)
    return Price(amount, factors, expected, bound, sentence)


def list_price(rules: Rules, night: date) -> Decimal:
    """The price by the calendar alone: what the hotel told, whatever is on the books."""
    situation = Situation(night, 0, 1, 0, 0.0)
    calendar = Rules(
        base=rules.base,
        minimum=rules.minimum,
        maximum=rules.maximum,
        step=rules.step,
        months=rules.months,
        weekdays=rules.weekdays,
        occasions=rules.occasions,
        fixed=rules.fixed,
    )
    return price(calendar, situation).amount


def _lead_factor(steps: Sequence[LeadStep], days_before: int) -> float:
    """The factor of the shortest span that the days before lie in."""
    inside = [step for step in steps if days_before <= step.days_before]
    return min(inside, key=lambda step: step.days_before).factor if inside else 1.0


def _inside(rules: Rules, amount: float) -> tuple[Decimal, str]:
    """The nearest price on the list's steps between the bounds, and the bound that held it."""
    lowest = on_step(rules.minimum, rules.step, ROUND_CEILING)
    highest = on_step(rules.maximum, rules.step, ROUND_FLOOR)
    if lowest > highest:  # no step between them
        lowest = highest = rules.minimum
    if amount >= float(highest):
        return highest, "maximum" if amount > float(rules.maximum) else ""
    if amount <= float(lowest):
        return lowest, "minimum" if amount < float(rules.minimum) else ""
    return min(max(on_step(Decimal(amount), rules.step), lowest), highest), ""


def on_step(amount: Decimal, step: Decimal, rounding: str = ROUND_HALF_UP) -> Decimal:
    """The amount as a whole number of steps."""
    steps = (amount / step).quantize(Decimal(1), rounding=rounding)
    return (steps * step).quantize(step if step.as_tuple().exponent else Decimal(1))


def _change(factor: float) -> str:
    """+12 % for 1.12; the minus is a real one."""
    percent = round(100 * (factor - 1))
    return f"{'+' if percent > 0 else '−' if percent < 0 else '±'}{abs(percent)} %"


def _sentence(
    situation: Situation, factors: dict[str, float], expected: float, bound: str, occasion: str
) -> str:
    """Why, for a person: how the night sells, then what the calendar adds, then what held it."""
    night = situation.night
    if bound == "fixed":
        return "The price of this night is fixed."
    rooms, books = situation.rooms, situation.on_the_books
    if rooms <= 0:
        said = "No room is for sale on this night"
    else:
        if abs(books - expected) < 0.5:
            place = "as usual"
        else:
            place = f"where {expected:.0f} would be on course for the target"
        days = "day" if situation.days_before == 1 else "days"
        said = (
            f"{books} of {rooms} rooms are booked {situation.days_before} {days} before, {place}: "
            f"{_change(factors['occupancy'])}"
        )
    calendar = {
        f"{night:%B}": factors["month"],
        f"{night:%A}": factors["weekday"],
        occasion or "event": factors["event"],
        "so close to arrival": factors["lead time"],
    }
    parts = [f"{name} {_change(factor)}" for name, factor in calendar.items() if factor != 1.0]
    said += "".join(f"; {part}" for part in parts)
    return said + (f"; held at the {bound}." if bound else ".")
