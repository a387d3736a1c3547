"""The rows of a CSV or Excel file, every physical line counted.

A CSV file may be plain, .gz or .zip, with comma, semicolon or tab. A quoted value may span lines
only if it closes and no line that it takes in is a row of its own; else the line with the stray
quote alone is refused. Of an Excel file the first sheet is read.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import ParseError

import openpyxl
from django.conf import settings
from django.utils.translation import gettext as _
from openpyxl.utils.exceptions import InvalidFileException

from common.translatable_text import Text, amount
from data_provider.csv_loading.decompression import (
    READ_ERRORS,
    UNLIMITED_BYTES,
    DecompressedFile,
)
from data_provider.csv_loading.file_problems import not_opened, not_read
from data_provider.csv_loading.line_reader import LineReader, is_too_long
from data_provider.field_errors import FileError, reason_of

DELIMITERS = ",;\t|"
MAX_ROW_LINES = 50
EXCEL_ENDINGS = (".xlsx", ".xlsm")
OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # how files of Excel 97 to 2003 begin
SHEETS = "xl/worksheets/"  # read row by row; all other parts of an Excel file are held in memory
MAX_OTHER_PARTS_BYTES = 64 * 1024 * 1024
EXCEL_ERRORS = (
    InvalidFileException, zipfile.BadZipFile, zlib.error, ParseError, EOFError, OSError,
    LookupError, ValueError, TypeError, AttributeError,
)  # what openpyxl raises for damaged files  # fmt: skip


class UnreadableFile(FileError):
    """A file cannot be read, or not further; the message names it and says why."""


def is_excel(path: Path) -> bool:
    """Return whether a file is an Excel file by its content, as from standard input."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError):
        return False


class Row(NamedTuple):
    """One row. Without `cells` it is blank, with a `problem` it could not be split."""

    line: int
    cells: list[Any]
    text: str
    lines: int = 1  # that it takes in the file
    problem: str = ""


class TableFile:
    """An open table; the header is read at once. A context manager that closes the file.

    Raises: UnreadableFile.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self.header: list[str]
        self.header_lines = 1
        self._excel_lines = 0
        self._rows: Iterator[Row]
        try:
            self._stream = path.open("rb")
            has_sheets = path.suffix.lower() in EXCEL_ENDINGS or is_excel(path)
        except OSError as error:
            raise UnreadableFile(not_opened(name, error)) from error
        try:
            self._open_excel() if has_sheets else self._open_csv()
        except BaseException:
            self._stream.close()
            raise

    def __enter__(self) -> "TableFile":
        return self

    def __exit__(self, *_: Any) -> None:
        self._stream.close()

    @property
    def lines_read(self) -> int:
        """Physical lines read so far, counted apart from the rows; rows of an Excel file."""
        if self._excel_lines:
            return self._excel_lines
        return self._lines.decoded - len(self._lines.pending)

    def rows(self) -> Iterator[Row]:
        """Yield the rows after the header. Raises: UnreadableFile."""
        return self._rows

    # --- Excel ---

    def _open_excel(self) -> None:
        try:
            self._check_unpacked_size()
            book = openpyxl.load_workbook(self._stream, read_only=True, data_only=True)
            sheet: Any = book.worksheets[0]
            sheet.reset_dimensions()  # many programs write A1 as the size of every sheet
            rows = sheet.iter_rows(values_only=True)
            header = next(rows, ())
        except EXCEL_ERRORS as error:
            raise UnreadableFile(
                Text(
                    "%(file)s is no Excel file, or damaged (%(reason)s): save it anew, or as CSV",
                    {"file": self.name, "reason": str(error)},
                )
            ) from error
        self.header = ["" if cell is None else str(cell) for cell in header]
        self._require_header()
        self._excel_lines = 1
        self._rows = self._excel_rows(rows)

    def _check_unpacked_size(self) -> None:
        """Raises: UnreadableFile where the parts of an Excel file are far larger than the file."""
        with zipfile.ZipFile(self._stream) as archive:
            sizes = {part.filename: part.file_size for part in archive.infolist()}
        packed = self._stream.seek(0, io.SEEK_END)
        self._stream.seek(0)
        ratio = settings.MAX_UNPACK_RATIO
        others = sum(size for name, size in sizes.items() if not name.startswith(SHEETS))
        is_bomb = ratio and sum(sizes.values()) > max(UNLIMITED_BYTES, ratio * packed)
        if is_bomb or others > MAX_OTHER_PARTS_BYTES:
            raise UnreadableFile(
                Text(
                    "%(file)s unpacks to %(unpacked)s bytes, which is too much for an Excel file "
                    "of %(packed)s: save it as CSV",
                    {
                        "file": self.name,
                        "unpacked": amount(sum(sizes.values())),
                        "packed": amount(packed),
                    },
                )
            )

    def _excel_rows(self, rows: Iterator[tuple[Any, ...]]) -> Iterator[Row]:
        line = 1
        while True:
            try:
                cells = next(rows, None)
            except EXCEL_ERRORS as error:
                raise UnreadableFile(
                    Text(
                        "%(file)s is damaged after row %(row)s (%(reason)s): save it anew, or as "
                        "CSV",
                        {"file": self.name, "row": amount(line), "reason": str(error)},
                    )
                ) from error
            if cells is None:
                return
            line += 1
            text = ";".join("" if cell is None else str(cell) for cell in cells)
            is_blank = all(cell is None or str(cell).strip() == "" for cell in cells)
            self._excel_lines = line
            yield Row(line, [] if is_blank else list(cells), text)

    # --- CSV ---

    def _open_csv(self) -> None:
        if self._stream.read(len(OLD_EXCEL)) == OLD_EXCEL:
            raise UnreadableFile(
                Text(
                    "%(file)s is an Excel file of before 2007 (.xls): save it as .xlsx or as CSV",
                    {"file": self.name},
                )
            )
        self._stream.seek(0)
        try:
            self._lines = LineReader(DecompressedFile(self._stream, settings.MAX_UNPACK_RATIO))
        except (*READ_ERRORS, ValueError) as error:
            raise UnreadableFile(not_read(self.name, error)) from error
        first = self._lines.next_line()
        if first is not None and first.strip("\ufeff").lower().startswith("sep="):
            self._delimiter = first.strip("\ufeff").strip()[4:5] or ","
            first = self._lines.next_line()
            self.header_lines = 2
        else:
            self._delimiter = max(DELIMITERS, key=(first or "").count)
        if "\0" in (first or "") or (first or "")[:1] in ("\udcff", "\udcfe"):
            raise UnreadableFile(
                Text("%(file)s is no text in UTF-8: save it as CSV in UTF-8", {"file": self.name})
            )
        self._raise_damage()
        cells = self._split(first or "")
        self.header = [cell.strip("\ufeff\u200b ") for cell in cells or []]
        self._require_header()
        self._rows = self._csv_rows()

    def _raise_damage(self) -> None:
        if self._lines.damage is not None:
            raise UnreadableFile(
                Text(
                    "%(file)s is damaged after line %(line)s: %(reason)s",
                    {
                        "file": self.name,
                        "line": amount(self._lines.number),
                        "reason": reason_of(self._lines.damage),
                    },
                )
            )

    def _csv_rows(self) -> Iterator[Row]:
        while (line := self._lines.next_line()) is not None:
            number = self._lines.number
            if not line.strip(f'{self._delimiter} \t"\u00a0'):
                yield Row(number, [], line)
            elif is_too_long(line):
                yield Row(number, [""], line[:1_000], problem=_("the line is too long"))
            elif line.count('"') % 2:
                yield self._quoted_row(line, number)
            else:
                yield self._row(line, number, 1)
        self._raise_damage()

    def _quoted_row(self, first: str, number: int) -> Row:
        """Read a row whose quoted value seems to go on in further lines."""
        taken: list[str] = []
        while len(taken) < MAX_ROW_LINES and (line := self._lines.next_line()) is not None:
            taken.append(line)
            text = "\n".join([first, *taken])
            if text.count('"') % 2 == 0:
                row = self._row(text, number, 1 + len(taken))
                if not row.problem and not any(map(self._is_whole, taken[:-1])):
                    return row
                break
            if self._is_whole(line):
                break
        self._lines.put_back(taken)
        return Row(number, [""], first, problem=_("a quote is opened and not closed"))

    def _is_whole(self, line: str) -> bool:
        cells = self._split(line)
        return cells is not None and len(cells) == len(self.header)

    def _row(self, text: str, number: int, lines: int) -> Row:
        cells = self._split(text)
        if cells is None:
            return Row(number, [""], text, lines, _("quotes stand in the wrong place"))
        if len(cells) != len(self.header) and any(cells[len(self.header) :]):
            problem = _("has %(number)d values, the header has %(named)d") % {
                "number": len(cells),
                "named": len(self.header),
            }
            return Row(number, cells, text, lines, problem)
        return Row(number, cells, text, lines)

    def _split(self, text: str) -> list[str] | None:
        try:
            [cells] = csv.reader([text], delimiter=self._delimiter, strict=True)
        except (csv.Error, ValueError):
            return None
        return cells

    def _require_header(self) -> None:
        if not any(cell.strip() for cell in self.header):
            raise UnreadableFile(
                Text("%(file)s is empty: the first line must name the columns", {"file": self.name})
            )
