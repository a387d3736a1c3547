"""Empty migrated SQLite databases for the stacks that tests start, made once in a test run.

Migrating takes a third of a first start. The first start itself, with nothing prepared, is tested
in test_start_and_stop.py.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
VARIABLE = "RPG_TESTS_MIGRATED_DATABASES"  # the folder, for all processes of a test run


def provide_folder(config: pytest.Config) -> None:
    """Make the folder of a test run, for its worker processes too; it is removed at the end."""
    if not hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="rpg-migrated-")
        os.environ[VARIABLE] = folder
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def copy_migrated_databases(data_dir: Path) -> None:
    """Put empty migrated databases into a data folder; outside a test run a stack makes its own."""
    if VARIABLE not in os.environ:
        return
    folder = Path(os.environ[VARIABLE])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            own = {
                name: value
                for name, value in os.environ.items()
                if not name.startswith("DATABASE_URL")  # of a run on PostgreSQL
            }
            subprocess.run(
                [sys.executable, "manage.py", "migrate_all", "--verbosity=0"], cwd=ROOT, check=True,
                env={**own, "DATA_DIR": str(folder / "data")},
            )  # fmt: skip
            (folder / "made").touch()
    for database in (folder / "data").iterdir():
        shutil.copy(database, data_dir)
