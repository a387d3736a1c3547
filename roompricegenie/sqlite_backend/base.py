"""Django's SQLite backend, whose every commit keeps the write-ahead log small (see
`write_ahead_log.py`). Whoever writes through Django is included, whatever the database."""

from typing import Any

from django.db.backends.sqlite3 import base

from roompricegenie.sqlite_backend.write_ahead_log import WriteAheadLog


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection; OPTIONS has two more names than Django's:

    - `log_limit_bytes`: a larger write-ahead log is emptied, see WriteAheadLog.
    - `may_hold_back`: whether a commit may wait for readers that keep the log from being emptied.
    """

    _log: WriteAheadLog | None = None

    def get_connection_params(self) -> dict[str, Any]:
        """Return what sqlite3 connects with; Django's name."""
        params = super().get_connection_params()
        limit = params.pop("log_limit_bytes", 0)
        may_hold_back = params.pop("may_hold_back", False)
        if limit and not self.is_in_memory_db():
            self._log = WriteAheadLog(
                str(params["database"]),
                limit_bytes=limit,
                lock_seconds=params["timeout"],
                may_hold_back=may_hold_back,
            )
        return params

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]  # the stubs leave it out
        self._bound_log()

    def close_if_unusable_or_obsolete(self) -> None:
        """Django calls this at the end of each request: also statements outside of transactions
        are in the log by then."""
        self._bound_log()
        super().close_if_unusable_or_obsolete()

    def _bound_log(self) -> None:
        if self._log is not None and self.connection is not None and not self.in_atomic_block:
            self._log.bound(self.connection)
