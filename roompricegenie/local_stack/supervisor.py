"""Processes that are started again when they end untold, and that end gently when told to.

A worker that dies costs nothing but a moment: what it held is taken up by the next one. So nothing
here gives up on a dead process, but on a command that fails at its start time after time.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from honcho.manager import Manager
from honcho.printer import Printer
from honcho.process import Process

STOP_SECONDS = 10
RESTART_SECONDS = 1
SHORT_LIFE_SECONDS = 5  # to end sooner is to have failed at the start,
MAX_SHORT_LIVES = 5  # which is given up after so many times


class _MainProcessOnly:
    """Sends SIGTERM to a process alone, not to its group.

    A Celery worker told to stop finishes its tasks; its pool processes, told as well, would drop
    them. SIGKILL still goes to the whole group.
    """

    def terminate(self, pid: int) -> None:
        with suppress(ProcessLookupError):  # it ended by itself
            os.kill(pid, signal.SIGTERM)

    def kill(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


class KeptServer:
    """A process that is started again when it ends untold."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._stopping = threading.Event()
        self._start()

    def _start(self) -> None:
        self.process = subprocess.Popen(
            self._command, start_new_session=True, stdout=subprocess.DEVNULL
        )

    def keep(self) -> None:
        threading.Thread(target=self._keep, daemon=True).start()

    def _keep(self) -> None:
        while True:
            self.process.wait()
            if self._stopping.wait(RESTART_SECONDS):
                return
            print(f"{Path(self._command[0]).name} ended, it starts again", file=sys.stderr)
            self._start()

    def stop(self) -> None:
        self._stopping.set()
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class _KeptProcess(Process):
    """The process manager's process, started again when it ends untold.

    It runs in a process of its own, which only `stopping` tells that an end is wanted. A command
    that ends at once time after time is given up, which ends the whole stack.
    """

    stopping = multiprocessing.Event()
    _again = False
    _short_lives = 0

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a closed terminal is the manager's matter
        while True:
            self._again = False
            self._began = time.monotonic()
            super().run(events, ignore_signals)
            if not self._again:
                return

    def _send_message(self, data: Any, type: str = "line") -> None:
        if type == "stop" and not self.stopping.is_set():
            lived = time.monotonic() - self._began
            self._short_lives = self._short_lives + 1 if lived < SHORT_LIFE_SECONDS else 0
            if self._short_lives < MAX_SHORT_LIVES:
                super()._send_message(f"ended ({data['returncode']}), it starts again\n")
                self._again = not self.stopping.wait(RESTART_SECONDS)
        if not self._again:
            super()._send_message(data, type)


class _Output:
    """Standard output; when the terminal is gone, what is said is lost, and nothing else.

    So is what a signal's handler says in the middle of another line (RuntimeError).
    """

    def isatty(self) -> bool:
        return sys.stdout.isatty()

    def write(self, text: str) -> None:
        with suppress(OSError, RuntimeError):
            sys.stdout.write(text)

    def flush(self) -> None:
        with suppress(OSError, RuntimeError):
            sys.stdout.flush()


class KeepingManager(Manager):
    """A process manager that starts again what dies."""

    def __init__(self) -> None:
        super().__init__(Printer(_Output()))
        # The processes inherit `stopping`; newer Pythons would not fork them unless told.
        multiprocessing.set_start_method("fork", force=True)
        self._pid = os.getpid()
        self._told = False  # to end
        self._procmgr = _MainProcessOnly()
        self._process_ctor = _KeptProcess

    def terminate(self) -> None:
        if os.getpid() != self._pid:
            return  # a process just forked, which has the manager's signal handler for a moment
        if self._told:
            return  # a second signal may come in the middle of the first, which holds locks
        self._told = True
        _KeptProcess.stopping.set()
        self._terminate_started()

    def _terminate_started(self) -> None:
        if self._all_started():
            super().terminate()
        else:  # who has not told its number yet cannot be told to end
            threading.Timer(0.05, self._terminate_started).start()

    def say(self, line: str) -> None:
        """A line among the processes' output."""
        self._system_print(line + "\n")
