"""The folder in which gunicorn's worker processes share their metrics (prometheus_client's
multiprocess mode); each start of gunicorn creates a new one.

A process that uses a folder holds a lock on it. A later start therefore removes the folders of
gunicorn processes that were killed, and never one that another gunicorn on the same DATA_DIR uses.
"""

import fcntl
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import IO

# Open lock files of this process. The forked workers inherit them, so a lock lasts until the last
# of these processes has ended.
_lock_files: list[IO[str]] = []


def _acquire_lock(path: Path, *, wait: bool) -> IO[str] | None:
    """Return the locked file, or None when another process holds the lock and `wait` is false."""
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        file.close()
        return None
    return file


@cache  # a reload of gunicorn's configuration keeps the folder and its counts
def create_metrics_folder(parent: Path) -> Path:
    """Create a folder under `parent`, set PROMETHEUS_MULTIPROC_DIR to it and remove unused ones.

    Call this before prometheus_client is imported, because it reads the variable at import.
    """
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    parent_lock = _acquire_lock(parent / "lock", wait=True)
    for folder in parent.glob("web-*"):
        if lock := _acquire_lock(folder / "lock", wait=False):
            shutil.rmtree(folder)
            lock.close()
    new_folder = Path(tempfile.mkdtemp(prefix="web-", dir=parent))
    if lock := _acquire_lock(new_folder / "lock", wait=False):
        _lock_files.append(lock)
    if parent_lock:
        parent_lock.close()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(new_folder)
    return new_folder
