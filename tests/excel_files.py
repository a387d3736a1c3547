"""Reading downloaded Excel files in tests."""

import io
from pathlib import Path
from typing import Any

import openpyxl


def excel_cells(content: bytes | Path) -> list[dict[str, Any]]:
    """Return the cells of each row of a workbook's only sheet, by the headers in its first row."""
    content = content.read_bytes() if isinstance(content, Path) else content
    sheet: Any = openpyxl.load_workbook(io.BytesIO(content)).active
    heads, *rows = sheet.iter_rows()
    names = [cell.value for cell in heads]
    return [dict(zip(names, row, strict=True)) for row in rows]


def excel_rows(content: bytes | Path) -> list[dict[str, Any]]:
    """Return the values of the cells of `excel_cells`."""
    return [{name: cell.value for name, cell in row.items()} for row in excel_cells(content)]
