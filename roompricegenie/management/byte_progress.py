"""A progress bar for copies: shown on a terminal, silent in a pipe."""

import signal
import sys
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress


class ByteProgress:
    """Called with the current step, the bytes done and the bytes in all (None when unknown).

    Inside the context SIGTERM and SIGINT raise SystemExit, so that the caller's `finally` clauses
    remove whatever is half-written.
    """

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._progress = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("")
        self._step = ""

    def __enter__(self) -> "ByteProgress":
        self._former_handlers = {
            number: signal.signal(number, lambda number, _: sys.exit(128 + number))
            for number in (signal.SIGTERM, signal.SIGINT)
        }
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()
        for number, handler in self._former_handlers.items():
            signal.signal(number, handler)

    def pause(self) -> None:
        """Hide the bar until the next call, so that the command can ask a question."""
        self._progress.stop()

    def __call__(self, step: str, done: int, total: int | None) -> None:
        self._progress.start()
        if step != self._step:
            self._progress.remove_task(self._task)
            self._task = self._progress.add_task(step, total=total)
            self._step = step
        self._progress.update(self._task, completed=done)
