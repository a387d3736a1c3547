"""The services' lines on one terminal, each with its time and the name of its service.

Writing never delays the caller: a thread of its own writes. While the reader of standard output is
blocked, lines beyond MAX_WAITING_LINES are dropped; once it is closed, all are. Nothing else
depends on the output.
"""

import os
import queue
import threading
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime

SYSTEM = "system"  # the name of lines that are of no service
MAX_WAITING_LINES = 10_000
COLOURS = (36, 33, 32, 35, 34, 31)  # ANSI: cyan, yellow, green, magenta, blue, red


class PrefixedOutput:
    """Lines such as `12:30:59 worker    | text`, coloured by name on a terminal."""

    def __init__(self, names: Iterable[str], descriptor: int = 1) -> None:
        names = list(names)
        self._width = max(map(len, [SYSTEM, *names]))
        self._colours = dict(zip(names, COLOURS * len(names), strict=False))
        self._descriptor = descriptor
        self._is_terminal = os.isatty(descriptor)
        self._waiting: queue.Queue[bytes | threading.Event] = queue.Queue(MAX_WAITING_LINES)
        threading.Thread(target=self._write_waiting, name="output", daemon=True).start()

    def write(self, name: str, text: str) -> None:
        """Write each line of the text under the name. Returns at once."""
        prefix = f"{datetime.now():%H:%M:%S} {name:<{self._width}} | "
        if self._is_terminal and name in self._colours:
            prefix = f"\033[0m\033[{self._colours[name]}m{prefix}\033[0m"
        with suppress(queue.Full):
            for line in text.splitlines():
                self._waiting.put_nowait(f"{prefix}{line}\n".encode())

    def flush(self, seconds: float) -> None:
        """Return when everything is written, or after this time."""
        written = threading.Event()
        with suppress(queue.Full):
            self._waiting.put(written, timeout=seconds)
            written.wait(seconds)

    def _write_waiting(self) -> None:
        while True:
            item = self._waiting.get()
            if isinstance(item, threading.Event):
                item.set()
                continue
            with suppress(OSError):  # closed
                while item:
                    item = item[os.write(self._descriptor, item) :]
