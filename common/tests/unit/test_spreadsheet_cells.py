"""Cells of CSV files that a spreadsheet program would run as formulas are text; numbers are not."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.spreadsheet_cells import neutralise_cell, neutralise_line, restore_cell


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\N{FULLWIDTH EQUALS SIGN}1+1",
     "=", "-", "-3x", "+49 89 1234", "--3", "-3;=1"],
)  # fmt: skip
def test_a_formula_becomes_text(text: str) -> None:
    assert neutralise_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "value", ["-3", "+1.5", "-0.25", "1e-5", "", "2024-03-01", "a=b", "x", -3, Decimal("-1"), None]
)
def test_numbers_and_other_text_stay(value: object) -> None:
    assert neutralise_cell(value) == value


@given(st.text(alphabet="'=+-@ab1 ").filter(lambda text: restore_cell(text) == text))
def test_a_cell_is_restored_as_it_was(text: str) -> None:
    assert restore_cell(neutralise_cell(text)) == text


def test_only_what_was_put_in_front_is_taken_away() -> None:
    assert [restore_cell(text) for text in ("'=1", "'tis", "'", "=1")] == ["=1", "'tis", "'", "=1"]


@pytest.mark.parametrize(
    ("line", "safe"),
    [
        ("7,1,=A1,x", "7,1,'=A1,x"),
        ("7;1;=A1", "7;1;'=A1"),
        ('7,"=HYPERLINK(""a"")"', '7,"\'=HYPERLINK(""a"")"'),
        ("7,-3,+2.5,1", "7,-3,+2.5,1"),
        ("=A1,@B", "'=A1,'@B"),
        ("7\t-x", "7\t'-x"),
        ('a"\n=1', "a\"\n'=1"),
    ],
)
def test_a_line_is_safe_at_whatever_delimiter_it_is_split(line: str, safe: str) -> None:
    assert neutralise_line(line) == safe


def test_a_long_line_takes_linear_time() -> None:
    """Quadratic, this would take hours."""
    for character in '\t\n ,;"=-':
        neutralise_line(f"x{character * 1_000_000}x")
