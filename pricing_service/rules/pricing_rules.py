"""A hotel's pricing rules with their lists: loading, validating changes, saving.

A change is applied whole or not at all. Changes of one hotel are made one after the other, so that
each starts from the complete result of the one before. Rooms for sale by date belong to the hotel's
profile: they are read and saved there.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _

from common.error_limits import MAX_REPORTED_ERRORS
from common.number_and_date_texts import number_text
from common.value_limits import MAX_ROWS
from dashboard_service import figures_for_pricing
from dashboard_service.figures_for_pricing import RoomsForSaleByNight, RoomSpan
from pricing_service.decisions.change_limits import ChangeLimits
from pricing_service.delivery import receiver_address, webhook_secret
from pricing_service.demand.bookings import WEEK
from pricing_service.engine.belief import AHEAD, last_cut_off
from pricing_service.engine.event_combination import Occasion
from pricing_service.engine.hotel_rules import HotelRules, LeadStep
from pricing_service.engine.minimum_stays import MinimumStayRule, minimum_stay
from pricing_service.engine.observations import PAST_NIGHTS
from pricing_service.engine.price_bounds import SeasonalBounds, wrong_bounds
from pricing_service.engine.price_steps import on_step
from pricing_service.models import DemandEvent, FixedPrice, Mode, PricingRules, PricingState
from pricing_service.room_types.room_type_models import RoomType
from pricing_service.rules.amount_checks import amount_errors, currency_errors
from pricing_service.rules.currency_change import (
    confirmation_errors,
    is_change,
    name_old_currency,
)
from pricing_service.rules.room_type_rules import wrong_room_types
from pricing_service.rules.rooms_carry_over import carry_over_rooms
from pricing_service.rules.rule_list_models import MinimumStay, PriceBounds
from pricing_service.texts.written_values import render_with_decimals

# Bounds of new rules that give a base price only, as shares of it.
DEFAULT_MINIMUM, DEFAULT_MAXIMUM = Decimal("0.6"), Decimal("2.5")
# What automatic changes are limited by; checked together when one of it is told.
LIMITS: Final = {
    "smallest_change_percent", "largest_change_percent", "largest_day_percent", "changes_per_day",
    "price_step", "minimum_price",
}  # fmt: skip
LISTS: Final[dict[str, type[Model]]] = {
    "events": DemandEvent,
    "fixed_prices": FixedPrice,
    "bounds": PriceBounds,
    "minimum_stays": MinimumStay,
    "room_types": RoomType,
}
ROOMS: Final = "rooms_for_sale"
LIST_NAMES: Final = ("events", ROOMS, "fixed_prices", "bounds", "minimum_stays", "room_types")
# A change of one of them may leave a night without a possible price.
BOUND_NAMES: Final = {"bounds", "minimum_price", "maximum_price", "price_step"}
# A change of one of them may leave a room type without a possible price.
ROOM_TYPE_NAMES: Final = {"room_types", "price_step"}


@dataclass
class HotelPricingRules:
    """A hotel's pricing rules with their lists; saved, or only validated."""

    rules: PricingRules
    events: list[DemandEvent] = field(default_factory=list)
    rooms_for_sale: list[RoomSpan] = field(default_factory=list)
    fixed_prices: list[FixedPrice] = field(default_factory=list)
    bounds: list[PriceBounds] = field(default_factory=list)
    minimum_stays: list[MinimumStay] = field(default_factory=list)
    room_types: list[RoomType] = field(default_factory=list)
    saved_currency: str = ""  # as it is in the database; empty for a hotel without rules
    made_secret: str = ""  # a webhook secret that the last change made, to be shown once

    def engine_rules(self, rooms: int | None = None, as_of: date | None = None) -> HotelRules:
        """Return the rules in the form that the engine takes.

        Prices are tried in automatic mode only.

        Args:
            rooms: for sale on nights for which the rooms by date say nothing, as a person told them
                or the hotel's history proposes them; None where nobody knows.
            as_of: the day from which nights are priced; without it the rooms by date are left out,
                for callers that ask for bounds, factors and calendar prices only.
        """
        rules = self.rules
        by_date: dict[date, int] = {}
        if as_of is not None:
            # By the cut-off, so that what is learned from the rooms changes once a week.
            cut_off = date.fromordinal(last_cut_off(as_of))
            span = (cut_off - timedelta(days=PAST_NIGHTS), cut_off + timedelta(days=AHEAD + WEEK))
            by_date = RoomsForSaleByNight(None, self.rooms_for_sale).by_date(*span)
        return HotelRules(
            base=rules.base_price,
            minimum=rules.minimum_price,
            maximum=rules.maximum_price,
            step=rules.price_step,
            rooms=max(by_date.values(), default=0) if rooms is None else rooms,
            rooms_by_date=by_date,
            aggressiveness=rules.aggressiveness,
            months=rules.month_factors,
            weekdays=rules.weekday_factors,
            lead=[LeadStep(days, factor) for days, factor in rules.lead_factors],
            occasions=[
                Occasion(event.first, event.last, event.factor, event.name) for event in self.events
            ],
            event_combination=rules.event_combination,
            bounds=self.seasonal_bounds(),
            fixed={row.night: row.price for row in self.fixed_prices},
            try_prices=rules.try_prices and rules.mode == Mode.AUTOMATIC,
        )

    def seasonal_bounds(self) -> list[SeasonalBounds]:
        """Return the bounds by season and weekday in the form that the engine takes."""
        return [
            SeasonalBounds(row.season, row.minimum_price, row.maximum_price) for row in self.bounds
        ]

    def minimum_stay_rules(self) -> list[MinimumStayRule]:
        """Return the minimum stays in the form that `engine.minimum_stays` takes."""
        return [MinimumStayRule(row.season, row.nights) for row in self.minimum_stays]

    def minimum_stay(self, night: date) -> int:
        """Return the fewest nights of a stay that includes a night; 1 where no rule applies."""
        return minimum_stay(self.minimum_stay_rules(), night)


def load_rules(hotel_id: int) -> HotelPricingRules | None:
    """Return a hotel's saved pricing rules; None if it has none."""
    rules = PricingRules.objects.filter(pk=hotel_id).first()
    if rules is None:
        return None
    carry_over_rooms(hotel_id)
    lists: dict[str, Any] = {
        name: list(model._default_manager.filter(profile=rules)) for name, model in LISTS.items()
    }
    lists[ROOMS] = list(figures_for_pricing.hotel(hotel_id).rooms_by_date)
    return HotelPricingRules(rules, **lists, saved_currency=rules.currency)


def currency_of(hotel_id: int) -> str:
    """Return the currency of a hotel's prices; empty for a hotel without rules."""
    rules = PricingRules.objects.filter(pk=hotel_id).only("currency").first()
    return rules.currency if rules else ""


def with_changes(
    current: HotelPricingRules | None, hotel_id: int, changes: Mapping[str, Any]
) -> HotelPricingRules:
    """Return the pricing rules as they would be after changes; saves nothing.

    Args:
        current: the saved rules, which stay as they are; None for a hotel without rules.
        changes: fields of PricingRules by name, and whole lists by their LIST_NAMES.
    Raises:
        ValidationError: with the reasons by field.
    """
    saved = current.rules if current else None
    # Before anything else, which would be said in the wrong currency.
    if errors := currency_errors(changes, saved) or confirmation_errors(current, changes):
        raise ValidationError(errors)
    changed = copy.deepcopy(current) if current else _new_rules(hotel_id, changes)
    for name, value in changes.items():
        if name not in LIST_NAMES and name != "webhook_secret":
            setattr(changed.rules, name, value)
    errors = _webhook_errors(changed, changes)
    try:
        changed.rules.full_clean(validate_unique=False)
    except ValidationError as error:
        errors = error.message_dict | errors
    errors |= _limit_errors(changed.rules, current, changes)
    errors = amount_errors(changed.rules, changes) | errors
    for name in LISTS.keys() & changes.keys():
        try:
            setattr(changed, name, _list_rows(LISTS[name], changed.rules, changes[name]))
        except ValidationError as error:
            errors[name] = error.messages
    if ROOMS in changes:
        changed.rooms_for_sale = [RoomSpan(**span) for span in changes[ROOMS]]
    if not errors and changed.bounds and BOUND_NAMES & changes.keys():
        errors = _bounds_errors(changed)
    if not errors and ROOM_TYPE_NAMES & changes.keys():
        reasons = wrong_room_types(changed.room_types, changed.rules.price_step)
        errors = {"room_types": reasons[:MAX_REPORTED_ERRORS]} if reasons else {}
    if errors:
        raise ValidationError(errors)
    return changed


def save_rules(hotel_id: int, changes: Mapping[str, Any]) -> HotelPricingRules:
    """Create or change a hotel's pricing rules and return them.

    Args:
        changes: as `with_changes` takes them.
    Raises:
        ValidationError: nothing was changed; with the reasons by field.
    """
    with PricingState.locked(hotel_id):
        current = load_rules(hotel_id)
        changed = with_changes(current, hotel_id, changes)
        if current and is_change(current, changes):
            name_old_currency(hotel_id, current.rules.currency)
        changed.rules.save()
        for name in LISTS.keys() & changes.keys():
            manager = LISTS[name]._default_manager
            manager.filter(profile=changed.rules).delete()
            manager.bulk_create(getattr(changed, name))
        if ROOMS in changes:
            # In the other database, and last: if it fails, nothing of the rules is changed.
            figures_for_pricing.save_rooms_by_date(hotel_id, changed.rooms_for_sale)
    return changed


def are_current_rooms(hotel_id: int, rooms: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether rooms by date, as changes give them, are those of the hotel's profile."""
    current = figures_for_pricing.hotel(hotel_id).rooms_by_date
    return sorted(RoomSpan(**span) for span in rooms) == sorted(current)


def make_webhook_secret(hotel_id: int) -> HotelPricingRules | None:
    """Give a hotel's webhook another secret, which `made_secret` of the result has, and save it.

    Returns: None for a hotel without rules.
    """
    with PricingState.locked(hotel_id):
        current = load_rules(hotel_id)
        if current is not None:
            current.made_secret = webhook_secret.new_secret()
            webhook_secret.change_secret(current.rules, current.made_secret)
            current.rules.save()
    return current


def _limit_errors(
    rules: PricingRules, current: HotelPricingRules | None, changes: Mapping[str, Any]
) -> dict[str, list[str]]:
    """Return why changed limits cannot be kept together, by field.

    In suggest mode they limit nothing yet. Limits from before these checks block no other change.
    """
    is_new_mode = changes.get("mode") == Mode.AUTOMATIC and (
        current is None or current.rules.mode != Mode.AUTOMATIC
    )
    if rules.mode != Mode.AUTOMATIC or not (is_new_mode or LIMITS & changes.keys()):
        return {}
    contradiction = ChangeLimits.from_rules(rules).contradiction(
        rules.minimum_price, rules.currency
    )
    return {contradiction[0]: [contradiction[1]]} if contradiction else {}


def _webhook_errors(changed: HotelPricingRules, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Check what a change says of the webhook, apply its secret, and make one where none is.

    Only what is changed is checked: an address from before these checks blocks no other change.
    Return the errors by field.
    """
    errors: dict[str, Any] = {}
    rules = changed.rules
    try:
        if "webhook_url" in changes:
            receiver_address.check_address(changes["webhook_url"])
    except ValidationError as error:
        errors["webhook_url"] = error.messages
    secret = changes.get("webhook_secret")
    try:
        if secret and secret != rules.webhook_secret:
            webhook_secret.check_secret(secret)
    except ValidationError as error:
        errors["webhook_secret"] = error.messages
        return errors
    if secret is not None:
        webhook_secret.change_secret(rules, secret)
    elif rules.webhook_url and not rules.webhook_secret:
        changed.made_secret = webhook_secret.new_secret()
        webhook_secret.change_secret(rules, changed.made_secret)
    return errors


def _bounds_errors(changed: HotelPricingRules) -> dict[str, Any]:
    """Return an error for each row of `bounds` that leaves a night without a possible price."""
    rules = changed.rules
    wrong = wrong_bounds(
        changed.seasonal_bounds(), rules.minimum_price, rules.maximum_price, rules.price_step
    )
    reasons = [f"{row}: {render_with_decimals(wrong[row])}" for row in sorted(wrong)]
    return {"bounds": reasons[:MAX_REPORTED_ERRORS]} if reasons else {}


def _new_rules(hotel_id: int, changes: Mapping[str, Any]) -> HotelPricingRules:
    """Return unsaved rules with bounds proposed from the base price, and the profile's rooms."""
    base = changes.get("base_price")
    if base is None:
        raise ValidationError({"base_price": [_("required for new pricing rules")]})
    step = changes.get("price_step") or Decimal(1)
    rules = PricingRules(
        hotel_id=hotel_id,
        minimum_price=max(on_step(base * DEFAULT_MINIMUM, step, ROUND_FLOOR), min(step, base)),
        maximum_price=on_step(base * DEFAULT_MAXIMUM, step, ROUND_CEILING),
    )
    rooms = list(figures_for_pricing.hotel(hotel_id).rooms_by_date)
    return HotelPricingRules(rules, rooms_for_sale=rooms)


def _list_rows(
    model: type[Model], rules: PricingRules, row_values: Sequence[Mapping[str, Any]]
) -> list[Any]:
    """Return unsaved rows of a list. Raises: ValidationError that names the wrong row by index."""
    if len(row_values) > MAX_ROWS:
        raise ValidationError(_("at most %(rows)s rows") % {"rows": number_text(MAX_ROWS)})
    rows = [model(**values) for values in row_values]
    for index, row in enumerate(rows):
        try:
            row.full_clean(exclude=["profile"], validate_unique=False, validate_constraints=False)
        except ValidationError as error:
            raise ValidationError(f"{index}: {'; '.join(error.messages)}") from error
        row.profile = rules  # type: ignore[attr-defined]  # every model of LISTS has the field
    # Checked here because the database's constraint would only fail while the rows are saved.
    if model is FixedPrice and len({row.night for row in rows}) < len(rows):  # type: ignore[attr-defined]
        raise ValidationError(_("the same night is given twice"))
    return rows
