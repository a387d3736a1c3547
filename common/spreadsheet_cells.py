"""Text that is safe to open in a spreadsheet program.

Excel, LibreOffice and Google Sheets run a cell of a CSV file as a formula if it begins with one of
`= + - @`, a tab or a line's end, quoted or not. Text of strangers must not: a formula can send the
other cells to a server, or start a program. With an apostrophe in front it is shown as text. A
number such as -3 or +1.5 stays as it is.
"""

import re
from typing import Any

_DANGEROUS = re.compile(r"\s*[=+\-@\uff0b\uff0d\uff1d\uff20\t\r\n]")  # and their full-width forms
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
# The beginning of a cell inside a text, if a program splits it at another delimiter.
# Blanks only: with further white space, which also delimits, time would be quadratic.
_INNER_CELL = re.compile(r"[,;\t\r\n]\"?[ \u00a0]*[=+\-@\uff0b\uff0d\uff1d\uff20][^,;\t\r\n\"]*")


def neutralise_cell(value: Any) -> Any:
    """Return a cell's value, with an apostrophe in front if it is text that would be a formula."""
    if not isinstance(value, str) or not _DANGEROUS.match(value) or _NUMBER.fullmatch(value):
        return value
    return f"'{value}"


def restore_cell(text: str) -> str:
    """Return the text that `neutralise_cell` was given, from a file that it was written to."""
    return text[1:] if text[:1] == "'" and neutralise_cell(text[1:]) == text else text


def neutralise_line(line: str) -> str:
    """Return a line of another CSV file as one cell's text.

    Programs split at the delimiter of the user's country, and may take a part of the line for a
    cell. So what would be a formula after any delimiter gets an apostrophe too.
    """

    def neutralise(match: re.Match[str]) -> str:
        text = match[0]
        start = 2 if text[1:2] == '"' else 1
        return text[:start] + str(neutralise_cell(text[start:]))

    return str(neutralise_cell(_INNER_CELL.sub(neutralise, line)))
