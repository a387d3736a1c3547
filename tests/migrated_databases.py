"""Empty migrated databases, made once in a test run: for the stacks that tests start, and for the
test databases of each process, which Django would migrate in each anew.

Migrating takes a third of a stack's first start, and a quarter of a minute in each process. The
first start itself, with nothing prepared, is tested in test_start_and_stop.py.

SQLite's files stay in pytest's cache for later runs of the same code and packages.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db.backends.base.creation import BaseDatabaseCreation

from tests.postgres import DATABASES

ROOT = Path(__file__).resolve().parents[1]
VARIABLE = "RPG_TESTS_MIGRATED_DATABASES"  # the folder, for all processes of a test run
CACHE = "RPG_TESTS_MIGRATED_CACHE"  # the folder of SQLite's files, for this run and later ones
DAY_SECONDS = 86_400  # an older state of the code is hardly tested again
TEMPLATE = "migrated_"  # begins the names of the databases on PostgreSQL


def provide_folder(config: pytest.Config) -> None:
    """Make the folder of a test run, for its worker processes too; it is removed at the end."""
    if not hasattr(config, "workerinput"):
        folder = tempfile.mkdtemp(prefix="rpg-migrated-")
        os.environ[VARIABLE] = folder
        cache = getattr(config, "cache", None)
        os.environ[CACHE] = str(cache.mkdir("migrated_databases")) if cache else folder
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def copy_migrated_databases(data_dir: Path) -> None:
    """Put empty migrated databases into a data folder; outside a test run a stack makes its own."""
    if VARIABLE not in os.environ:
        return
    for database in _sqlite_files().iterdir():
        shutil.copy(database, data_dir)


def template_database(variable: str) -> str:
    """Return the name of an empty migrated database on the run's PostgreSQL server.

    Args:
        variable: that has the database's URL in the environment. Nothing connects to it, so that
            `CREATE DATABASE … TEMPLATE` may copy it.
    """
    _once("postgresql", _migrate_on_postgres)
    return TEMPLATE + DATABASES[variable]


def use_for_test_databases() -> None:
    """Let Django copy its test databases instead of migrating them."""
    BaseDatabaseCreation.create_test_db = _create_test_db  # type: ignore[method-assign,assignment]


def _create_test_db(
    self: Any,
    verbosity: int = 1,
    autoclobber: bool = False,
    serialize: bool = False,
    keepdb: bool = False,
) -> str:
    """Do what Django's method of that name does, with a copy instead of the migrations."""
    connection = self.connection
    name: str = self._get_test_db_name()
    if connection.vendor == "postgresql":
        variable = f"DATABASE_URL_{connection.alias.upper()}".removesuffix("_DEFAULT")
        connection.settings_dict["TEST"]["TEMPLATE"] = template_database(variable)
    self._create_test_db(verbosity, autoclobber, keepdb)
    connection.close()
    settings.DATABASES[connection.alias]["NAME"] = name
    connection.settings_dict["NAME"] = name
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(_sqlite_files() / f"{connection.alias}.sqlite3")) as migrated:
            migrated.backup(connection.connection)
    return name


def _sqlite_files() -> Path:
    """Return the folder of the migrated SQLite files."""
    _once("sqlite", _copy_sqlite_files)
    return Path(os.environ[VARIABLE]) / "data"


def _copy_sqlite_files(folder: Path) -> None:
    """Copy the files from the cache into the run's folder; make them if there are none yet."""
    cache = Path(os.environ[CACHE])
    files = cache / f"sqlite-{_state_of_the_code()}"
    if not files.exists():
        made = Path(tempfile.mkdtemp(prefix="sqlite-", dir=cache))
        _migrate({"DATA_DIR": str(made)})
        with suppress(OSError):  # another run made them meanwhile
            made.rename(files)
        for other in cache.glob("sqlite-*"):
            if time.time() - other.stat().st_mtime > DAY_SECONDS:
                shutil.rmtree(other, ignore_errors=True)
    shutil.copytree(files, folder / "data")


def _state_of_the_code() -> str:
    """Return a name for what migrated databases depend on: the code but for tests, and packages."""
    state = hashlib.sha256((ROOT / "poetry.lock").read_bytes())
    folders = [path for path in sorted(ROOT.iterdir()) if path.is_dir() and path.name[0] != "."]
    for path in (file for folder in folders for file in sorted(folder.rglob("*.py"))):
        if "tests" not in path.parts:
            state.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return state.hexdigest()


def _migrate_on_postgres(folder: Path) -> None:
    server = os.environ["DATABASE_URL"].rpartition("/")[0]
    with psycopg.connect(f"{server}/{DATABASES['DATABASE_URL']}", autocommit=True) as connection:
        for name in DATABASES.values():
            connection.execute(f"CREATE DATABASE {TEMPLATE}{name}")
    urls = {variable: f"{server}/{TEMPLATE}{name}" for variable, name in DATABASES.items()}
    _migrate({**urls, "DATA_DIR": str(folder)})


def _migrate(environment: dict[str, str]) -> None:
    own = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("DATABASE_URL")  # of a run on PostgreSQL
    }
    subprocess.run(
        [sys.executable, "manage.py", "migrate_all", "--verbosity=0"], cwd=ROOT, check=True,
        env={**own, **environment},
    )  # fmt: skip


def _once(what: str, make: Callable[[Path], None]) -> None:
    """Make something in the run's folder, in one process only; the others wait for it."""
    folder = Path(os.environ[VARIABLE])
    made = folder / f"{what}-made"
    if made.exists():
        return
    with (folder / f"{what}-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            make(folder)
            made.touch()
