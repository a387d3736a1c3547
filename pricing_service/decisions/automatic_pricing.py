"""Prices a hotel's coming nights: renews the recommended prices, changes prices in force.

Recommended prices follow `pricing_service.engine.price_formula`. Which price is in force decides
`price_in_force`. Each change is saved as a decision in the transaction that makes it.

What prices are made of is read before the hotel's lock is taken, and compared once it is held: if a
person saved other rules, or another process priced newer figures meanwhile, all is read again, so
that nothing older overrules something newer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.utils import timezone

from dashboard_service import figures_for_pricing
from dashboard_service.figures_for_pricing import Hotel
from pricing_service.decisions.change_limits import count_day_changes, start_of_day
from pricing_service.decisions.decision_log import new_decision, save_prices
from pricing_service.decisions.price_in_force import NightPricing
from pricing_service.demand.demand_outlook import Outlook, load_outlook
from pricing_service.demand.forecast import NightForecast
from pricing_service.engine.price_formula import FACTORS, Price, Rules, Situation, list_price, price
from pricing_service.models import (
    Action,
    Mode,
    NightPrice,
    PriceDecision,
    PricingRules,
    PricingState,
)
from pricing_service.rules.pricing_rules import HotelPricingRules, load_rules
from pricing_service.signals import prices_changed

MACHINE: Final = "RoomPriceGenie"  # the author of automatic decisions
ATTEMPTS: Final = 3  # then the hotel stays due, and the next run tries again


def reprice(hotel_id: int) -> int:
    """Price a hotel's coming nights anew and return how many got another price, reason or figure.

    Raises: django.db.Error.
    """
    for _ in range(ATTEMPTS):
        basis = _read_basis(hotel_id)
        if basis is None:
            return 0
        with PricingState.locked(hotel_id) as state:
            if basis.is_overtaken(state):
                continue
            priced = _price_nights(basis, state)
            state.as_of = basis.outlook.as_of
            state.figures_changed_at = basis.figures_changed_at
            state.rooms_fingerprint = basis.hotel.rooms_fingerprint
            state.priced_at = basis.read_at
            state.save()
        if priced:
            prices_changed.send(sender=None)
        return priced
    return 0


@dataclass(frozen=True)
class _Basis:
    """What a hotel's prices are made of, as it was at one time."""

    read_at: datetime
    hotel: Hotel
    hotel_rules: HotelPricingRules
    figures_changed_at: datetime | None
    outlook: Outlook

    def is_overtaken(self, state: PricingState) -> bool:
        """Return whether rules or rooms were saved, or prices were made, after this was read."""
        rules = self.hotel_rules.rules
        saved = PricingRules.objects.filter(pk=rules.pk).values_list("updated_at", flat=True)
        return (
            list(saved) != [rules.updated_at]
            or (state.priced_at is not None and state.priced_at > self.read_at)
            or figures_for_pricing.hotel(rules.pk).rooms_fingerprint != self.hotel.rooms_fingerprint
        )


def _read_basis(hotel_id: int) -> _Basis | None:
    """Read what prices are made of; None if the hotel has no rules or its prices are off."""
    read_at = timezone.now()
    hotel = figures_for_pricing.hotel(hotel_id)
    hotel_rules = load_rules(hotel_id)
    if hotel_rules is None or hotel_rules.rules.mode == Mode.OFF:
        return None
    # Before the figures themselves: a change that comes in between is priced the next time.
    figures_changed_at = figures_for_pricing.changed([hotel_id]).get(hotel_id)
    outlook = load_outlook(hotel_id, hotel_rules)
    return _Basis(read_at, hotel, hotel_rules, figures_changed_at, outlook)


def _price_nights(basis: _Basis, state: PricingState) -> int:
    """Price the coming nights, save those that changed, and return how many did."""
    hotel_id = basis.hotel_rules.rules.hotel_id
    outlook, formula_rules = basis.outlook, basis.hotel_rules.formula_rules()
    current_rows = _load_rows(hotel_id, outlook)
    pricing = NightPricing(basis.hotel_rules.rules, formula_rules)
    changes_today = count_day_changes(
        PriceDecision.objects.filter(
            hotel_id=hotel_id,
            action=Action.AUTOMATIC,
            made_at__gte=start_of_day(basis.hotel.local_time),
        )
        .order_by("id")
        .values_list("night", "old_price")
    )
    rows, decisions, is_unsettled = [], [], False
    for situation, forecast, has_told_rooms in zip(
        outlook.situations, outlook.forecasts, outlook.has_told_rooms, strict=True
    ):
        recommendation = recommend(formula_rules, situation)
        row = current_rows.get(situation.night)
        before = _values(row) if row else None
        is_first = row is None
        was_closed = row is not None and row.is_closed
        if row is None:
            row = NightPrice(
                hotel_id=hotel_id,
                night=situation.night,
                price=pricing.first_price(situation, recommendation, has_told_rooms),
                is_fixed=recommendation.bound == "fixed",
            )
        old_price = None if is_first else row.price
        _set_recommendation(row, formula_rules, situation, forecast, recommendation)
        changes = changes_today[row.night]
        change = (
            pricing.first_change(row, has_told_rooms)
            if is_first
            else pricing.change(row, recommendation, was_closed, has_told_rooms, changes)
        )
        if change:
            row.price = change.price
            decisions.append(new_decision(row, change.action, old_price, change.reason, MACHINE))
        if change and change.action is Action.AUTOMATIC and old_price is not None:
            changes.add(old_price)
        is_unsettled |= has_told_rooms and pricing.may_still_change(row, changes)
        if change or _values(row) != before:
            row.priced_at = timezone.now()
            rows.append(row)
    save_prices(basis.hotel_rules.rules, rows, decisions)
    state.is_unsettled = is_unsettled
    return len(rows)


def _load_rows(hotel_id: int, outlook: Outlook) -> dict[date, NightPrice]:
    nights = [situation.night for situation in outlook.situations]
    rows = NightPrice.objects.filter(hotel_id=hotel_id, night__in=nights)
    return {row.night: row for row in rows}


def recommend(formula_rules: Rules, situation: Situation) -> Price:
    """Return the recommended price of a night; of a closed one its calendar price, not shown."""
    if situation.rooms:
        return price(formula_rules, situation)
    amount = list_price(formula_rules, situation.night)
    neutral = dict.fromkeys(FACTORS, 1.0)
    bound = "fixed" if situation.night in formula_rules.fixed else ""
    return Price(amount, neutral, 0.0, bound, "No room is for sale on this night: it is closed.")


def _set_recommendation(
    row: NightPrice,
    formula_rules: Rules,
    situation: Situation,
    forecast: NightForecast,
    recommendation: Price,
) -> None:
    """Set what a night shows beside its price in force."""
    minimum, maximum = formula_rules.bounds_of(situation.night)
    row.recommended = recommendation.amount
    row.days_before = situation.days_before
    row.rooms = situation.rooms
    row.on_the_books = situation.on_the_books
    row.expected_on_the_books = round(recommendation.expected_on_the_books, 2)
    row.forecast = round(forecast.expected, 2)
    row.forecast_low = round(forecast.low, 2)
    row.forecast_high = round(forecast.high, 2)
    row.factors = {name: round(factor, 4) for name, factor in recommendation.factors.items()}
    row.made_from = {
        "base_price": str(formula_rules.base),
        "minimum_price": str(minimum),
        "maximum_price": str(maximum),
        "price_step": str(formula_rules.step),
        "bound": recommendation.bound,
        "events": formula_rules.event_names(situation.night),
    }
    row.sentence = recommendation.sentence


def _values(row: NightPrice) -> dict[str, Any]:
    """Return all values of a night but the time of its pricing."""
    return {
        field.attname: getattr(row, field.attname)
        for field in NightPrice._meta.concrete_fields
        if field.attname != "priced_at"
    }
