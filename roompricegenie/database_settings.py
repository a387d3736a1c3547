"""Connection settings of SQLite and PostgreSQL databases: timeouts, transactions, durability."""

from typing import Any
from urllib.parse import unquote

SQLITE_LOCK_SECONDS = 60
CONNECTION_SECONDS = 600  # how long a connection is reused


def complete_database_settings(
    config: dict[str, Any], *, synchronous: str, patience_seconds: int
) -> dict[str, Any]:
    """Return an entry for DATABASES.

    Args:
        config: engine, name and address of the database, as parsed from its URL.
        synchronous: SQLite's pragma. With FULL a commit survives a power cut; with NORMAL it
            survives the death of any process, but a power cut may lose the last commits (never
            the file's consistency).
        patience_seconds: the longest wait for a lock on SQLite and for a statement on PostgreSQL;
            with 0 that is SQLITE_LOCK_SECONDS on SQLite and unlimited on PostgreSQL.
    """
    # The folder of a unix socket is percent-encoded in the URL; libpq expects it decoded.
    config["HOST"] = unquote(config.get("HOST") or "")
    config["TEST"] = {"DEPENDENCIES": []}  # the databases are independent of one another
    config["CONN_MAX_AGE"] = CONNECTION_SECONDS
    config["CONN_HEALTH_CHECKS"] = True
    options = config.setdefault("OPTIONS", {})
    if config["ENGINE"] == "django.db.backends.sqlite3":
        # WAL lets readers continue while one connection writes. IMMEDIATE acquires the write lock
        # at BEGIN, where SQLite waits for it up to `timeout`; a lock that is acquired in the middle
        # of a transaction fails at once with "database is locked".
        options["transaction_mode"] = "IMMEDIATE"
        options["timeout"] = patience_seconds or SQLITE_LOCK_SECONDS
        # SQLite checkpoints the WAL after 1,000 pages by default. A batch of events or counts
        # changes more, so that every commit would checkpoint. 10,000 pages are a WAL of 40 MB.
        options["init_command"] = (
            f"PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}; "
            "PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=10000"
        )
    elif config["ENGINE"] == "django.db.backends.postgresql":
        # A client that hangs inside a transaction delays the readers of the feed (see
        # data_provider/ledger/feed.py), so the server ends its session; no transaction takes that
        # long.
        timeouts = "-c idle_in_transaction_session_timeout=30s"
        if patience_seconds:
            timeouts += f" -c statement_timeout={patience_seconds}s"
        options.setdefault("options", timeouts)
        options.setdefault("connect_timeout", 10)
    return config
