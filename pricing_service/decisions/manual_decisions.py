"""What a person decides about prices: accept, override, lock, release. All or nothing, and kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from pricing_service.decisions.automatic_pricing import decision, keep
from pricing_service.models import Action, NightPrice, PricingProfile, PricingState
from pricing_service.signals import prices_changed

WORDS = {
    Action.ACCEPT: "Accepted the recommended price.",
    Action.OVERRIDE: "Set by a person.",
    Action.LOCK: "Locked by a person.",
    Action.RELEASE: "Released: the price may change again.",
}


class CannotDecide(Exception):
    """What was asked for is not possible; nothing was changed. `field` says what is wrong."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


def decide(
    hotel_id: int,
    nights: Sequence[date],
    action: Action,
    who: str,
    price: Decimal | None = None,
    reason: str = "",
) -> list[NightPrice]:
    """Decide about nights; the nights as they are then, in order of time.

    An overridden and a locked price is held until it is released. What is decided already stays as
    it is, so that asking twice is harmless.

    Args:
        price: for an override, in the hotel's currency, inside its bounds; with accept, the
            recommended price that the person saw: refused where it changed meanwhile.
        reason: a person's words; a standard sentence without.
    Raises:
        CannotDecide: nothing was changed.
    """
    with PricingState.locked(hotel_id):
        profile = PricingProfile.objects.filter(pk=hotel_id).first()
        if profile is None:
            raise CannotDecide("hotel_id", f"hotel {hotel_id} has no pricing profile")
        _check_price(profile, action, price)
        rows = list(
            NightPrice.objects.filter(hotel_id=hotel_id, night__in=nights).order_by("night")
        )
        missing = sorted(set(nights) - {row.night for row in rows})
        if missing:
            raise CannotDecide("nights", f"no price to decide about on {missing[0]}")
        for row in rows:
            if action is Action.ACCEPT and price not in (None, row.recommended):
                raise CannotDecide("price", f"{row.recommended} is recommended by now")
        made = []
        for row in rows:
            old, was_held = row.price, row.is_held
            if action is Action.ACCEPT:
                row.price = row.recommended
            elif action is Action.OVERRIDE and price is not None:
                row.price = price
            if action is not Action.ACCEPT:
                row.is_held = action is not Action.RELEASE
            if (row.price, row.is_held) != (old, was_held):
                made.append(decision(row, action, old, reason or WORDS[action], who))
        keep(profile, rows, made)
    if made:
        prices_changed.send(sender=None)
    return rows


def _check_price(profile: PricingProfile, action: Action, price: Decimal | None) -> None:
    if action is Action.ACCEPT:
        return
    if action is not Action.OVERRIDE:
        if price is not None:
            raise CannotDecide("price", "goes with override and accept")
        return
    if price is None:
        raise CannotDecide("price", "needed for an override")
    if not profile.minimum_price <= price <= profile.maximum_price:
        raise CannotDecide(
            "price",
            f"must lie between {profile.minimum_price} and {profile.maximum_price} "
            f"{profile.currency}, the hotel's bounds",
        )
