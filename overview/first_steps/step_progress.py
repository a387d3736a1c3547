"""Which of the first steps a hotel has done, and which one is next.

Nothing of it is stored: a step is done when what it asks for is known, whoever told it and where.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dashboard_service.figures.rooms_for_sale import rooms_for_sale
from dashboard_service.models import HotelFigures, HotelProfile
from pricing_service import price_listing
from pricing_service.models import PricingRules

SUMMARY_NIGHTS = 30


@dataclass(frozen=True)
class StepProgress:
    """What is done of the first steps."""

    data: bool
    hotel: bool  # it has a name of its own, and with it the other answers of that step
    rooms: bool
    base_price: bool
    prices: bool

    @property
    def next(self) -> str:
        """The name of the first step that is not done; "prices" when all are."""
        done = {name: getattr(self, name) for name in ("data", "hotel", "rooms", "base_price")}
        return next((name for name, is_done in done.items() if not is_done), "prices")


def step_progress(profile: HotelProfile) -> StepProgress:
    """Return a hotel's progress. Raises: django.db.Error."""
    number = profile.hotel_id
    has_rules = PricingRules.objects.filter(pk=number).exists()
    return StepProgress(
        data=HotelFigures.objects.filter(pk=number).exists(),
        hotel=bool(profile.name),
        rooms=rooms_for_sale(profile).is_known,
        base_price=has_rules,
        prices=has_rules and bool(price_listing.list_prices(number, has_sentences=False)),
    )


def first_prices(hotel_id: int) -> dict[str, Any] | None:
    """Return the summary of a hotel's coming prices; None while there are none."""
    rows = [row for row in price_listing.list_prices(hotel_id) if row["recommended"] is not None]
    if not rows:
        return None
    recommended = [Decimal(row["recommended"]) for row in rows]
    soon = recommended[:SUMMARY_NIGHTS]
    return {
        "nights": len(rows),
        "lowest": str(min(recommended)),
        "highest": str(max(recommended)),
        "soon_nights": len(soon),
        "soon_mean": f"{sum(soon) / len(soon):.2f}",
        "currency": rows[0]["currency"],
        "tonight": rows[0],
        "suggested": sum(row["state"] == "suggested" for row in rows),
    }
