"""Currencies of prices: decimals, texts of amounts, and which codes are in use."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.currencies import (
    CURRENCY_DECIMALS,
    DECIMALS_IN_USE,
    format_amount,
    minor_unit,
    short_amount,
    why_not_in_minor_units,
    why_not_in_use,
)


@pytest.mark.parametrize(
    ("amount", "currency", "text", "short"),
    [
        ("120.5", "EUR", "120.50", "120.50"),
        ("12000.00", "JPY", "12000", "12000"),
        ("1E+7", "IDR", "10000000.00", "10000000"),
        ("37.5", "KWD", "37.500", "37.500"),
        ("37", "KWD", "37.000", "37"),
        ("120.50", "JPY", "120.5", "120.5"),
        ("7", "ABC", "7.00", "7"),
        ("400", "JPY", "400", "400"),
    ],
)
def test_amounts_as_text(amount: str, currency: str, text: str, short: str) -> None:
    assert format_amount(Decimal(amount), currency) == text
    assert short_amount(Decimal(amount), currency) == short


@given(
    st.decimals(min_value=0, max_value=10**10, places=3, allow_nan=False),
    st.sampled_from(sorted(CURRENCY_DECIMALS)),
)
def test_a_text_is_the_very_amount(amount: Decimal, currency: str) -> None:
    text = format_amount(amount, currency)
    assert Decimal(text) == amount
    if not why_not_in_minor_units(amount, currency):
        assert len(text.partition(".")[2]) == CURRENCY_DECIMALS[currency]
        assert amount % minor_unit(currency) == 0


def test_decimals_that_a_currency_does_not_have_are_named() -> None:
    assert why_not_in_minor_units(Decimal("12000.5"), "JPY") == "JPY amounts have no decimals"
    assert "EUR amounts have at most 2 decimals" in why_not_in_minor_units(Decimal("1.005"), "EUR")
    assert why_not_in_minor_units(Decimal("1.005"), "KWD") == ""
    assert why_not_in_minor_units(Decimal("12000.00"), "JPY") == ""


@pytest.mark.parametrize("code", ["XXX", "XTS", "XAU", "ABC", "eur", "EURO", "", "DEM", "HRK"])
def test_only_currencies_in_use_are_for_prices(code: str) -> None:
    assert why_not_in_use(code)


def test_every_currency_in_use_is_accepted() -> None:
    assert {"EUR", "JPY", "KWD", "IDR", "USD"} <= DECIMALS_IN_USE.keys()
    assert not any(why_not_in_use(code) for code in DECIMALS_IN_USE)
