"""Copy and restore of an SQLite database: copied by SQLite's online backup, restored by replacing
the file. The former file is kept as NAME.before-restore and is never overwritten."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from django.db import connections

from roompricegenie.backups.database_copy import (
    STOP_PROCESSES,
    BackupError,
    Counts,
    Progress,
    count_rows,
    fsync,
)

STEP_PAGES = 1_000  # pages of 4 KB: often enough for a progress bar and for Ctrl-C
LOCK_WAIT_SECONDS = 2  # a file that others keep locked for longer counts as in use


class SqliteCopier:
    """A DatabaseCopier for an SQLite file.

    Args:
        name: the database's alias in settings.DATABASES.
        queries: what to count, by name; each a SELECT of one number.
    """

    kind = "sqlite"
    extension = "sqlite3"

    def __init__(self, name: str, queries: dict[str, str]) -> None:
        self._queries = queries
        self._path = Path(str(connections[name].settings_dict["NAME"]))
        self._former = Path(f"{self._path}.before-restore")

    def _open(self, timeout_seconds: float = 60) -> sqlite3.Connection:
        # mode=rw: a missing file is an error and is not created.
        uri = f"file:{quote(str(self._path))}?mode=rw"
        return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=timeout_seconds)

    def count(self) -> Counts | None:
        if not self._path.exists():
            return {}
        try:
            with closing(self._open()) as connection:
                [tables] = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
                return count_rows(connection.cursor(), self._queries) if tables else {}
        except sqlite3.Error:
            return None

    def other_connections(self) -> int:
        return 0  # unknown; a file that others have open is not replaced at all

    def back_up(self, copy: Path, progress: Progress) -> Counts:
        try:
            with closing(self._open()) as source, closing(sqlite3.connect(copy)) as target:
                # One snapshot for all steps: without it each commit of a writer would restart the
                # copy, and the copy of a busy database would never end.
                source.execute("BEGIN")
                counts = count_rows(source.cursor(), self._queries)
                [page_bytes] = source.execute("PRAGMA page_size").fetchone()
                source.backup(
                    target,
                    pages=STEP_PAGES,
                    progress=lambda _, remaining, total: progress(
                        (total - remaining) * page_bytes, total * page_bytes
                    ),
                )
                target.execute("PRAGMA journal_mode = DELETE")  # one file, without a WAL file
                [check_result] = target.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.Error as error:
            raise BackupError(
                f"{self._path} cannot be copied: {error} (`manage.py migrate_all` creates missing "
                "databases and tables)"
            ) from error
        if check_result != "ok":
            raise BackupError(
                f"{self._path} is damaged: {check_result}; restore an older backup of it"
            )
        return counts

    @contextmanager
    def prepare_restore(self, copy: Path) -> Iterator[Callable[[], None]]:
        if self._former.exists():
            raise BackupError(
                f"{self._former} exists since an earlier restore: move it away, or delete it"
            )
        new_file = Path(f"{self._path}.restoring")
        try:
            with self._exclusive_access():
                try:
                    _copy_file(copy, new_file)
                    if self._path.exists():
                        shutil.copymode(self._path, new_file)
                except OSError as error:
                    raise BackupError(f"{new_file} cannot be written: {error}") from error
                yield lambda: self._replace_file(new_file)
        finally:
            new_file.unlink(missing_ok=True)

    @contextmanager
    def _exclusive_access(self) -> Iterator[None]:
        """Hold the exclusive lock: nobody else has the file open or can write to it.

        The WAL is merged into the file first. A process that opens the file by its old name
        meanwhile, and finds it moved, is refused to write by SQLite itself.
        """
        if not self._path.exists():
            yield
            return
        with closing(self._open(LOCK_WAIT_SECONDS)) as connection:
            try:
                connection.execute("PRAGMA journal_mode = DELETE")
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.Error as error:
                if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                    raise BackupError(f"{self._path} is in use: {STOP_PROCESSES}") from error
                # Any other error means a damaged file: it is moved aside together with its WAL.
            yield

    def _replace_file(self, new_file: Path) -> None:
        try:
            if self._path.exists():
                os.link(self._path, self._former)
            # SQLite would replay the WAL or journal of the former file into the new one.
            for suffix in ("-wal", "-shm", "-journal"):
                log_file = Path(f"{self._path}{suffix}")
                if log_file.exists():
                    log_file.rename(f"{self._former}{suffix}")
            new_file.replace(self._path)
            fsync(self._path.parent)
        except OSError as error:
            raise BackupError(f"{self._path} cannot be replaced: {error}") from error


def _copy_file(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)  # left by a restore that was killed
    target.touch(mode=0o600)
    shutil.copyfile(source, target)
    fsync(target)
