"""Numbers, dates and times as each language writes them; the browser's own: tests/acceptance/browser."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from common.number_and_date_texts import (
    ENGLISH_DATES,
    PATTERNS,
    SKELETONS,
    clock_text,
    date_text,
    money_text,
    number_text,
    time_text,
)

NARROW, WIDE = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"
LANGUAGES = ("en", "de", "fr", "it", "es")
DAY = date(2026, 3, 1)
MOMENT = datetime(2026, 3, 1, 23, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "kind", "texts"),
    [
        (1234567, "number", ["1,234,567", "1.234.567", f"1{NARROW}234{NARROW}567"]),
        (1234, "number", ["1,234", "1.234", f"1{NARROW}234", "1234", "1234"]),
        (9999.9999, "number", ["9,999.9999", "10.000", f"10{NARROW}000", "10.000", "10.000"]),
        (-5, "number", ["−5", "-5", "-5", "-5", "-5"]),
        (5, "signed", ["+5"] * 5),
        (0, "signed", ["0"] * 5),
        (0.1254, "percent", ["12.5%", f"12,5{WIDE}%", f"12,5{WIDE}%", "12,5%", f"12,5{WIDE}%"]),
        (0.5, "whole-percent", ["50%", f"50{WIDE}%", f"50{WIDE}%", "50%", f"50{WIDE}%"]),
        (-0.125, "change", ["−12.5%", f"-12,5{WIDE}%", f"-12,5{WIDE}%", "-12,5%"]),
        (1.5, "points", ["+1.5", "+1,5", "+1,5", "+1,5", "+1,5"]),
        ("1234.50", "amount:2", ["1,234.50", "1.234,50", f"1{NARROW}234,50", "1234,50"]),
        ("-0.5", "signed-amount:3", ["−0.500", "-0,500", "-0,500", "-0,500", "-0,500"]),
        (None, "percent", ["\N{EN DASH}"] * 5),
    ],
)
def test_numbers(value: Any, kind: str, texts: list[str]) -> None:
    for language, text in zip(LANGUAGES, texts, strict=False):
        with translation.override(language):
            assert number_text(value, kind) == text, language


@pytest.mark.parametrize(
    ("amount", "texts"),
    [
        (Decimal("12000.00"), ["12,000", "12.000", f"12{NARROW}000", "12.000", "12.000"]),
        (Decimal("99.5"), ["99.50", "99,50", "99,50", "99,50", "99,50"]),
        (Decimal("1.234"), ["1.234", "1,234", "1,234", "1,234", "1,234"]),
        (None, ["\N{EN DASH}"] * 5),
    ],
)
def test_money_has_decimals_only_where_there_are_some(amount: Any, texts: list[str]) -> None:
    for language, text in zip(LANGUAGES, texts, strict=True):
        with translation.override(language):
            assert money_text(amount) == text, language


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("day", ["Sun 1 Mar 2026", "So., 1. März 2026", "dim. 1 mars 2026"]),
        ("date", ["1 Mar 2026", "1. März 2026", "1 mars 2026", "1 mar 2026", "1 mar 2026"]),
        ("long", ["1 March 2026", "1. März 2026", "1 mars 2026", "1 marzo 2026"]),
        ("long-day", ["Sunday 1 March 2026", "Sonntag, 1. März 2026", "dimanche 1 mars 2026",
                      "domenica 1 marzo 2026", "domingo, 1 de marzo de 2026"]),
        ("short", ["1 Mar", "1. März", "1 mars", "1 mar", "1 mar"]),
        ("long-short", ["1 March", "1. März", "1 mars", "1 marzo", "1 de marzo"]),
        ("long-weekday", ["Sunday", "Sonntag", "dimanche", "domenica", "domingo"]),
        ("long-weekday-short", ["Sunday 1 March", "Sonntag, 1. März", "dimanche 1 mars",
                                "domenica 1 marzo", "domingo, 1 de marzo"]),
        ("month", ["March 2026", "März 2026", "mars 2026", "marzo 2026", "marzo de 2026"]),
        ("month-name", ["March", "März", "mars", "marzo", "marzo"]),
        ("month-short", ["Mar", "Mär", "mars", "mar", "mar"]),
        ("year", ["2026"] * 5),
    ],
)  # fmt: skip
def test_dates(kind: str, texts: list[str]) -> None:
    for language, text in zip(LANGUAGES, texts, strict=False):
        with translation.override(language):
            assert date_text(DAY, kind) == text, language


def test_every_format_of_a_date_is_there_in_every_language() -> None:
    assert ENGLISH_DATES.keys() == SKELETONS.keys() | PATTERNS.keys()
    for language in LANGUAGES:
        with translation.override(language):
            for kind in ENGLISH_DATES:
                assert "2026" in date_text(DAY, kind) or kind not in ("day", "date", "year")


@pytest.mark.parametrize(
    ("language", "text", "clock"),
    [
        ("en", "2 Mar 2026 08:05", "23:05"), ("de", "02.03.2026, 08:05", "23:05"),
        ("fr", "2 mars 2026, 08:05", "23:05"), ("it", "2 mar 2026, 08:05", "23:05"),
        ("es", "2 mar 2026, 8:05", "23:05"),
    ],
)  # fmt: skip
def test_a_time_is_in_its_zone(language: str, text: str, clock: str) -> None:
    with translation.override(language):
        assert time_text(MOMENT, "Asia/Tokyo") == text
        assert clock_text(MOMENT) == clock


def test_a_region_of_a_language_is_that_language() -> None:
    with translation.override("de-at"):
        assert date_text(DAY, "long-weekday") == "Sonntag"
    with translation.override("en-gb"):
        assert number_text(1234.5) == "1,234.5"


def test_without_a_language_it_is_english() -> None:
    with translation.override(None):
        assert date_text(DAY, "day") == "Sun 1 Mar 2026"


@given(st.integers(-(10**12), 10**12), st.sampled_from(LANGUAGES))
def test_the_digits_of_a_number_are_its_own(value: int, language: str) -> None:
    with translation.override(language):
        text = number_text(value)
    assert "".join(filter(str.isdigit, text)) == str(abs(value))
    assert text.startswith(("-", "−")) == (value < 0)
