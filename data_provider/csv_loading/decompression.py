"""The text bytes of a file that is plain, gzip, or a zip archive with one file in it.

The kind is told from the first bytes, never from the name. Memory stays constant.
"""

import gzip
import io
import zipfile
import zlib
from typing import IO, Any, BinaryIO, cast

CHUNK_BYTES = 65_536
READ_ERRORS = (
    OSError,
    EOFError,
    zlib.error,
    zipfile.BadZipFile,
    NotImplementedError,  # a compression method or zip feature that Python does not know
    RuntimeError,  # an encrypted zip archive
)

# `gzip` raises BadGzipFile with this text for bytes that follow the last member.
_NO_FURTHER_MEMBER = "Not a gzipped file"


class DecompressedFile:
    """The bytes of a file, decompressed if it is .gz or .zip.

    Args:
        stream: the file's bytes, unbuffered or buffered. A zip archive must be seekable.

    Raises:
        READ_ERRORS: the bytes cannot be read or decompressed.
        ValueError: the zip archive does not hold exactly one CSV file; the message says what.
    """

    def __init__(self, stream: BinaryIO) -> None:
        buffered: Any = io.BufferedReader(cast(io.RawIOBase, stream), CHUNK_BYTES)
        self._kept_alive = buffered  # a BufferedReader closes its raw stream when it is deleted
        self._is_gzip = False
        self._has_content = False
        head = buffered.peek(4)[:4]
        self._binary: Any = buffered
        if head[:2] == b"\x1f\x8b":
            self._is_gzip = True
            self._binary = gzip.GzipFile(fileobj=buffered)
        elif head == b"PK\x03\x04":
            self._binary = _open_zip(buffered)

    def read(self) -> bytes:
        """Return up to CHUNK_BYTES bytes; b"" at the end. Raises: READ_ERRORS."""
        try:
            content: bytes = self._binary.read1(CHUNK_BYTES)
        except gzip.BadGzipFile as error:
            # Every byte before was checked by its own checksum: what follows is padding.
            if self._has_content and _NO_FURTHER_MEMBER in str(error):
                return b""
            raise
        self._has_content = self._has_content or bool(content)
        return content


def _open_zip(stream: Any) -> IO[bytes]:
    """Open the only CSV file in a zip archive."""
    if not stream.seekable():
        raise ValueError("is a zip archive, which cannot be read from a pipe: give the file itself")
    archive = zipfile.ZipFile(stream)
    files = [
        info
        for info in archive.infolist()
        if not info.is_dir() and not info.filename.startswith("__MACOSX/")
    ]
    csv_files = [info for info in files if info.filename.lower().endswith(".csv")]
    chosen = csv_files or files
    if len(chosen) != 1:
        names = ", ".join(info.filename for info in chosen[:5]) or "no file"
        raise ValueError(f"is a zip archive that must hold exactly one CSV file, not {names}")
    return archive.open(chosen[0])
