r"""The physical lines of a text file, each counted once, in constant memory.

A line ends with `\n`, `\r\n` or `\r` and with nothing else: form feeds and Unicode's line
separators are characters of a value. `\r\r\n` therefore ends a line and a blank one.
"""

import codecs
import io
from collections import deque

from data_provider.csv_loading.decompression import READ_ERRORS, DecompressedFile

MAX_LINE_CHARACTERS = 1_000_000  # the rest of a line is dropped, so that memory is bounded


class LineReader:
    """Reads lines from `pending` or with `next_line`; both advance `number` by one a line.

    A file that is damaged in the middle ends there, and `damage` then holds the error. A last line
    that the damage cut off is not returned.
    """

    def __init__(self, binary: DecompressedFile) -> None:
        self.pending: deque[str] = deque()  # decoded, not yet consumed, without line ends
        self.number = 0  # of the last line that was consumed
        self.decoded = 0  # lines that were decoded so far, counted apart from `number`
        self.damage: Exception | None = None
        self._binary = binary
        decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
        self._decoder = io.IncrementalNewlineDecoder(decoder, translate=True)
        self._partial_line: list[str] = []  # in parts; its end is not read yet
        self._partial_characters = 0
        self._is_at_end = False

    def next_line(self) -> str | None:
        """Return the next line, None at the end."""
        if not self.pending and not self.read_lines():
            return None
        self.number += 1
        return self.pending.popleft()

    def put_back(self, lines: list[str]) -> None:
        """Put back the lines that were consumed last, in the order of the file."""
        self.pending.extendleft(reversed(lines))
        self.number -= len(lines)

    def read_lines(self) -> bool:
        """Decode more of the file into `pending`; return False at its end."""
        while not self.pending and not self._is_at_end:
            try:
                content = self._binary.read()
            except READ_ERRORS as error:
                self.damage, self._is_at_end = error, True
                return False
            self._is_at_end = not content
            lines = self._decoder.decode(content, final=self._is_at_end).split("\n")
            self._extend_partial_line(lines[0])
            if len(lines) == 1 and not self._is_at_end:
                continue
            lines[0] = "".join(self._partial_line)
            self._partial_line = [lines.pop()]
            self._partial_characters = len(self._partial_line[0])
            if self._is_at_end and self._partial_line[0]:
                lines.append(self._partial_line[0])
            if lines and len(lines[0]) > MAX_LINE_CHARACTERS:  # only the first joins several chunks
                lines[0] = _cut(lines[0])
            self.decoded += len(lines)
            self.pending.extend(lines)
        return bool(self.pending)

    def _extend_partial_line(self, text: str) -> None:
        """Add to the line whose end is not read yet, up to what makes it too long.

        In parts, which are joined once: otherwise a long line that arrives in small pieces (a pipe)
        would be copied again with each of them.
        """
        if self._partial_characters <= MAX_LINE_CHARACTERS:
            self._partial_line.append(text)
            self._partial_characters += len(text)


def is_too_long(line: str) -> bool:
    """Return whether a line was cut because it is longer than MAX_LINE_CHARACTERS."""
    return len(line) > MAX_LINE_CHARACTERS


def _cut(line: str) -> str:
    """Cut a line so that it keeps a length that `is_too_long`, and a quote at its end.

    With the quote it is never in canonical spelling, so that the reader looks at its length.
    """
    return line[:MAX_LINE_CHARACTERS] + '"'
