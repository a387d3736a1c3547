"""Progress of a load on standard error: a bar on a terminal, otherwise a line every few seconds."""

import sys
import time
from types import TracebackType
from typing import Self, TextIO, cast

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from data_provider.csv_loading.csv_loader import LoadResult
from data_provider.csv_loading.csv_reader import EventFile
from roompricegenie.loading.safe_output import SafeOutput

PROGRESS_LINE_SECONDS = 5


class LoadProgress:
    """Displays the progress of loading a file, or of waiting; a context manager.

    Args:
        title: of the bar, and the beginning of each line.
        total_bytes: size of the file; None if unknown.
    """

    def __init__(self, title: str, total_bytes: int | None) -> None:
        # Standard error may be closed, or unable to print a file's name; that never ends a load.
        self._console = Console(file=cast(TextIO, SafeOutput(sys.stderr)))
        self._title = title
        self._last_line_at = time.monotonic()
        self._progress = Progress(
            TextColumn("{task.description}", markup=False),  # a file name may hold brackets
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[detail]}", markup=False),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._progress.add_task(title, total=total_bytes, detail="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def print_message(self, text: str) -> None:
        """Print a line at once."""
        self._console.print(text, highlight=False, soft_wrap=True, markup=False)

    def show_file(self, file: EventFile, result: LoadResult) -> None:
        """Show how much of a file was read, and the counts so far."""
        detail = f"{result.queued:,} events, {result.rejected:,} rejected"
        self._progress.update(self._task, completed=file.bytes_read, detail=detail)
        self._print_when_due(f"{self._title}: {detail}")

    def show_text(self, text: str) -> None:
        """Show what is being waited for; without a terminal, only every few seconds."""
        self._progress.update(self._task, detail=text)
        self._print_when_due(text)

    def _print_when_due(self, text: str) -> None:
        is_due = time.monotonic() - self._last_line_at >= PROGRESS_LINE_SECONDS
        if not self._console.is_terminal and is_due:
            self.print_message(text)
            self._last_line_at = time.monotonic()
