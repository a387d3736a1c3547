"""A copy of an Excel file's first rows.

To open an Excel file takes seconds, because all of its texts are read first; a page that shows a
preview opens it several times. The copy has the same rows in the same places, with their types.
"""

from itertools import islice
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from data_provider.reservation_import.table_lines import TableFile


def write_excel_sample(source: Path, target: Path, name: str, rows: int) -> None:
    """Copy the header and the first rows of an Excel file.

    Args:
        name: of the source, for messages.
    Raises: UnreadableFile; OSError.
    """
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet()

    def cell(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        copy = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
        copy.data_type = "s"  # also where it looks like a formula
        return copy

    with TableFile(source, name) as table:
        sheet.append(list(map(cell, table.header)))
        for row in islice(table.rows(), rows):
            sheet.append(list(map(cell, row.cells)))
    # Complete or not there: a process that dies meanwhile leaves no half of a copy.
    unfinished = target.with_suffix(".new")
    book.save(unfinished)
    unfinished.replace(target)
