"""A budget from a file: every line is read, or named with its reason."""

import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from overview.budget.budget_file import BudgetFile, UnreadableBudget, read_budget_file


def read(text: str | bytes, currency: str | None = "EUR") -> BudgetFile:
    content = text.encode() if isinstance(text, str) else text
    return read_budget_file(content, 2026, currency)


def excel(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        "month,room-nights,revenue\n1,400,41234.50\n2,,1000\n",
        "\ufeffMonth;Room nights;Revenue\r\nJanuary;400;41.234,50\r\nFeb;;1000,00\r\n",
        'sep=;\n"Revenue, EUR";Month;Rooms\n41 234,50;2026-01;400\n1000;2026-02-01;\n',
        "1\t400\t41234.50\n2\t\t1000\n",
    ],
)
def test_csv_of_several_countries(text: str) -> None:
    found = read(text)
    assert found.errors == []
    assert found.months == {1: (400, Decimal("41234.50")), 2: (None, Decimal("1000.00"))}


def test_excel_with_dates_and_computed_numbers() -> None:
    found = read(
        excel(
            ["Month", "Room nights", "Revenue"],
            [datetime(2026, 1, 1), 400.4, 41234.505],
            [date(2026, 2, 1), None, 1000],
            [None, None, None],
            [3, "1 200", "1.000,00"],
        )
    )
    assert found.errors == []
    assert found.months == {
        1: (400, Decimal("41234.51")), 2: (None, Decimal("1000.00")), 3: (1200, Decimal("1000.00")),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("13,1,1", "13 is no month"),
        ("Thermidor,1,1", "'Thermidor' is no month"),
        ("2025-05,1,1", "the month is of 2025"),
        ("5,1.5,1", "no whole number"),
        ("5,-1,1", "is no number"),
        ("5,1,1.005", "1005 or as 1 and a fraction"),
        ("5,1,1.0055", "at most 2 decimals"),
        ("5,99999999,1", "too many"),
        ("5,1,9999999999999", "too much"),
        ("1,1,1", "the month 1 is there twice"),
    ],
)
def test_a_wrong_line_is_named_with_its_reason(line: str, reason: str) -> None:
    found = read(f"month,room-nights,revenue\n1,1,1\n\n{line}\n")
    assert list(found.months) == [1]
    [error] = found.errors
    assert error.startswith("Line 4: ")
    assert reason in error


def test_revenue_needs_a_currency_and_room_nights_do_not() -> None:
    assert read("month,room nights\n5,40\n", None).months == {5: (40, None)}
    assert "currency is not known" in read("month,revenue\n5,40\n", None).errors[0]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\n\n ; ;\n", "empty"),
        (b"month,revenue\n", "no month"),
        (b"colour,size\nred,5\n", "names none of the columns"),
        (b"revenue\n5\n", "no column month"),
        (b"month\n5\n", "no column room-nights"),
        (b"PK\x03\x04 damaged", "damaged"),
        (b"\xd0\xcf\x11\xe0\x00\x00", "no CSV and no Excel"),
        (b"month,revenue\n" + b"5,1\n" * 300, "more than 200 lines"),
        (b"x" * 1_000_001, "larger than 1 MB"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableBudget, match=reason):
        read(content)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_file_fails_otherwise(content: bytes) -> None:
    try:
        found = read(content)
    except UnreadableBudget:
        return
    assert all(1 <= month <= 12 for month in found.months)


@pytest.mark.parametrize(
    ("header", "months"),
    [
        ("Monat;Zimmernächte;Umsatz", ("Januar", "Feb.", "März")),
        ("mois;nuitées;chiffre d'affaires", ("janvier", "févr.", "mars")),
        ("Mese;Camere-notte;Ricavi", ("gennaio", "feb", "MARZO")),
        ("mes;noches;ingresos, EUR", ("enero", "feb", "marzo")),
    ],
)
def test_columns_and_months_have_the_names_of_each_language(
    header: str, months: tuple[str, ...]
) -> None:
    rows = [f"{name};{number};{number}00" for number, name in enumerate(months, start=1)]
    found = read_budget_file("\n".join([header, *rows]).encode(), 2027, "EUR")
    assert found.errors == []
    assert found.months == {1: (1, Decimal(100)), 2: (2, Decimal(200)), 3: (3, Decimal(300))}


def test_a_beginning_that_two_months_have_is_no_month() -> None:
    found = read_budget_file("Mois;Nuitées\njui;3\njuil;4\njuin;5".encode(), 2027, None)
    assert found.months == {7: (4, None), 6: (5, None)}
    assert len(found.errors) == 1
