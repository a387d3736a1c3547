"""Preview of the recommended prices that changed pricing rules would give; saves nothing."""

from __future__ import annotations

from typing import Any

from pricing_service.decisions.automatic_pricing import recommend
from pricing_service.demand.demand_outlook import load_outlook
from pricing_service.models import NightPrice
from pricing_service.price_listing import format_amount
from pricing_service.rules.pricing_rules import HotelPricingRules


def preview_prices(hotel_id: int, changed: HotelPricingRules) -> list[dict[str, Any]]:
    """Return each coming night with its present prices and the one that the rules would give.

    Raises: django.db.Error.
    """
    outlook = load_outlook(hotel_id, changed)
    formula_rules = changed.formula_rules()
    nights = [situation.night for situation in outlook.situations]
    rows = NightPrice.objects.filter(hotel_id=hotel_id, night__in=nights)
    current_rows = {row.night: row for row in rows}
    preview = []
    for situation in outlook.situations:
        recommendation = recommend(formula_rules, situation)
        row = current_rows.get(situation.night)
        is_priced = row is not None and not row.is_closed
        preview.append(
            {
                "hotel_id": hotel_id,
                "night": situation.night,
                "price": format_amount(row.price) if row and is_priced else None,
                "recommended": format_amount(row.recommended) if row and is_priced else None,
                "would_be": format_amount(recommendation.amount) if situation.rooms else None,
                "sentence": recommendation.sentence,
            }
        )
    return preview
