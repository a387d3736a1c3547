"""The folder in which gunicorn's workers count together; each start of gunicorn has a fresh one.

Whoever counts in a folder holds its lock, so that a later start sweeps away what a killed gunicorn
left, and never what another one on the same DATA_DIR still uses.
"""

import fcntl
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import IO

_held: list[IO[str]] = []  # as long as this process lives, and the workers that it forked


def _lock(file: Path, *, wait: bool) -> IO[str] | None:
    opened = file.open("w")
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        opened.close()
        return None
    return opened


@cache  # a reload of gunicorn's settings goes on counting
def fresh(parent: Path) -> Path:
    """A new folder under `parent`, which prometheus_client is told; removes those left behind.

    To be called before prometheus_client is imported.
    """
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    alone = _lock(parent / "lock", wait=True)
    for left in parent.glob("web-*"):
        if unused := _lock(left / "lock", wait=False):
            shutil.rmtree(left)
            unused.close()
    folder = Path(tempfile.mkdtemp(prefix="web-", dir=parent))
    if held := _lock(folder / "lock", wait=False):
        _held.append(held)
    if alone:
        alone.close()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    return folder
