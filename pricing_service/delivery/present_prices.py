"""The present state of a hotel's coming nights, as its booking system should know it.

From tonight on, in the hotel's own date. A closed night has no price and no minimum stay; a price
that a person holds is "held". Only prices in the hotel's present currency are in it: one that was
made in another is left out until it is made anew, so that 100 EUR are never sent as 100 USD. A
hotel has none whose prices are off, or tried as of a day that a person chose.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from common.currencies import format_amount
from dashboard_service import figures_for_pricing
from pricing_service.models import Mode, NightPrice, PricingRules
from pricing_service.room_types.room_type_models import has_room_types
from pricing_service.room_types.room_type_nights import room_type_nights
from pricing_service.rules.pricing_rules import HotelPricingRules, load_rules
from pricing_service.rules.rule_list_models import MinimumStay

# The words of `GET /prices/`; a suggestion that waits for a person is no matter of the receiver's.
IN_FORCE: Final = "in force"
HELD: Final = "held"
CLOSED: Final = "closed"
SOLD_OUT: Final = "sold out"  # of a room type


class PresentPrice(NamedTuple):
    """What a receiver should know of a night."""

    night: date
    room_type: str  # "": the whole house
    price: Decimal | None  # None: the night is closed
    currency: str  # "" when closed
    state: str
    minimum_stay: int | None = None  # nights of a stay that includes this one; None: any number

    @property
    def key(self) -> tuple[date, str]:
        """What it is the price of."""
        return self.night, self.room_type

    def as_json(self) -> dict[str, Any]:
        """Return it as posts have it."""
        return {
            "night": self.night.isoformat(),
            **({"room_type": self.room_type} if self.room_type else {}),
            "price": None if self.price is None else format_amount(self.price, self.currency),
            "state": self.state,
            "minimum_stay": self.minimum_stay,
        }


def present_prices(rules: PricingRules) -> list[PresentPrice]:
    """Return the present state of a hotel's coming nights, in order of time.

    Raises: django.db.Error.
    """
    if _is_nothing_told(rules):
        return []
    rows = [
        row
        for row in _coming_nights(rules)
        if row.is_closed or row.currency in ("", rules.currency)
    ]
    stays = HotelPricingRules(rules, minimum_stays=list(MinimumStay.objects.filter(profile=rules)))
    prices = [_present_price(row, stays) for row in rows]
    if has_room_types(rules.hotel_id):
        prices += _prices_of_types(rules, rows)
        prices.sort(key=lambda price: price.key)
    return prices


def _is_nothing_told(rules: PricingRules) -> bool:
    return rules.mode == Mode.OFF or rules.try_as_of is not None


def _coming_nights(rules: PricingRules) -> list[NightPrice]:
    tonight = figures_for_pricing.hotel(rules.hotel_id).today
    rows = NightPrice.objects.filter(hotel_id=rules.hotel_id, night__gte=tonight)
    return list(rows.defer("sentence_texts").order_by("night"))


def _prices_of_types(rules: PricingRules, rows: list[NightPrice]) -> list[PresentPrice]:
    """Return the nights of the types that are not the reference: its price is the house's."""
    hotel_rules = load_rules(rules.hotel_id)
    types = [one for one in hotel_rules.room_types if not one.is_reference] if hotel_rules else []
    if hotel_rules is None or not types:
        return []
    prices = []
    for of_type in room_type_nights(hotel_rules, rows, types):
        house = _present_price(of_type.house, hotel_rules)
        state = SOLD_OUT if of_type.is_sold_out else house.state
        prices.append(
            house._replace(room_type=of_type.room_type.name, price=of_type.price, state=state)
        )
    return prices


def _present_price(row: NightPrice, hotel_rules: HotelPricingRules) -> PresentPrice:
    if row.is_closed:
        return PresentPrice(row.night, "", None, "", CLOSED)
    nights = hotel_rules.minimum_stay(row.night)
    return PresentPrice(
        row.night,
        "",
        row.price,
        hotel_rules.rules.currency,
        HELD if row.is_held else IN_FORCE,
        nights if nights > 1 else None,
    )
