"""The file of rejected rows of one load: line number, reason and text of each, as CSV.

It is created under DATA_DIR/rejects with the first rejected row; a clean load leaves no file. That
it cannot be written (no right, full disk) never ends a load: `problem` says so, once.

A file of tiny bad lines would become many times as large by the reasons: past a limit no further
line is written, and `problem` says so.

People open it in a spreadsheet program: what that would run as a formula has an apostrophe in
front.
"""

import csv
import time
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self, TextIO

from django.conf import settings

from common.spreadsheet_cells import neutralise_line
from data_provider.csv_loading.csv_reader import RejectedRow

MAX_STEM_CHARACTERS = 50  # a file name has at most 255 bytes, a character up to four
# The file is cut when it is larger than both: a row of an event with its reason takes twice to
# three times the row, a line of one letter fifty times.
FREE_CHARACTERS = 64_000_000
MAX_GROWTH = 5
LINE_CHARACTERS = 12  # the number of a line, commas and line end


class RejectsOptions(NamedTuple):
    """How rejected rows are written.

    Attributes:
        folder: of the file; None for DATA_DIR/rejects.
        with_text: also the rejected line itself, which may hold a guest's name.
    """

    folder: Path | None = None
    with_text: bool = True


class RejectsFile:
    """Writes rejected rows; a context manager that closes the file.

    Args:
        source_name: path or name of the CSV file that is loaded; part of the file's name.
        load_id: id of the load; keeps the names of two loads of the same file apart.
    """

    def __init__(
        self, source_name: str, load_id: str, options: RejectsOptions | None = None
    ) -> None:
        self._options = options or RejectsOptions()
        self.path: Path | None = None  # None until the first row is written
        self.problem = ""  # why the file is missing or not complete
        self.written = 0  # rows
        self._characters = self._rejected_characters = 0
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
        """Write a row; after a failure, or when the file is cut, do nothing."""
        if self.problem:
            return
        self._characters += len(row.reason) + len(row.text) + LINE_CHARACTERS
        self._rejected_characters += len(row.text) + 1
        if self._characters > max(FREE_CHARACTERS, MAX_GROWTH * self._rejected_characters):
            self.problem = (
                f"{self.path} ends after the first {self.written:,} rejected lines: with all that "
                "follow it would be many times as large as the lines are; mend these and load again"
            )
            return
        try:
            if self._file is None:
                self._file = self._create()
                self._writer = csv.writer(self._file)
                self._writer.writerow(["line", "reason", "text"][: self._columns])
            cells = [row.line, neutralise_line(row.reason), neutralise_line(row.text)]
            self._writer.writerow(cells[: self._columns])
            self.written += 1
        except OSError as error:
            self._note(error)

    @property
    def _columns(self) -> int:
        return 3 if self._options.with_text else 2

    @property
    def _folder(self) -> Path:
        folder: Path = self._options.folder or settings.DATA_DIR / "rejects"
        return folder

    def _note(self, error: OSError) -> None:
        where = self.path or self._folder
        self.problem = f"rejected lines cannot be written to {where}: {error.strerror or error}"

    def _create(self) -> TextIO:
        folder = self._folder
        folder.mkdir(parents=True, exist_ok=True)
        stem = Path(self._source_name).name.split(".")[0][:MAX_STEM_CHARACTERS] or "events"
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        path = folder / f"{stem}-{stamp}-{self._load_id[:6]}.csv"
        file = path.open("w", encoding="utf-8", errors="surrogateescape", newline="")
        self.path = path
        return file
