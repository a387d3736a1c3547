"""A database as one file, and back: SQLite by its online backup, PostgreSQL by its own programs.

A copy is what the database held at one moment, whatever is written meanwhile, and what is told of
it is of that same moment. A copy takes a database's place whole, or the database stays as it was.
"""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

from django.db import Error, connections, transaction

STEP_PAGES = 1_000  # of 4 KB: often enough for a progress bar and for Ctrl-C
LOOK_SECONDS = 0.5  # between two looks at how far a program of PostgreSQL is
OTHERS_SECONDS = 2  # after which an SQLite file that others have open counts as in use
NOT_IN_USE = "stop web, workers and beat first"

Holds = dict[str, int]  # what is counted in a database, by name
Progress = Callable[[int, int | None], None]  # bytes done, and of how many where that is known


class BackupError(Exception):
    """One line that says what did not work, where, and what to do."""


class Database(Protocol):
    """One of the databases that the settings name."""

    kind: str
    extension: str

    def holds(self) -> Holds | None:
        """What it holds: empty without tables, None where that cannot be told."""

    def others(self) -> int:
        """How many others have it open, where the database can tell."""

    def back_up(self, copy: Path, progress: Progress) -> Holds:
        """Write the copy into an empty file; what it holds."""

    def replacement(self, copy: Path) -> Any:
        """A context that makes all ready; calling what it gives puts the copy in place.

        Raises: BackupError, also when called; the database is as it was.
        """


class SqliteDatabase:
    """A file of this machine.

    Args:
        name: by which the settings know it.
        queries: what to count in it, each a SELECT of one number.
    """

    kind = "sqlite"
    extension = "sqlite3"

    def __init__(self, name: str, queries: dict[str, str]) -> None:
        self._queries = queries
        self._path = Path(str(connections[name].settings_dict["NAME"]))
        self._kept = Path(f"{self._path}.before-restore")

    def _open(self, timeout_seconds: float = 60) -> sqlite3.Connection:
        # An address can say that a file which is not there shall not be made.
        address = f"file:{quote(str(self._path))}?mode=rw"
        return sqlite3.connect(address, uri=True, isolation_level=None, timeout=timeout_seconds)

    def holds(self) -> Holds | None:
        if not self._path.exists():
            return {}
        try:
            with closing(self._open()) as connection:
                tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
                return _counted(connection.cursor(), self._queries) if tables else {}
        except sqlite3.Error:
            return None

    def others(self) -> int:
        return 0  # with others it is not replaced at all

    def back_up(self, copy: Path, progress: Progress) -> Holds:
        try:
            with closing(self._open()) as source, closing(sqlite3.connect(copy)) as target:
                # One snapshot for all steps: without it each commit of a writer would start the
                # copy anew, and a busy database would never be copied.
                source.execute("BEGIN")
                holds = _counted(source.cursor(), self._queries)
                [page_bytes] = source.execute("PRAGMA page_size").fetchone()
                source.backup(
                    target,
                    pages=STEP_PAGES,
                    progress=lambda _, left, pages: progress(
                        (pages - left) * page_bytes, pages * page_bytes
                    ),
                )
                target.execute("PRAGMA journal_mode = DELETE")  # one file, without a log
                [verdict] = target.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.Error as error:
            raise BackupError(
                f"{self._path} cannot be copied: {error} (`manage.py migrate_all` makes what is "
                "missing)"
            ) from error
        if verdict != "ok":
            raise BackupError(f"{self._path} is damaged: {verdict}; restore an older backup of it")
        return holds

    @contextmanager
    def replacement(self, copy: Path) -> Iterator[Callable[[], None]]:
        if self._kept.exists():
            raise BackupError(
                f"{self._kept} is there from an earlier restore: move it away, or delete it"
            )
        beside = Path(f"{self._path}.restoring")
        try:
            with self._alone():
                try:
                    _copy_file(copy, beside)
                    if self._path.exists():
                        shutil.copymode(self._path, beside)
                except OSError as error:
                    raise BackupError(f"{beside} cannot be written: {error}") from error
                yield lambda: self._replace(beside)
        finally:
            beside.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else has the file open, nor can write to it until the end of this.

        Its log is in the file then. Who opens the file under its old name meanwhile, and finds
        it moved, is refused to write by SQLite itself.
        """
        if not self._path.exists():
            yield
            return
        with closing(self._open(OTHERS_SECONDS)) as connection:
            try:
                connection.execute("PRAGMA journal_mode = DELETE")
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.Error as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                    raise BackupError(f"{self._path} is in use: {NOT_IN_USE}") from error
                # Else it is damaged: it is put aside with its log as they are.
            yield

    def _replace(self, beside: Path) -> None:
        try:
            if self._path.exists():
                os.link(self._path, self._kept)
            # A log that outlived its database would be played into the new one.
            for log in ("-wal", "-shm", "-journal"):
                left = Path(f"{self._path}{log}")
                if left.exists():
                    left.rename(f"{self._kept}{log}")
            beside.replace(self._path)
            sync(self._path.parent)
        except OSError as error:
            raise BackupError(f"{self._path} cannot be replaced: {error}") from error


class PostgresDatabase:
    """A database of a server, by the server's own pg_dump and pg_restore.

    Args: as of SqliteDatabase.
    """

    kind = "postgresql"
    extension = "dump"

    def __init__(self, name: str, queries: dict[str, str]) -> None:
        self._name = name
        self._queries = queries
        self._connection = connections[name]

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except Error as error:
            reason = " ".join(str(error).split())
            raise BackupError(
                f"the database {self._name!r} does not do its part: {reason} (a new server needs "
                "the database, empty; `manage.py migrate_all` makes missing tables)"
            ) from error

    def holds(self) -> Holds | None:
        with self._errors():
            tables = self._connection.introspection.table_names()
        if not tables:
            return {}
        try:
            with self._connection.cursor() as cursor:
                return _counted(cursor, self._queries)
        except Error:
            return None

    def others(self) -> int:
        with self._errors(), self._connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            return int(cursor.fetchone()[0])

    def back_up(self, copy: Path, progress: Progress) -> Holds:
        program = self._program("pg_dump")
        # pg_dump reads in the transaction in which the events were counted.
        with self._errors(), transaction.atomic(self._name), self._connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            holds = _counted(cursor, self._queries)
            cursor.execute("SELECT pg_export_snapshot()")
            [snapshot] = cursor.fetchone()
            self._run(
                [program, "--format=custom", "--no-owner", f"--snapshot={snapshot}",
                 f"--file={copy}"],
                lambda: progress(copy.stat().st_size, None),
            )  # fmt: skip
        return holds

    @contextmanager
    def replacement(self, copy: Path) -> Iterator[Callable[[], None]]:
        program = self._program("pg_restore")
        content = self._run([program, "--list", str(copy)], lambda: None, connect=False)
        known = set(re.findall(r"^\d+; \d+ \d+ TABLE \S+ (\S+) ", content, re.MULTILINE))
        with self._errors():
            strange = sorted({*self._connection.introspection.table_names()} - known)
        if strange:
            # They would stay, and the next migration would find them in its way.
            raise BackupError(
                f"the database {self._name!r} has tables that the backup does not know "
                f"({', '.join(strange)}): drop the database, make it again, empty, and restore"
            )
        yield lambda: self._restore(program, copy)

    def _restore(self, program: str, copy: Path) -> None:
        self._run(
            [program, "--clean", "--if-exists", "--single-transaction", "--no-owner", str(copy)],
            lambda: None,
        )

    def _program(self, name: str) -> str:
        """Where a program of PostgreSQL's is. Raises: BackupError, also when it is too old."""
        with self._errors(), self._connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            server = int(cursor.fetchone()[0]) // 10_000
        path = shutil.which(name)
        if path is None:
            raise BackupError(
                f"{name} is not on PATH: install the client programs of PostgreSQL {server} (like "
                f"postgresql-client-{server}), or run this where they are"
            )
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
        version = re.search(r"(\d+)", said.stdout)
        if version is None or int(version[1]) < server:
            raise BackupError(
                f"{path} is {said.stdout.strip() or 'broken'}, and the server of the database "
                f"{self._name!r} is PostgreSQL {server}: put a {name} of {server} or newer first "
                "on PATH"
            )
        return path

    def _run(self, command: list[str], look: Callable[[], None], *, connect: bool = True) -> str:
        """Run a program on this database; what it wrote. The password goes by the environment."""
        settings = self._connection.settings_dict
        _, secrets = self._connection.client.settings_to_cmd_args_env(settings, [])
        place = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER"}
        environment = {
            **os.environ,
            **{variable: str(settings[key]) for variable, key in place.items() if settings[key]},
            **(secrets or {}),
        }
        if connect:
            command = [*command, "--no-password", f"--dbname={settings['NAME']}"]
        with subprocess.Popen(
            command, env=environment, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as process:  # fmt: skip
            try:
                while True:
                    try:
                        written, said = process.communicate(timeout=LOOK_SECONDS)
                        break
                    except subprocess.TimeoutExpired:
                        look()
            except BaseException:
                process.kill()
                raise
        if process.returncode != 0:
            reason = " ".join(said.split()) or f"it ended with {process.returncode}"
            raise BackupError(f"{command[0]} failed for the database {self._name!r}: {reason}")
        return written


KINDS: dict[str, Callable[[str, dict[str, str]], Database]] = {
    "sqlite": SqliteDatabase,
    "postgresql": PostgresDatabase,
}


def _counted(cursor: Any, queries: dict[str, str]) -> Holds:
    selected = ", ".join(f"({query})" for query in queries.values())
    cursor.execute(f"SELECT {selected}")
    return dict(zip(queries, cursor.fetchone(), strict=True))


def _copy_file(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)  # of a restore that was killed
    target.touch(mode=0o600)
    shutil.copyfile(source, target)
    sync(target)


def sync(path: Path) -> None:
    """A file, or the names in a folder, survive a power cut from here on."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
