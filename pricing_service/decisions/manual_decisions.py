"""People's decisions about prices: accept, override, lock, release.

A request decides about all of its nights or about none. Each decision is saved with its author and
reason. Nights that have begun, from the time on at which check-in closes, are not decided any more,
and closed nights have no price to decide about.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from common.currencies import why_not_in_minor_units
from common.translatable_text import Text
from dashboard_service import figures_for_pricing
from pricing_service.decisions import undo
from pricing_service.decisions.decision_log import new_decision, save_prices
from pricing_service.demand.demand_outlook import first_coming_night
from pricing_service.engine.price_steps import neighbours
from pricing_service.models import (
    Action,
    NightPrice,
    PriceDecision,
    PricingState,
)
from pricing_service.rules.pricing_rules import HotelPricingRules, load_rules
from pricing_service.signals import prices_changed, rules_changed
from pricing_service.texts.action_names import ACTION_NAMES
from pricing_service.texts.text_parts import day_in_figures
from pricing_service.texts.written_values import iso_day, written_amount, written_short

DEFAULT_REASONS = {
    Action.ACCEPT: Text("Accepted the recommended price."),
    Action.OVERRIDE: Text("Set by a person."),
    Action.LOCK: Text("Locked by a person."),
    Action.RELEASE: Text("Released: the price may change again."),
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
    seen: Sequence[Decimal] | None = None,
    is_range: bool = False,
) -> list[NightPrice]:
    """Apply a person's decision and return the nights after it, in order of time.

    An overridden or locked price is held until it is released. A decision that changes nothing is
    not saved, so repeating a request is harmless.

    Args:
        who: the author's name.
        price: for an override, in the hotel's currency, inside its bounds; for accept, the
            recommended price that the person saw: refused if it has changed since.
        reason: the person's own words; without them a standard sentence is saved.
        seen: with accept, the recommended prices that the person saw, in the order of `nights`:
            all are refused if one of them has changed since.
        is_range: the nights are a range: closed ones in it, and those without a price, are left
            out.
    Raises:
        InvalidDecision: nothing was changed.
    """
    with PricingState.locked(hotel_id) as state:
        hotel_rules, rows, decisions, before_by_night = decided(
            hotel_id, nights, action, who, price, reason, seen, is_range
        )
        save_prices(hotel_rules.rules, rows, decisions)
        if decisions:
            changed = {str(decision.night) for decision in decisions}
            states = {night: before_by_night[night] for night in sorted(changed)}
            undo.save_decision_step(hotel_id, who, _summary(action, changed), states)
            # An automatic price that was released or accepted may be off the recommended one.
            state.is_unsettled = True
            state.save(update_fields=["is_unsettled"])
    if decisions:
        prices_changed.send(sender=None)
        rules_changed.send(sender=None)
    return rows


def decided(
    hotel_id: int,
    nights: Sequence[date],
    action: Action,
    who: str,
    price: Decimal | None = None,
    reason: str = "",
    seen: Sequence[Decimal] | None = None,
    is_range: bool = False,
) -> tuple[HotelPricingRules, list[NightPrice], list[PriceDecision], dict[str, undo.NightState]]:
    """Return what a decision makes of nights; saves nothing. Arguments are those of `decide`.

    Returns: the hotel's rules, the nights after the decision, the decisions about those that it
        changes, and the state of all of them before, by night.
    Raises: InvalidDecision.
    """
    hotel = figures_for_pricing.hotel(hotel_id)
    hotel_rules = load_rules(hotel_id)
    if hotel_rules is None:
        message = _("hotel %(hotel)d has no pricing rules") % {"hotel": hotel_id}
        raise InvalidDecision("hotel_id", message)
    first_night = first_coming_night(hotel, hotel_rules)
    rows = (
        _load_range(hotel_id, nights, first_night)
        if is_range
        else _load_nights(hotel_id, nights, first_night, action)
    )
    _check_price(hotel_rules, [row.night for row in rows], action, price)
    _check_seen(rows, nights, action, price, seen)
    _check_currency(rows, hotel_rules.rules.currency)
    before_by_night = undo.night_states(rows)
    decisions = []
    for row in rows:
        before = (row.price, row.is_held)
        _apply(row, action, price)
        if (row.price, row.is_held) != before:
            decisions.append(
                new_decision(row, action, before[0], reason or [DEFAULT_REASONS[action]], who)
            )
    return hotel_rules, rows, decisions, before_by_night


def _load_range(hotel_id: int, nights: Sequence[date], first_night: date) -> list[NightPrice]:
    """Return the nights with a price among these, in order of time.

    Raises: InvalidDecision if one has begun, or none has a price.
    """
    if nights[0] < first_night:
        raise InvalidDecision(
            "first",
            _("the night %(night)s has begun; begin at %(first)s")
            % {"night": iso_day(nights[0]), "first": iso_day(first_night)},
        )
    rows = NightPrice.objects.filter(hotel_id=hotel_id, night__in=nights, rooms__gt=0)
    if not rows:
        raise InvalidDecision("nights", _("no night of the range has a price to decide about"))
    return list(rows.order_by("night"))


def _check_seen(
    rows: Sequence[NightPrice],
    nights: Sequence[date],
    action: Action,
    price: Decimal | None,
    seen: Sequence[Decimal] | None,
) -> None:
    """Raises: InvalidDecision unless the person saw the recommended prices as they are now."""
    if seen is not None and (action is not Action.ACCEPT or len(seen) != len(nights)):
        raise InvalidDecision("seen", _("only allowed with accept, one price for each of `nights`"))
    if action is not Action.ACCEPT:
        return
    seen_prices = dict(zip(nights, seen, strict=True)) if seen is not None else {}
    for row in rows:
        now = written_amount(row.recommended, row.currency)
        if price not in (None, row.recommended):
            raise InvalidDecision(
                "price", _("the recommended price is now %(price)s") % {"price": now}
            )
        if seen_prices.get(row.night, row.recommended) != row.recommended:
            raise InvalidDecision(
                "seen",
                _("the recommended price of %(night)s is now %(price)s, and not %(before)s")
                % {
                    "night": iso_day(row.night),
                    "price": now,
                    "before": written_amount(seen_prices[row.night], row.currency),
                },
            )


def _summary(action: Action, changed: Collection[str]) -> Text:
    """Return a decision in words, for its undo: "accept of 12 nights from 2026-12-01"."""
    first = day_in_figures(date.fromisoformat(min(changed)))
    values = {"act": ACTION_NAMES[action], "count": len(changed), "first": first}
    if len(changed) == 1:
        return Text("%(act)s of %(first)s", values)
    return Text("%(act)s of %(count)d nights from %(first)s", values)


def _load_nights(
    hotel_id: int, nights: Sequence[date], first_night: date, action: Action
) -> list[NightPrice]:
    """Return the nights in order of time.

    Raises: InvalidDecision if one has no price, has begun or is closed.
    """
    begun = min(nights, default=first_night)
    if begun < first_night:
        raise InvalidDecision(
            "nights",
            _("the night %(night)s has begun; its price does not change")
            % {"night": iso_day(begun)},
        )
    rows = NightPrice.objects.filter(hotel_id=hotel_id, night__in=nights).order_by("night")
    missing = sorted(set(nights) - {row.night for row in rows})
    if missing:
        raise InvalidDecision(
            "nights",
            _("the night %(night)s has no price to decide about") % {"night": iso_day(missing[0])},
        )
    for row in rows:
        if row.is_closed and action is not Action.RELEASE:
            raise InvalidDecision(
                "nights",
                _("the night %(night)s is closed and has no price") % {"night": iso_day(row.night)},
            )
    return list(rows)


def _apply(row: NightPrice, action: Action, price: Decimal | None) -> None:
    if action is Action.ACCEPT:
        row.price = row.recommended
        return
    if action is Action.OVERRIDE and price is not None:
        row.price = price
    row.is_held = action is not Action.RELEASE


def _check_price(
    hotel_rules: HotelPricingRules, nights: Sequence[date], action: Action, price: Decimal | None
) -> None:
    """Raises: InvalidDecision unless the price goes with the action and each night's bounds."""
    if action is Action.ACCEPT:
        return
    if action is not Action.OVERRIDE:
        if price is not None:
            raise InvalidDecision("price", _("only allowed with override and accept"))
        return
    if price is None:
        raise InvalidDecision("price", _("required with override"))
    engine_rules, currency = hotel_rules.engine_rules(), hotel_rules.rules.currency
    if reason := why_not_in_minor_units(price, currency):
        raise InvalidDecision("price", reason)
    for night in nights:
        bounds = engine_rules.bounds_of(night)
        if not bounds[0] <= price <= bounds[1]:
            lowest, highest = (written_amount(bound, currency) for bound in bounds)
            raise InvalidDecision(
                "price",
                _(
                    "must lie between %(lowest)s and %(highest)s %(currency)s, the bounds of the "
                    "night %(night)s"
                )
                % {
                    "lowest": lowest, "highest": highest, "currency": currency,
                    "night": iso_day(night),
                },
            )  # fmt: skip
        _check_step(price, engine_rules.step, bounds, currency)


def _check_step(
    price: Decimal, step: Decimal, bounds: tuple[Decimal, Decimal], currency: str
) -> None:
    """Raises: InvalidDecision for a price off the step, with the neighbours inside the bounds."""
    near = neighbours(price, step)
    if price in near:
        return
    values = {"price": written_short(price, currency), "step": written_short(step, currency)}
    inside = [written_short(p, currency) for p in near if bounds[0] <= p <= bounds[1]]
    if not inside:
        message = _("%(price)s is not a multiple of the price step %(step)s") % values
    elif len(inside) == 1:
        message = _("%(price)s is not a multiple of the price step %(step)s: %(near)s") % {
            **values, "near": inside[0],
        }  # fmt: skip
    else:
        message = _(
            "%(price)s is not a multiple of the price step %(step)s: %(lower)s or %(higher)s"
        ) % {**values, "lower": inside[0], "higher": inside[1]}
    raise InvalidDecision("price", message)


def _check_currency(rows: Sequence[NightPrice], currency: str) -> None:
    """Raises: InvalidDecision while prices are still in the currency of before."""
    if any(row.currency not in ("", currency) for row in rows):
        raise InvalidDecision(
            "nights",
            _("the prices are being made anew in %(currency)s; look again in a moment")
            % {"currency": currency},
        )
