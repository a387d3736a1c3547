"""Preview of what changed pricing rules would do to a hotel's prices; saves nothing.

It makes the very plan that saving them would save, from the same figures and limits.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from common.currencies import format_amount
from dashboard_service import figures_for_pricing
from pricing_service.decisions.night_plan import load_plan
from pricing_service.decisions.night_recommendations import recommend_nights
from pricing_service.demand.demand_outlook import load_outlook
from pricing_service.demand.engine_basis import engine_basis
from pricing_service.models import Mode
from pricing_service.rules.pricing_rules import HotelPricingRules


def preview_prices(hotel_id: int, changed: HotelPricingRules) -> list[dict[str, Any]]:
    """Return each coming night with its present prices and those that the rules would give.

    With prices off, none would be in force.

    Raises: django.db.Error.
    """
    hotel = figures_for_pricing.hotel(hotel_id)
    is_off = changed.rules.mode == Mode.OFF
    preview = []
    outlook = load_outlook(hotel_id, changed, has_forecasts=False)
    basis = engine_basis(
        hotel, changed, outlook.as_of, outlook.usual_rooms, outlook.bookings, is_kept=False
    )
    recommendations = recommend_nights(basis, outlook.situations)
    for planned in load_plan(hotel, changed, outlook, recommendations):
        row, old_currency = planned.row, planned.old_currency
        preview.append(
            {
                "hotel_id": hotel_id,
                "night": row.night,
                "price": _amount(planned.old_price, old_currency, not planned.was_closed),
                "recommended": _amount(
                    planned.old_recommended, old_currency, not planned.was_closed
                ),
                "currency": old_currency,
                "would_be": _amount(row.recommended, row.currency, not row.is_closed),
                "price_would_be": _amount(row.price, row.currency, not (row.is_closed or is_off)),
                "currency_would_be": row.currency,
                "sentence": row.shown_sentence,
            }
        )
    return preview


def _amount(amount: Decimal | None, currency: str, is_shown: bool) -> str | None:
    """Return an amount as text; None on a closed night, and where there is none yet."""
    return format_amount(amount, currency) if amount is not None and is_shown else None
