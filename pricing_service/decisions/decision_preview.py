"""What a decision about nights would touch, before it is made; saves nothing.

It is checked as the decision itself is, so that what is refused then is refused here, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pricing_service.decisions.manual_decisions import decided
from pricing_service.decisions.rules_for_nights import NightRule, change_of_rules, rules_to_change
from pricing_service.engine.night_runs import nights_in_words
from pricing_service.models import Action, NightPrice
from pricing_service.rules.price_preview import preview_prices
from pricing_service.rules.pricing_rules import HotelPricingRules, load_rules, with_changes


def preview_decision(
    hotel_id: int, nights: Sequence[date], action: Action, **values: Any
) -> dict[str, Any]:
    """Return what a decision about prices would touch, as `_answer` does.

    Args:
        values: as `manual_decisions.decide` takes them.
    Raises: InvalidDecision.
    """
    _, rows, decisions, before = decided(hotel_id, nights, action, "", **values)
    was_held = {night for night, state in before.items() if state[1]}
    hotel_rules = load_rules(hotel_id)
    return _answer(
        hotel_id, action, [row.night for row in rows], len(decisions), len(was_held),
        _count_fixed(hotel_rules, [row.night for row in rows]) if hotel_rules else 0,
        left_out=len(set(nights)) - len(rows),
    )  # fmt: skip


def preview_rule(
    hotel_id: int,
    nights: Sequence[date],
    rule: NightRule,
    values: Mapping[str, Any],
    is_range: bool = False,
) -> dict[str, Any]:
    """Return what a rule for nights would touch, as `_answer` does.

    Args: as `rules_for_nights.set_for_nights` takes them.
    Raises: InvalidDecision, ValidationError.
    """
    current = rules_to_change(hotel_id)
    change = change_of_rules(current, nights, rule, values, is_range)
    changed = with_changes(current, hotel_id, change) if change else current
    touched = set(nights)
    prices = preview_prices(hotel_id, changed) if change else []
    held = NightPrice.objects.filter(hotel_id=hotel_id, night__in=touched, is_held=True).count()
    return _answer(
        hotel_id, rule, nights,
        sum(row["price"] != row["price_would_be"] for row in prices if row["night"] in touched),
        held, _count_fixed(current, nights),
        beyond_bounds=_count_beyond_bounds(changed, touched, rule, values),
    )  # fmt: skip


def _count_fixed(hotel_rules: HotelPricingRules, nights: Sequence[date]) -> int:
    return len({row.night for row in hotel_rules.fixed_prices} & set(nights))


def _count_beyond_bounds(
    changed: HotelPricingRules, nights: set[date], rule: NightRule, values: Mapping[str, Any]
) -> int:
    """Return how many nights have other bounds than a fixed price keeps, or than those given.

    The latter have a narrower rule of their own, which counts.
    """
    formula_rules, count = changed.formula_rules(), 0
    for night in nights if rule in (NightRule.FIX, NightRule.BOUNDS) else ():
        low, high = formula_rules.bounds_of(night)
        if rule is NightRule.FIX:
            count += not low <= values["price"] <= high
        else:
            count += values.get("minimum_price") not in (None, low) or (
                values.get("maximum_price") not in (None, high)
            )
    return count


def _answer(
    hotel_id: int,
    action: Action | NightRule,
    nights: Sequence[date],
    changed: int,
    held: int,
    fixed: int,
    *,
    left_out: int = 0,
    beyond_bounds: int = 0,
) -> dict[str, Any]:
    """Return the preview.

    Args:
        changed: nights whose price in force, or its hold, changes at once.
        held, fixed: nights whose price a person holds, or fixed, before.
        left_out: nights of the range that are closed or have no price.
        beyond_bounds: as `_count_beyond_bounds` returns it.
    """
    return {
        "hotel_id": hotel_id,
        "action": action.value,
        "nights": len(set(nights)),
        "first": min(nights),
        "last": max(nights),
        "changed": changed,
        "held": held,
        "fixed": fixed,
        "left_out": left_out,
        "beyond_bounds": beyond_bounds,
        "sentence": _sentence(action, nights, changed, held, fixed, left_out, beyond_bounds),
    }


def _sentence(
    action: Action | NightRule,
    nights: Sequence[date],
    changed: int,
    held: int,
    fixed: int,
    left_out: int,
    beyond_bounds: int,
) -> str:
    parts = [nights_in_words(nights)]
    if held:
        keeps = ""
        if isinstance(action, NightRule):
            keeps = f", which {'stays' if held == 1 else 'stay'} until released"
        parts.append(f"{held} of them {_have(held)} a price by hand{keeps}")
    if action is NightRule.UNFIX:
        parts.append(f"{fixed or 'none'} of them {_have(fixed)} a fixed price")
    elif fixed:
        parts.append(f"{fixed} of them {_have(fixed)} a fixed price")
    if beyond_bounds and action is NightRule.FIX:
        parts.append(f"the price is outside the bounds of {beyond_bounds} of them")
    elif beyond_bounds:
        parts.append(f"narrower bounds of their own count on {beyond_bounds} of them")
    if left_out:
        parts.append(f"{left_out} more {_have(left_out)} no price or {_are(left_out)} closed")
    if isinstance(action, NightRule):
        prices = "1 price" if changed == 1 else f"{changed or 'no'} prices"
        parts.append(f"{prices} in force will change at once")
    else:
        parts.append(f"{changed or 'none'} of them will change")
    return "; ".join(parts) + "."


def _have(count: int) -> str:
    return "has" if count == 1 else "have"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
