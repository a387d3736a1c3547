"""What a decision about nights would touch, before it is made; saves nothing.

It is checked as the decision itself is, so that what is refused then is refused here, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from common.translatable_text import Text, plural
from pricing_service.decisions.manual_decisions import decided
from pricing_service.decisions.rules_for_nights import NightRule, change_of_rules, rules_to_change
from pricing_service.models import Action, Mode, NightPrice
from pricing_service.rules.price_preview import preview_prices
from pricing_service.rules.pricing_rules import HotelPricingRules, with_changes
from pricing_service.texts.nights_in_words import nights_in_words


def preview_decision(
    hotel_id: int, nights: Sequence[date], action: Action, **values: Any
) -> dict[str, Any]:
    """Return what a decision about prices would touch, as `_answer` does.

    Args:
        values: as `manual_decisions.decide` takes them.
    Raises: InvalidDecision.
    """
    hotel_rules, rows, decisions, before = decided(hotel_id, nights, action, "", **values)
    was_held = {night for night, state in before.items() if state[1]}
    return _answer(
        hotel_id, action, [row.night for row in rows], len(decisions), len(was_held),
        _count_fixed(hotel_rules, [row.night for row in rows]),
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
    is_priced = change and changed.rules.mode != Mode.OFF
    prices = [
        row for row in (preview_prices(hotel_id, changed) if is_priced else ())
        if row["night"] in touched
    ]  # fmt: skip
    held = NightPrice.objects.filter(hotel_id=hotel_id, night__in=touched, is_held=True).count()
    return _answer(
        hotel_id, rule, nights,
        sum(row["price"] != row["price_would_be"] for row in prices),
        held, _count_fixed(current, nights),
        recommended=sum(row["recommended"] != row["would_be"] for row in prices),
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
    rules, count = changed.engine_rules(), 0
    for night in nights if rule in (NightRule.FIX, NightRule.BOUNDS) else ():
        low, high = rules.bounds_of(night)
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
    recommended: int = 0,
    left_out: int = 0,
    beyond_bounds: int = 0,
) -> dict[str, Any]:
    """Return the preview.

    Args:
        changed: nights whose price in force, or its hold, changes at once.
        held, fixed: nights whose price a person holds, or fixed, before.
        recommended: nights whose recommended price changes at once.
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
        "recommended_changed": recommended,
        "held": held,
        "fixed": fixed,
        "left_out": left_out,
        "beyond_bounds": beyond_bounds,
        "sentence": _in_words(
            nights_in_words(nights),
            *_what_there_is(action, held, fixed),
            *_what_to_mind(action, left_out, beyond_bounds),
            _what_changes(action, changed, recommended),
        ),
    }


def _in_words(*parts: Text) -> str:
    """Return the parts as one sentence."""
    return _("%(parts)s.") % {"parts": "; ".join(part.render() for part in parts)}


def _what_there_is(action: Action | NightRule, held: int, fixed: int) -> list[Text]:
    """Return what a person set for the nights before, in words."""
    parts = []
    values = {"count": held}
    if held and isinstance(action, NightRule):
        parts.append(
            plural(
                "%(count)d of them has a price by hand, which stays until released",
                "%(count)d of them have a price by hand, which stays until released",
                held,
                values,
            )
        )
    elif held:
        parts.append(
            plural(
                "%(count)d of them has a price by hand",
                "%(count)d of them have a price by hand",
                held,
                values,
            )
        )
    if fixed:
        parts.append(
            plural(
                "%(count)d of them has a fixed price",
                "%(count)d of them have a fixed price",
                fixed,
                {"count": fixed},
            )
        )
    elif action is NightRule.UNFIX:
        parts.append(Text("none of them has a fixed price"))
    return parts


def _what_to_mind(action: Action | NightRule, left_out: int, beyond_bounds: int) -> list[Text]:
    """Return where the act does not do what one might expect, in words."""
    parts = []
    values = {"count": beyond_bounds}
    if beyond_bounds and action is NightRule.FIX:
        parts.append(Text("the price is outside the bounds of %(count)d of them", values))
    elif beyond_bounds:
        parts.append(Text("narrower bounds of their own count on %(count)d of them", values))
    if left_out:
        parts.append(
            plural(
                "%(count)d more has no price or is closed",
                "%(count)d more have no price or are closed",
                left_out,
                {"count": left_out},
            )
        )
    return parts


def _what_changes(action: Action | NightRule, changed: int, recommended: int) -> Text:
    if not isinstance(action, NightRule):
        if not changed:
            return Text("none of them will change")
        return plural(
            "%(count)d of them will change",
            "%(count)d of them will change",
            changed,
            {"count": changed},
        )
    if recommended:
        prices = plural(
            "%(count)d recommended price",
            "%(count)d recommended prices",
            recommended,
            {"count": recommended},
        )
    else:
        prices = Text("no recommended prices")
    if not changed:
        return Text("%(prices)s and no prices in force will change at once", {"prices": prices})
    return plural(
        "%(prices)s and %(count)d price in force will change at once",
        "%(prices)s and %(count)d prices in force will change at once",
        changed,
        {"prices": prices, "count": changed},
    )
