"""People's decisions about prices: accept, override, lock, release.

A request decides about all of its nights or about none. Each decision is saved with its author and
reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from pricing_service.decisions.decision_log import new_decision, save_prices
from pricing_service.models import Action, NightPrice, PricingRules, PricingState
from pricing_service.rules.pricing_rules import load_rules
from pricing_service.signals import prices_changed

DEFAULT_REASONS = {
    Action.ACCEPT: "Accepted the recommended price.",
    Action.OVERRIDE: "Set by a person.",
    Action.LOCK: "Locked by a person.",
    Action.RELEASE: "Released: the price may change again.",
}


class InvalidDecision(Exception):
    """The decision is not possible and nothing was changed; `field` names the wrong input."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def decide(
    hotel_id: int,
    nights: Sequence[date],
    action: Action,
    who: str,
    price: Decimal | None = None,
    reason: str = "",
) -> list[NightPrice]:
    """Apply a person's decision and return the nights after it, in order of time.

    An overridden or locked price is held until it is released. A decision that changes nothing is
    not saved, so repeating a request is harmless.

    Args:
        who: the author's name.
        price: for an override, in the hotel's currency, inside its bounds; for accept, the
            recommended price that the person saw: refused if it has changed since.
        reason: the person's own words; without them a standard sentence is saved.
    Raises:
        InvalidDecision: nothing was changed.
    """
    with PricingState.locked(hotel_id):
        rules = PricingRules.objects.filter(pk=hotel_id).first()
        if rules is None:
            raise InvalidDecision("hotel_id", f"hotel {hotel_id} has no pricing rules")
        _check_price(hotel_id, nights, action, price)
        rows = _load_nights(hotel_id, nights)
        for row in rows:
            if action is Action.ACCEPT and price not in (None, row.recommended):
                raise InvalidDecision("price", f"the recommended price is now {row.recommended}")
        decisions = []
        for row in rows:
            before = (row.price, row.is_held)
            _apply(row, action, price)
            if (row.price, row.is_held) != before:
                decisions.append(
                    new_decision(row, action, before[0], reason or DEFAULT_REASONS[action], who)
                )
        save_prices(rules, rows, decisions)
    if decisions:
        prices_changed.send(sender=None)
    return rows


def _load_nights(hotel_id: int, nights: Sequence[date]) -> list[NightPrice]:
    """Return the nights in order of time. Raises: InvalidDecision if one has no price."""
    rows = NightPrice.objects.filter(hotel_id=hotel_id, night__in=nights).order_by("night")
    missing = sorted(set(nights) - {row.night for row in rows})
    if missing:
        raise InvalidDecision("nights", f"the night {missing[0]} has no price to decide about")
    return list(rows)


def _apply(row: NightPrice, action: Action, price: Decimal | None) -> None:
    if action is Action.ACCEPT:
        row.price = row.recommended
        return
    if action is Action.OVERRIDE and price is not None:
        row.price = price
    row.is_held = action is not Action.RELEASE


def _check_price(
    hotel_id: int, nights: Sequence[date], action: Action, price: Decimal | None
) -> None:
    """Raises: InvalidDecision unless the price goes with the action and each night's bounds."""
    if action is Action.ACCEPT:
        return
    if action is not Action.OVERRIDE:
        if price is not None:
            raise InvalidDecision("price", "only allowed with override and accept")
        return
    if price is None:
        raise InvalidDecision("price", "required with override")
    hotel_rules = load_rules(hotel_id)
    assert hotel_rules is not None  # the caller found them, and holds the lock
    formula_rules = hotel_rules.formula_rules()
    for night in sorted(nights):
        lowest, highest = formula_rules.bounds_of(night)
        if not lowest <= price <= highest:
            raise InvalidDecision(
                "price",
                f"must lie between {lowest} and {highest} {hotel_rules.rules.currency}, the "
                f"bounds of the night {night}",
            )
