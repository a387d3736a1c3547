"""Typed numbers: read in one way only, or refused with both readings."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.typed_numbers import NotANumber, read_amount, read_whole_number


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1234.5", "1234.50"), ("1234,5", "1234.50"), ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"), ("1 234,50", "1234.50"), ("1'234.50", "1234.50"),
        ("1\u202f234,50", "1234.50"), ("1.234.567", "1234567.00"), ("12,34,567.50", "1234567.50"),
        ("0", "0.00"), (" 12 ", "12.00"), (".5", "0.50"), ("0.500", "0.50"), ("1234,500", "1234.50"),
    ],
)  # fmt: skip
def test_amounts_of_every_country(text: str, amount: str) -> None:
    assert str(read_amount(text, "EUR")) == amount


@pytest.mark.parametrize("text", ["1.234", "1,234", "12,345", "999.999"])
def test_what_could_be_two_numbers_is_refused_with_both(text: str) -> None:
    digits = text.replace(".", "").replace(",", "")
    with pytest.raises(NotANumber, match=f"can be read as {digits} or as"):
        read_amount(text, "EUR")


@pytest.mark.parametrize(
    "text",
    ["", "x", "-5", "1,2.3,4", "1.2.456", "1,,5", "1e5", "½", "١٢", "12 34", "NaN", "1.2.3"],
)
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(NotANumber):
        read_amount(text, "EUR")


def test_the_currency_decides_the_decimals() -> None:
    assert read_amount("12000", "JPY") == 12_000
    with pytest.raises(NotANumber, match="JPY amounts have no decimals"):
        read_amount("12.5", "JPY")
    with pytest.raises(NotANumber, match="at most 2 decimals"):
        read_amount("1234.5678", "EUR")
    assert str(read_amount("37.5", "KWD")) == "37.500"


def test_whole_numbers() -> None:
    assert [read_whole_number(text) for text in ("0", "1 234", "1,234,567", "12.0")] == [
        0, 1_234, 1_234_567, 12,
    ]  # fmt: skip
    for text in ("12.5", "1.234", "-1"):
        with pytest.raises(NotANumber):
            read_whole_number(text)


@given(st.decimals(0, 10**9, places=2), st.sampled_from([",.", ".,", " ,", "'."]))
def test_a_written_amount_is_read_back(amount: Decimal, signs: str) -> None:
    text = f"{amount:,.2f}".replace(",", "t").replace(".", signs[1]).replace("t", signs[0])
    assert read_amount(text, "EUR") == amount
