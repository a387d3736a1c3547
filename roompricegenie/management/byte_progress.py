"""What a person who waits for a copy sees: a bar on a terminal, nothing in a pipe."""

import signal
import sys
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars


class ByteProgress:
    """Called with what is done, and how many bytes of how many; None where that is not known.

    A signal to end unwinds what was begun, so that nothing half stays behind.
    """

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bars.add_task("")
        self._what = ""

    def __enter__(self) -> "ByteProgress":
        self._handlers = {
            number: signal.signal(number, lambda number, _: sys.exit(128 + number))
            for number in (signal.SIGTERM, signal.SIGINT)
        }
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def pause(self) -> None:
        """Leave the terminal to a question until the next call."""
        self._bars.stop()

    def __call__(self, what: str, done: int, total: int | None) -> None:
        self._bars.start()
        if what != self._what:
            self._bars.remove_task(self._task)
            self._task = self._bars.add_task(what, total=total)
            self._what = what
        self._bars.update(self._task, completed=done)
