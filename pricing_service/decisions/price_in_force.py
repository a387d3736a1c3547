"""Which price of a night is in force, and what changed it.

In *suggest* a recommended price waits for a person. In *automatic* it comes into force within the
limits of `change_limits`, if it may: a person told the rooms for sale (proposed ones are a guess,
and move no price), the hotel's events have not stopped, and it is not being recounted. In both
modes:

- a closed night (no room for sale) keeps its price, unseen, until it opens again;
- a price that a person holds stays as it is;
- a fixed price comes into force at once; when it is removed, the night begins anew, with its
  calendar price in suggest and the recommended one in automatic;
- a price that was made in another currency than the hotel's is made anew, even if it was held;
- a price outside the bounds moves to the nearer bound (the next step inside it), which counts as no
  automatic change.

Pure: no database, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple

from common.translatable_text import Text
from pricing_service.decisions.change_limits import ChangeLimits, DayChanges
from pricing_service.decisions.night_recommendations import Recommendation
from pricing_service.demand.night_situation import Situation
from pricing_service.engine.hotel_rules import HotelRules
from pricing_service.models import Action, Mode, NightPrice, PricingRules
from pricing_service.rules.currency_change import reason_made_anew

BY_CALENDAR: Final = Text("The first price, by the calendar.")


class Change(NamedTuple):
    """A night's new price in force, in the hotel's currency, and the reason of it."""

    price: Decimal
    action: Action
    reason: list[Text]


@dataclass(frozen=True)
class NightPricing:
    """Decides about the nights of one hotel."""

    rules: PricingRules
    engine_rules: HotelRules

    def first_price(
        self, situation: Situation, recommendation: Recommendation, may_change: bool
    ) -> Decimal:
        """Return a night's first price: the recommended one in automatic, else the calendar's."""
        if situation.rooms and self._is_automatic(may_change):
            return recommendation.amount
        return self.engine_rules.list_price(situation.night)

    def first_change(
        self, row: NightPrice, recommendation: Recommendation, may_change: bool
    ) -> Change:
        """Return the first price of a night, which the row has, as a change."""
        if row.is_closed:
            return Change(row.price, Action.CLOSE, recommendation.sentence)
        is_automatic = self._is_automatic(may_change)
        reason = recommendation.sentence if is_automatic else [BY_CALENDAR]
        return Change(row.price, Action.START, reason)

    def change(
        self,
        row: NightPrice,
        recommendation: Recommendation,
        was_closed: bool,
        may_change: bool,
        changes_today: DayChanges,
    ) -> Change | None:
        """Return what changes at a night that has a price; None if nothing does.

        Args:
            row: with its present price in force and everything else as it is now; `is_fixed` is
                set to what is so from now on.
            changes_today: the night's automatic changes so far.
        """
        if row.is_closed:
            if was_closed:
                return None
            return Change(row.price, Action.CLOSE, recommendation.sentence)
        change = self._price_change(row, recommendation, may_change, changes_today)
        if was_closed and change is None:
            return Change(row.price, Action.OPEN, [Text("Rooms are for sale again.")])
        return change

    def made_anew(
        self,
        row: NightPrice,
        situation: Situation,
        recommendation: Recommendation,
        may_change: bool,
    ) -> Change:
        """Return a night's first price in the hotel's currency, and release it.

        Args:
            row: with the price in the currency of before; `is_held` and `is_fixed` are set to what
                is so from now on.
        """
        reason = reason_made_anew(row, row.currency, self.rules.currency)
        row.is_held, row.is_fixed = False, recommendation.bound == "fixed"
        action = Action.CLOSE if row.is_closed else Action.CURRENCY
        return Change(self.first_price(situation, recommendation, may_change), action, [reason])

    def may_still_change(self, row: NightPrice, changes_today: DayChanges) -> bool:
        """Return whether the limits allow an automatic change of a night right now.

        Args:
            row: after the changes that were made.
            changes_today: these included.
        """
        if self.rules.mode != Mode.AUTOMATIC or row.is_closed or row.is_held or row.is_fixed:
            return False
        limits = ChangeLimits.from_rules(self.rules)
        possible = limits.limited_price(row.price, row.recommended, changes_today)
        return bool(possible != row.price)

    def _price_change(
        self,
        row: NightPrice,
        recommendation: Recommendation,
        may_change: bool,
        changes_today: DayChanges,
    ) -> Change | None:
        was_fixed = row.is_fixed
        row.is_fixed = recommendation.bound == "fixed" and not row.is_held
        if row.is_held:
            return None
        if row.is_fixed:
            if row.price == recommendation.amount:
                return None
            return Change(recommendation.amount, Action.FIX, recommendation.sentence)
        is_automatic = self._is_automatic(may_change)
        if was_fixed:
            calendar_price = self.engine_rules.list_price(row.night)
            amount = recommendation.amount if is_automatic else calendar_price
            return Change(amount, Action.UNFIX, [Text("The fixed price was removed.")])
        minimum, maximum = self.engine_rules.bounds_of(row.night)
        if not minimum <= row.price <= maximum:
            lowest, highest = self.engine_rules.price_range(row.night)
            if row.price < minimum:
                return Change(lowest, Action.BOUND, [Text("Moved to the new minimum.")])
            return Change(highest, Action.BOUND, [Text("Moved to the new maximum.")])
        if not is_automatic:
            return None
        limits = ChangeLimits.from_rules(self.rules)
        amount = limits.limited_price(row.price, recommendation.amount, changes_today)
        if amount == row.price:
            return None
        return Change(amount, Action.AUTOMATIC, recommendation.sentence)

    def _is_automatic(self, may_change: bool) -> bool:
        return self.rules.mode == Mode.AUTOMATIC and may_change
