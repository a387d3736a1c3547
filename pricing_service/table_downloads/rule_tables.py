"""The lists of a hotel's settings as columns and rows: events, bounds, fixed prices, and others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.currencies import currency_decimals
from common.table_files import Column, Kind, TableFile
from pricing_service.rules.pricing_rules import HotelPricingRules
from pricing_service.texts.text_parts import WEEKDAYS


def _span() -> list[Column]:
    return [
        Column(_("First night"), "first", Kind.DATE),
        Column(_("Last night"), "last", Kind.DATE),
    ]


def _season() -> list[Column]:
    return [*_span(), Column(_("Weekdays"), "weekdays"), Column(_("Every year"), "every_year")]


def _currency() -> Column:
    return Column(_("Currency"), "currency")


def rule_table(name: str, hotel_rules: HotelPricingRules) -> TableFile:
    """Return a list of the settings. Raises: KeyError for another name than those in LISTS."""
    title, make_columns = LISTS[name]
    currency = hotel_rules.rules.currency
    columns = make_columns(currency_decimals(currency))
    rows = [
        {column.key: _cell(row, column.key) for column in columns} | {"currency": currency}
        for row in getattr(hotel_rules, name)
    ]
    return TableFile(title=str(title), columns=columns, rows=rows)


def _cell(row: Any, key: str) -> Any:
    value: Any = getattr(row, key, None)
    if key == "weekdays":
        names = [WEEKDAYS[weekday].render() for weekday in sorted(value)]
        return ", ".join(names) or _("all")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value


def _amount(header: str, key: str, decimals: int) -> Column:
    return Column(header, key, Kind.AMOUNT, decimals)


def _events(decimals: int) -> list[Column]:
    return [Column(_("Event"), "name"), *_span(), Column(_("Factor"), "factor", Kind.FACTOR)]


def _bounds(decimals: int) -> list[Column]:
    minimum = _amount(_("Minimum price"), "minimum_price", decimals)
    maximum = _amount(_("Maximum price"), "maximum_price", decimals)
    return [*_season(), minimum, maximum, _currency()]


def _minimum_stays(decimals: int) -> list[Column]:
    return [*_season(), Column(_("Minimum stay, nights"), "nights", Kind.WHOLE)]


def _fixed_prices(decimals: int) -> list[Column]:
    return [
        Column(_("Night"), "night", Kind.DATE),
        _amount(_("Price"), "price", decimals),
        _currency(),
    ]


def _rooms_for_sale(decimals: int) -> list[Column]:
    return [*_span(), Column(_("Rooms for sale"), "rooms", Kind.WHOLE)]


def _room_types(decimals: int) -> list[Column]:
    return [
        Column(_("Room type"), "name"),
        Column(_("Rooms"), "rooms", Kind.WHOLE),
        Column(_("Reference type"), "is_reference"),
        Column(_("Difference to the reference, per cent"), "percent", Kind.FACTOR),
        _amount(_("Difference to the reference, amount"), "amount", decimals),
        _amount(_("Minimum price"), "minimum_price", decimals),
        _amount(_("Maximum price"), "maximum_price", decimals),
        _currency(),
    ]


LISTS: Final[dict[str, tuple[Any, Callable[[int], list[Column]]]]] = {
    "events": (gettext_lazy("Events"), _events),
    "bounds": (gettext_lazy("Bounds by season"), _bounds),
    "minimum_stays": (gettext_lazy("Minimum stays"), _minimum_stays),
    "fixed_prices": (gettext_lazy("Fixed prices"), _fixed_prices),
    "room_types": (gettext_lazy("Room types"), _room_types),
    "rooms_for_sale": (gettext_lazy("Rooms for sale"), _rooms_for_sale),
}
