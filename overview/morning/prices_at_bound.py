"""Prices that have been at their minimum or maximum for days: the bound decides, not the demand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from django.db.models import F, Max

from pricing_service.models import NightPrice, PriceDecision

LONG: Final = timedelta(days=3)  # automatic prices move several times a day

Bound = Literal["minimum", "maximum"]
BOUNDS: Final[tuple[Bound, ...]] = ("maximum", "minimum")


@dataclass(frozen=True)
class PricesAtBound:
    """Nights whose price in force has been at a bound for LONG or longer, in order of time."""

    bound: Bound
    nights: list[date]
    longest_since: datetime


def bound_of(row: NightPrice) -> Bound | None:
    """Return the bound at which a night's price in force is; None for any other price."""
    bound = row.made_from.get("bound")
    if row.is_closed or row.is_held or row.price != row.recommended:
        return None
    return bound if bound in BOUNDS else None


def prices_at_bound(
    hotel_id: int, prices: Mapping[date, NightPrice], now: datetime
) -> list[PricesAtBound]:
    """Return the nights at the maximum, and those at the minimum.

    A price is as old as the last decision that changed it.

    Args:
        prices: of the nights to look at.
    Raises:
        django.db.Error.
    """
    at_bound: dict[Bound, list[date]] = {"maximum": [], "minimum": []}
    for night, row in sorted(prices.items()):
        bound = bound_of(row)
        if bound is not None:
            at_bound[bound].append(night)
    nights = [night for found in at_bound.values() for night in found]
    if not nights:
        return []
    changes = PriceDecision.objects.filter(hotel_id=hotel_id, night__in=nights).exclude(
        old_price=F("new_price")
    )
    changed_at = dict(changes.order_by().values_list("night").annotate(Max("made_at")))
    found = []
    for bound, its_nights in at_bound.items():
        ages = {night: changed_at[night] for night in its_nights if night in changed_at}
        old = {night: at for night, at in ages.items() if now - at >= LONG}
        if old:
            found.append(PricesAtBound(bound, list(old), min(old.values())))
    return found
