"""Read a CSV file as valid events, rejected rows and blank lines, in constant memory.

Every physical line is counted exactly once: as part of the header, an event, a rejected row (with
its line number and a reason that names the field), a blank line, or a further line of a quoted
value (`inner_lines`). Columns are found by name in any order; extra columns, byte-order marks,
CRLF, quotes and blank lines are harmless.

A stray quote costs only its own line. A quoted value may span lines only if its closing quote ends
the value and none of the lines that it takes in is an event: see `_read_quoted_row`.

Nearly every line of a real file is in canonical spelling. One regular expression, compiled for the
file's columns, matches and splits such a line. All other lines are validated field by field, with
the same result.
"""

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from common.translatable_text import Text
from data_provider.csv_loading.csv_header import HeaderError, read_header
from data_provider.csv_loading.decompression import READ_ERRORS, DecompressedFile
from data_provider.csv_loading.file_problems import (
    line_too_long,
    missing_fields,
    not_opened,
    not_read,
    not_read_further,
    quote_never_closed,
    quote_swallows,
    too_many_fields,
)
from data_provider.csv_loading.line_reader import MAX_LINE_CHARACTERS, LineReader, is_too_long
from data_provider.csv_loading.local_times import (
    ZoneOfHotel,
    event_from_local_groups,
    with_utc_time,
)
from data_provider.event_validation import (
    CANONICAL_GROUPS,
    CANONICAL_PATTERNS,
    CANONICAL_SOURCE_ID_PATTERN,
    EventRow,
    event_from_all_canonical_groups,
    event_from_canonical_groups,
    parse_event,
)
from data_provider.field_errors import FileError, reason_of
from data_provider.rate_and_words import CANONICAL_OPTIONAL_PATTERNS, OPTIONAL

MAX_RECORD_LINES = 50  # a quoted remark may span lines; with more, the quote is a typing error


class UnusableFile(FileError):
    """The file as a whole cannot be loaded, or not further; the message says why."""


class RejectedRow(NamedTuple):
    """A row that is not a valid event."""

    line: int  # number of the row's first line; the header is line 1
    reason: str
    text: str


class BlankLine(NamedTuple):
    """A line without any value."""

    line: int


Record = EventRow | RejectedRow | BlankLine


class EventFile:
    """An open CSV file, plain, gzip or zip. Iterate over `records`; `bytes_read` is for progress.

    Args:
        name: path or name of the file, for messages.
        stream: the file's bytes, unbuffered or buffered.
        zone_of_hotel: the time zone of times without offset; None reads them as UTC.

    Raises:
        UnusableFile: when it is opened, or while it is read (a damaged .gz); names the file.
    """

    def __init__(
        self, name: str, stream: BinaryIO, zone_of_hotel: ZoneOfHotel | None = None
    ) -> None:
        self.name = name
        self._zone_of_hotel = zone_of_hotel
        self._raw = stream
        self.inner_lines = 0  # the second and further lines of rows that span lines
        self._events_alone: dict[int, EventRow | None] = {}  # by line number: `_event_alone`
        try:
            self._lines = LineReader(DecompressedFile(stream, settings.MAX_UNPACK_RATIO))
            header = read_header(self._lines)
        except READ_ERRORS as error:
            raise UnusableFile(not_read(name, error)) from error
        except (HeaderError, ValueError) as error:
            raise UnusableFile(
                Text("%(file)s %(problem)s", {"file": name, "problem": reason_of(error)})
            ) from error
        self.header_lines = header.lines
        self._delimiter, self._names = header.delimiter, header.names
        self._columns, self._source_id_index = header.columns, header.source_id_index
        self._optional = header.optional

    @classmethod
    def open(cls, path: Path, zone_of_hotel: ZoneOfHotel | None = None) -> "EventFile":
        """Open a file by its path. Raises: UnusableFile."""
        try:
            stream = path.open("rb", buffering=0)
        except OSError as error:
            raise UnusableFile(not_opened(str(path), error)) from error
        try:
            return cls(str(path), stream, zone_of_hotel)
        except UnusableFile:
            stream.close()
            raise

    def close(self) -> None:
        self._raw.close()

    @property
    def bytes_read(self) -> int:
        """Bytes read of the file (compressed, if it is .gz); 0 if unknown (a pipe)."""
        try:
            return self._raw.tell()
        except OSError:
            return 0

    @property
    def line_number(self) -> int:
        """The number of the last line that was used."""
        return self._lines.number

    @property
    def lines_read(self) -> int:
        """Physical lines read so far, counted when they were decoded, not when they were used."""
        return self._lines.decoded - len(self._lines.pending)

    def records(self) -> Iterator[Record]:
        """Yield every row after the header, in the order of the file.

        Raises: UnusableFile; ZoneUnknown if there is a `zone_of_hotel`.
        """
        reader, lines = self._lines, self._lines.pending
        match_line, groups = self._canonical_matcher()
        event_from = (
            event_from_all_canonical_groups if self._optional else event_from_canonical_groups
        )
        if self._zone_of_hotel is not None:
            hotel_group = groups.index(CANONICAL_GROUPS[0])
            event_from = event_from_local_groups(event_from, hotel_group, self._zone_of_hotel)
        while lines or reader.read_lines():
            line = lines.popleft()
            reader.number += 1
            if not line:
                yield BlankLine(reader.number)
                continue
            if match := match_line(line):
                row = event_from(*match.group(*groups))
                if row is not None:
                    yield row
                    continue
            yield self._parse_row_at(reader.number, line)
        if reader.damage:
            problem = not_read_further(self.name, reader.number, reader.damage)
            raise UnusableFile(problem) from reader.damage

    def _canonical_matcher(self) -> tuple[Callable[[str], re.Match[str] | None], list[str]]:
        """Return a function that matches a line in canonical spelling, and its group names."""
        patterns = [rf'[^"{self._delimiter}]*'] * len(self._names)
        groups = list(CANONICAL_GROUPS)
        for name, index in self._columns:
            patterns[index] = CANONICAL_PATTERNS[name]
        if self._source_id_index < len(self._names):
            patterns[self._source_id_index] = CANONICAL_SOURCE_ID_PATTERN
            groups.append("source")
        absent = ""
        if self._optional:
            for name, index in self._optional:
                pattern = CANONICAL_OPTIONAL_PATTERNS[name]
                patterns[index] = pattern.format(delimiter=self._delimiter)
            present = dict(self._optional)
            absent = "".join(f"(?P<{name}>)" for name in OPTIONAL if name not in present)
            groups = [*OPTIONAL, *groups]
        expression = re.compile(re.escape(self._delimiter).join(patterns) + absent, re.ASCII)
        return expression.fullmatch, groups

    def _parse_row_at(self, number: int, line: str) -> Record:
        """Parse the row that begins with a line; quotes may extend it over further lines."""
        record, opened = self._parse_line(number, line)
        if record is None:
            return self._read_quoted_row(number, line, skip_blanks=False)
        return self._read_quoted_row(number, line, skip_blanks=True) if opened else record

    def _parse_line(self, number: int, line: str) -> tuple[Record | None, bool | None]:
        """Parse a line by itself.

        A quote opens a value directly after a delimiter, and, if the line cannot be read so, also
        after a delimiter and blanks.

        Returns:
            The row, or None when a quote is open at the line's end; and whether the quote was
            opened after blanks (None: not at all).
        """
        if is_too_long(line):
            reason = line_too_long(MAX_LINE_CHARACTERS)
            return RejectedRow(number, reason, line[:MAX_LINE_CHARACTERS]), None
        if '"' not in line:
            if not line.strip():
                return BlankLine(number), None
            return self._parse_row(number, line, line.split(self._delimiter)), None
        result: Record | None = None
        opened: bool | None = None
        for skip_blanks in (False, True) if f"{self._delimiter} " in line else (False,):
            try:
                fields = self._split_line(line, skip_blanks=skip_blanks)
            except csv.Error as error:
                return RejectedRow(
                    number, _("no CSV record: %(reason)s") % {"reason": error}, line
                ), None
            if fields is None:
                opened = skip_blanks if opened is None else opened
                continue
            record = self._parse_row(number, line, fields)
            if not isinstance(record, RejectedRow):
                return record, None
            result = result or record
        return (None if opened is False else result), opened

    def _split_line(self, line: str, *, skip_blanks: bool) -> list[str] | None:
        """Return a line's fields, None if a quote is open at its end. Raises: csv.Error."""
        is_open = False

        def only_this_line() -> Iterator[str]:  # the CSV reader asks for more while a quote is open
            nonlocal is_open
            yield line + "\n"
            is_open = True

        reader = csv.reader(
            only_this_line(), delimiter=self._delimiter, skipinitialspace=skip_blanks
        )
        fields = next(reader)
        return None if is_open else fields

    def _read_quoted_row(self, number: int, first: str, *, skip_blanks: bool) -> Record:
        """Read the row that begins with a line at whose end a quote is open.

        It is one row only if its closing quote is followed by the delimiter or a line's end, and if
        no line that it takes in, looked at by itself, is an event. (The last one may be: in a file
        whose first column is a remark, it is the row's own event.) Otherwise the quote is stray:
        the first line is rejected, and the others are read again as rows of their own.

        A stray quote reads at most MAX_RECORD_LINES lines again, and each line is validated by
        itself once only, so time stays linear whatever the quotes.
        """
        lines = [first]
        problem = ""
        last_event: EventRow | None = None

        def lines_until_closed() -> Iterator[str]:
            nonlocal problem, last_event
            yield first + "\n"
            while len(lines) < MAX_RECORD_LINES and last_event is None:
                line = self._lines.next_line()
                if line is None:
                    break
                lines.append(line)
                last_event = self._event_alone(self._lines.number, line)
                yield line + "\n"
            problem = quote_never_closed()

        reader = csv.reader(
            lines_until_closed(),
            delimiter=self._delimiter,
            skipinitialspace=skip_blanks,
            strict=True,  # a closing quote is followed by a delimiter or the line's end
        )
        row: Record | None = None
        try:
            fields = next(reader)
        except csv.Error:
            problem = quote_never_closed()
        else:
            row = self._parse_row(number, "\n".join(lines), fields) if not problem else None
        if last_event is not None and (row != last_event or self._parse_unquoted(first)):
            problem = quote_swallows(number + len(lines) - 1)
        if row is None or problem:
            self._lines.put_back(lines[1:])
            return RejectedRow(number, problem, first)
        self.inner_lines += len(lines) - 1
        return row

    def _event_alone(self, number: int, line: str) -> EventRow | None:
        """Return the event that a line is by itself, None if it is none.

        Stray quotes one after the other look at the same lines, so the results are kept for as
        many lines as one of them may look at.
        """
        known = self._events_alone
        if number in known:
            return known[number]
        if len(known) >= 2 * MAX_RECORD_LINES:
            for old in [each for each in known if each <= number - MAX_RECORD_LINES]:
                del known[old]
        record, _ = self._parse_line(0, line)
        event = record if isinstance(record, EventRow) else None
        if event is None and '"' in line:  # two stray quotes, each at an event's end, are no value
            event = self._parse_unquoted(line)
        known[number] = event
        return event

    def _parse_unquoted(self, line: str) -> EventRow | None:
        """Return the event of a line whose quotes are read as characters, None if it is none."""
        record = self._parse_row(0, line, line.split(self._delimiter))
        return record if isinstance(record, EventRow) else None

    def _parse_row(self, number: int, text: str, fields: list[str]) -> Record:
        values = [field.strip() for field in fields]
        width = len(self._names)
        if len(values) > width and any(values[width:]):
            reason = too_many_fields(len(values), width)
            return RejectedRow(number, reason, text)
        if len(values) < width:
            values += [""] * (width - len(values))
        if not any(values):
            return BlankLine(number)
        named = {name: values[index] for name, index in self._columns}
        named |= {name: values[index] for name, index in self._optional if values[index]}
        if self._source_id_index < width:
            named["source_id"] = values[self._source_id_index]
        if self._zone_of_hotel is not None:
            named = with_utc_time(named, self._zone_of_hotel)
        row, errors = parse_event(named)
        if row is not None:
            return row
        reason = "; ".join(f"{name} {', '.join(reasons)}" for name, reasons in errors.items())
        if len(fields) < width:
            reason += " " + missing_fields(len(fields), width)
        return RejectedRow(number, reason, text)
