"""A budget from a file: CSV or Excel with the columns month, room-nights, revenue.

Columns are found by their names in the header, in any order, letter case and language of the pages
(`names_in_files`); without such a header the first three columns are taken in this order. A month
is a number, a name or a date of the year. Numbers are read as typed ones are: what could be two
numbers is an error. Every line is read or named with its reason; nothing is saved here.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final
from xml.etree.ElementTree import ParseError

import openpyxl
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from openpyxl.utils.exceptions import InvalidFileException

from common.currencies import currency_decimals
from common.error_limits import quote_value
from common.number_and_date_texts import number_text
from common.typed_numbers import NotANumber, read_amount, read_whole_number
from dashboard_service.budgets.monthly_budgets import MAX_REVENUE, MAX_ROOM_NIGHTS, MONTHS
from overview.budget.names_in_files import COLUMN_NAMES, month_names

MAX_FILE_BYTES: Final = 1_000_000
MAX_UNPACKED_BYTES: Final = 20_000_000  # of an Excel file, whose twelve lines take a few thousand
MAX_LINES: Final = 200
MAX_ERRORS: Final = 20
COLUMNS: Final = ("month", "room_nights", "revenue")
_EXCEL_ERRORS = (
    InvalidFileException, zipfile.BadZipFile, zlib.error, ParseError, EOFError, OSError,
    LookupError, ValueError, TypeError, AttributeError, NotImplementedError, RuntimeError,
)  # what openpyxl raises for damaged files  # fmt: skip


class UnreadableBudget(ValueError):
    """The file as a whole cannot be read; the message says why."""


@dataclass
class BudgetFile:
    """What a file says: the plan of each month that it names, and the lines that are wrong."""

    months: dict[int, tuple[int | None, Decimal | None]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def read_budget_file(content: bytes, year: int, currency: str | None) -> BudgetFile:
    """Return what a file plans for a year.

    Args:
        currency: of the revenue; None where it is not known, so that revenue is an error.
    Raises: UnreadableBudget.
    """
    if len(content) > MAX_FILE_BYTES:
        raise UnreadableBudget(
            _("The file is larger than %(most)d MB.") % {"most": MAX_FILE_BYTES // 1_000_000}
        )
    rows = list(_excel_rows(content) if content[:2] == b"PK" else _csv_rows(content))
    if len(rows) > MAX_LINES:
        raise UnreadableBudget(
            _("The file has more than %(most)d lines; a year has 12 months.") % {"most": MAX_LINES}
        )
    filled = [(line, cells) for line, cells in rows if any(_text(cell) for cell in cells)]
    if not filled:
        raise UnreadableBudget(_("The file is empty."))
    places, has_header = _places(filled[0][1])
    found = BudgetFile()
    for line, cells in filled[1:] if has_header else filled:
        try:
            _add_line(found, [_cell(cells, places.get(name)) for name in COLUMNS], year, currency)
        except ValueError as error:
            found.errors.append(_("Line %(line)d: %(reason)s.") % {"line": line, "reason": error})
    if not found.months and not found.errors:
        raise UnreadableBudget(_("The file has a header and no month."))
    if len(found.errors) > MAX_ERRORS:
        more = len(found.errors) - MAX_ERRORS
        found.errors[MAX_ERRORS:] = [
            ngettext("And %(more)d more line.", "And %(more)d more lines.", more) % {"more": more}
        ]
    return found


def _excel_rows(content: bytes) -> Iterator[tuple[int, Sequence[Any]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise UnreadableBudget(_("The Excel file is too large for twelve months."))
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(values_only=True, max_row=MAX_LINES + 1, max_col=50)
        yield from enumerate(rows, start=1)
        book.close()
    except UnreadableBudget:
        raise
    except _EXCEL_ERRORS as error:
        raise UnreadableBudget(_("The Excel file is damaged, or no .xlsx file.")) from error


def _csv_rows(content: bytes) -> Iterator[tuple[int, Sequence[Any]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")  # what older spreadsheet programs write
    if "\0" in text:
        raise UnreadableBudget(_("The file is no CSV and no Excel file (.xlsx)."))
    lines = text.splitlines()
    start = 0
    delimiter = ""
    if lines and (named := re.fullmatch(r'"?sep=(.)"?', lines[0].strip(), re.IGNORECASE)):
        delimiter, start = named[1], 1
    if not delimiter:
        first = next((line for line in lines if line.strip()), "")
        delimiter = max(";\t,|", key=first.count)
    reader = csv.reader(lines[start:], delimiter=delimiter, skipinitialspace=True)
    try:
        for cells in reader:
            yield start + reader.line_num, cells
    except csv.Error as error:
        raise UnreadableBudget(_("The file is no CSV: %(reason)s.") % {"reason": error}) from error


def _places(header: Sequence[Any]) -> tuple[dict[str, int], bool]:
    """Return the column of each name, and whether the line is a header.

    Raises: UnreadableBudget.
    """
    words = [" ".join(_text(cell).casefold().split()) for cell in header]
    places = {
        name: place
        for name, spellings in COLUMN_NAMES.items()
        for place, word in reversed(list(enumerate(words)))
        if word.split(",")[0].strip() in spellings
    }
    if not places:
        if _is_month(header[0]):
            return {name: place for place, name in enumerate(COLUMNS)}, False
        raise UnreadableBudget(
            _(
                "The first line names none of the columns month, room-nights and revenue, and "
                "begins with no month."
            )
        )
    if "month" not in places or len(places) == 1:
        raise UnreadableBudget(
            _("The first line has no column room-nights and no revenue.")
            if "month" in places
            else _("The first line has no column month.")
        )
    return places, True


def _add_line(found: BudgetFile, cells: list[Any], year: int, currency: str | None) -> None:
    month = _month(cells[0], year)
    if month in found.months:
        raise ValueError(_("the month %(month)d is there twice") % {"month": month})
    room_nights = revenue = None
    try:
        if _text(cells[1]):
            number = _computed(cells[1], 0)
            room_nights = read_whole_number(_text(cells[1])) if number is None else int(number)
        if _text(cells[2]):
            if currency is None:
                raise ValueError(_("there is revenue, and the hotel's currency is not known"))
            number = _computed(cells[2], currency_decimals(currency))
            revenue = read_amount(_text(cells[2]), currency) if number is None else number
    except NotANumber as error:
        raise ValueError(str(error)) from error
    check_limits(room_nights, revenue)
    found.months[month] = (room_nights, revenue)


def check_limits(room_nights: int | None, revenue: Decimal | None) -> None:
    """Raises: ValueError for a number that no hotel sells in a month."""
    if room_nights is not None and room_nights > MAX_ROOM_NIGHTS:
        raise ValueError(
            _("%(number)s room-nights are too many for a month")
            % {"number": number_text(room_nights)}
        )
    if revenue is not None and revenue >= MAX_REVENUE:
        decimals = max(0, -int(revenue.as_tuple().exponent))
        raise ValueError(
            _("a revenue of %(amount)s is too much for a month")
            % {"amount": number_text(revenue, f"amount:{decimals}")}
        )


def _cell(cells: Sequence[Any], place: int | None) -> Any:
    return cells[place] if place is not None and place < len(cells) else None


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _computed(cell: Any, decimals: int) -> Decimal | None:
    """Return a spreadsheet's number, rounded half up as it would show it; None for a text.

    Raises: ValueError.
    """
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return None
    if not 0 <= cell < MAX_REVENUE:
        raise ValueError(_("%(text)s is no number of a budget") % {"text": quote_value(cell)})
    return Decimal(repr(cell)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _is_month(cell: Any) -> bool:
    try:
        _month(cell, None)
    except ValueError:
        return False
    return True


def _month(cell: Any, year: int | None) -> int:
    """Return a month's number. Raises: ValueError, also for a date of another year."""
    if isinstance(cell, datetime | date):
        found, its_year = cell.month, year if year is None else cell.year
    else:
        text = _text(cell).casefold()
        match = re.fullmatch(r"(\d{4})-(\d{1,2})(?:-\d{1,2})?(?: 00:00:00)?", text)
        if match:
            found, its_year = int(match[2]), int(match[1])
        elif re.fullmatch(r"\d{1,2}", text):
            found, its_year = int(text), year
        elif text.removesuffix(".") in month_names():
            found, its_year = month_names()[text.removesuffix(".")], year
        else:
            raise ValueError(
                _("%(text)s is no month: write 1 to 12, or 2026-05")
                % {"text": quote_value(_text(cell))}
            )
    if not 1 <= found <= MONTHS:
        raise ValueError(_("%(text)s is no month: write 1 to 12") % {"text": found})
    if year is not None and its_year != year:
        raise ValueError(
            _("the month is of %(its_year)d, and this is the budget of %(year)d")
            % {"its_year": its_year, "year": year}
        )
    return found
