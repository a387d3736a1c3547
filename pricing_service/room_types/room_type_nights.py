"""Prices of a hotel's room types by night, and which types are sold out.

They follow from the prices of the house (`NightPrice`) whenever they are read, so they are never
older than these: a decision about a night is one about all of its types. A type is sold out when
its room-nights on the books are all of its rooms, and keeps its price. Nights that are past have
the types as they are now. Of a hotel that tries prices as of an earlier day nobody knows what was
on the books of each type then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from dashboard_service import figures_for_pricing
from pricing_service.engine.room_type_prices import RoomTypePrice, name_key, room_type_price
from pricing_service.models import NightPrice
from pricing_service.room_types.room_type_models import RoomType
from pricing_service.rules.pricing_rules import HotelPricingRules
from pricing_service.rules.room_type_rules import reference_of


class RoomTypeNight(NamedTuple):
    """A night of one room type; amounts are in the hotel's currency."""

    house: NightPrice
    room_type: RoomType
    price: Decimal | None  # in force; None on a closed night
    recommended: RoomTypePrice | None  # None on a closed night
    rooms: int  # of the type, or all that are for sale in the night where these are fewer
    on_the_books: int | None  # None: not known
    is_sold_out: bool  # False where it is not known, and on a closed night


def room_type_nights(
    hotel_rules: HotelPricingRules,
    rows: Sequence[NightPrice],
    room_types: Iterable[RoomType] | None = None,
) -> list[RoomTypeNight]:
    """Return the nights of room types, night by night and in the order of the types.

    Args:
        rows: nights of one hotel.
        room_types: some of the hotel's; default: all of them.
    Raises:
        django.db.Error.
    """
    chosen = list(hotel_rules.room_types if room_types is None else room_types)
    if not rows or not chosen:
        return []
    books = _Books(hotel_rules, min(row.night for row in rows), max(row.night for row in rows))
    prices = _Prices(hotel_rules)
    return [_room_type_night(row, room_type, prices, books) for row in rows for room_type in chosen]


def _room_type_night(
    row: NightPrice, room_type: RoomType, prices: _Prices, books: _Books
) -> RoomTypeNight:
    rooms = min(room_type.rooms, row.rooms)
    sold, is_whole = books.of(row.night, room_type.name)
    return RoomTypeNight(
        house=row,
        room_type=room_type,
        price=None if row.is_closed else prices.of(room_type, row.price, row.night).amount,
        recommended=None if row.is_closed else prices.of(room_type, row.recommended, row.night),
        rooms=rooms,
        on_the_books=sold if is_whole else None,
        is_sold_out=not row.is_closed and sold >= rooms,
    )


class _Prices:
    """Prices of a hotel's types from the reference's."""

    def __init__(self, hotel_rules: HotelPricingRules) -> None:
        self._rules = hotel_rules.engine_rules()

    def of(self, room_type: RoomType, reference: Decimal, night: date) -> RoomTypePrice:
        if room_type.is_reference:
            return RoomTypePrice(reference, "")
        minimum, _ = self._rules.bounds_of(night)
        return room_type_price(reference, room_type.difference, self._rules.step, minimum)


class _Books:
    """What is on the books of each type, as far as it is known."""

    def __init__(self, hotel_rules: HotelPricingRules, first: date, last: date) -> None:
        rules = hotel_rules.rules
        sold = None
        if rules.try_as_of is None:
            sold = figures_for_pricing.on_the_books_by_room_type(rules.hotel_id, first, last)
        self._is_known = sold is not None
        self._sold: Counter[tuple[date, str]] = Counter()
        for (night, name), room_nights in (sold or {}).items():
            self._sold[night, name_key(name)] += room_nights

    def of(self, night: date, name: str) -> tuple[int, bool]:
        """Return room-nights of a type, and whether they are all: none has an unknown type."""
        without_type = self._sold[night, ""]
        return self._sold[night, name_key(name)], self._is_known and without_type <= 0


def unlisted_types(hotel_rules: HotelPricingRules, first: date, last: date) -> list[str]:
    """Return the events' room types of some nights that are none of the hotel's, by name.

    Without them a type looks less booked than it is. Raises: django.db.Error.
    """
    if not hotel_rules.room_types:
        return []
    sold = figures_for_pricing.on_the_books_by_room_type(hotel_rules.rules.hotel_id, first, last)
    has = {"", *(name_key(room_type.name) for room_type in hotel_rules.room_types)}
    names = {name.strip() for (_, name), room_nights in (sold or {}).items() if room_nights > 0}
    return sorted(name for name in names if name_key(name) not in has)


def reference_name(hotel_rules: HotelPricingRules) -> str | None:
    """Return the name of the hotel's reference type; None for a hotel without room types."""
    reference = reference_of(hotel_rules.room_types)
    return reference.name if reference else None
