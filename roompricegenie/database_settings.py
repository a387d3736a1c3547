"""The databases and their connections: addresses, timeouts, transactions, durability.

One database each for users, ledger, dashboard and prices.
"""

from pathlib import Path
from typing import Any
from urllib.parse import unquote

from roompricegenie.environment import Environment
from roompricegenie.private_files import restrict_database_file

SQLITE_LOCK_SECONDS = 60
SQLITE_BACKEND = "roompricegenie.sqlite_backend"  # Django's, with a bounded write-ahead log
# SQLite copies its write-ahead log into the database from 1,000 pages of 4 KB on. A batch of events
# or counts changes more, so that every commit would. With a batch on top it stays below 64 MB.
SQLITE_LOG_PAGES = 9_000
SQLITE_LOG_BYTES = SQLITE_LOG_PAGES * 4096
CONNECTION_SECONDS = 600  # how long a connection is reused


def database_settings(
    env: Environment, data_dir: Path, *, patience_seconds: int, has_pooler: bool = False
) -> dict[str, dict[str, Any]]:
    """Return DATABASES: the URL of each in its variable, or else an SQLite file in DATA_DIR.

    Closes SQLite files to other users of the machine. Raises: ImproperlyConfigured.
    """

    def database(variable: str, sqlite_name: str, *, synchronous: str) -> dict[str, Any]:
        config = env.database(variable, sqlite_file=data_dir / f"{sqlite_name}.sqlite3")
        if config["ENGINE"].endswith("sqlite3") and config["NAME"] != ":memory:":
            restrict_database_file(Path(config["NAME"]))
        return complete_database_settings(
            config,
            synchronous=synchronous,
            patience_seconds=patience_seconds,
            has_pooler=has_pooler,
        )

    return {
        "default": database("DATABASE_URL", "default", synchronous="NORMAL"),
        # The ledger is the source of every figure, so each commit is synced to disk.
        "data_provider": database(
            "DATABASE_URL_DATA_PROVIDER", "data_provider", synchronous="FULL"
        ),
        # Figures and feed position commit together, so commits that a power cut loses are read from
        # the feed again.
        "dashboard_service": database(
            "DATABASE_URL_DASHBOARD_SERVICE", "dashboard_service", synchronous="NORMAL"
        ),
        # People's price decisions are stored nowhere else.
        "pricing_service": database(
            "DATABASE_URL_PRICING_SERVICE", "pricing_service", synchronous="FULL"
        ),
    }


def complete_database_settings(
    config: dict[str, Any], *, synchronous: str, patience_seconds: int, has_pooler: bool = False
) -> dict[str, Any]:
    """Return an entry for DATABASES.

    Args:
        config: engine, name and address of the database, as parsed from its URL.
        synchronous: SQLite's pragma. With FULL a commit survives a power cut; with NORMAL it
            survives the death of any process, but a power cut may lose the last commits (never
            the file's consistency).
        patience_seconds: the longest wait for a lock on SQLite and for a statement on PostgreSQL;
            with 0 that is SQLITE_LOCK_SECONDS on SQLite and unlimited on PostgreSQL.
        has_pooler: PostgreSQL is behind PgBouncer, which gives each transaction any session. So
            what belongs to a session is not used: no options at its start (docs/operating.md has
            the roles that have them instead) and no cursor that outlives a transaction.
    """
    # The folder of a unix socket is percent-encoded in the URL; libpq expects it decoded.
    config["HOST"] = unquote(config.get("HOST") or "")
    config["TEST"] = {"DEPENDENCIES": []}  # the databases are independent of one another
    config["CONN_MAX_AGE"] = CONNECTION_SECONDS
    config["CONN_HEALTH_CHECKS"] = True
    options = config.setdefault("OPTIONS", {})
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["TEST"]["NAME"] = ":memory:"
        config["ENGINE"] = SQLITE_BACKEND
        # WAL lets readers continue while one connection writes. IMMEDIATE acquires the write lock
        # at BEGIN, where SQLite waits for it up to `timeout`; a lock that is acquired in the middle
        # of a transaction fails at once with "database is locked".
        options["transaction_mode"] = "IMMEDIATE"
        options["timeout"] = patience_seconds or SQLITE_LOCK_SECONDS
        options["log_limit_bytes"] = SQLITE_LOG_BYTES
        options["may_hold_back"] = not patience_seconds  # nobody waits for workers and commands
        options["init_command"] = (
            f"PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}; "
            f"PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint={SQLITE_LOG_PAGES}; "
            f"PRAGMA journal_size_limit={SQLITE_LOG_BYTES}"
        )
    elif config["ENGINE"] == "django.db.backends.postgresql":
        # A client that hangs inside a transaction delays the readers of the feed (see
        # data_provider/ledger/feed.py), so the server ends its session; none takes seconds.
        timeouts = "-c idle_in_transaction_session_timeout=30s"
        if patience_seconds:
            timeouts += f" -c statement_timeout={patience_seconds}s"
        if has_pooler:
            config["DISABLE_SERVER_SIDE_CURSORS"] = True
        else:
            options.setdefault("options", timeouts)
        options.setdefault("connect_timeout", 10)
    return config
