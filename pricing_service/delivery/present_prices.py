"""The present state of a hotel's coming nights, as its booking system should know it.

From tonight on, in the hotel's own date. A closed night has no price; a price that a person holds
is "held". Only prices in the hotel's present currency are in it: one that was made in another is
left out until it is made anew, so that 100 EUR are never sent as 100 USD. A hotel has none whose
prices are off, or tried as of a day that a person chose.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

from dashboard_service import figures_for_pricing
from pricing_service.models import Mode, NightPrice, PricingRules

# The words of `GET /prices/`; a suggestion that waits for a person is no matter of the receiver's.
IN_FORCE: Final = "in force"
HELD: Final = "held"
CLOSED: Final = "closed"


class PresentPrice(NamedTuple):
    """What a receiver should know of a night."""

    night: date
    room_type: str  # "": the whole house
    price: Decimal | None  # None: the night is closed
    currency: str  # "" when closed
    state: str

    @property
    def key(self) -> tuple[date, str]:
        """What it is the price of."""
        return self.night, self.room_type

    def as_json(self) -> dict[str, Any]:
        """Return it as posts have it."""
        return {
            "night": self.night.isoformat(),
            **({"room_type": self.room_type} if self.room_type else {}),
            "price": None if self.price is None else f"{self.price:.2f}",
            "state": self.state,
        }


def present_prices(rules: PricingRules) -> list[PresentPrice]:
    """Return the present state of a hotel's coming nights, in order of time.

    Raises: django.db.Error.
    """
    if _is_nothing_told(rules):
        return []
    return [
        _present_price(row, rules.currency)
        for row in _coming_nights(rules)
        if row.is_closed or row.currency in ("", rules.currency)
    ]


def count_other_currency(rules: PricingRules) -> int:
    """Return how many coming nights are left out because their price is in another currency.

    Raises: django.db.Error.
    """
    if _is_nothing_told(rules):
        return 0
    return sum(
        not row.is_closed and row.currency not in ("", rules.currency)
        for row in _coming_nights(rules)
    )


def _is_nothing_told(rules: PricingRules) -> bool:
    return rules.mode == Mode.OFF or rules.try_as_of is not None


def _coming_nights(rules: PricingRules) -> list[NightPrice]:
    tonight = figures_for_pricing.hotel(rules.hotel_id).today
    rows = NightPrice.objects.filter(hotel_id=rules.hotel_id, night__gte=tonight)
    return list(rows.only("night", "price", "currency", "is_held", "rooms").order_by("night"))


def _present_price(row: NightPrice, currency: str) -> PresentPrice:
    if row.is_closed:
        return PresentPrice(row.night, "", None, "", CLOSED)
    return PresentPrice(row.night, "", row.price, currency, HELD if row.is_held else IN_FORCE)
