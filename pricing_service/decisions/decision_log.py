"""Saves prices together with the decisions that changed them, and queues new prices for delivery.

The caller holds `PricingState.locked`, so that all of it is one transaction.
"""

from __future__ import annotations

from decimal import Decimal

from pricing_service.models import (
    Action,
    NightPrice,
    PriceDecision,
    PricingRules,
    WebhookDelivery,
)

UPDATED_FIELDS = [
    field.name
    for field in NightPrice._meta.concrete_fields
    if field.name not in ("id", "hotel_id", "night")
]


def new_decision(
    row: NightPrice, action: Action, old_price: Decimal | None, reason: str, who: str
) -> PriceDecision:
    """Return an unsaved decision; the row already has its new price."""
    return PriceDecision(
        hotel_id=row.hotel_id,
        night=row.night,
        action=action,
        old_price=old_price,
        new_price=row.price,
        recommended=row.recommended,
        on_the_books=row.on_the_books,
        reason=reason,
        made_from={
            **row.made_from,
            "factors": row.factors,
            "days_before": row.days_before,
            "rooms": row.rooms,
            "group_rooms": row.group_rooms,
            "expected_on_the_books": row.expected_on_the_books,
            "forecast": row.forecast,
        },
        who=who,
    )


def save_prices(
    rules: PricingRules, rows: list[NightPrice], decisions: list[PriceDecision]
) -> None:
    """Save nights and decisions, and queue changed prices for the hotel's webhook, if it has one.

    Raises: django.db.Error.
    """
    NightPrice.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["hotel_id", "night"],
        update_fields=UPDATED_FIELDS,
    )
    PriceDecision.objects.bulk_create(decisions)
    changes = [decision for decision in decisions if decision.old_price != decision.new_price]
    if rules.webhook_url and changes and rules.try_as_of is None:
        WebhookDelivery.objects.create(
            hotel_id=rules.hotel_id,
            prices=[
                {"night": decision.night.isoformat(), "price": str(decision.new_price)}
                for decision in changes
            ],
        )
