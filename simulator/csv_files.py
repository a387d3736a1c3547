"""Write simulated events to a CSV file, plain or gzip.

The file appears under its name when it is complete, or not at all. The same lines give the same
bytes, compressed or not.
"""

import gzip
import io
import os
from collections.abc import Iterable
from pathlib import Path

from data_provider.csv_loading.csv_columns import CSV_HEADER


def write_csv_file(path: Path, lines: Iterable[str]) -> int:
    """Write CSV_HEADER and lines to a file; return the number of lines without the header.

    Args:
        path: a name that ends with .gz is compressed. A symbolic link stays, and its target is
            replaced; a device or a pipe is written to directly.

    Raises: OSError; the previous file is then unchanged.
    """
    target = path.resolve()
    is_written_directly = target.exists() and not target.is_file()
    draft = (
        target if is_written_directly else target.with_name(f".{target.name}.{os.getpid()}.draft")
    )
    count = 0
    try:
        with draft.open("wb") as raw:
            # Neither name nor time in the gzip header, so that equal events give equal bytes.
            packed = gzip.GzipFile("", "wb", fileobj=raw, mtime=0) if path.suffix == ".gz" else raw
            # Many lines at a time: compressing each by itself takes as long as making it.
            with packed, io.BufferedWriter(packed, 1 << 16) as file:
                file.write(f"{CSV_HEADER}\n".encode())
                for count, line in enumerate(lines, 1):  # noqa: B007 - the last count is returned
                    file.write(f"{line}\n".encode())
        if not is_written_directly:
            draft.replace(target)
    finally:
        if not is_written_directly:
            draft.unlink(missing_ok=True)
    return count
