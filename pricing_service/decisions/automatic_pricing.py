"""Prices a hotel's coming nights: renews the recommended prices, changes prices in force.

Recommended prices follow `pricing_service.engine.price_formula`. The price in force follows the
mode of the hotel's pricing rules: in *suggest* it waits for a person, in *automatic* it takes the
recommended price within the limits of `change_limits`. In both modes a fixed price comes into force
at once, a price outside the bounds returns inside them, and a price that a person holds stays as it
is. Each change is saved as a decision in the transaction that makes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.utils import timezone

from dashboard_service import figures_for_pricing
from pricing_service.decisions.change_limits import (
    ChangeLimits,
    DayChanges,
    count_day_changes,
    start_of_day,
)
from pricing_service.decisions.decision_log import new_decision, save_prices
from pricing_service.demand.demand_outlook import Outlook, load_outlook
from pricing_service.demand.forecast import NightForecast
from pricing_service.engine.price_formula import Price, Rules, Situation, list_price, price
from pricing_service.models import Action, Mode, NightPrice, PriceDecision, PricingState
from pricing_service.rules.pricing_rules import HotelPricingRules, load_rules
from pricing_service.signals import prices_changed

MACHINE = "RoomPriceGenie"  # the author of automatic decisions


def reprice(hotel_id: int) -> int:
    """Price a hotel's coming nights anew and return how many were priced.

    On a new day, with changed rules or rooms these are all nights, else those with new figures.

    Raises: django.db.Error.
    """
    # Read before the rooms themselves, as the times below before the figures.
    rooms_fingerprint = figures_for_pricing.hotel(hotel_id).rooms_fingerprint
    hotel_rules = load_rules(hotel_id)
    if hotel_rules is None or hotel_rules.rules.mode == Mode.OFF:
        return 0
    # Both are read before the figures: a change that comes in between is priced the next time.
    started_at = timezone.now()
    figures_changed_at = figures_for_pricing.changed([hotel_id]).get(hotel_id)
    outlook = load_outlook(hotel_id, hotel_rules)
    with PricingState.locked(hotel_id) as state:
        all_nights = (
            state.as_of != outlook.as_of
            or state.priced_at is None
            or hotel_rules.rules.updated_at > state.priced_at
            or state.rooms_fingerprint != rooms_fingerprint
        )
        priced = _price_nights(hotel_rules, outlook, all_nights)
        state.as_of = outlook.as_of
        state.figures_changed_at = figures_changed_at
        state.rooms_fingerprint = rooms_fingerprint
        state.priced_at = started_at
        state.save()
    if priced:
        prices_changed.send(sender=None)
    return priced


def _price_nights(hotel_rules: HotelPricingRules, outlook: Outlook, all_nights: bool) -> int:
    """Price the coming nights, save them, and return how many were priced."""
    hotel_id = hotel_rules.rules.hotel_id
    current_rows = _load_rows(hotel_id, [situation.night for situation in outlook.situations])
    changes_today = count_day_changes(
        PriceDecision.objects.filter(
            hotel_id=hotel_id, action=Action.AUTOMATIC, made_at__gte=start_of_day(timezone.now())
        )
        .order_by("id")
        .values_list("night", "old_price")
    )
    formula_rules = hotel_rules.formula_rules()
    rows, decisions = [], []
    for situation, forecast in zip(outlook.situations, outlook.forecasts, strict=True):
        night, row = situation.night, current_rows.get(situation.night)
        if row and not all_nights and row.on_the_books == situation.on_the_books:
            continue
        recommendation = price(formula_rules, situation)
        if row is None:
            row = _first_row(hotel_rules, formula_rules, situation, recommendation)
            _set_recommendation(row, situation, forecast, recommendation)
            decisions.append(_first_decision(hotel_rules, row))
        else:
            _set_recommendation(row, situation, forecast, recommendation)
            old_price = row.price
            row.price = _price_in_force(hotel_rules, row, recommendation, changes_today[night])
            if row.price != old_price:
                reason = recommendation.sentence
                decisions.append(new_decision(row, Action.AUTOMATIC, old_price, reason, MACHINE))
        rows.append(row)
    save_prices(hotel_rules.rules, rows, decisions)
    return len(rows)


def _load_rows(hotel_id: int, nights: Sequence[date]) -> dict[date, NightPrice]:
    rows = NightPrice.objects.filter(hotel_id=hotel_id, night__range=(nights[0], nights[-1]))
    return {row.night: row for row in rows}


def _first_row(
    hotel_rules: HotelPricingRules,
    formula_rules: Rules,
    situation: Situation,
    recommendation: Price,
) -> NightPrice:
    """Return an unsaved night with its first price.

    It is the calendar price in suggest mode, the recommended price in automatic.
    """
    is_automatic = hotel_rules.rules.mode == Mode.AUTOMATIC
    return NightPrice(
        hotel_id=hotel_rules.rules.hotel_id,
        night=situation.night,
        price=(
            recommendation.amount if is_automatic else list_price(formula_rules, situation.night)
        ),
    )


def _first_decision(hotel_rules: HotelPricingRules, row: NightPrice) -> PriceDecision:
    """Return the unsaved decision of a night's first price."""
    is_automatic = hotel_rules.rules.mode == Mode.AUTOMATIC
    reason = row.sentence if is_automatic else "The first price, by the calendar."
    return new_decision(row, Action.START, None, reason, MACHINE)


def _set_recommendation(
    row: NightPrice, situation: Situation, forecast: NightForecast, recommendation: Price
) -> None:
    """Set all fields of a night but its price in force."""
    row.recommended = recommendation.amount
    row.days_before = situation.days_before
    row.rooms = situation.rooms
    row.on_the_books = situation.on_the_books
    row.expected_on_the_books = round(recommendation.expected_on_the_books, 2)
    row.forecast = round(forecast.expected, 2)
    row.forecast_low = round(forecast.low, 2)
    row.forecast_high = round(forecast.high, 2)
    row.factors = {name: round(factor, 4) for name, factor in recommendation.factors.items()}
    row.sentence = recommendation.sentence
    row.priced_at = timezone.now()


def _price_in_force(
    hotel_rules: HotelPricingRules, row: NightPrice, recommendation: Price, changes: DayChanges
) -> Decimal:
    """Return the price that a night should have now, in the hotel's currency."""
    rules = hotel_rules.rules
    current: Decimal = row.price
    if row.is_held:
        return current
    if recommendation.bound == "fixed":
        return recommendation.amount
    is_automatic = rules.mode == Mode.AUTOMATIC
    inside_bounds: Decimal = min(max(current, rules.minimum_price), rules.maximum_price)
    if inside_bounds != current:
        return recommendation.amount if is_automatic else inside_bounds
    if not is_automatic:
        return current
    return ChangeLimits.from_rules(rules).limited_price(current, recommendation.amount, changes)
