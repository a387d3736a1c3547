"""Keeps the write-ahead log of an SQLite database small beside readers, and gives its space back.

SQLite copies the log into the database after a commit without waiting for anybody (its passive
checkpoint), but writes the log from its start again only when nobody reads from it. Readers that
overlap, so that at each moment somebody reads, therefore let it grow for as long as they do: to
1.7 GB beside 416 MB of data. Once all of the log is in the database, new readers no longer use the
log; only the readers of that moment have to end.

Promises: after a commit that leaves a log of more than a limit, the log is emptied: the writer
waits for the present readers, for a second at most. New readers do not wait. Writers do, as for any
other writer. If a reader takes longer (a backup), the log grows, the writer goes on and tries again
after its next commits. From HOLD_BACK_LIMITS times the limit on, writers that nobody waits for
(workers, commands) are held back for up to HOLD_BACK_SECONDS after each commit, so that the log
grows by a batch in that time.
"""

import sqlite3
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

# The waits of one attempt, in each of which the other writers wait too. SQLite may wait for a place
# of a reader that later readers took over, one after the other, and would wait in vain for as long
# as it is told to; begun again, it finds that they are no hindrance.
READERS_MS = (20, 50, 100, 200, 400)
RETRY_SECONDS = 1.0  # after a reader took longer
HOLD_BACK_LIMITS = 4
# Below the 20 seconds after which another worker takes a batch for abandoned.
HOLD_BACK_SECONDS, HOLD_BACK_PAUSE_SECONDS = 10.0, 0.5


class WriteAheadLog:
    """The write-ahead log of one database, as one connection sees it.

    Args:
        database: the path of the database's file.
        limit_bytes: a larger log is emptied. It is larger by one transaction at most, while no
            reader takes longer than a second.
        lock_seconds: the connection's patience with locks.
        may_hold_back: whether a commit may take HOLD_BACK_SECONDS.
    """

    def __init__(
        self, database: str, *, limit_bytes: int, lock_seconds: float, may_hold_back: bool
    ) -> None:
        self._path = Path(f"{database}-wal")
        self._limit = limit_bytes
        self._lock_ms = round(lock_seconds * 1000)
        self._may_hold_back = may_hold_back
        self._not_before = 0.0  # time.monotonic()

    def bound(self, connection: sqlite3.Connection) -> None:
        """Empty the log if it is over the limit; never raises.

        Args:
            connection: to the database, outside of a transaction.
        """
        if self._size() <= self._limit or monotonic() < self._not_before:
            return
        if self._empty(connection):
            return
        give_up = monotonic() + HOLD_BACK_SECONDS
        while self._may_hold_back and self._size() > HOLD_BACK_LIMITS * self._limit:
            if monotonic() > give_up:
                break
            sleep(HOLD_BACK_PAUSE_SECONDS)
            if self._empty(connection):
                return
        self._not_before = monotonic() + RETRY_SECONDS

    def _size(self) -> int:
        try:
            return self._path.stat().st_size
        except OSError:
            return 0

    def _empty(self, connection: sqlite3.Connection) -> bool:
        """Copy the log into the database and truncate it; return False if readers are in the way.

        A failure changes nothing: SQLite ignores one of its own checkpoints, too.
        """
        with suppress(sqlite3.Error):  # such as an unfinished cursor of this very connection
            try:
                for milliseconds in READERS_MS:
                    connection.execute(f"PRAGMA busy_timeout={milliseconds}")
                    row = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                    if not row[0]:
                        return True
            finally:
                connection.execute(f"PRAGMA busy_timeout={self._lock_ms}")
        return False
