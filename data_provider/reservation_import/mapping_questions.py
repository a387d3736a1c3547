"""A mapping made by asking: which column is what, proposed by the words of the header.

It leaves nothing open: the next import with it asks nothing. A wrong answer is asked again.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from common.value_limits import MAX_HOTEL_ID
from data_provider.event_validation import parse_whole_number
from data_provider.field_errors import FieldError
from data_provider.rate_and_words import parse_currency
from data_provider.reservation_import.cell_values import parse_status
from data_provider.reservation_import.column_guess import guess_columns, guess_line
from data_provider.reservation_import.mapping import (
    FIELDS,
    LINES,
    Mapping,
    MappingError,
    normal,
)
from data_provider.reservation_import.spellings import Spellings
from data_provider.reservation_import.table_lines import TableFile
from data_provider.reservations.snapshot import STATUSES

SAMPLE_ROWS = 1_000
MAX_STATUSES = 50

Answer = TypeVar("Answer")
AskText = Callable[[str, str], str]  # a question and the proposed answer


def ask_mapping(path: Path, name: str, ask: AskText) -> Mapping:
    """Return a mapping for a file.

    Raises: MappingError, UnreadableFile.
    """
    with TableFile(path, name) as table:
        header = table.header
        rows = [row.cells for row in islice(table.rows(), SAMPLE_ROWS) if row.cells]
    guessed = guess_columns(header, rows)
    line = _choice(ask, "One line of the file is a", LINES, guess_line(guessed, header, rows))
    columns: dict[str, str] = {}
    for field, meaning in FIELDS.items():
        proposed = guessed.get(field, "")
        if proposed in columns.values():
            proposed = ""
        answer = _column(ask, f"Column of {meaning}", header, proposed, rows)
        if answer:
            columns[field] = answer
    mapping = Mapping(name=name, line=line, columns=columns)
    if "hotel_id" not in columns:
        number = _asked(ask, "The hotel's number", "1", _hotel_number)
        mapping = replace(mapping, hotel_id=number)
    if columns.keys() & {"rate", "total"} and "currency" not in columns:
        mapping = replace(mapping, currency=_asked(ask, "The currency", "EUR", parse_currency))
    mapping.check()
    mapping = replace(mapping, statuses=_statuses(mapping, header, rows, ask))
    return _with_spellings(mapping, path, name, ask)


def _with_spellings(mapping: Mapping, path: Path, name: str, ask: AskText) -> Mapping:
    """Add the order of dates and the decimal sign, after a look at the whole file."""
    with TableFile(path, name) as table:
        spellings = Spellings(mapping.positions(table.header))
        for row in table.rows():
            if not row.problem:
                spellings.look_at(row.cells)
    return spellings.settle(
        mapping, name, lambda question, choices: _choice(ask, question, choices, "")
    )


def _asked(ask: AskText, question: str, proposed: str, read: Callable[[str], Answer]) -> Answer:
    """Return what `read` makes of the answer; ask again, with the reason, where it refuses."""
    reason = ""
    while True:
        try:
            return read(ask(reason + question, proposed).strip() or proposed)
        except (MappingError, FieldError) as error:
            reason = f"{error}. "


def _hotel_number(text: str) -> int:
    return parse_whole_number(text, 1, MAX_HOTEL_ID)


def _column(
    ask: AskText, question: str, header: list[str], proposed: str, rows: list[list[Any]]
) -> str:
    sample = ""
    if proposed:
        index = header.index(proposed)
        values = [str(row[index]) for row in rows if index < len(row) and row[index]]
        sample = f" (like {', '.join(dict.fromkeys(values[:3]))})" if values else ""

    def read(answer: str) -> str:
        if answer == "-":
            return ""
        matching = [word for word in header if normal(word) == normal(answer)]
        if not matching:
            raise MappingError(f"The file has no column {answer}; it has {', '.join(header)}")
        return matching[0]

    return _asked(ask, f"{question}, - for none{sample}", proposed or "-", read)


def _statuses(
    mapping: Mapping, header: list[str], rows: list[list[Any]], ask: AskText
) -> dict[str, str]:
    """Ask what the words mean that are not known."""
    index = mapping.positions(header)["status"]
    words = dict.fromkeys(
        normal(row[index]) for row in rows if index < len(row) and str(row[index] or "").strip()
    )
    told: dict[str, str] = {}
    for word in islice(words, MAX_STATUSES):
        try:
            parse_status(word, told)
        except FieldError:
            told[word] = _choice(ask, f"The status {word} means", STATUSES, STATUSES[0])
    return told


def _choice(ask: AskText, question: str, choices: tuple[str, ...], proposed: str) -> str:
    def read(answer: str) -> str:
        if answer not in choices:
            raise MappingError(f"{answer or 'An empty answer'} is none of {', '.join(choices)}")
        return answer

    return _asked(ask, f"{question} ({', '.join(choices)})", proposed, read)
