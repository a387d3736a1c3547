"""The plan of a hotel's coming nights: recommended prices, and what changes in force now.

Repricing saves a plan; a preview shows one. Both make it here, so that a preview says what saving
will do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from common.currencies import format_amount
from dashboard_service.figures_for_pricing import Hotel
from pricing_service.decisions.change_limits import DayChanges, count_day_changes, start_of_day
from pricing_service.decisions.night_recommendations import FORMER_FACTOR, Recommendation
from pricing_service.decisions.price_in_force import Change, NightPricing
from pricing_service.demand.demand_outlook import Outlook
from pricing_service.demand.forecast import NightForecast
from pricing_service.demand.night_situation import Situation
from pricing_service.engine.hotel_rules import HotelRules
from pricing_service.models import Action, NightPrice, PriceDecision
from pricing_service.rules.pricing_rules import HotelPricingRules
from pricing_service.texts.stored_texts import in_english, to_store
from pricing_service.texts.text_parts import season_as_json


@dataclass(frozen=True)
class PlannedNight:
    """A night as it is after the plan.

    Attributes:
        row: not saved; with the new price in force, recommended price and figures.
        old_price: in force before; None for a night without a price so far.
        old_currency: of `old_price`.
        old_recommended: None where `old_price` is.
        change: of the price in force; None if it stays.
        was_closed: whether it is saved as closed.
        is_changed: whether anything of the row differs from what is saved.
        may_still_change: whether the limits allow another automatic change at once.
    """

    row: NightPrice
    old_price: Decimal | None
    old_currency: str
    old_recommended: Decimal | None
    change: Change | None
    was_closed: bool
    is_changed: bool
    may_still_change: bool

    @property
    def comparable_old_price(self) -> Decimal | None:
        """The old price if it is in the currency of the new one; else None."""
        return self.old_price if self.old_currency == self.row.currency else None


def load_plan(
    hotel: Hotel,
    hotel_rules: HotelPricingRules,
    outlook: Outlook,
    recommendations: Sequence[Recommendation],
) -> list[PlannedNight]:
    """Return the plan from the saved nights and today's changes.

    Args:
        recommendations: of the outlook's nights.
    Raises: django.db.Error.
    """
    hotel_id = hotel_rules.rules.hotel_id
    nights = [situation.night for situation in outlook.situations]
    rows = NightPrice.objects.filter(hotel_id=hotel_id, night__in=nights)
    changes = PriceDecision.objects.filter(
        hotel_id=hotel_id,
        action=Action.AUTOMATIC,
        made_at__gte=start_of_day(hotel.local_time),
        currency__in=("", hotel_rules.rules.currency),
    ).order_by("id")
    changes_today = count_day_changes(changes.values_list("night", "old_price"))
    saved = {row.night: row for row in rows}
    return plan_nights(hotel_rules, outlook, recommendations, saved, changes_today)


def plan_nights(
    hotel_rules: HotelPricingRules,
    outlook: Outlook,
    recommendations: Sequence[Recommendation],
    rows: Mapping[date, NightPrice],
    changes_today: Mapping[date, DayChanges],
) -> list[PlannedNight]:
    """Return the plan of the outlook's nights. Pure.

    Args:
        rows: the nights that have a price, as saved; they are changed into those of the plan.
        changes_today: automatic changes so far.
    """
    rules = hotel_rules.engine_rules()
    pricing = NightPricing(hotel_rules.rules, rules)
    currency = hotel_rules.rules.currency
    plan = []
    for situation, forecast, has_told_rooms, recommendation in zip(
        outlook.situations,
        outlook.forecasts,
        outlook.has_told_rooms,
        recommendations,
        strict=True,
    ):
        may_change = has_told_rooms and outlook.lets_prices_move
        changes = changes_today.get(situation.night, DayChanges())
        row = rows.get(situation.night)
        was_closed = row is not None and row.is_closed
        old_currency = (row and row.currency) or hotel_rules.saved_currency or currency
        if row is None:
            row = NightPrice(
                hotel_id=hotel_rules.rules.hotel_id,
                night=situation.night,
                price=pricing.first_price(situation, recommendation, may_change),
                is_fixed=recommendation.bound == "fixed",
            )
            before, old_price, old_recommended = None, None, None
            _set_figures(row, outlook, situation, forecast)
            _set_recommendation(row, rules, currency, situation, recommendation)
            row.currency = currency
            change: Change | None = pricing.first_change(row, recommendation, may_change)
        else:
            before, old_price, old_recommended = _values(row), row.price, row.recommended
            _set_figures(row, outlook, situation, forecast)
            _set_recommendation(row, rules, currency, situation, recommendation)
            row.currency = old_currency
            if old_currency == currency:
                change = pricing.change(row, recommendation, was_closed, may_change, changes)
            else:
                change = pricing.made_anew(row, situation, recommendation, may_change)
                row.currency = currency
        if change:
            row.price = change.price
            if change.action is Action.AUTOMATIC:
                changes.add(old_price)
        plan.append(
            PlannedNight(
                row,
                old_price,
                old_currency,
                old_recommended,
                change,
                was_closed,
                is_changed=change is not None or _values(row) != before,
                may_still_change=may_change and pricing.may_still_change(row, changes),
            )
        )
    return plan


def _set_figures(
    row: NightPrice, outlook: Outlook, situation: Situation, forecast: NightForecast
) -> None:
    """Set a night's sales and forecast, of the newest day that is known."""
    row.days_before = (situation.night - outlook.today).days
    row.figures_as_of = situation.figures_as_of
    row.rooms = situation.rooms
    row.on_the_books = situation.on_the_books
    row.group_rooms = situation.group_rooms
    row.forecast = round(forecast.expected, 2)
    row.forecast_low = round(forecast.low, 2)
    row.forecast_high = round(forecast.high, 2)


def _set_recommendation(
    row: NightPrice,
    rules: HotelRules,
    currency: str,
    situation: Situation,
    recommendation: Recommendation,
) -> None:
    """Set a night's recommended price and what it was made from."""
    bounds, events = rules.night_bounds(situation.night), rules.event_names(situation.night)
    row.recommended = recommendation.amount
    row.expected_on_the_books = round(recommendation.expected_on_the_books, 2)
    factors = {**recommendation.factors, FORMER_FACTOR: 1.0}
    row.factors = {name: round(factor, 4) for name, factor in factors.items()}
    row.made_from = {
        "base_price": format_amount(rules.base, currency),
        "minimum_price": format_amount(bounds.minimum, currency),
        "maximum_price": format_amount(bounds.maximum, currency),
        "price_step": format_amount(rules.step, currency),
        "bound": recommendation.bound,
        "bound_origin": bounds.origin(recommendation.bound),
        "bound_season": season_as_json(bounds.season(recommendation.bound)),
        "events": " and ".join(events),
        "event_names": events,
    }
    row.sentence = in_english(recommendation.sentence)
    row.sentence_texts = to_store(row.sentence, recommendation.sentence)


def _values(row: NightPrice) -> dict[str, Any]:
    """Return all values of a night but the time of its pricing."""
    return {
        field.attname: getattr(row, field.attname)
        for field in NightPrice._meta.concrete_fields
        if field.attname != "priced_at"
    }
