"""Tables as files: Excel with typed cells, and CSV, from one description of the columns.

In Excel numbers are numbers, dates are dates, shares are shown in percent, and the currency of
amounts is a column of its own, which a caller adds. In CSV dates are ISO 8601, shares are numbers
in percent and say so in their header, and a byte-order mark tells Excel that the text is UTF-8.
Text stays text in both: no cell is a formula (see `common.spreadsheet_cells`).
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final, Literal

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from rest_framework import serializers

from common.spreadsheet_cells import neutralise_cell

Format = Literal["xlsx", "csv"]
CONTENT_TYPES: Final[dict[str, str]] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
FIRST_EXCEL_YEAR: Final = 1901  # Excel counts days from 1900, with a leap day that was none
MAX_CELL_CHARACTERS: Final = 32_767  # of Excel
MAX_NAME_CHARACTERS: Final = 80  # of a hotel's name in the name of a file
_NARROWEST, _WIDEST, _LARGEST_SAMPLE = 9, 60, 200  # columns in characters, and rows to measure
# What XML cannot hold, and surrogates, which UTF-8 cannot.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPE_LIKE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # Excel reads _x0041_ as A
# Not in names of files: what systems forbid, control characters, marks that turn the direction.
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]')


class Kind(StrEnum):
    """What the cells of a column hold."""

    TEXT = "text"
    WHOLE = "whole"  # an int
    NUMBER = "number"  # a number with one decimal
    FACTOR = "factor"  # a number with as many decimals as it has
    SHARE = "share"  # 1.0 is 100 %
    AMOUNT = "amount"  # of money: a Decimal, or an exact text; its currency stands elsewhere
    DATE = "date"
    MONTH = "month"  # the date of its first day
    TIME = "time"  # a datetime as the hotel's clock showed it


_EXCEL_FORMATS: Final[dict[Kind, str]] = {
    Kind.WHOLE: "#,##0",
    Kind.NUMBER: "#,##0.0",
    Kind.FACTOR: "General",
    Kind.SHARE: "0.0%",
    Kind.DATE: "yyyy-mm-dd",
    Kind.MONTH: "mmmm yyyy",
    Kind.TIME: "yyyy-mm-dd hh:mm",
}


@dataclass(frozen=True)
class Column:
    """A column: its header as a person reads it, the key of its cells in a row, and their kind."""

    header: str
    key: str
    kind: Kind = Kind.TEXT
    decimals: int = 2  # of amounts, as their currency has them


@dataclass(frozen=True, kw_only=True)
class TableFile:
    """A table to write: a row is a mapping from the columns' keys; None is an empty cell.

    `total` is a last row in bold type, in Excel only: programs that read CSV add up themselves.
    """

    title: str  # of the sheet, at most 31 characters without []:*?/\
    columns: Sequence[Column]
    rows: Iterable[dict[str, Any]] = field(default_factory=list)
    total: dict[str, Any] | None = None


class FormatField(serializers.ChoiceField):
    """The query parameter `format`."""

    def __init__(self) -> None:
        super().__init__(choices=sorted(CONTENT_TYPES), help_text="Excel or CSV.")


def file_response(table: TableFile, file_format: Format, *name_parts: str) -> HttpResponse:
    """Return a table as a download.

    Args:
        name_parts: of the file's name: the hotel's name, then what it is.
    """
    content = to_xlsx(table) if file_format == "xlsx" else to_csv(table)
    response = HttpResponse(content, content_type=CONTENT_TYPES[file_format])
    name = f"{file_name(*name_parts)}.{file_format}"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "private, no-cache"
    return response


def file_name(*parts: str) -> str:
    """Return a name for a file without its ending, from texts that may be anything."""
    cleaned = (_NOT_IN_NAMES.sub(" ", _without_illegal(part)) for part in parts)
    short = (" ".join(part.split())[:MAX_NAME_CHARACTERS].strip(" .") for part in cleaned)
    return " - ".join(part for part in short if part) or "table"


def to_csv(table: TableFile) -> bytes:
    """Return the table as CSV (RFC 4180), in UTF-8 with a byte-order mark."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(neutralise_cell(_csv_header(column)) for column in table.columns)
    for row in table.rows:
        writer.writerow(_csv_cell(column, row.get(column.key)) for column in table.columns)
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8", "replace")


def _csv_header(column: Column) -> str:
    return f"{column.header}, %" if column.kind is Kind.SHARE else column.header


def _csv_cell(column: Column, value: Any) -> Any:
    if value is None:
        return ""
    if column.kind is Kind.SHARE:
        return f"{(Decimal(repr(float(value))) * 100).normalize():f}"
    if column.kind is Kind.AMOUNT:
        return f"{Decimal(str(value)):.{column.decimals}f}"
    if column.kind is Kind.MONTH:
        return f"{value:%Y-%m}"
    if column.kind is Kind.TIME:
        return f"{value:%Y-%m-%d %H:%M}"
    if column.kind is Kind.NUMBER:
        return round(float(value), 4)
    return neutralise_cell(_one_kind_of_line(value)) if isinstance(value, str) else value


def to_xlsx(table: TableFile) -> bytes:
    """Return the table as an Excel workbook with one sheet, whose heads stay when one scrolls."""
    book = Workbook(write_only=True)
    book.properties.creator = "RoomPriceGenie"
    sheet = book.create_sheet(table.title)
    rows = list(table.rows)
    for index, column in enumerate(table.columns, 1):
        sheet.column_dimensions[get_column_letter(index)].width = _width(column, rows)
    sheet.freeze_panes = "B2"
    last_cell = f"{get_column_letter(len(table.columns))}{len(rows) + 1}"
    sheet.auto_filter.ref = f"A1:{last_cell}"  # without the total
    bold = Font(bold=True)

    def cell(column: Column, value: Any, font: Font | None = None) -> Any:
        made = _excel_cell(sheet, column, value)
        if font and made is not None:
            made.font = font
        return made

    heads = [_text_cell(sheet, column.header) for column in table.columns]
    for head in heads:
        head.font, head.alignment = bold, Alignment(wrap_text=True, vertical="top")
    sheet.append(heads)
    for row in rows:
        sheet.append([cell(column, row.get(column.key)) for column in table.columns])
    if table.total is not None:
        sheet.append([cell(column, table.total.get(column.key), bold) for column in table.columns])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _width(column: Column, rows: list[dict[str, Any]]) -> int:
    """Return about how many characters wide a column is, so that dates do not read #####."""
    least = {Kind.TIME: 17, Kind.MONTH: 17, Kind.DATE: 12, Kind.AMOUNT: 13}.get(column.kind, 0)
    longest_word = max(map(len, column.header.split()), default=0) + 2
    longest = 0
    if column.kind is Kind.TEXT:
        texts = (str(row.get(column.key) or "") for row in rows[:_LARGEST_SAMPLE])
        longest = max(map(len, texts), default=0) + 1
    return min(max(_NARROWEST, least, longest_word, longest), _WIDEST)


def _excel_cell(sheet: Any, column: Column, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, date) and value.year < FIRST_EXCEL_YEAR:
        value = value.isoformat()
    elif column.kind is Kind.AMOUNT:
        value = Decimal(str(value))
    if isinstance(value, str):
        return _text_cell(sheet, value)
    made = WriteOnlyCell(sheet, value)
    decimals = f".{'0' * column.decimals}" if column.decimals else ""
    made.number_format = _EXCEL_FORMATS.get(column.kind, f"#,##0{decimals}")
    return made


def _text_cell(sheet: Any, text: str) -> Any:
    """Return a cell that is text, whatever it looks like, also after somebody edits it."""
    made = WriteOnlyCell(sheet)
    text = _without_illegal(_one_kind_of_line(text))[:MAX_CELL_CHARACTERS]
    made.value = _ESCAPE_LIKE.sub("_x005F_", text)
    made.data_type = "s"  # openpyxl takes "=1+1" for a formula and "#N/A" for an error
    if neutralise_cell(text) != text:
        made.quotePrefix = True
    return made


def _one_kind_of_line(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _without_illegal(text: str) -> str:
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)


def hotel_time(moment: datetime, zone: Any) -> datetime:
    """Return a moment as the clocks of a time zone show it, as cells of kind TIME hold it."""
    return moment.astimezone(zone).replace(tzinfo=None)
