"""Writes that a request can do without: they wait for no lock."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SQLITE_LOCK_TIMEOUT_MS = 20


@contextmanager
def short_lock_timeout(connection: Any) -> Iterator[None]:
    """On SQLite a write waits up to a minute for another's lock: here only milliseconds."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        usual_timeout = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout = {SQLITE_LOCK_TIMEOUT_MS}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(usual_timeout)}")
