"""Saves prices together with the decisions that changed them, and notes that they are to be sent.

The caller holds `PricingState.locked`, so that all of it is one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from common.translatable_text import Text
from pricing_service.delivery import due_deliveries
from pricing_service.models import Action, NightPrice, PriceDecision, PricingRules
from pricing_service.room_types.room_type_models import has_room_types
from pricing_service.texts.stored_texts import in_english, to_store

# Decisions that leave a price as it was made, in whatever currency.
WITHOUT_PRICE = {Action.CLOSE, Action.OPEN, Action.RELEASE}

UPDATED_FIELDS = [
    field.name
    for field in NightPrice._meta.concrete_fields
    if field.name not in ("id", "hotel_id", "night")
]


def new_decision(
    row: NightPrice,
    action: Action,
    old_price: Decimal | None,
    reason: str | Sequence[Text],
    who: str,
) -> PriceDecision:
    """Return an unsaved decision; the row already has its new price.

    Args:
        reason: as a person wrote it, or sentences to be read in any language.
    """
    texts = [] if isinstance(reason, str) else reason
    sentence = reason if isinstance(reason, str) else in_english(reason)
    return PriceDecision(
        hotel_id=row.hotel_id,
        night=row.night,
        action=action,
        old_price=old_price,
        new_price=row.price,
        recommended=row.recommended,
        currency=row.currency,
        on_the_books=row.on_the_books,
        reason=sentence,
        reason_texts=to_store(sentence, texts),
        made_from={
            **row.made_from,
            "factors": row.factors,
            "days_before": row.days_before,
            "figures_as_of": row.figures_as_of and row.figures_as_of.isoformat(),
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
    """Save nights and decisions; a hotel's webhook is due to be told if something was decided.

    A price that was decided about is in the hotel's currency from then on.

    Raises: django.db.Error.
    """
    decided = {decision.night for decision in decisions if decision.action not in WITHOUT_PRICE}
    for row in rows:
        if row.night in decided or not row.currency:
            row.currency = rules.currency
    NightPrice.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["hotel_id", "night"],
        update_fields=UPDATED_FIELDS,
    )
    PriceDecision.objects.bulk_create(decisions)
    # Of a hotel with room types, new figures alone may have sold a type out.
    if rules.webhook_url and (decisions or (rows and has_room_types(rules.hotel_id))):
        due_deliveries.mark_changed(rules.hotel_id)
