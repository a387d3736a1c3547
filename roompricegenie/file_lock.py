"""A file that one process holds at a time; whoever dies lets go of it."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

RUN_LOCK = "run.lock"  # under DATA_DIR: `make run` holds it for as long as it runs


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the file. Raises: BlockingIOError when another process does; OSError."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
