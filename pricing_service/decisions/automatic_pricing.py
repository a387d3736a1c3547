"""Prices a hotel's coming nights: renews the recommended prices, changes prices in force.

Recommended prices come from the engine (`pricing_service.engine`). Which price is in force decides
`price_in_force`. Each change is saved as a decision in the transaction that makes it.

What prices are made of is read before the hotel's lock is taken, and compared once it is held: if a
person saved other rules, or another process priced newer figures meanwhile, all is read again, so
that nothing older overrules something newer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone

from dashboard_service import figures_for_pricing
from dashboard_service.figures_for_pricing import Hotel
from pricing_service.decisions.decision_log import new_decision, save_prices
from pricing_service.decisions.night_plan import load_plan
from pricing_service.decisions.night_recommendations import Recommendation, recommend_nights
from pricing_service.demand import stale_hotels
from pricing_service.demand.demand_outlook import Outlook, is_tried, load_outlook
from pricing_service.demand.engine_basis import engine_basis
from pricing_service.models import Mode, PricingRules, PricingState
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
            is_first_time = state.priced_at is None
            priced = _price_nights(basis, state)
            state.as_of = basis.hotel.today
            was_stale_since, state.stale_since = state.stale_since, basis.outlook.stale_since
            state.figures_changed_at = basis.figures_changed_at
            state.rooms_fingerprint = basis.hotel.rooms_fingerprint
            state.priced_at = basis.read_at
            state.is_urgent = False
            state.due_at = timezone.now() if state.is_unsettled else basis.hotel.day_ends_at
            state.tries, state.failing_since, state.failure = 0, None, ""
            state.save()
        if not (is_first_time or is_tried(basis.hotel_rules)):
            stale_hotels.report(basis.hotel, was_stale_since, basis.outlook.stale_since)
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
    recommendations: list[Recommendation]

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
    engine = engine_basis(hotel, hotel_rules, outlook.as_of, outlook.usual_rooms, outlook.bookings)
    # Before the lock, too: the engine calculates for a while.
    recommendations = recommend_nights(engine, outlook.situations)
    return _Basis(read_at, hotel, hotel_rules, figures_changed_at, outlook, recommendations)


def _price_nights(basis: _Basis, state: PricingState) -> int:
    """Price the coming nights, save those that changed, and return how many did."""
    plan = load_plan(basis.hotel, basis.hotel_rules, basis.outlook, basis.recommendations)
    changed = [planned for planned in plan if planned.is_changed]
    now = timezone.now()
    for planned in changed:
        planned.row.priced_at = now
    decisions = [
        new_decision(
            planned.row,
            planned.change.action,
            planned.comparable_old_price,
            planned.change.reason,
            MACHINE,
        )
        for planned in changed
        if planned.change
    ]
    save_prices(basis.hotel_rules.rules, [planned.row for planned in changed], decisions)
    state.is_unsettled = any(planned.may_still_change for planned in plan)
    return len(changed)
