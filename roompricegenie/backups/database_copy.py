"""Copying one database to a file and restoring it: what SQLite and PostgreSQL have in common.

A copy is the state of the database at one moment, whatever is written meanwhile, and the counts
that are returned with it are of the same moment. A restore replaces the whole database, or leaves
it as it was.
"""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

STOP_PROCESSES = "stop web, workers and beat first"

Counts = dict[str, int]  # what is counted in a database, by name
Progress = Callable[[int, int | None], None]  # bytes done, and bytes in all where that is known


class BackupError(Exception):
    """A backup or restore failed; the message is one line: what failed, where, and what to do."""


class DatabaseCopier(Protocol):
    """Copies and restores one of the databases of settings.DATABASES."""

    kind: str  # Django's name of the vendor
    extension: str  # of the copy's file name

    def count(self) -> Counts | None:
        """Return the counts: empty without tables, None when the database cannot be read."""

    def other_connections(self) -> int:
        """Return how many other connections are open, 0 where the database cannot tell."""

    def back_up(self, copy: Path, progress: Progress) -> Counts:
        """Write a copy into an empty file; return the counts of the same moment.

        Raises: BackupError.
        """

    def prepare_restore(self, copy: Path) -> AbstractContextManager[Callable[[], None]]:
        """Return a context manager that checks and prepares everything for a restore.

        Its value is a function that restores the copy.
        Raises: BackupError, from the context manager and from the function; the database is then
        unchanged.
        """


def count_rows(cursor: Any, queries: dict[str, str]) -> Counts:
    """Run all queries, each a SELECT of one number, in one statement."""
    selected = ", ".join(f"({query})" for query in queries.values())
    cursor.execute(f"SELECT {selected}")
    return dict(zip(queries, cursor.fetchone(), strict=True))


def fsync(path: Path) -> None:
    """Make a file, or the names in a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
