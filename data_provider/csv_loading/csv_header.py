"""The header of a CSV file: its delimiter and where its columns are.

The delimiter is the one that `sep=;` names in a line before the header, as Excel writes it, or else
the one that leaves the fewest required columns missing. Letter case, blanks, byte-order marks and
zero-width characters around names do not matter.
"""

import csv
import re
from typing import NamedTuple

from common.error_limits import quote_value
from common.translatable_text import Text
from data_provider.csv_loading.csv_columns import SOURCE_ID_COLUMN
from data_provider.csv_loading.line_reader import LineReader, is_too_long
from data_provider.event_validation import REQUIRED
from data_provider.field_errors import FileError, reason_of
from data_provider.rate_and_words import OPTIONAL

DELIMITERS = ",;\t"
DELIMITER_NAMES = Text("comma, semicolon and tab")

_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060"  # byte-order mark, zero-width characters
_PADDING = _INVISIBLE + " \t\u00a0"
_SEPARATOR_LINE = re.compile(r'"?sep=(.?)"?[;,\t ]*', re.IGNORECASE)


class HeaderError(FileError):
    """The first line is no usable header; the message continues the file's name."""


class Header(NamedTuple):
    """The columns of a file."""

    delimiter: str
    names: list[str]  # of all columns, in lower case
    columns: list[tuple[str, int]]  # the required columns and their positions
    optional: list[tuple[str, int]]  # those of `rate_and_words.OPTIONAL` that the file has
    source_id_index: int  # len(names) if the file has no such column
    lines: int  # how many lines it takes in the file


def read_header(lines: LineReader) -> Header:
    """Read the header from a file's first line or lines. Raises: HeaderError."""
    first = lines.next_line()
    if first is None and lines.damage:
        raise HeaderError(Text("cannot be read: %(reason)s", {"reason": reason_of(lines.damage)}))
    delimiters = DELIMITERS
    if first is not None and (match := _SEPARATOR_LINE.fullmatch(first.strip(_INVISIBLE))):
        delimiters = match[1]
        if not delimiters or delimiters not in DELIMITERS:
            raise HeaderError(
                Text(
                    "begins with %(line)s; known delimiters are %(delimiters)s",
                    {"line": quote_value(first), "delimiters": DELIMITER_NAMES},
                )
            )
        first = lines.next_line()
    if first is None or not first.strip(_PADDING):
        raise HeaderError(Text("is empty: the first line must name the columns"))
    _require_text(first)
    return _parse(first.lstrip(_INVISIBLE + " "), delimiters, lines.number)


def _require_text(line: str) -> None:
    if line[:1] in ("\udcff", "\udcfe"):  # bytes that are never UTF-8, but begin UTF-16
        raise HeaderError(Text("is UTF-16: save it as CSV in UTF-8"))
    if "\0" in line:
        raise HeaderError(Text("is no text: give a CSV file in UTF-8 (or its .gz or .zip)"))
    if is_too_long(line):
        raise HeaderError(Text("is no CSV: its first line is too long"))


def _parse(line: str, delimiters: str, line_number: int) -> Header:
    missing, delimiter, names = min(
        (_missing_columns(line, candidate) for candidate in delimiters),
        key=lambda candidate: len(candidate[0]),  # the first one of several equals
    )
    if missing:
        raise HeaderError(
            Text(
                "has no column %(missing)s; needed are %(needed)s, separated by %(delimiters)s. "
                "Line %(number)d is %(line)s",
                {
                    "missing": ", ".join(missing),
                    "needed": ", ".join(REQUIRED),
                    "delimiters": DELIMITER_NAMES
                    if len(delimiters) > 1
                    else quote_value(delimiter),
                    "number": line_number,
                    "line": quote_value(line),
                },
            )
        )
    repeated = [name for name in (*REQUIRED, *OPTIONAL) if names.count(name) > 1]
    if repeated:
        raise HeaderError(
            Text("has the column %(columns)s twice", {"columns": ", ".join(repeated)})
        )
    return Header(
        delimiter,
        names,
        [(name, names.index(name)) for name in REQUIRED],
        [(name, names.index(name)) for name in OPTIONAL if name in names],
        names.index(SOURCE_ID_COLUMN) if SOURCE_ID_COLUMN in names else len(names),
        line_number,
    )


def _missing_columns(line: str, delimiter: str) -> tuple[list[str], str, list[str]]:
    """Return the required columns that are missing with a delimiter, it, and the names."""
    try:
        fields = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))
    except csv.Error as error:
        raise HeaderError(
            Text("is no CSV: %(reason)s in its first line", {"reason": str(error)})
        ) from error
    names = [name.strip(_PADDING).lower() for name in fields]
    return [name for name in REQUIRED if name not in names], delimiter, names
