"""A CSV file as valid events and rejected rows, in constant memory.

Every physical line ends up in exactly one count: the header, an event, a reject with its line
number and a reason that names the field, or a blank line. Columns are found by name in any order;
extra columns, a byte-order mark, CRLF, quotes and blank lines do no harm. A quote that is never
closed costs its own line only, not the rest of the file.

Nearly every line of a real file is spelled as this system spells events itself. One regular
expression, made for the file's columns, knows such a line and takes it apart; all others go through
the rules one by one, with the same result.
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

from data_provider.event_validation import (
    CANONICAL,
    CANONICAL_GROUPS,
    CANONICAL_SOURCE,
    REQUIRED,
    EventRow,
    canonical_event,
    parse_event,
)

SOURCE_COLUMN = "id"  # the sender's own number, optional
DELIMITERS = ",;\t"
MAX_RECORD_LINES = 50  # a quoted remark may span lines; beyond this the quote is a slip
MAX_LINE_CHARACTERS = 1_000_000
SNIFFED_BYTES = 65_536


class UnusableFile(Exception):
    """The file as a whole cannot be loaded; the message says why, and nothing follows it."""


class Reject(NamedTuple):
    """A row that is no valid event."""

    line: int  # of the record's first line, the header being line 1
    reason: str
    text: str


class Blank(NamedTuple):
    """A line with nothing in it."""

    line: int


class EventFile:
    """An open CSV file; iterate over `records`, and read `bytes_read` for progress.

    Raises: UnusableFile, when opened or in the middle (a damaged .gz), naming the file.
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
            start = self._text_start(binary)
        except (OSError, EOFError, zlib.error) as error:
            raise UnusableFile(f"{name} cannot be read: {error}") from error
        self._bytes: Any = _Chained(start, binary)
        decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
        self._decoder = io.IncrementalNewlineDecoder(decoder, translate=True)
        self._lines: deque[str] = deque()  # decoded and waiting, without their ends
        self._rest = ""  # of a line whose end was not read yet
        self._ended = False
        self._line = 0
        self._read_header()

    @classmethod
    def open(cls, path: Path) -> "EventFile":
        """A file by its path. Raises: UnusableFile."""
        try:
            return cls(str(path), path.open("rb", buffering=0))
        except OSError as error:
            raise UnusableFile(f"{path} cannot be opened: {error.strerror}") from error

    def close(self) -> None:
        self._raw.close()

    @property
    def bytes_read(self) -> int:
        """How far the file itself (not its unpacked text) was read; 0 where that is unknown."""
        try:
            return self._raw.tell()
        except OSError:
            return 0

    def _text_start(self, binary: IO[bytes]) -> bytes:
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
        missing: list[str] = []
        for delimiter in DELIMITERS:
            try:
                columns = next(csv.reader([header], delimiter=delimiter))
            except csv.Error as error:
                raise UnusableFile(f"{self.name} is no CSV: {error} in its first line") from error
            names = [name.strip().lower() for name in columns]
            absent = [name for name in REQUIRED if name not in names]
            if not missing or len(absent) < len(missing):
                missing, self._delimiter, self._names = absent, delimiter, names
            if not absent:
                missing = []
                self._delimiter, self._names = delimiter, names
                break
        if missing:
            raise UnusableFile(
                f"{self.name} has no column {', '.join(missing)}; needed are {', '.join(REQUIRED)}"
            )
        twice = [name for name in REQUIRED if self._names.count(name) > 1]
        if twice:
            raise UnusableFile(f"{self.name} has the column {', '.join(twice)} twice")
        self._columns = [(name, self._names.index(name)) for name in REQUIRED]
        self._source = (
            self._names.index(SOURCE_COLUMN) if SOURCE_COLUMN in self._names else len(self._names)
        )

    def _next_line(self) -> str | None:
        if not self._lines and not self._read_lines():
            return None
        self._line += 1
        return self._lines.popleft()

    def _read_lines(self) -> bool:
        """Decode more of the file; False at its end."""
        while not self._lines and not self._ended:
            try:
                content = self._bytes.read1(SNIFFED_BYTES)
            except (OSError, EOFError, zlib.error) as error:
                line = self._line + len(self._lines)
                raise UnusableFile(f"{self.name} is damaged after line {line}: {error}") from error
            self._ended = not content
            text = self._rest + self._decoder.decode(content, final=self._ended)
            lines = text.split("\n")
            self._rest = lines.pop()
            while len(self._rest) >= MAX_LINE_CHARACTERS:  # no memory holds a line without an end
                lines.append(self._rest[:MAX_LINE_CHARACTERS])
                self._rest = self._rest[MAX_LINE_CHARACTERS:]
            if self._ended and self._rest:
                lines.append(self._rest)
            self._lines.extend(lines)
        return bool(self._lines)

    def records(self) -> Iterator[EventRow | Reject | Blank]:
        """Every record after the header, in the order of the file."""
        lines, match, groups = self._lines, *self._canonical_line()
        while lines or self._read_lines():
            line = lines.popleft()
            self._line += 1
            if found := match(line):
                row = canonical_event(*found.group(*groups))
                if row is not None:
                    yield row
                    continue
            yield self._record_at(self._line, line)

    def _canonical_line(self) -> tuple[Callable[[str], re.Match[str] | None], list[str]]:
        """What knows a line that is spelled as the system itself spells events, and its groups."""
        patterns = [rf'[^"{self._delimiter}]*'] * len(self._names)
        groups = list(CANONICAL_GROUPS)
        for name, index in self._columns:
            patterns[index] = CANONICAL[name]
        if self._source < len(self._names):
            patterns[self._source] = CANONICAL_SOURCE
            groups.append("source")
        expression = re.compile(re.escape(self._delimiter).join(patterns), re.ASCII)
        return expression.fullmatch, groups

    def _record_at(self, number: int, line: str) -> EventRow | Reject | Blank:
        """The record that begins with a line; it may take further lines."""
        if not line.strip():
            return Blank(number)
        if '"' not in line:
            return self._record(number, line, line.split(self._delimiter))
        fields, lines, problem = self._quoted_record(line)
        if problem:
            # They are read again, as records of their own.
            self._lines.extendleft(reversed(lines[1:]))
            self._line -= len(lines) - 1
            return Reject(number, problem, line)
        return self._record(number, "\n".join(lines), fields)

    def _quoted_record(self, first: str) -> tuple[list[str], list[str], str]:
        """A record that may go on in further lines: its fields, its lines, and what is wrong."""
        lines = [first]
        never_closed = False

        def wanted() -> Iterator[str]:  # by the reader, which asks while a quote is open
            nonlocal never_closed
            yield first + "\n"
            while len(lines) < MAX_RECORD_LINES and (more := self._next_line()) is not None:
                lines.append(more)
                yield more + "\n"
            never_closed = True

        try:
            fields = next(csv.reader(wanted(), delimiter=self._delimiter))
        except csv.Error as error:
            return [], lines, f"no CSV record: {error}"
        return fields, lines, "a quote is opened and never closed" if never_closed else ""

    def _record(self, number: int, text: str, fields: list[str]) -> EventRow | Reject | Blank:
        values = [field.strip() for field in fields]
        width = len(self._names)
        if len(values) > width and any(values[width:]):
            reason = (
                f"has {len(values)} fields, the header names {width}: quote a value with commas"
            )
            return Reject(number, reason, text)
        if len(values) < width:
            values += [""] * (width - len(values))
        if not any(values):
            return Blank(number)
        named = {name: values[index] for name, index in self._columns}
        if self._source < width:
            named["source_id"] = values[self._source]
        row, errors = parse_event(named)
        if row is not None:
            return row
        reason = "; ".join(f"{name} {', '.join(reasons)}" for name, reasons in errors.items())
        if len(fields) < width:
            reason += f" (the line has {len(fields)} of {width} fields)"
        return Reject(number, reason, text)


class _Chained(io.RawIOBase):
    """The start of a stream that was read to look at it, and then the rest."""

    def __init__(self, start: bytes, rest: IO[bytes]) -> None:
        self._start = io.BytesIO(start)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._start.read(size) or self._rest.read(size)

    def read1(self, size: int = -1) -> bytes:
        return self.read(size if size > 0 else SNIFFED_BYTES)
