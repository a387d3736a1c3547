"""The text bytes of a file that is plain, gzip, or a zip archive with one file in it.

The kind is told from the first bytes, never from the name. Memory stays constant. A small file that
unpacks without end (blank lines shrink to a thousandth) is read up to `max_ratio` times its size
only. A file of events is safe from that: it shrinks to a fifth, and to a fortieth if it repeats
itself, because each row has a time and a night of its own.
"""

import gzip
import io
import zipfile
import zlib
from typing import IO, Any, BinaryIO

from common.translatable_text import Text, amount
from data_provider.field_errors import FileError

CHUNK_BYTES = 65_536
UNLIMITED_BYTES = 64 * 1024 * 1024  # a file may unpack to as much, whatever the ratio


class UnpacksWithoutEnd(FileError, OSError):
    """A packed file is larger than `max_ratio` times its size; the message says what to do."""


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
        max_ratio: how many times as large as the packed bytes the unpacked ones may be, after the
            first UNLIMITED_BYTES; 0 for any number.

    Raises:
        READ_ERRORS: the bytes cannot be read or decompressed.
        UnpacksWithoutEnd: one of READ_ERRORS.
        ValueError: the zip archive does not hold exactly one CSV file; the message says what.
    """

    def __init__(self, stream: BinaryIO, max_ratio: int = 0) -> None:
        self._packed = _CountedBytes(stream)
        self._unpacked_bytes = 0
        self._max_ratio = max_ratio
        buffered: Any = io.BufferedReader(self._packed, CHUNK_BYTES)
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
        self._unpacked_bytes += len(content)
        if self._unpacked_bytes > UNLIMITED_BYTES and self._max_ratio:
            self._check_ratio()
        return content

    def _check_ratio(self) -> None:
        """Raises: UnpacksWithoutEnd."""
        if self._unpacked_bytes > self._max_ratio * self._packed.count:
            raise UnpacksWithoutEnd(
                Text(
                    "it unpacks to more than %(ratio)s times its size (%(unpacked)s bytes from "
                    "%(packed)s), as no file of events does; if this one is meant, unpack it "
                    "first or set MAX_UNPACK_RATIO",
                    {
                        "ratio": amount(self._max_ratio),
                        "unpacked": amount(self._unpacked_bytes),
                        "packed": amount(self._packed.count),
                    },
                )
            )


class WrongArchive(FileError, ValueError):
    """A zip archive does not hold one CSV file; the message continues the file's name."""


class _CountedBytes(io.RawIOBase):
    """A stream whose bytes are counted when they are read. The caller closes the stream itself."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream: Any = stream
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        size: int | None = self._stream.readinto(buffer)
        self.count += size or 0
        return size

    def seekable(self) -> bool:
        return bool(self._stream.seekable())

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return int(self._stream.seek(offset, whence))

    def tell(self) -> int:
        return int(self._stream.tell())


def _open_zip(stream: Any) -> IO[bytes]:
    """Open the only CSV file in a zip archive."""
    if not stream.seekable():
        raise WrongArchive(
            Text("is a zip archive, which cannot be read from a pipe: give the file itself")
        )
    archive = zipfile.ZipFile(stream)
    files = [
        info
        for info in archive.infolist()
        if not info.is_dir() and not info.filename.startswith("__MACOSX/")
    ]
    csv_files = [info for info in files if info.filename.lower().endswith(".csv")]
    chosen = csv_files or files
    if len(chosen) != 1:
        names = ", ".join(info.filename for info in chosen[:5])
        raise WrongArchive(
            Text(
                "is a zip archive that must hold exactly one CSV file, not %(files)s",
                {"files": names or Text("no file")},
            )
        )
    return archive.open(chosen[0])
