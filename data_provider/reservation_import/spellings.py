"""Which order of dates and which decimal sign a file uses: told by its mapping, or found out.

Never guessed: a file whose every date could be read both ways needs to be told.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from data_provider.reservation_import.cell_values import (
    date_parts,
    decimal_sign,
    has_full_stops,
    is_open_amount,
)
from data_provider.reservation_import.mapping import Mapping, MappingError

DATE_FIELDS = ("booked_at", "updated_at", "cancelled_at", "arrival", "departure", "night")
AMOUNT_FIELDS = ("rate", "total")

#: Asked with a question and its choices; None where nobody can be asked.
Ask = Callable[[str, tuple[str, ...]], str] | None


class Spellings:
    """What the cells of a file reveal.

    Attributes:
        open_date: a date that could be read in both orders; empty where there is none.
        open_amount: an amount whose sign could be of decimals or of thousands; empty for none.
    """

    def __init__(self, positions: dict[str, int]) -> None:
        self._dates = [positions[name] for name in DATE_FIELDS if name in positions]
        self._amounts = [positions[name] for name in AMOUNT_FIELDS if name in positions]
        self._orders: set[str] = set()
        self._signs: set[str] = set()
        self.open_date = self.open_amount = ""

    def look_at(self, cells: list[Any]) -> None:
        """Take notice of a row."""
        for text in _texts(cells, self._dates):
            if (parts := date_parts(text)) and all(1 <= part <= 31 for part in parts):
                first, second = parts
                if first > 12 >= second or has_full_stops(text):
                    # With full stops the day comes first wherever they are used.
                    self._orders.add("day")
                elif second > 12 >= first:
                    self._orders.add("month")
                elif first <= 12:  # else it is no date in either order
                    self.open_date = text
        for text in _texts(cells, self._amounts):
            if sign := decimal_sign(text):
                self._signs.add(sign)
            elif is_open_amount(text):
                self.open_amount = text

    def settle(self, mapping: Mapping, name: str, ask: Ask) -> Mapping:
        """Return the mapping with its date order and decimal sign.

        A cell that does not fit is refused later, with its line.

        Raises: MappingError when both are possible and nobody can be asked.
        """
        order = mapping.date_order or _only(self._orders)
        if order is None and (self.open_date or len(self._orders) > 1):
            order = _ask(
                ask, f"{name}: does {self.open_date or 'a date'} begin with the day or the month?",
                ("day", "month"), "--date-order",
            )  # fmt: skip
        decimal = mapping.decimal or _only(self._signs)
        if decimal is None and (self.open_amount or len(self._signs) > 1):
            decimal = _ask(
                ask, f"{name}: which is the decimal sign of {self.open_amount or 'the amounts'}?",
                (".", ","), "--decimal",
            )  # fmt: skip
        return replace(mapping, date_order=order, decimal=decimal)


def _texts(cells: list[Any], positions: Iterable[int]) -> Iterable[str]:
    return (
        cells[index] for index in positions if index < len(cells) and isinstance(cells[index], str)
    )


def _only(found: set[str]) -> str | None:
    return next(iter(found)) if len(found) == 1 else None


def _ask(ask: Ask, question: str, choices: tuple[str, ...], option: str) -> str:
    if ask is None:
        raise MappingError(f"{question} Say it with {option} {' or '.join(choices)}")
    return ask(question, choices)
