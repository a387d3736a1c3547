"""Fixed prices, events and bounds for many nights at once, as one act of a person.

Each is a change of the hotel's pricing rules that is made under the hotel's lock on the rules as
they are then: it adds to their lists, or takes from them, what concerns these nights and leaves all
else alone, so that two people at the same time lose nothing of each other's. All nights are changed
or none; the hotel is priced at once. A change that changes nothing is not saved, so repeating a
request is harmless.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _

from common.currencies import why_not_in_minor_units
from common.translatable_text import Text
from dashboard_service import figures_for_pricing
from pricing_service.decisions import undo
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.decisions.manual_decisions import InvalidDecision
from pricing_service.demand.demand_outlook import first_coming_night
from pricing_service.engine.night_runs import runs, seasons
from pricing_service.models import DemandEvent, FixedPrice, NightPrice, PricingState
from pricing_service.rules.pricing_rules import HotelPricingRules, load_rules, with_changes
from pricing_service.rules.rule_list_models import PriceBounds
from pricing_service.rules.rules_snapshot import changes_from, snapshot
from pricing_service.texts.text_parts import day_in_figures
from pricing_service.texts.written_values import iso_day

#: How far ahead of the first coming night rules can be set for many nights at once.
DAYS_AHEAD: Final = 730


class NightRule(StrEnum):
    """What a person sets for many nights by changing the hotel's rules."""

    FIX = "fix"
    UNFIX = "unfix"
    EVENT = "event"
    BOUNDS = "bounds"


#: The list of the rules that each changes.
LIST_OF: Final = {
    NightRule.FIX: "fixed_prices",
    NightRule.UNFIX: "fixed_prices",
    NightRule.EVENT: "events",
    NightRule.BOUNDS: "bounds",
}
Rows = list[dict[str, Any]]


def set_for_nights(
    hotel_id: int,
    nights: Sequence[date],
    rule: NightRule,
    who: str,
    values: Mapping[str, Any],
    is_range: bool = False,
) -> list[NightPrice]:
    """Set a rule for nights, price the hotel, and return those of the nights that have a price.

    Args:
        who: the author's name.
        values: of FIX the `price`; of EVENT `name` and `factor`; of BOUNDS `minimum_price`,
            `maximum_price` or both, where one that is missing stays as it is.
        is_range: the nights are a range; for the name of the field in errors.
    Raises:
        InvalidDecision, ValidationError: nothing was changed; the latter with reasons by field.
    """
    with PricingState.locked(hotel_id):
        current = rules_to_change(hotel_id)
        change = change_of_rules(current, nights, rule, values, is_range)
        if change:
            undo.save_rules_and_step(hotel_id, change, who, _summary(rule, nights, values))
    if change:
        reprice(hotel_id)
    return list(NightPrice.objects.filter(hotel_id=hotel_id, night__in=nights).order_by("night"))


def rules_to_change(hotel_id: int) -> HotelPricingRules:
    """Return a hotel's rules. Raises: InvalidDecision for a hotel without."""
    current = load_rules(hotel_id)
    if current is None:
        message = _("hotel %(hotel)d has no pricing rules") % {"hotel": hotel_id}
        raise InvalidDecision("hotel_id", message)
    return current


def change_of_rules(
    current: HotelPricingRules,
    nights: Sequence[date],
    rule: NightRule,
    values: Mapping[str, Any],
    is_range: bool = False,
) -> dict[str, Any]:
    """Return what a rule for nights changes of the hotel's rules; empty if nothing. Saves nothing.

    Raises: as `set_for_nights`.
    """
    _check_nights(current, nights, is_range)
    _check_values(current, nights, rule, values)
    name = LIST_OF[rule]
    before: Rows = changes_from(snapshot(current, [name]))[name]
    after = CHANGES[rule](before, nights, values)
    if after == before:
        return {}
    try:
        with_changes(current, current.rules.hotel_id, {name: after})
    except ValidationError as error:
        raise ValidationError(_by_given_field(error, rule, values, len(before))) from error
    return {name: after}


def _check_nights(current: HotelPricingRules, nights: Sequence[date], is_range: bool) -> None:
    """Raises: InvalidDecision for a night that has begun, or is farther ahead than DAYS_AHEAD."""
    hotel = figures_for_pricing.hotel(current.rules.hotel_id)
    first_night = first_coming_night(hotel, current)
    last_night = first_night + timedelta(days=DAYS_AHEAD)
    if min(nights) < first_night:
        field = "first" if is_range else "nights"
        raise InvalidDecision(
            field,
            _("the night %(night)s has begun; begin at %(first)s or later")
            % {"night": iso_day(min(nights)), "first": iso_day(first_night)},
        )
    if max(nights) > last_night:
        field = "last" if is_range else "nights"
        raise InvalidDecision(
            field,
            _("the night %(night)s is too far ahead; end at %(last)s or before")
            % {"night": iso_day(max(nights)), "last": iso_day(last_night)},
        )


def _check_values(
    current: HotelPricingRules, nights: Sequence[date], rule: NightRule, values: Mapping[str, Any]
) -> None:
    """Raises: ValidationError by field, for values that no night's rule could have."""
    errors: dict[str, list[str]] = {}
    for name in ("price", "minimum_price", "maximum_price"):
        amount = values.get(name)
        if amount is not None and (
            reason := why_not_in_minor_units(amount, current.rules.currency)
        ):
            errors[name] = [reason]
    if row := _example_row(nights[0], rule, values):
        try:
            row.clean_fields(exclude=["profile", "id"])
        except ValidationError as error:
            errors = error.message_dict | errors
    if errors:
        raise ValidationError(errors)


def _example_row(night: date, rule: NightRule, values: Mapping[str, Any]) -> Model | None:
    match rule:
        case NightRule.FIX:
            return FixedPrice(night=night, **values)
        case NightRule.EVENT:
            return DemandEvent(first=night, last=night, **values)
        case NightRule.BOUNDS:
            return PriceBounds(first=night, last=night, **values)
    return None


def _by_given_field(
    error: ValidationError, rule: NightRule, values: Mapping[str, Any], count_before: int
) -> dict[str, Any]:
    """Return errors of a list by the field that was given, where a new row is what is wrong."""
    errors = error.message_dict
    if rule is NightRule.BOUNDS and "bounds" in errors:
        field = next(name for name in ("minimum_price", "maximum_price") if values.get(name))
        reasons = [reason.partition(": ") for reason in errors.pop("bounds")]
        errors[field] = [
            rest if sign and row.isdigit() and int(row) >= count_before else row + sign + rest
            for row, sign, rest in reasons
        ]
    return errors


def _with_fixed_prices(before: Rows, nights: Sequence[date], values: Mapping[str, Any]) -> Rows:
    """Return fixed prices with these nights at one price, whatever they had."""
    rows = _without_fixed_prices(before, nights, values)
    rows += [{"night": night, "price": values["price"]} for night in set(nights)]
    return sorted(rows, key=lambda row: row["night"])


def _without_fixed_prices(before: Rows, nights: Sequence[date], values: Mapping[str, Any]) -> Rows:
    removed = set(nights)
    return [row for row in before if row["night"] not in removed]


def _with_event(before: Rows, nights: Sequence[date], values: Mapping[str, Any]) -> Rows:
    """Return events with one for each run of nights.

    An event of the same name on just these nights gets the new factor.
    """
    keys = {(values["name"], first, last): None for first, last in runs(nights)}
    rows = [
        {**row, "factor": values["factor"]}
        if (row["name"], row["first"], row["last"]) in keys
        else row
        for row in before
    ]
    known = {(row["name"], row["first"], row["last"]) for row in rows}
    return rows + [
        {"first": first, "last": last, "name": name, "factor": values["factor"]}
        for name, first, last in keys
        if (name, first, last) not in known
    ]


def _with_bounds(before: Rows, nights: Sequence[date], values: Mapping[str, Any]) -> Rows:
    """Return bounds with a season of these nights.

    Bounds of just these nights get the new amounts.
    """
    given = {name: amount for name, amount in values.items() if amount is not None}
    rows = list(before)
    for season in seasons(nights):
        span = {
            "first": season.first,
            "last": season.last,
            "weekdays": sorted(season.weekdays),
            "every_year": False,
        }
        same = [index for index, row in enumerate(rows) if row.items() >= span.items()]
        for index in same:
            rows[index] = rows[index] | given
        if not same:
            rows.append({**span, "minimum_price": None, "maximum_price": None} | given)
    return rows


CHANGES: Final[dict[NightRule, Callable[[Rows, Sequence[date], Mapping[str, Any]], Rows]]] = {
    NightRule.FIX: _with_fixed_prices,
    NightRule.UNFIX: _without_fixed_prices,
    NightRule.EVENT: _with_event,
    NightRule.BOUNDS: _with_bounds,
}


def _summary(rule: NightRule, nights: Sequence[date], values: Mapping[str, Any]) -> Text:
    """Return the act in words, for its undo: "event Fair on 6 nights from 2027-05-07"."""
    what = {
        NightRule.FIX: Text("fixed price"),
        NightRule.UNFIX: Text("removal of fixed prices"),
        NightRule.EVENT: Text("event %(name)s", {"name": values.get("name", "")}),
        NightRule.BOUNDS: Text("bounds"),
    }[rule]
    count, first = len(set(nights)), day_in_figures(min(nights))
    if count == 1:
        return Text("%(what)s on %(first)s", {"what": what, "first": first})
    return Text(
        "%(what)s on %(count)d nights from %(first)s",
        {"what": what, "count": count, "first": first},
    )
