"""Read a CSV file as valid events, rejected rows and blank lines, in constant memory.

Every physical line is counted exactly once: as part of the header, an event, a rejected row (with
its line number and a reason that names the field), or a blank line. Columns are found by name in
any order; extra columns, a byte-order mark, CRLF, quotes and blank lines are harmless. A quote that
is never closed costs only its own line, not the rest of the file.

Nearly every line of a real file is in canonical spelling. One regular expression, compiled for the
file's columns, matches and splits such a line. All other lines are validated field by field, with
the same result.
"""

import codecs
import csv
import gzip
import io
import re
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple, cast

from data_provider.csv_loading.csv_columns import SOURCE_ID_COLUMN
from data_provider.event_validation import (
    CANONICAL_GROUPS,
    CANONICAL_PATTERNS,
    CANONICAL_SOURCE_ID_PATTERN,
    REQUIRED,
    EventRow,
    event_from_canonical_groups,
    parse_event,
)

DELIMITERS = ",;\t"
MAX_RECORD_LINES = 50  # a quoted remark may span lines; with more, the quote is a typing error
MAX_LINE_CHARACTERS = 1_000_000  # a longer line is split, so that memory stays bounded
SNIFFED_BYTES = 65_536


class UnusableFile(Exception):
    """The file as a whole cannot be loaded, or not further; the message says why."""


class RejectedRow(NamedTuple):
    """A row that is not a valid event."""

    line: int  # number of the row's first line; the header is line 1
    reason: str
    text: str


class BlankLine(NamedTuple):
    """A line without any value."""

    line: int


class EventFile:
    """An open CSV file, plain or gzip. Iterate over `records`; `bytes_read` is for progress.

    Args:
        name: path or name of the file, for messages.
        stream: the file's bytes, unbuffered or buffered.

    Raises:
        UnusableFile: when it is opened, or while it is read (a damaged .gz); names the file.
    """

    def __init__(self, name: str, stream: BinaryIO) -> None:
        self.name = name
        self._raw = stream
        self._buffered: Any = io.BufferedReader(cast(io.RawIOBase, stream), SNIFFED_BYTES)
        head = self._buffered.peek(2)[:2]
        binary: Any = self._buffered
        if head == b"\x1f\x8b":
            binary = gzip.GzipFile(fileobj=self._buffered)
        try:
            start = self._read_start(binary)
        except (OSError, EOFError, zlib.error) as error:
            raise UnusableFile(f"{name} cannot be read: {error}") from error
        self._bytes: Any = _PrefixedStream(start, binary)
        decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
        self._decoder = io.IncrementalNewlineDecoder(decoder, translate=True)
        self._lines: deque[str] = deque()  # decoded, not yet consumed, without line ends
        self._partial_line = ""  # its end is not read yet
        self._is_at_end = False
        self._line = 0  # number of the last line that was consumed
        self._read_header()

    @classmethod
    def open(cls, path: Path) -> "EventFile":
        """Open a file by its path. Raises: UnusableFile."""
        try:
            return cls(str(path), path.open("rb", buffering=0))
        except OSError as error:
            raise UnusableFile(f"{path} cannot be opened: {error.strerror}") from error

    def close(self) -> None:
        self._raw.close()

    @property
    def bytes_read(self) -> int:
        """Bytes read of the file (compressed, if it is .gz); 0 if unknown (a pipe)."""
        try:
            return self._raw.tell()
        except OSError:
            return 0

    def _read_start(self, binary: IO[bytes]) -> bytes:
        """Read the first SNIFFED_BYTES. Raises: UnusableFile if they are not UTF-8 text."""
        start = b""
        while len(start) < SNIFFED_BYTES and (more := binary.read(SNIFFED_BYTES - len(start))):
            start += more
        if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise UnusableFile(f"{self.name} is UTF-16: save it as CSV in UTF-8")
        if b"\0" in start:
            raise UnusableFile(f"{self.name} is no text: give a CSV file in UTF-8 (or its .gz)")
        return start

    def _read_header(self) -> None:
        header = self._next_line()
        if header is None or not header.strip():
            raise UnusableFile(f"{self.name} is empty: the first line must name the columns")
        # The delimiter that leaves the fewest required columns missing.
        missing: list[str] = []
        for delimiter in DELIMITERS:
            names = self._split_header(header, delimiter)
            absent = [name for name in REQUIRED if name not in names]
            if delimiter == DELIMITERS[0] or len(absent) < len(missing):
                missing, self._delimiter, self._names = absent, delimiter, names
            if not missing:
                break
        if missing:
            raise UnusableFile(
                f"{self.name} has no column {', '.join(missing)}; needed are {', '.join(REQUIRED)}"
            )
        repeated = [name for name in REQUIRED if self._names.count(name) > 1]
        if repeated:
            raise UnusableFile(f"{self.name} has the column {', '.join(repeated)} twice")
        self._columns = [(name, self._names.index(name)) for name in REQUIRED]
        self._source_id_index = (
            self._names.index(SOURCE_ID_COLUMN)
            if SOURCE_ID_COLUMN in self._names
            else len(self._names)
        )

    def _split_header(self, header: str, delimiter: str) -> list[str]:
        try:
            columns = next(csv.reader([header], delimiter=delimiter))
        except csv.Error as error:
            raise UnusableFile(f"{self.name} is no CSV: {error} in its first line") from error
        return [name.strip().lower() for name in columns]

    def _next_line(self) -> str | None:
        if not self._lines and not self._read_lines():
            return None
        self._line += 1
        return self._lines.popleft()

    def _read_lines(self) -> bool:
        """Decode more of the file into `_lines`; return False at its end."""
        while not self._lines and not self._is_at_end:
            try:
                content = self._bytes.read1(SNIFFED_BYTES)
            except (OSError, EOFError, zlib.error) as error:
                line = self._line + len(self._lines)
                raise UnusableFile(f"{self.name} is damaged after line {line}: {error}") from error
            self._is_at_end = not content
            text = self._partial_line + self._decoder.decode(content, final=self._is_at_end)
            lines = text.split("\n")
            self._partial_line = lines.pop()
            while len(self._partial_line) >= MAX_LINE_CHARACTERS:
                lines.append(self._partial_line[:MAX_LINE_CHARACTERS])
                self._partial_line = self._partial_line[MAX_LINE_CHARACTERS:]
            if self._is_at_end and self._partial_line:
                lines.append(self._partial_line)
            self._lines.extend(lines)
        return bool(self._lines)

    def records(self) -> Iterator[EventRow | RejectedRow | BlankLine]:
        """Yield every row after the header, in the order of the file."""
        lines, match_line, groups = self._lines, *self._canonical_matcher()
        while lines or self._read_lines():
            line = lines.popleft()
            self._line += 1
            if match := match_line(line):
                row = event_from_canonical_groups(*match.group(*groups))
                if row is not None:
                    yield row
                    continue
            yield self._parse_row_at(self._line, line)

    def _canonical_matcher(self) -> tuple[Callable[[str], re.Match[str] | None], list[str]]:
        """Return a function that matches a line in canonical spelling, and its group names."""
        patterns = [rf'[^"{self._delimiter}]*'] * len(self._names)
        groups = list(CANONICAL_GROUPS)
        for name, index in self._columns:
            patterns[index] = CANONICAL_PATTERNS[name]
        if self._source_id_index < len(self._names):
            patterns[self._source_id_index] = CANONICAL_SOURCE_ID_PATTERN
            groups.append("source")
        expression = re.compile(re.escape(self._delimiter).join(patterns), re.ASCII)
        return expression.fullmatch, groups

    def _parse_row_at(self, number: int, line: str) -> EventRow | RejectedRow | BlankLine:
        """Parse the row that begins with a line; quotes may extend it over further lines."""
        if not line.strip():
            return BlankLine(number)
        if '"' not in line:
            return self._parse_row(number, line, line.split(self._delimiter))
        fields, lines, problem = self._read_quoted_row(line)
        if problem:
            # Only the first line is rejected. The others are read again, as rows of their own.
            self._lines.extendleft(reversed(lines[1:]))
            self._line -= len(lines) - 1
            return RejectedRow(number, problem, line)
        return self._parse_row(number, "\n".join(lines), fields)

    def _read_quoted_row(self, first: str) -> tuple[list[str], list[str], str]:
        """Read a row whose quotes may span lines: its fields, its lines, and a problem or ""."""
        lines = [first]
        is_never_closed = False

        def lines_until_closed() -> Iterator[str]:  # the CSV reader asks while a quote is open
            nonlocal is_never_closed
            yield first + "\n"
            while len(lines) < MAX_RECORD_LINES and (line := self._next_line()) is not None:
                lines.append(line)
                yield line + "\n"
            is_never_closed = True

        try:
            fields = next(csv.reader(lines_until_closed(), delimiter=self._delimiter))
        except csv.Error as error:
            return [], lines, f"no CSV record: {error}"
        return fields, lines, "a quote is opened and never closed" if is_never_closed else ""

    def _parse_row(
        self, number: int, text: str, fields: list[str]
    ) -> EventRow | RejectedRow | BlankLine:
        values = [field.strip() for field in fields]
        width = len(self._names)
        if len(values) > width and any(values[width:]):
            reason = (
                f"has {len(values)} fields, the header names {width}: quote a value with commas"
            )
            return RejectedRow(number, reason, text)
        if len(values) < width:
            values += [""] * (width - len(values))
        if not any(values):
            return BlankLine(number)
        named = {name: values[index] for name, index in self._columns}
        if self._source_id_index < width:
            named["source_id"] = values[self._source_id_index]
        row, errors = parse_event(named)
        if row is not None:
            return row
        reason = "; ".join(f"{name} {', '.join(reasons)}" for name, reasons in errors.items())
        if len(fields) < width:
            reason += f" (the line has {len(fields)} of {width} fields)"
        return RejectedRow(number, reason, text)


class _PrefixedStream(io.RawIOBase):
    """Bytes that were already read from a stream, followed by the rest of the stream."""

    def __init__(self, start: bytes, rest: IO[bytes]) -> None:
        self._start = io.BytesIO(start)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._start.read(size) or self._rest.read(size)

    def read1(self, size: int = -1) -> bytes:
        return self.read(size if size > 0 else SNIFFED_BYTES)
