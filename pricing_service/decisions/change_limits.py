"""Limits of automatic price changes: how much, how often, and what counts as one day.

An automatic change is never smaller than the smallest change. It never moves a price by more than
the largest change, nor farther than the largest change of a day from the price with which the
night began the day. A night has at most so many automatic changes in a day, which is the hotel's
own day. Where one price step is more than the limits allow, a price may still move by one step: it
would stand still for ever otherwise. People's decisions have no limits but the bounds. Pure: no
database, no clock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from pricing_service.engine.price_steps import on_step
from pricing_service.texts.written_values import written_short

if TYPE_CHECKING:
    from pricing_service.models import PricingRules


@dataclass(frozen=True, kw_only=True)
class ChangeLimits:
    """A hotel's limits; percentages are of the price before the change."""

    smallest_change_percent: int
    largest_change_percent: int
    largest_day_percent: int
    changes_per_day: int  # of one night
    price_step: Decimal

    @classmethod
    def from_rules(cls, rules: PricingRules) -> ChangeLimits:
        """The limits that a hotel's pricing rules set."""
        return cls(
            smallest_change_percent=rules.smallest_change_percent,
            largest_change_percent=rules.largest_change_percent,
            largest_day_percent=rules.largest_day_percent,
            changes_per_day=rules.changes_per_day,
            price_step=rules.price_step,
        )

    def allows_change(self, current: Decimal, recommended: Decimal) -> bool:
        """Return whether the difference reaches the smallest change."""
        if current == recommended:
            return False
        return abs(recommended - current) * 100 >= self.smallest_change_percent * current

    def limited_price(
        self, current: Decimal, recommended: Decimal, changes_today: DayChanges
    ) -> Decimal:
        """Return the price nearest to the recommended one that the limits allow now.

        It is a whole number of price steps, unless it equals one of the two given prices.
        """
        if not self.allows_change(current, recommended):
            return current
        if changes_today.count >= self.changes_per_day:
            return current
        day_start = changes_today.first_old_price or current
        change = Decimal(self.largest_change_percent) / 100
        day_change = Decimal(self.largest_day_percent) / 100
        step = self.price_step
        # The first change of a day may be one step, unless the limits are 0.
        may_step = not changes_today.count and change and day_change
        if recommended > current:
            highest = min(current * (1 + change), day_start * (1 + day_change))
            highest = on_step(highest, step, ROUND_FLOOR)
            if may_step:
                highest = max(highest, on_step(current, step, ROUND_FLOOR) + step)
            return max(current, min(recommended, highest))
        lowest = max(current * (1 - change), day_start * (1 - day_change))
        lowest = on_step(lowest, step, ROUND_CEILING)
        if may_step:
            lowest = min(lowest, on_step(current, step, ROUND_CEILING) - step)
        return min(current, max(recommended, lowest))

    def contradiction(self, lowest_price: Decimal, currency: str) -> tuple[str, str] | None:
        """Return the field and the reason why the limits cannot be kept together; None if they can.

        Args:
            lowest_price: the lowest that a price may be; the limits allow least there.
            currency: of the amounts.
        """
        largest = min(self.largest_change_percent, self.largest_day_percent)
        if self.smallest_change_percent > largest:
            return "smallest_change_percent", _(
                "no automatic change is at least %(least)d %% and at most %(most)d %%, the largest "
                "change at once and in a day"
            ) % {"least": self.smallest_change_percent, "most": largest}
        if largest and self.changes_per_day and self.price_step * 100 > largest * lowest_price:
            step, lowest = (written_short(a, currency) for a in (self.price_step, lowest_price))
            return "price_step", _(
                "one step of %(step)s is more than %(percent)d %% of the minimum price %(lowest)s, "
                "so that a price could not move: take a smaller step or a larger change"
            ) % {"step": step, "percent": largest, "lowest": lowest}
        return None


@dataclass
class DayChanges:
    """The automatic changes of one night's price so far today."""

    count: int = 0
    first_old_price: Decimal | None = None  # the price before today's first change

    def add(self, old_price: Decimal | None) -> None:
        """Count a change, given the price before it."""
        self.count += 1
        if self.first_old_price is None:
            self.first_old_price = old_price


def count_day_changes(
    changes: Iterable[tuple[date, Decimal | None]],
) -> defaultdict[date, DayChanges]:
    """Return today's changes by night.

    Args:
        changes: night of stay and old price of each automatic change of today, oldest first.
    """
    by_night: defaultdict[date, DayChanges] = defaultdict(DayChanges)
    for night, old_price in changes:
        by_night[night].add(old_price)
    return by_night


def start_of_day(local_time: datetime) -> datetime:
    """Return when the hotel's day began: midnight in its time zone.

    Args:
        local_time: the time in the hotel's time zone.
    """
    return datetime.combine(local_time.date(), time.min, local_time.tzinfo)
