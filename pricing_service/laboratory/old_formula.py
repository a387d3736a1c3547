"""The price formula: the price of a room on a night of stay, and the reasons for it.

    price = base × month × weekday × event × occupancy × lead time

inside the night's minimum and maximum (`price_bounds`), and a whole number of price steps. Every
factor but *occupancy* comes from the hotel's rules; of several events on one night the largest
counts, unless told (`event_combination`). Hotels set prices by multipliers on a reference price
when they do it by hand, and multipliers can be as good as free optimisation (Bayoumi, Saleh, Atiya
and Aziz 2013, "Dynamic pricing for hotel revenue management using price multipliers", J. Revenue
and Pricing Management 12).

*Occupancy* reflects how the night sells. Let `rooms` be the rooms to sell, and `share` the part of
the final room-nights that the hotel usually has on the books so many days before (its booking
curve):

    expected = min(rooms × target occupancy, rooms - groups) × share
    ahead    = (on the books - groups - expected) / rooms
    scarce   = max(0, (on the books / rooms - 0.6) / 0.4) ^ 2
    factor   = exp(strength × (ahead + 0.5 × scarce))

`groups` are the room-nights on the books that were booked as groups (`demand.group_bookings`). They
are no pace of single guests: `ahead` compares single guests only, with what they usually have by
now, and where a group leaves fewer rooms than they usually take, with these. So a group raises the
price as far as it makes rooms scarce, and not as if as many single guests had booked.

`ahead` is the distance from the curve as a share of the rooms. A few bookings long before a night
are weak evidence, and measured this way they move the price little. If the night sells as usual
from now on, it ends at the target plus `ahead`, so `ahead` is the demand above the target.
`scarce` makes the last two fifths of the rooms cost more in any case. The best price rises with
each sale and falls with time in which nothing is sold (Gallego and van Ryzin 1994, "Optimal dynamic
pricing of inventories with stochastic demand over finite horizons", Management Science 40); where
demand falls exponentially with the price, the pressure is in the exponent of the price, as here.
`strength` follows from the aggressiveness: one point of occupancy ahead of the curve raises the
price by 0.5, 0.7, 1, 1.5 or 2 %. Both constants of `scarce` and the weakest strength were chosen in
the simulated market (`manage.py simulate_market`), whose guests are made up.

Guarantees: of two nights that differ only in what is on the books, the fuller one is never cheaper,
whether single guests or groups make it fuller; no price is outside minimum and maximum; a fixed
price overrides everything else. Pure arithmetic: no database, no clock; equal input gives equal
output.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from pricing_service.engine.event_combination import LARGEST, Occasion, combine_events
from pricing_service.engine.price_bounds import NightBounds, SeasonalBounds, night_bounds
from pricing_service.engine.price_steps import on_step

__all__ = [
    "FACTORS", "STRENGTHS", "LeadStep", "Occasion", "Price", "Rules", "SeasonalBounds", "Situation",
    "list_price", "occupancy_factor", "on_step", "price",
]  # fmt: skip

SCARCE_FROM: Final = 0.6  # occupancy from which the last rooms cost more
SCARCITY: Final = 0.5  # the last room has the effect of 50 points ahead of the curve
STRENGTHS: Final = (0.5, 0.7, 1.0, 1.5, 2.0)  # for aggressiveness 1 … 5
MAX_AHEAD: Final = 2.0  # bound of `ahead`: no hotel is overbooked by twice its rooms
DEFAULT_TARGET: Final = 0.8  # target occupancy
FACTORS: Final = ("month", "weekday", "event", "occupancy", "lead time")


@dataclass(frozen=True)
class LeadStep:
    """A factor that applies from `days_before` days before arrival on."""

    days_before: int
    factor: float


@dataclass(frozen=True, kw_only=True)
class Rules:
    """A hotel's rules: prices in its currency, occupancies as shares, factors as multipliers."""

    base: Decimal
    minimum: Decimal
    maximum: Decimal
    step: Decimal = Decimal(1)
    aggressiveness: int = 3  # 1 … 5
    targets: Sequence[float] = (DEFAULT_TARGET,) * 12  # January first
    months: Sequence[float] = (1.0,) * 12
    weekdays: Sequence[float] = (1.0,) * 7  # Monday first
    lead: Sequence[LeadStep] = ()
    occasions: Sequence[Occasion] = ()
    event_combination: str = LARGEST  # or PRODUCT
    bounds: Sequence[SeasonalBounds] = ()  # by season and weekday
    fixed: Mapping[date, Decimal] = field(default_factory=dict)

    def bounds_of(self, night: date) -> tuple[Decimal, Decimal]:
        """Return the lowest and the highest price of a night, in the hotel's currency."""
        bounds = self.night_bounds(night)
        return bounds.minimum, bounds.maximum

    def price_range(self, night: date) -> tuple[Decimal, Decimal]:
        """Return the lowest and the highest multiple of the step inside a night's bounds."""
        return _on_step_range(*self.bounds_of(night), self.step)

    def night_bounds(self, night: date) -> NightBounds:
        """Return the bounds of a night, by season and weekday, and where each comes from."""
        return night_bounds(self.bounds, night, self.minimum, self.maximum)

    def event_names(self, night: date) -> str:
        """Return the names of the events that count on a night, joined; empty without any."""
        _, events = combine_events(self.occasions, night, self.event_combination)
        return " and ".join(event.name for event in events if event.name)

    def event_factor(self, night: date) -> float:
        """Return the factor of a night's events."""
        return combine_events(self.occasions, night, self.event_combination)[0]


@dataclass(frozen=True)
class Situation:
    """A night's sales so far: room-nights, and the share of the final that is usual by now.

    `group_rooms` are those of the room-nights on the books that were booked as groups;
    `usual_share` is that of single guests. `figures_as_of` is the day that the figures are of where
    it is not today, and to which `days_before` are counted then.
    """

    night: date
    days_before: int
    rooms: int
    on_the_books: int
    usual_share: float
    group_rooms: int = 0
    figures_as_of: date | None = None

    @property
    def occupancy(self) -> float:
        """On the books as a share of the rooms; 1 without rooms."""
        return self.on_the_books / self.rooms if self.rooms else 1.0

    @property
    def single_guests(self) -> int:
        """Room-nights on the books that were not booked as groups."""
        return self.on_the_books - self.group_rooms

    @property
    def rooms_left(self) -> int:
        """Rooms that groups leave to single guests."""
        return max(self.rooms - self.group_rooms, 0)

    def expected_single_guests(self, target: float) -> float:
        """Return the room-nights of single guests by now that lead to the target occupancy.

        Where groups leave fewer rooms than that, they are to be sold to the last.
        """
        return min(self.rooms * target, self.rooms_left) * self.usual_share


@dataclass(frozen=True)
class Price:
    """A price with its reasons; `factors` multiply the base price, in the order of FACTORS."""

    amount: Decimal
    factors: dict[str, float]
    expected_on_the_books: float
    bound: str  # that limits the amount: "minimum", "maximum", "fixed" or ""
    sentence: str


def occupancy_factor(situation: Situation, target: float, aggressiveness: int) -> float:
    """Return the factor by which a night's sales change its price; 1 on the booking curve.

    Args:
        target: target occupancy, a share.
        aggressiveness: 1 to 5.
    """
    if situation.rooms <= 0:
        return math.exp(STRENGTHS[aggressiveness - 1] * (1.0 + SCARCITY))
    ahead = (situation.single_guests - situation.expected_single_guests(target)) / situation.rooms
    scarce = min(max(0.0, (situation.occupancy - SCARCE_FROM) / (1.0 - SCARCE_FROM)), 1.0) ** 2
    pressure = min(max(ahead, -MAX_AHEAD), MAX_AHEAD) + SCARCITY * scarce
    return math.exp(STRENGTHS[aggressiveness - 1] * pressure)


def price(rules: Rules, situation: Situation) -> Price:
    """Return the price of a night with its factors and a sentence that gives the reasons."""
    night = situation.night
    target = rules.targets[night.month - 1]
    bounds = rules.night_bounds(night)
    event_factor = rules.event_factor(night)
    factors = {
        "month": rules.months[night.month - 1],
        "weekday": rules.weekdays[night.weekday()],
        "event": event_factor,
        "occupancy": occupancy_factor(situation, target, rules.aggressiveness),
        "lead time": _lead_factor(rules.lead, situation.days_before),
    }
    if night in rules.fixed:
        amount, bound = rules.fixed[night], "fixed"
    else:
        unbounded = float(rules.base) * math.prod(factors.values())
        amount, bound = _inside_bounds(unbounded, bounds.minimum, bounds.maximum, rules.step)
    singles = situation.expected_single_guests(target)
    expected = situation.group_rooms + singles
    limit = f"{bound}{bounds.origin(bound)}" if bound else ""
    sentence = _sentence(situation, factors, singles, limit, rules.event_names(night))
    return Price(amount, factors, expected, bound, sentence)


def list_price(rules: Rules, night: date) -> Decimal:
    """Return the calendar price of a night: the rules' factors without occupancy and lead time."""
    situation = Situation(night, 0, 1, 0, 0.0)
    return price(replace(rules, lead=()), situation).amount


def _lead_factor(steps: Sequence[LeadStep], days_before: int) -> float:
    """Return the factor of the matching step with the fewest days; 1 if none matches."""
    matching = [step for step in steps if days_before <= step.days_before]
    return min(matching, key=lambda step: step.days_before).factor if matching else 1.0


def _on_step_range(minimum: Decimal, maximum: Decimal, step: Decimal) -> tuple[Decimal, Decimal]:
    """Return the lowest and the highest multiple of the step from minimum to maximum."""
    lowest = on_step(minimum, step, ROUND_CEILING)
    highest = on_step(maximum, step, ROUND_FLOOR)
    if lowest > highest:  # no multiple of the step is inside the bounds
        return minimum, minimum
    return lowest, highest


def _inside_bounds(
    amount: float, minimum: Decimal, maximum: Decimal, step: Decimal
) -> tuple[Decimal, str]:
    """Return the nearest multiple of the step inside the bounds, and the bound that limits it."""
    lowest, highest = _on_step_range(minimum, maximum, step)
    if amount >= float(highest):
        return highest, "maximum" if amount > float(maximum) else ""
    if amount <= float(lowest):
        return lowest, "minimum" if amount < float(minimum) else ""
    return min(max(on_step(Decimal(amount), step), lowest), highest), ""


def _format_change(factor: float) -> str:
    """Return a factor as text: +12 % for 1.12, with U+2212 as the minus sign."""
    percent = round(100 * (factor - 1))
    return f"{'+' if percent > 0 else '−' if percent < 0 else '±'}{abs(percent)} %"


def _sentence(
    situation: Situation, factors: dict[str, float], expected: float, limit: str, events: str
) -> str:
    """Return the reasons as a sentence: the night's sales, the calendar factors, the limit.

    Args:
        expected: room-nights of single guests on course for the target.
        limit: the bound that limits the price and where it comes from, "fixed", or empty.
    """
    night = situation.night
    if limit == "fixed":
        return "The price of this night is fixed."
    if situation.rooms <= 0:
        text = "No room is for sale on this night"
    else:
        sales = _sales(situation, expected)
        text = f"{sales}: {_format_change(factors['occupancy'])}"
    calendar = {
        f"{night:%B}": factors["month"],
        f"{night:%A}": factors["weekday"],
        events or "event": factors["event"],
        "so close to arrival": factors["lead time"],
    }
    parts = [
        f"{name} {_format_change(factor)}" for name, factor in calendar.items() if factor != 1.0
    ]
    text += "".join(f"; {part}" for part in parts)
    return text + (f"; held at the {limit}." if limit else ".")


def _sales(situation: Situation, expected: float) -> str:
    """Return what is on the books in words, beside the room-nights of single guests expected."""
    text = f"{situation.on_the_books} of {situation.rooms} rooms are booked {_when(situation)}"
    singles = situation.single_guests
    is_usual = abs(singles - expected) < 0.5
    aim = "on course for the target"
    if situation.group_rooms:
        left = situation.rooms_left
        is_displaced = expected >= left * situation.usual_share
        aim = f"on course to fill the {left} rooms left" if is_displaced else aim
        text += f", {situation.group_rooms} of them in groups; single guests have {singles}"
    return text + (", as usual" if is_usual else f", where {expected:.0f} would be {aim}")


def _when(situation: Situation) -> str:
    """Return how many days before the night its figures are of, and the day where it is not today.

    Of a day long ago the days are all of them: `days_before` ends where booking curves do.
    """
    day, count = situation.figures_as_of, situation.days_before
    if day is not None:
        count = (situation.night - day).days
    days = f"{count} {'day' if count == 1 else 'days'} before"
    return days if day is None else f"(figures as of {day.day} {day:%B %Y}, {days} this night)"
