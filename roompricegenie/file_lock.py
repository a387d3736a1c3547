"""Locks on files between processes of one machine.

The kernel releases a lock when the file is closed, so a process that dies never leaves one behind.
A program that the holder starts does not inherit the lock (Python closes its files on exec) unless
it is told to (`pass_fds`); a process that it forks shares it.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

RUN_LOCK = "run.lock"  # under DATA_DIR: `make run` holds it for as long as it runs
SERVICES_LOCK = "services.lock"  # under DATA_DIR: shared by every process of a `make run`


def acquire_lock(path: Path, *, wait: bool = False) -> IO[str]:
    """Create or empty the file and lock it; closing the returned file releases the lock.

    Args:
        wait: block until another holder releases the lock, instead of raising.
    Raises: BlockingIOError when another process holds the lock; OSError.
    """
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        file.close()
        raise
    return file


@contextmanager
def exclusive_lock(path: Path) -> Iterator[None]:
    """Hold the lock inside the `with` block. Raises: BlockingIOError when it is held; OSError."""
    with acquire_lock(path):
        yield


def is_locked(path: Path) -> bool:
    """Return whether a process holds the lock of an existing file. Raises: OSError.

    Checks with a shared lock, so that two processes may check at the same time.
    """
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
