"""SQLite's write-ahead log stays small while readers overlap, and gives its space back."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.utils import ConnectionHandler
from pytest_django import DjangoDbBlocker

from roompricegenie import database_settings
from roompricegenie.sqlite_backend import write_ahead_log

LIMIT_BYTES = 200_000
ROW_BYTES = 50_000


class Writer:
    """Commits rows to a database that was made as the settings make one."""

    def __init__(self, folder: Path, patience_seconds: int) -> None:
        config = database_settings.complete_database_settings(
            {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / "file.sqlite3")},
            synchronous="NORMAL",
            patience_seconds=patience_seconds,
        )
        config["OPTIONS"]["log_limit_bytes"] = LIMIT_BYTES
        self.path = folder / "file.sqlite3"
        self.connection: Any = ConnectionHandler({"default": config})[DEFAULT_DB_ALIAS]
        with self.connection.cursor() as cursor:
            cursor.execute("CREATE TABLE rows (content BLOB)")

    def commit_row(self) -> int:
        """Commit a row in a transaction; return the size of the log after it."""
        with atomic(self.connection), self.connection.cursor() as cursor:
            cursor.execute("INSERT INTO rows VALUES (randomblob(%s))", [ROW_BYTES])
        return self.log_bytes()

    def log_bytes(self) -> int:
        return Path(f"{self.path}-wal").stat().st_size


@contextmanager
def atomic(connection: Any) -> Iterator[None]:
    """`transaction.atomic` for a connection that settings.DATABASES does not have."""
    block = transaction.Atomic("none", savepoint=True, durable=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transaction, "get_connection", lambda using: connection)
        with block:
            yield


@pytest.fixture
def open_writer(
    tmp_path: Path, django_db_blocker: DjangoDbBlocker
) -> Iterator[Callable[[int], Writer]]:
    writers: list[Writer] = []

    def start(patience_seconds: int) -> Writer:
        writers.append(Writer(tmp_path, patience_seconds))
        return writers[-1]

    with django_db_blocker.unblock():  # the databases of the settings are not used
        yield start
    for writer in writers:
        writer.connection.close()


@contextmanager
def snapshot(path: Path) -> Iterator[sqlite3.Connection]:
    """A reader that has begun to read."""
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as reader:
        begin(reader)
        yield reader


def begin(reader: sqlite3.Connection) -> None:
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM rows").fetchone()


@contextmanager
def overlapping_readers(path: Path) -> Iterator[None]:
    """Two readers, of which each ends only when the other has begun."""
    stop = threading.Event()

    def read() -> None:
        with snapshot(path) as one, snapshot(path) as other:
            while not stop.is_set():
                for reader in (one, other):
                    reader.execute("ROLLBACK")
                    begin(reader)
                    time.sleep(0.001)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("patience_seconds", [0, 20], ids=["worker", "web process"])
def test_the_log_stays_small_while_readers_overlap(
    open_writer: Callable[[int], Writer],
    monkeypatch: pytest.MonkeyPatch,
    patience_seconds: int,
) -> None:
    monkeypatch.setattr(write_ahead_log, "READERS_MS", (20, 50, 100) * 50)  # on a busy machine
    writer = open_writer(patience_seconds)
    with overlapping_readers(writer.path):
        largest = max(writer.commit_row() for _ in range(80))  # four megabytes
    assert largest <= LIMIT_BYTES
    assert writer.log_bytes() <= LIMIT_BYTES


def test_a_reader_that_stays_stops_nobody_and_the_space_is_given_back_after_it(
    open_writer: Callable[[int], Writer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_ahead_log, "READERS_MS", (1,))
    monkeypatch.setattr(write_ahead_log, "RETRY_SECONDS", 0)
    writer = open_writer(20)
    with snapshot(writer.path) as reader:
        grown = max(writer.commit_row() for _ in range(30))
        assert reader.execute("SELECT count(*) FROM rows").fetchone() == (0,)  # its own moment
    assert grown > 5 * LIMIT_BYTES
    assert writer.commit_row() == 0
    [busy_timeout_ms] = writer.connection.connection.execute("PRAGMA busy_timeout").fetchone()
    assert busy_timeout_ms == 20_000


def test_a_worker_is_held_back_by_a_reader_that_stays(
    open_writer: Callable[[int], Writer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_ahead_log, "READERS_MS", (1,))
    monkeypatch.setattr(write_ahead_log, "RETRY_SECONDS", 0)
    writer = open_writer(0)
    with snapshot(writer.path) as reader:
        sizes: list[int] = []

        def reader_ends(seconds: float) -> None:
            sizes.append(writer.log_bytes())
            reader.execute("ROLLBACK")

        monkeypatch.setattr(write_ahead_log, "sleep", reader_ends)
        last = 0
        for _ in range(40):  # two megabytes
            last = writer.commit_row()
            if sizes:
                break
    assert sizes
    assert sizes[0] > write_ahead_log.HOLD_BACK_LIMITS * LIMIT_BYTES
    assert last == 0


def test_an_unfinished_cursor_of_the_writer_itself_is_no_error(
    open_writer: Callable[[int], Writer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_ahead_log, "RETRY_SECONDS", 0)
    writer = open_writer(20)
    for _ in range(3):
        writer.commit_row()
    unfinished = writer.connection.connection.execute("SELECT content FROM rows")
    unfinished.fetchone()
    for _ in range(3):
        writer.commit_row()
    unfinished.close()
    assert writer.commit_row() == 0


def test_statements_without_a_transaction_count_at_the_end_of_a_request(
    open_writer: Callable[[int], Writer],
) -> None:
    writer = open_writer(20)
    with snapshot(writer.path), writer.connection.cursor() as cursor:
        for _ in range(6):
            cursor.execute("INSERT INTO rows VALUES (randomblob(%s))", [ROW_BYTES])
    assert writer.log_bytes() > LIMIT_BYTES
    writer.connection.close_if_unusable_or_obsolete()
    assert writer.log_bytes() == 0
