"""Which amounts a hotel's pricing rules may have: whole numbers of its currency's minor unit.

Only what a change names is checked, so that amounts and currencies from before these checks block
no other change. The price step is such an amount too, which makes every multiple of it one. Between
the lowest and the highest price there is at least one multiple of the step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from common.currencies import why_not_in_minor_units, why_not_in_use
from common.error_limits import MAX_REPORTED_ERRORS
from pricing_service.engine.price_bounds import why_no_price
from pricing_service.models import PricingRules
from pricing_service.texts.written_values import written_short

#: Fields of the rules that are amounts, and the amounts in a row of each list that has some.
PRICES: Final = ("base_price", "minimum_price", "maximum_price")
STEP: Final = "price_step"
LIST_AMOUNTS: Final[dict[str, tuple[str, ...]]] = {
    "fixed_prices": ("price",),
    "bounds": ("minimum_price", "maximum_price"),
    "room_types": ("amount", "minimum_price", "maximum_price"),
}


def currency_errors(changes: Mapping[str, Any], current: PricingRules | None) -> dict[str, Any]:
    """Return why a currency that is given cannot be the hotel's; the one that it has always can."""
    given = changes.get("currency")
    if given is None or (current is not None and current.currency == given):
        return {}
    reason = why_not_in_use(given)
    return {"currency": [reason]} if reason else {}


def amount_errors(rules: PricingRules, changes: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return why changed amounts cannot be the hotel's, by field; rows are named by their index.

    Args:
        rules: as they are after the changes.
    """
    errors: dict[str, list[str]] = {}
    for name in (*PRICES, STEP):
        if name not in changes or changes[name] is None:
            continue
        if reason := why_not_in_minor_units(changes[name], rules.currency):
            errors[name] = [reason]
    for name in LIST_AMOUNTS.keys() & changes.keys():
        if reasons := list(_row_reasons(name, changes[name], rules.currency)):
            errors[name] = reasons[:MAX_REPORTED_ERRORS]
    if not errors and {"minimum_price", "maximum_price", STEP} & changes.keys():
        errors = _range_errors(rules)
    return errors


def _row_reasons(name: str, rows: Any, currency: str) -> Iterator[str]:
    for index, row in enumerate(rows):
        for column in LIST_AMOUNTS[name]:
            amount = row.get(column)
            if amount is not None and (reason := why_not_in_minor_units(amount, currency)):
                yield f"{index}: {reason}"
                break


def _range_errors(rules: PricingRules) -> dict[str, list[str]]:
    amounts = (rules.minimum_price, rules.maximum_price, rules.price_step)
    if any(not isinstance(amount, Decimal) or amount <= 0 for amount in amounts):
        return {}  # reported by the fields' own checks
    low, high, step = (written_short(amount, rules.currency) for amount in amounts)
    if rules.minimum_price <= rules.maximum_price and why_no_price(*amounts):
        reason = _("no multiple of the price step %(step)s is from %(minimum)s to %(maximum)s") % {
            "step": step, "minimum": low, "maximum": high,
        }  # fmt: skip
        return {"minimum_price": [reason]}
    return {}
