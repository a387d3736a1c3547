"""An output stream on which a failure to print never ends the work.

A closed pipe (`| head -1`), a full disk, a closed descriptor: what is printed from then on is
dropped. A character that the stream's encoding lacks, or a byte of a file name that is no UTF-8, is
printed as an escape.
"""

import io
import os
from contextlib import suppress
from typing import Any


class SafeOutput(io.TextIOBase):
    """Writes to a text stream, and flushes after each write, until one fails.

    Args:
        stream: such as sys.stdout; None if the process has none.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._is_broken = stream is None

    @property
    def encoding(self) -> str:  # type: ignore[override]  # read-only here
        return getattr(self._stream, "encoding", None) or "utf-8"

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        if self._is_broken or not hasattr(self._stream, "isatty"):
            return False
        with suppress(ValueError):  # it was closed
            return bool(self._stream.isatty())
        return False

    def fileno(self) -> int:
        return int(self._stream.fileno())

    def write(self, text: str) -> int:
        if not self._is_broken:
            try:
                self._stream.write(
                    text.encode(self.encoding, "backslashreplace").decode(self.encoding)
                )
                self._stream.flush()
            except (OSError, ValueError, AttributeError):  # AttributeError: it wraps None
                self._drop_output()
        return len(text)

    def flush(self) -> None:
        """Do nothing: `write` has flushed."""

    def _drop_output(self) -> None:
        """Let the stream's descriptor lead nowhere, so that the flush at exit does not fail."""
        self._is_broken = True
        with suppress(OSError, ValueError, AttributeError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self._stream.fileno())
            os.close(null)
