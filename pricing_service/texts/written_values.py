"""Values within a sentence: in English as REST writes them, else in the reader's language."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from common.currencies import format_amount, short_amount
from common.number_and_date_texts import is_english, number_text
from common.translatable_text import Text
from pricing_service.texts.text_parts import day_in_figures


def iso_day(day: date) -> str:
    """Return a date in figures: 2026-12-31, 31.12.2026 in German."""
    return day_in_figures(day).render()


def written_amount(amount: Decimal, currency: str) -> str:
    """Return an amount with its currency's decimals: 120.50, 120,50 in German."""
    return _localised(format_amount(amount, currency))


def written_short(amount: Decimal, currency: str) -> str:
    """Return an amount as `written_amount` does, without decimals that are all zeros: 120."""
    return _localised(short_amount(amount, currency))


def written_number(number: Decimal | float | int) -> str:
    """Return a number with the decimals that it has."""
    return _localised(f"{number:f}" if isinstance(number, Decimal) else f"{number:g}")


def render_with_decimals(text: Text) -> str:
    """Return a text of the engine in the reader's language, with its decimals written."""
    values = {name: _written(value) for name, value in text.values.items()}
    return replace(text, values=values).render()


def _written(value: Any) -> Any:
    if isinstance(value, Text):
        return render_with_decimals(value)
    return _localised(f"{value:f}") if isinstance(value, Decimal) else value


def _localised(text: str) -> str:
    if is_english():
        return text
    return number_text(Decimal(text), f"amount:{len(text.partition('.')[2])}")
