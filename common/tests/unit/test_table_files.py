"""Tables as Excel and CSV: typed cells, and text that stays text, whatever it is."""

import csv
import io
import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.table_files import (
    Column,
    Kind,
    TableFile,
    file_name,
    file_response,
    hotel_time,
    to_csv,
    to_xlsx,
)

pytestmark = pytest.mark.unit

COLUMNS = [
    Column("Night", "night", Kind.DATE),
    Column("Month", "month", Kind.MONTH),
    Column("On the books", "sold", Kind.WHOLE),
    Column("Occupancy", "share", Kind.SHARE),
    Column("Revenue", "revenue", Kind.AMOUNT),
    Column("Currency", "currency"),
    Column("Decided at", "at", Kind.TIME),
    Column("Factor", "factor", Kind.FACTOR),
]
ROW: dict[str, Any] = {
    "night": date(2025, 7, 4), "month": date(2025, 7, 1), "sold": -3, "share": 0.07,
    "revenue": "12345678.90", "currency": "EUR", "at": datetime(2025, 7, 1, 9, 5), "factor": 1.25,
}  # fmt: skip
ANYTHING = st.one_of(
    st.text(),
    st.text("=+-@\t\r\n '\"_x0041,;\x00\x1f\ud800", min_size=1),
    st.sampled_from(["=1+1", "@SUM(A1)", "#N/A", "_x0041_", "'=1", "+1.5", "2025-07-04", "\r\n="]),
)


def workbook(table: TableFile) -> Any:
    return openpyxl.load_workbook(io.BytesIO(to_xlsx(table))).active


def csv_rows(table: TableFile) -> list[list[str]]:
    return list(csv.reader(io.StringIO(to_csv(table).decode("utf-8-sig"), newline="")))


def text_table(text: str) -> TableFile:
    return TableFile(
        title="Texts", columns=[Column(text, "a"), Column("B", "b")], rows=[{"a": text}]
    )


def what_excel_can_hold(text: str) -> str:
    """Return the text with one kind of line end and nothing that XML forbids."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "\ufffd", lines)


def test_excel_has_numbers_dates_and_formats() -> None:
    heads, row = workbook(TableFile(title="Nights", columns=COLUMNS, rows=[ROW])).iter_rows()
    assert [head.value for head in heads] == [column.header for column in COLUMNS]
    assert [cell.value for cell in row] == [
        datetime(2025, 7, 4), datetime(2025, 7, 1), -3, 0.07, 12345678.9, "EUR",
        datetime(2025, 7, 1, 9, 5), 1.25,
    ]  # fmt: skip
    assert [cell.data_type for cell in row] == ["d", "d", "n", "n", "n", "s", "d", "n"]
    assert [cell.number_format for cell in row] == [
        "yyyy-mm-dd", "mmmm yyyy", "#,##0", "0.0%", "#,##0.00", "General", "yyyy-mm-dd hh:mm",
        "General",
    ]  # fmt: skip


def test_csv_has_iso_dates_and_percent() -> None:
    heads, row = csv_rows(TableFile(title="Nights", columns=COLUMNS, rows=[ROW]))
    assert heads[3] == "Occupancy, %"
    assert row == [
        "2025-07-04", "2025-07", "-3", "7", "12345678.90", "EUR", "2025-07-01 09:05", "1.25",
    ]  # fmt: skip


def test_nothing_is_an_empty_cell() -> None:
    table = TableFile(title="Nights", columns=COLUMNS, rows=[dict.fromkeys(ROW), {}])
    assert csv_rows(table)[1:] == [[""] * len(COLUMNS)] * 2
    assert all(cell.value is None for row in workbook(table).iter_rows(min_row=2) for cell in row)


def test_amounts_have_the_decimals_of_their_currency() -> None:
    columns = [Column("Yen", "a", Kind.AMOUNT, 0), Column("Dinar", "b", Kind.AMOUNT, 3)]
    table = TableFile(title="Money", columns=columns, rows=[{"a": "1234", "b": "0.125"}])
    assert csv_rows(table)[1] == ["1234", "0.125"]
    assert [cell.number_format for cell in workbook(table)[2]] == ["#,##0", "#,##0.000"]


def test_the_total_is_in_excel_only_and_outside_the_filter() -> None:
    columns = [Column("Room type", "word"), Column("Sold", "sold", Kind.WHOLE)]
    rows = [{"word": "double", "sold": 2}, {"word": "single", "sold": 1}]
    table = TableFile(title="Sold", columns=columns, rows=rows, total={"word": "Total", "sold": 3})
    sheet = workbook(table)
    assert [cell.value for cell in sheet[4]] == ["Total", 3]
    assert all(cell.font.bold for cell in sheet[4])
    assert sheet.auto_filter.ref == "A1:B3"
    assert sheet.freeze_panes == "B2"
    assert len(csv_rows(table)) == 3


def test_a_date_before_excels_calendar_is_text() -> None:
    table = TableFile(title="Old", columns=COLUMNS[:1], rows=[{"night": date(1900, 1, 1)}])
    assert workbook(table)["A2"].value == "1900-01-01"


@given(ANYTHING)
def test_any_text_is_itself_in_excel_and_no_formula(text: str) -> None:
    cells = [workbook(text_table(text))[place] for place in ("A1", "A2")]
    for cell in cells:
        assert cell.data_type not in ("f", "e"), "no formula, no error"
        read = (cell.value or "").replace("_x005F_", "_")  # as Excel reads it
        assert read == what_excel_can_hold(text).replace("_x005F_", "_")


def test_text_that_looks_like_a_formula_stays_text_when_edited() -> None:
    assert workbook(text_table("=1+1"))["A2"].quotePrefix
    assert not workbook(text_table("double"))["A2"].quotePrefix


def test_text_that_is_too_long_for_excel_is_cut() -> None:
    assert len(workbook(text_table("x" * 40_000))["A2"].value) == 32_767


@given(ANYTHING)
def test_any_text_is_itself_in_csv_and_no_formula(text: str) -> None:
    heads, row = csv_rows(text_table(text))
    expected = re.sub("[\ud800-\udfff]", "?", text)
    expected = expected.replace("\r\n", "\n").replace("\r", "\n")
    assert row[0] in (expected, f"'{expected}")
    for cell in (heads[0], row[0]):
        is_number = re.fullmatch(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", cell, re.ASCII)
        assert is_number or not re.match(r"\s*[=+\-@\t\r\n]", cell)


@given(st.text())
def test_a_file_s_name_is_allowed_everywhere(name: str) -> None:
    made = file_name(name, "pickup")
    assert made.endswith("pickup")
    assert made.encode()
    assert not re.search(r'[\\/:*?"<>|\x00-\x1f\u202e]', made)
    assert len(made) <= 100


def test_the_response_is_a_download_with_a_name() -> None:
    table = TableFile(title="Nights", columns=COLUMNS)
    response = file_response(table, "csv", "Zur Möwe", "pickup 2025-07-04")
    disposition = response["Content-Disposition"]
    assert (
        disposition == "attachment; filename*=utf-8''Zur%20M%C3%B6we%20-%20pickup%202025-07-04.csv"
    )
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert (
        file_response(table, "xlsx", "A")["Content-Disposition"] == 'attachment; filename="A.xlsx"'
    )


def test_times_are_those_of_the_hotel() -> None:
    moment = datetime(2025, 7, 4, 22, 30, tzinfo=ZoneInfo("UTC"))
    assert hotel_time(moment, ZoneInfo("Asia/Tokyo")) == datetime(2025, 7, 5, 7, 30)
