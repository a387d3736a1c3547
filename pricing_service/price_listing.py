"""Prices and decisions as REST, CSV and the pricing page show them.

Amounts are text with the decimals of their currency, so that no client rounds them on the way. A
night is in the currency that its price was made in. A closed night has no price.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from common.currencies import format_amount
from common.number_and_date_texts import is_english
from dashboard_service import figures_for_pricing
from pricing_service.decisions.change_limits import ChangeLimits
from pricing_service.decisions.night_recommendations import FORMER_FACTOR
from pricing_service.demand.demand_outlook import first_coming_night
from pricing_service.demand.engine_basis import load_engine_basis
from pricing_service.demand.night_chart import (
    booking_curve_points,
    groups_of_night,
    revenue_curve_points,
)
from pricing_service.demand.on_the_books_history import MAX_DAYS_BEFORE
from pricing_service.models import Mode, NightPrice, PriceDecision
from pricing_service.notes.night_notes import notes_by_night, serialize_note
from pricing_service.room_types.room_type_nights import reference_name
from pricing_service.rules.pricing_rules import HotelPricingRules, load_rules

COLUMNS = (
    "hotel_id", "night", "room_type", "price", "currency", "recommended", "state", "days_before",
    "rooms", "on_the_books", "occupancy", "expected_on_the_books", "forecast", "forecast_low",
    "forecast_high", "sentence", "priced_at", "minimum_stay", "group_rooms", "figures_as_of",
)  # fmt: skip
# Columns that are fields of NightPrice, shown as they are.
MODEL_COLUMNS = (
    "hotel_id", "night", "days_before", "rooms", "on_the_books", "expected_on_the_books",
    "forecast", "forecast_low", "forecast_high", "priced_at", "group_rooms", "figures_as_of",
)  # fmt: skip
MAX_DECISIONS = 50  # in the details of a night


def list_prices(
    hotel_id: int, first: date | None = None, last: date | None = None, has_sentences: bool = True
) -> list[dict[str, Any]]:
    """Return a hotel's priced nights in order of time; none if its prices are off or unset.

    Args:
        first: default: the first coming night.
        last: default: a year after the first.
        has_sentences: whether the rows have their reasons, in the reader's language.
    """
    hotel_rules = load_rules(hotel_id)
    if hotel_rules is None:
        return []
    return [
        serialize_price(hotel_rules, row, has_sentences)
        for row in price_rows(hotel_rules, first, last, has_sentences)
    ]


def price_rows(
    hotel_rules: HotelPricingRules,
    first: date | None = None,
    last: date | None = None,
    has_sentences: bool = True,
) -> list[NightPrice]:
    """Return the stored nights of `list_prices`, which has the arguments."""
    if hotel_rules.rules.mode == Mode.OFF:
        return []
    rows = NightPrice.objects.filter(hotel_id=hotel_rules.rules.hotel_id)
    if is_english() or not has_sentences:
        rows = rows.defer("sentence_texts")
    if first is None:
        hotel = figures_for_pricing.hotel(hotel_rules.rules.hotel_id)
        first = first_coming_night(hotel, hotel_rules)
        first = min(first, last) if last else first
    last = last or first + timedelta(days=MAX_DAYS_BEFORE - 1)
    return list(rows.filter(night__range=(first, last)).order_by("night"))


def night_details(hotel_id: int, night: date) -> dict[str, Any] | None:
    """Return a night with its factors, booking curve and decisions; None if it has no price."""
    hotel_rules = load_rules(hotel_id)
    row = NightPrice.objects.filter(hotel_id=hotel_id, night=night).first()
    if hotel_rules is None or row is None or hotel_rules.rules.mode == Mode.OFF:
        return None
    made_from = _made_from(hotel_rules, row)
    basis = load_engine_basis(hotel_id, hotel_rules)
    currency = row.currency or hotel_rules.rules.currency
    note = notes_by_night(hotel_id, night, night).get(night)
    decisions = decisions_to_show(hotel_id).filter(night=night)[:MAX_DECISIONS]
    return {
        **serialize_price(hotel_rules, row),
        "factors": {
            name: factor
            for name, factor in row.factors.items()
            if name != FORMER_FACTOR or "demand" not in row.factors
        },
        "base_price": format_amount(Decimal(made_from["base_price"]), currency),
        "minimum_price": format_amount(Decimal(made_from["minimum_price"]), currency),
        "maximum_price": format_amount(Decimal(made_from["maximum_price"]), currency),
        "price_step": format_amount(Decimal(made_from["price_step"]), currency),
        "bound": made_from["bound"],
        "bound_origin": made_from["bound_origin"],
        "bound_season": made_from["bound_season"],
        "events": made_from["events"],
        "event_names": made_from["event_names"],
        "note": serialize_note(note) if note else None,
        "groups": groups_of_night(hotel_rules, row),
        "revenue_curve": [
            point | {"price": format_amount(point["price"], currency)}
            for point in revenue_curve_points(basis, row)
        ],
        "curve": booking_curve_points(basis, row),
        "decisions": [serialize_decision(decision, currency) for decision in decisions],
    }


def _made_from(hotel_rules: HotelPricingRules, row: NightPrice) -> dict[str, Any]:
    """Return what a night's recommended price was made from, as it was then.

    Of a night that was priced before this was kept, it is what would be so today.
    """
    rules = hotel_rules.engine_rules()
    minimum, maximum = rules.bounds_of(row.night)
    values: dict[str, Any] = {
        "base_price": rules.base, "minimum_price": minimum, "maximum_price": maximum,
        "price_step": rules.step, "bound": "", "bound_origin": "", "bound_season": None,
        "events": " and ".join(rules.event_names(row.night)),
    }  # fmt: skip
    values.update(row.made_from)
    # Without them in nights that the version before has priced.
    values.setdefault("event_names", [values["events"]] if values["events"] else [])
    return values


def serialize_price(
    hotel_rules: HotelPricingRules, row: NightPrice, has_sentence: bool = True
) -> dict[str, Any]:
    """Return a night with the keys of COLUMNS, in their order.

    Args:
        has_sentence: whether the reason is needed, in the reader's language.
    """
    currency = row.currency or hotel_rules.rules.currency
    values = {name: getattr(row, name) for name in MODEL_COLUMNS} | {
        "price": None if row.is_closed else format_amount(row.price, currency),
        "room_type": reference_name(hotel_rules),
        "currency": currency,
        "recommended": None if row.is_closed else format_amount(row.recommended, currency),
        "state": price_state(hotel_rules, row),
        "minimum_stay": hotel_rules.minimum_stay(row.night),
        "occupancy": round(row.on_the_books / row.rooms, 4) if row.rooms else None,
        "sentence": row.shown_sentence if has_sentence else row.sentence,
    }
    return {name: values[name] for name in COLUMNS}


def decisions_to_show(hotel_id: int) -> QuerySet[PriceDecision]:
    """Return a hotel's decisions, newest first, with what `serialize_decision` needs of them."""
    decisions = PriceDecision.objects.filter(hotel_id=hotel_id).order_by("-id")
    return decisions.defer("reason_texts") if is_english() else decisions


def serialize_decision(decision: PriceDecision, hotel_currency: str) -> dict[str, Any]:
    """Return a decision as REST shows it.

    Args:
        hotel_currency: of decisions that have none of their own.
    """
    old_price, currency = decision.old_price, decision.currency or hotel_currency
    return {
        "id": decision.id,
        "hotel_id": decision.hotel_id,
        "night": decision.night,
        "made_at": decision.made_at,
        "action": decision.action,
        "old_price": None if old_price is None else format_amount(old_price, currency),
        "new_price": format_amount(decision.new_price, currency),
        "recommended": format_amount(decision.recommended, currency),
        "currency": currency,
        "on_the_books": decision.on_the_books,
        "reason": decision.shown_reason,
        "made_from": decision.made_from,
        "who": decision.who,
    }


def price_state(hotel_rules: HotelPricingRules, row: NightPrice) -> str:
    """Return the state of a night's price.

    "closed" without a room for sale, "held" by a person, "suggested" if another price is
    recommended, else "in force".
    """
    if row.is_closed:
        return "closed"
    if row.is_held:
        return "held"
    limits = ChangeLimits.from_rules(hotel_rules.rules)
    return "suggested" if limits.allows_change(row.price, row.recommended) else "in force"
