"""What a hotel's own data propose for what nobody has told yet: rooms, currency, prices.

The base price is what the reference room type earned on average in the last year, on a step; lowest
and highest price are the shares of it that new pricing rules have by default. A person may change
all of it before it is saved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

from common.currencies import THOUSANDTHS, why_not_in_use
from dashboard_service.figures.hotel_currency import currency_of
from dashboard_service.figures_for_pricing import Hotel, sold_by_room_type
from dashboard_service.models import HotelProfile
from pricing_service.engine.price_steps import on_step
from pricing_service.engine.room_type_prices import name_key
from pricing_service.rules.pricing_rules import DEFAULT_MAXIMUM, DEFAULT_MINIMUM
from pricing_service.rules.room_type_proposals import propose_room_types

DAYS: Final = 364  # the last year, in whole weeks
MIN_ROOM_NIGHTS: Final = 30  # with a rate, below which a mean is chance
STEP: Final = Decimal(1)
USUAL_CURRENCY: Final = "EUR"


@dataclass(frozen=True)
class PriceProposal:
    """Proposed prices, with what they come from.

    Attributes:
        base, minimum, maximum: None with too few rates.
        room_nights: with a rate, that the base price is the mean of.
        room_types: as `propose_room_types` returns them.
    """

    base: Decimal | None
    minimum: Decimal | None
    maximum: Decimal | None
    room_nights: int
    room_types: list[dict[str, Any]]

    @property
    def reference(self) -> str:
        """The name of the reference room type; empty where there are no types."""
        return next((one["name"] for one in self.room_types if one["is_reference"]), "")


def propose_currency(profile: HotelProfile) -> str:
    """Return the currency that a hotel's data have most, if prices can be in it."""
    proposed = currency_of(profile.hotel_id, profile.currency) or USUAL_CURRENCY
    return USUAL_CURRENCY if why_not_in_use(proposed) else proposed


def propose_prices(hotel: Hotel) -> PriceProposal:
    """Return prices from the last year's rates. Raises: django.db.Error."""
    last = min(hotel.today, hotel.newest_day or hotel.today)
    sold = sold_by_room_type(hotel.hotel_id, last - timedelta(days=DAYS - 1), last) or []
    types = propose_room_types(sold)
    reference = next((name_key(one["name"]) for one in types if one["is_reference"]), None)
    rows = [row for row in sold if reference is None or name_key(row.room_type) == reference]
    room_nights = sum(row.with_rate for row in rows)
    revenue = sum(row.revenue for row in rows)
    if room_nights < MIN_ROOM_NIGHTS or revenue <= 0:
        return PriceProposal(None, None, None, room_nights, types)
    base = max(on_step(Decimal(revenue) / THOUSANDTHS / room_nights, STEP), STEP)
    return PriceProposal(
        base,
        max(on_step(base * DEFAULT_MINIMUM, STEP, ROUND_FLOOR), STEP),
        on_step(base * DEFAULT_MAXIMUM, STEP, ROUND_CEILING),
        room_nights,
        types,
    )
