"""The folder in which gunicorn's worker processes share their metrics (prometheus_client's
multiprocess mode); each start of gunicorn creates a new one.

A process that uses a folder holds a lock on it. A later start therefore removes the folders of
gunicorn processes that were killed, and never one that another gunicorn on the same DATA_DIR uses.
"""

import os
import shutil
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO

from roompricegenie.file_lock import acquire_lock

# Open lock files of this process. The forked workers inherit them, so a lock lasts until the last
# of these processes has ended.
_lock_files: list[IO[str]] = []


@cache  # a reload of gunicorn's configuration keeps the folder and its counts
def create_metrics_folder(parent: Path) -> Path:
    """Create a folder under `parent`, set PROMETHEUS_MULTIPROC_DIR to it and remove unused ones.

    Call this before prometheus_client is imported, because it reads the variable at import.
    Raises: OSError.
    """
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with acquire_lock(parent / "lock", wait=True):
        for folder in parent.glob("web-*"):
            with suppress(OSError), acquire_lock(folder / "lock"):  # in use, or not ours
                shutil.rmtree(folder)
        new_folder = Path(tempfile.mkdtemp(prefix="web-", dir=parent))
        _lock_files.append(acquire_lock(new_folder / "lock"))
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(new_folder)
    return new_folder
