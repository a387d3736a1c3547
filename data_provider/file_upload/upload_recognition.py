"""What an uploaded file is: events of our own columns, or reservations with a mapping to check.

The proposal comes from a shipped mapping that fits the header, else from guesses. Where dates could
be read in two ways, or amounts, one way is proposed and the page says which, in words.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _

from common.error_limits import quote_value
from common.translatable_text import Text, amount
from data_provider.csv_loading.csv_reader import EventFile, UnusableFile
from data_provider.field_errors import FieldError
from data_provider.file_upload.upload_model import UploadKind
from data_provider.reservation_import.cell_values import parse_status
from data_provider.reservation_import.column_guess import guess_columns, guess_line
from data_provider.reservation_import.mapping import (
    DATE_ORDERS,
    DECIMALS,
    Mapping,
    MappingError,
    normal,
    recognise,
)
from data_provider.reservation_import.spellings import Spellings
from data_provider.reservation_import.table_lines import TableFile, UnreadableFile

SAMPLE_ROWS: Final = 2_000  # looked at on the page; a worker reads all of them
MAX_COLUMNS: Final = 200  # of which the page lets a person choose
MIN_COLUMNS: Final = 3  # fewer cannot say a reservation's number, state and nights
MAX_STATUSES: Final = 50


@dataclass(frozen=True)
class Sample:
    """The header and the first rows of a table."""

    header: list[str]
    rows: list[list[Any]] = field(repr=False)

    def cells(self, index: int) -> list[Any]:
        """Return the filled cells of a column."""
        return [
            row[index] for row in self.rows if index < len(row) and str(row[index] or "").strip()
        ]


def recognise_kind(path: Path, name: str) -> UploadKind:
    """Return what a file's lines are. Raises: UnreadableFile naming what is wrong with the file."""
    try:
        EventFile.open(path).close()
    except UnusableFile:
        read_sample(path, name, rows=1)
        return UploadKind.RESERVATIONS
    return UploadKind.EVENTS


def read_sample(path: Path, name: str, rows: int = SAMPLE_ROWS) -> Sample:
    """Return the header and the first rows of a table. Raises: UnreadableFile."""
    with TableFile(path, name) as table:
        if len(table.header) > MAX_COLUMNS:
            raise UnreadableFile(
                Text(
                    "%(file)s has %(number)s columns; leave those out that no reservation needs: "
                    "at most %(most)d are read",
                    {"file": name, "number": amount(len(table.header)), "most": MAX_COLUMNS},
                )
            )
        named = [word for word in table.header if normal(word)]
        if len(named) < MIN_COLUMNS:
            raise UnreadableFile(
                Text(
                    "%(file)s is no table that can be read: its first line has to name the "
                    "columns, and is %(line)s",
                    {"file": name, "line": quote_value(";".join(named))},
                )
            )
        taken = islice(table.rows(), rows)
        return Sample(table.header, [row.cells for row in taken if row.cells and not row.problem])


def propose_mapping(sample: Sample) -> Mapping:
    """Return a mapping that a person may change; it may lack columns that a file needs."""
    try:
        mapping = recognise(sample.header)
    except MappingError:
        columns = guess_columns(sample.header, sample.rows)
        line = guess_line(columns, sample.header, sample.rows)
        mapping = Mapping(name=_("your choice"), line=line, columns=columns)
    mapping = _without_single_hotel(mapping, sample)
    order, decimal = open_spellings(mapping, sample).settled
    return replace(mapping, date_order=order, decimal=decimal)


def _without_single_hotel(mapping: Mapping, sample: Sample) -> Mapping:
    """Leave out a column that names one hotel only: the lines are of the hotel that was chosen."""
    word = mapping.columns.get("hotel_id")
    if word is None:
        return mapping
    [index] = [place for place, other in enumerate(sample.header) if normal(other) == normal(word)]
    if len(set(map(str, sample.cells(index)))) > 1:
        return mapping
    columns = {name: word for name, word in mapping.columns.items() if name != "hotel_id"}
    return replace(mapping, columns=columns)


@dataclass(frozen=True)
class OpenSpellings:
    """What the sample does not say of dates and amounts, and how it is settled for now.

    Attributes:
        date: an example that could be read in both orders; empty where the dates say their order.
        is_date_open: whether a date of the sample is so; else later lines may have one.
        amount, is_amount_open: the same of the decimal sign.
        settled: date order and decimal sign.
    """

    date: str
    is_date_open: bool
    amount: str
    is_amount_open: bool
    settled: tuple[str, str]


def open_spellings(mapping: Mapping, sample: Sample) -> OpenSpellings:
    """Return what has to be asked about dates and amounts of the mapped columns."""
    spellings = Spellings(mapping.without_missing(sample.header).positions(sample.header))
    for row in sample.rows:
        spellings.look_at(row)
    asked: list[tuple[str, ...]] = []

    def leave_open(question: str, choices: tuple[str, ...]) -> str:
        asked.append(choices)
        return ""

    told = spellings.settle(replace(mapping, date_order=None, decimal=None), "", leave_open)
    # What the cells say themselves is stronger than what was chosen before. Of what nobody said,
    # the day comes first in most countries, and their amounts have a comma.
    order = told.date_order or mapping.date_order or "day"
    usual = "," if "." in spellings.open_amount else "."
    return OpenSpellings(
        "" if told.date_order else spellings.open_date or "03/04/2026",
        DATE_ORDERS in asked,
        "" if told.decimal else spellings.open_amount or "1.234",
        DECIMALS in asked,
        (order, told.decimal or mapping.decimal or (usual if order == "day" else ".")),
    )


def unknown_statuses(mapping: Mapping, sample: Sample) -> list[str]:
    """Return the words of the status column that are not known, in lower case."""
    word = mapping.columns.get("status")
    if word is None:
        return []
    index = [normal(other) for other in sample.header].index(normal(word))
    unknown = []
    for text in dict.fromkeys(normal(cell) for cell in sample.cells(index)):
        try:
            parse_status(text, {})
        except FieldError:
            unknown.append(text)
    return unknown[:MAX_STATUSES]
