"""The services of one `make run`, recognized by the next: whoever of a killed run hangs is ended.

Every service, and every process that a service forks, inherits the descriptor of a locked file in
DATA_DIR: the lock is free when the last of them has ended, however it was started and whatever it
does. The next run waits for it as long as for services that are asked to stop, and kills who then
still has it. A program that merely reads the file does not share the lock.

Linux names the processes that share a lock (/proc). Elsewhere a line says how to find them.
"""

import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from roompricegenie.file_lock import SERVICES_LOCK, acquire_lock

PATIENCE_SECONDS = 10.0  # as long as the supervisor waits after its SIGTERM
KILLED_SECONDS = 5.0
PROCESSES = Path("/proc")


class LeftoverServices(Exception):
    """One line that names the processes of an earlier run, and says what to do."""


@dataclass(frozen=True)
class Holder:
    """A process that shares the lock."""

    pid: int
    name: str

    def __str__(self) -> str:
        return f"{self.name} (pid {self.pid})"


@contextmanager
def services_lock(
    data_dir: Path,
    write_line: Callable[[str], None],
    patience_seconds: float = PATIENCE_SECONDS,
) -> Iterator[int]:
    """Hold the lock inside the `with` block, and give the descriptor that services inherit.

    Call with the run lock held: no running `make run` owns the services of an earlier one then.

    Args:
        write_line: gets one line when processes had to be ended.
        patience_seconds: how long those of an earlier run may take to end by themselves.
    Raises: LeftoverServices when some can be neither found nor ended; OSError.
    """
    path = data_dir / SERVICES_LOCK
    file = _wait_for_lock(path, patience_seconds)
    if file is None:
        file, ended = _end_holders(path)
        if ended:
            names = ", ".join(map(str, ended))
            write_line(f"Ended what hung of a run that was killed: {names}")
    with file:
        yield file.fileno()


def lock_holders(path: Path) -> list[Holder]:
    """Return the processes that share the lock of a file, without this one.

    Only of this user: the kernel shows nobody else's (to root everybody's). Linux only.
    """
    status = path.stat()
    holders = []
    for folder in PROCESSES.iterdir():
        # Another user's, or one that has just ended: OSError. It ends while it is read: ValueError.
        with suppress(OSError, ValueError):
            pid = int(folder.name)
            if pid != os.getpid() and _shares_lock(folder, status):
                holders.append(Holder(pid, (folder / "comm").read_text().strip()))
    return holders


def _shares_lock(folder: Path, status: os.stat_result) -> bool:
    """Return whether a process has a descriptor by which the file is locked. Raises: OSError."""
    for descriptor in (folder / "fd").iterdir():
        with suppress(OSError):
            information = (folder / "fdinfo" / descriptor.name).read_text()
            # Before `stat`, which can wait for the server of a network file system.
            if "FLOCK" in information and os.path.samestat(descriptor.stat(), status):
                return True
    return False


def _wait_for_lock(path: Path, seconds: float) -> IO[str] | None:
    """Return the locked file, or None when it is held for longer. Raises: OSError."""
    give_up = time.monotonic() + seconds
    while True:
        with suppress(BlockingIOError):
            return acquire_lock(path)
        if time.monotonic() >= give_up:
            return None
        time.sleep(0.1)


def _end_holders(path: Path) -> tuple[IO[str], list[Holder]]:
    """Kill whoever shares the lock, also what it forks meanwhile; return the locked file.

    Raises: LeftoverServices, OSError.
    """
    ended: list[Holder] = []
    give_up = time.monotonic() + KILLED_SECONDS
    while time.monotonic() < give_up:
        if not PROCESSES.is_dir():
            raise LeftoverServices(
                f"processes of a run that was killed still use {path.parent}, and this system does "
                f"not name them: end those that `lsof {path}` shows with kill -9"
            )
        ended += [holder for holder in lock_holders(path) if _kill(holder, path)]
        if file := _wait_for_lock(path, 0.1):
            return file, ended
    names = ", ".join(map(str, lock_holders(path))) or "of another user"
    raise LeftoverServices(
        f"processes of an earlier run still use {path.parent} and cannot be ended: {names}; end "
        f"them (`lsof {path}` shows them), or set another DATA_DIR"
    )


def _kill(holder: Holder, path: Path) -> bool:
    """Kill a process and wait for its end; return whether it was one that shares the lock."""
    try:
        process = os.pidfd_open(holder.pid)
    except OSError:
        return False
    try:
        # Looked at again: until here the number may have become that of another process.
        if not _shares_lock(PROCESSES / str(holder.pid), path.stat()):
            return False
        signal.pidfd_send_signal(process, signal.SIGKILL)
        select.select([process], [], [], KILLED_SECONDS)
    except OSError:
        return False
    finally:
        os.close(process)
    return True
