"""The folder in which gunicorn's workers count together; each start of gunicorn has a fresh one.

Whoever counts in a folder holds its lock, so that a later start sweeps away what a killed gunicorn
left, and never what another one on the same DATA_DIR still uses.
"""

import os
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO

from roompricegenie.file_lock import acquire_lock

_held: list[IO[str]] = []  # as long as this process lives, and the workers that it forked


@cache  # a reload of gunicorn's settings goes on counting
def fresh(parent: Path) -> Path:
    """A new folder under `parent`, which prometheus_client is told; removes those left behind.

    To be called before prometheus_client is imported.
    """
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with acquire_lock(parent / "lock", wait=True):
        for left in parent.glob("web-*"):
            with suppress(BlockingIOError), acquire_lock(left / "lock"):
                shutil.rmtree(left)
        folder = Path(tempfile.mkdtemp(prefix="web-", dir=parent))
        _held.append(acquire_lock(folder / "lock"))
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    return folder
