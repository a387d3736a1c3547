"""What a person told the engine of a hotel: base price, bounds, rooms, factors, events.

Told factors and events say what a room is *worth* on a night, as a multiple of the base price: the
engine takes guests of such a night to be willing to pay so much more or less, and its price moves
by the same factor. How many guests come is never told; it is learned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from pricing_service.engine.event_combination import LARGEST, Occasion, combine_events
from pricing_service.engine.price_bounds import NightBounds, SeasonalBounds, night_bounds
from pricing_service.engine.price_steps import on_step

# The best price is sought inside the bounds: what is so close to one, as a share, is held there.
CLOSE: Final = 1e-9


@dataclass(frozen=True)
class LeadStep:
    """A factor that applies from `days_before` days before arrival on."""

    days_before: int
    factor: float


@dataclass(frozen=True, kw_only=True)
class HotelRules:
    """A hotel's rules: prices in its currency, factors as multiples.

    Attributes:
        rooms: for sale on each night.
        rooms_by_date: nights with another number of rooms; 0 where the hotel is closed.
        aggressiveness: 1 (sooner full) to 5 (dearer); 3 is the highest expected revenue.
        try_prices: whether prices may be moved a few per cent at random, to learn from the answer.
        learn_response: whether what guests answer to prices is learned; else the first belief
            stays.
    """

    base: Decimal
    minimum: Decimal
    maximum: Decimal
    rooms: int
    step: Decimal = Decimal(1)
    rooms_by_date: Mapping[date, int] = field(default_factory=dict)
    aggressiveness: int = 3
    months: Sequence[float] = (1.0,) * 12  # January first
    weekdays: Sequence[float] = (1.0,) * 7  # Monday first
    lead: Sequence[LeadStep] = ()
    occasions: Sequence[Occasion] = ()
    event_combination: str = LARGEST  # or PRODUCT
    bounds: Sequence[SeasonalBounds] = ()  # by season and weekday
    fixed: Mapping[date, Decimal] = field(default_factory=dict)
    try_prices: bool = True
    learn_response: bool = True
    # Asked for each night a dozen times, and looked for among all seasons.
    _night_bounds: dict[date, NightBounds] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Check what the engine relies on. Raises: ValueError."""
        if min(self.base, self.step, self.minimum) <= 0:
            raise ValueError("base, minimum and step must be greater than 0")
        if self.minimum > self.maximum:
            raise ValueError(f"the minimum {self.minimum} is above the maximum {self.maximum}")
        if self.rooms < 0 or min(self.rooms_by_date.values(), default=0) < 0:
            raise ValueError("the number of rooms must not be negative")
        if not 1 <= self.aggressiveness <= 5:
            raise ValueError("aggressiveness is 1 to 5")

    def rooms_on(self, night: date) -> int:
        """Return the rooms for sale on a night."""
        return self.rooms_by_date.get(night, self.rooms)

    def night_bounds(self, night: date) -> NightBounds:
        """Return the bounds of a night, by season and weekday, and where each comes from."""
        if night not in self._night_bounds:
            found = night_bounds(self.bounds, night, self.minimum, self.maximum)
            self._night_bounds[night] = found
        return self._night_bounds[night]

    def bounds_of(self, night: date) -> tuple[Decimal, Decimal]:
        """Return the lowest and the highest price of a night, in the hotel's currency."""
        bounds = self.night_bounds(night)
        return bounds.minimum, bounds.maximum

    def price_range(self, night: date) -> tuple[Decimal, Decimal]:
        """Return the lowest and the highest multiple of the step inside a night's bounds."""
        minimum, maximum = self.bounds_of(night)
        lowest = on_step(minimum, self.step, ROUND_CEILING)
        highest = on_step(maximum, self.step, ROUND_FLOOR)
        return (lowest, highest) if lowest <= highest else (minimum, minimum)

    def event_names(self, night: date) -> list[str]:
        """Return the names of the events that count on a night."""
        _, events = combine_events(self.occasions, night, self.event_combination)
        return [event.name for event in events if event.name]

    def event_factor(self, night: date) -> float:
        """Return the factor of a night's events."""
        return combine_events(self.occasions, night, self.event_combination)[0]

    def calendar_factor(self, night: date) -> float:
        """Return what a night is worth as a multiple of the base price: all but the lead time."""
        by_calendar = self.months[night.month - 1] * self.weekdays[night.weekday()]
        return by_calendar * self.event_factor(night)

    def lead_factor(self, days_before: int) -> float:
        """Return the factor of the matching step with the fewest days; 1 if none matches."""
        matching = [step for step in self.lead if days_before <= step.days_before]
        return min(matching, key=lambda step: step.days_before).factor if matching else 1.0

    def list_price(self, night: date) -> Decimal:
        """Return the calendar price of a night, on a step and inside its bounds."""
        if night in self.fixed:
            return self.fixed[night]
        return self.inside_bounds(float(self.base) * self.calendar_factor(night), night)[0]

    def inside_bounds(self, amount: float, night: date) -> tuple[Decimal, str]:
        """Return the nearest price on a step inside a night's bounds, and the bound that limits it.

        The bound is "minimum", "maximum", or empty where neither does.
        """
        lowest, highest = self.price_range(night)
        minimum, maximum = self.bounds_of(night)
        if amount >= float(highest) * (1 - CLOSE):
            return highest, "maximum" if amount > float(maximum) * (1 - CLOSE) else ""
        if amount <= float(lowest) * (1 + CLOSE):
            return lowest, "minimum" if amount < float(minimum) * (1 + CLOSE) else ""
        return min(max(on_step(Decimal(amount), self.step), lowest), highest), ""
