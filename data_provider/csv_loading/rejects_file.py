"""The file of rejected rows of one load: line number, reason and text of each, as CSV.

It is created under DATA_DIR/rejects with the first rejected row; a clean load leaves no file. That
it cannot be written (no right, full disk) never ends a load: `problem` says so, once.

People open it in a spreadsheet program: what that would run as a formula has an apostrophe in
front.
"""

import csv
import time
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from django.conf import settings

from common.spreadsheet_cells import neutralise_line
from data_provider.csv_loading.csv_reader import RejectedRow

MAX_STEM_CHARACTERS = 50  # a file name has at most 255 bytes, a character up to four


class RejectsFile:
    """Writes rejected rows; a context manager that closes the file.

    Args:
        source_name: path or name of the CSV file that is loaded; part of the file's name.
        load_id: id of the load; keeps the names of two loads of the same file apart.
    """

    def __init__(self, source_name: str, load_id: str) -> None:
        self.path: Path | None = None  # None until the first row is written
        self.problem = ""  # why the file is missing or not complete
        self._source_name = source_name
        self._load_id = load_id
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if self._file:
                self._file.close()
        except OSError as close_error:
            self._note(close_error)

    def write(self, row: RejectedRow) -> None:
        """Write a row; after a failure, do nothing."""
        if self.problem:
            return
        try:
            if self._file is None:
                self._file = self._create()
                self._writer = csv.writer(self._file)
                self._writer.writerow(["line", "reason", "text"])
            self._writer.writerow(
                [row.line, neutralise_line(row.reason), neutralise_line(row.text)]
            )
        except OSError as error:
            self._note(error)

    def _note(self, error: OSError) -> None:
        where = self.path or settings.DATA_DIR / "rejects"
        self.problem = f"rejected lines cannot be written to {where}: {error.strerror or error}"

    def _create(self) -> TextIO:
        folder = settings.DATA_DIR / "rejects"
        folder.mkdir(parents=True, exist_ok=True)
        stem = Path(self._source_name).name.split(".")[0][:MAX_STEM_CHARACTERS] or "events"
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        path: Path = folder / f"{stem}-{stamp}-{self._load_id[:6]}.csv"
        file = path.open("w", encoding="utf-8", errors="surrogateescape", newline="")
        self.path = path
        return file
