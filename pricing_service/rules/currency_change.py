"""A change of a hotel's currency: all of its prices are made anew, and no amount is converted.

Base price and bounds in the new currency have to come with the change, and so have the lists that
hold amounts (fixed prices, bounds by season), if only as empty ones; the price step, where the
present one is no amount of the new currency. That they are given is the confirmation.

Prices in force keep the currency that they were made in until they are made anew, so that no amount
is ever shown in a currency that it is not in. One that a person held is released, and its decision
says so. Decisions of before keep their currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.currencies import why_not_in_minor_units
from common.translatable_text import Text
from pricing_service.models import NightPrice, PriceDecision
from pricing_service.rules.amount_checks import LIST_AMOUNTS, PRICES, STEP
from pricing_service.texts.text_parts import stored_amount

if TYPE_CHECKING:
    from pricing_service.rules.pricing_rules import HotelPricingRules


def is_change(current: HotelPricingRules | None, changes: Mapping[str, Any]) -> bool:
    """Return whether changes give a hotel that has rules another currency."""
    return current is not None and changes.get("currency", current.rules.currency) != (
        current.rules.currency
    )


def confirmation_errors(
    current: HotelPricingRules | None, changes: Mapping[str, Any]
) -> dict[str, list[str]]:
    """Return what has to be given with another currency and is not, by field."""
    if current is None or not is_change(current, changes):
        return {}
    old, new = current.rules.currency, changes["currency"]
    missing = [name for name in PRICES if name not in changes]
    if STEP not in changes and why_not_in_minor_units(current.rules.price_step, new):
        missing.append(STEP)
    errors = {
        name: [
            _("required with another currency: the one of now is in %(currency)s")
            % {"currency": old}
        ]
        for name in missing
    }
    for name, columns in LIST_AMOUNTS.items():
        rows = [
            row
            for row in getattr(current, name)
            if any(getattr(row, column) is not None for column in columns)
        ]
        if rows and name not in changes:
            missing.append(name)
            errors[name] = [
                ngettext(
                    "required with another currency: the %(count)d of now is in %(old)s; give it "
                    "in %(new)s, or an empty list",
                    "required with another currency: the %(count)d of now are in %(old)s; give "
                    "them in %(new)s, or an empty list",
                    len(rows),
                )
                % {"count": len(rows), "old": old, "new": new}
            ]
    if missing:
        errors["currency"] = [
            _("from %(old)s to %(new)s changes all prices: give %(names)s in %(new)s, too")
            % {"old": old, "new": new, "names": ", ".join(missing)}
        ]
    return errors


def name_old_currency(hotel_id: int, old_currency: str) -> None:
    """Give the currency of before to prices and decisions that have none of their own.

    The caller holds the hotel's lock and changes the currency.
    """
    for model in (NightPrice, PriceDecision):
        unnamed = model._default_manager.filter(hotel_id=hotel_id, currency="")
        unnamed.update(currency=old_currency)


def reason_made_anew(row: NightPrice, old_currency: str, new_currency: str) -> Text:
    """Return why a night's price is another one, given the night as it was before."""
    values = {
        "currency": new_currency,
        "price": stored_amount(row.price, old_currency),
        "old_currency": old_currency,
    }
    if row.is_held:
        return Text(
            "Made anew in %(currency)s: %(price)s %(old_currency)s, which a person held, is "
            "released.",
            values,
        )
    if row.is_fixed:
        return Text(
            "Made anew in %(currency)s; before it was %(price)s %(old_currency)s, a fixed price.",
            values,
        )
    return Text("Made anew in %(currency)s; before it was %(price)s %(old_currency)s.", values)
