"""The lists of a hotel's settings as columns and rows: events, bounds, fixed prices, and others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from common.currencies import currency_decimals
from common.table_files import Column, Kind, TableFile
from pricing_service.rules.pricing_rules import HotelPricingRules

SPAN: Final = (Column("First night", "first", Kind.DATE), Column("Last night", "last", Kind.DATE))
SEASON: Final = (*SPAN, Column("Weekdays", "weekdays"), Column("Every year", "every_year"))
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CURRENCY: Final = Column("Currency", "currency")


def rule_table(name: str, hotel_rules: HotelPricingRules) -> TableFile:
    """Return a list of the settings. Raises: KeyError for another name than those in LISTS."""
    title, make_columns = LISTS[name]
    currency = hotel_rules.rules.currency
    columns = make_columns(currency_decimals(currency))
    rows = [
        {column.key: _cell(row, column.key) for column in columns} | {"currency": currency}
        for row in getattr(hotel_rules, name)
    ]
    return TableFile(title=title, columns=columns, rows=rows)


def _cell(row: Any, key: str) -> Any:
    value: Any = getattr(row, key, None)
    if key == "weekdays":
        return ", ".join(WEEKDAYS[number] for number in sorted(value)) or "all"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value


def _amount(header: str, key: str, decimals: int) -> Column:
    return Column(header, key, Kind.AMOUNT, decimals)


def _events(_: int) -> list[Column]:
    return [Column("Event", "name"), *SPAN, Column("Factor", "factor", Kind.FACTOR)]


def _bounds(decimals: int) -> list[Column]:
    minimum = _amount("Minimum price", "minimum_price", decimals)
    maximum = _amount("Maximum price", "maximum_price", decimals)
    return [*SEASON, minimum, maximum, CURRENCY]


def _minimum_stays(_: int) -> list[Column]:
    return [*SEASON, Column("Minimum stay, nights", "nights", Kind.WHOLE)]


def _fixed_prices(decimals: int) -> list[Column]:
    return [Column("Night", "night", Kind.DATE), _amount("Price", "price", decimals), CURRENCY]


def _rooms_for_sale(_: int) -> list[Column]:
    return [*SPAN, Column("Rooms for sale", "rooms", Kind.WHOLE)]


def _room_types(decimals: int) -> list[Column]:
    return [
        Column("Room type", "name"),
        Column("Rooms", "rooms", Kind.WHOLE),
        Column("Reference type", "is_reference"),
        Column("Difference to the reference, per cent", "percent", Kind.FACTOR),
        _amount("Difference to the reference, amount", "amount", decimals),
        _amount("Minimum price", "minimum_price", decimals),
        _amount("Maximum price", "maximum_price", decimals),
        CURRENCY,
    ]


LISTS: Final[dict[str, tuple[str, Callable[[int], list[Column]]]]] = {
    "events": ("Events", _events),
    "bounds": ("Bounds by season", _bounds),
    "minimum_stays": ("Minimum stays", _minimum_stays),
    "fixed_prices": ("Fixed prices", _fixed_prices),
    "room_types": ("Room types", _room_types),
    "rooms_for_sale": ("Rooms for sale", _rooms_for_sale),
}
