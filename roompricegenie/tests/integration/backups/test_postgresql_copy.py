"""Copy and restore of PostgreSQL databases by pg_dump and pg_restore."""

import os
from pathlib import Path

import pytest

from roompricegenie.tests.integration.backups.installation import (
    Installation,
    connect_to,
    connected,
    postgres_only,
    postgres_programs,
)

pytestmark = postgres_only


def write_script(path: Path, *lines: str) -> None:
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)


def test_a_failed_restore_leaves_the_database_as_it_was(installation: Installation) -> None:
    installation.add_events(1)
    backup = installation.backup()
    installation.add_events(2)
    # A view that the backup does not contain keeps pg_restore from dropping the table.
    installation.sql(
        "data_provider", "CREATE VIEW report AS SELECT count(*) FROM data_provider_event"
    )
    line = installation.error_of("restore", backup, "--yes", "--only", "data_provider")
    installation.sql("data_provider", "DROP VIEW report")
    assert "report" in line
    assert "restored: nothing" in line


def test_tables_that_are_not_in_the_backup_are_refused(installation: Installation) -> None:
    backup = installation.backup()
    installation.sql("data_provider", "CREATE TABLE of_a_later_version (id int)")
    line = installation.error_of("restore", backup, "--yes", "--only", "data_provider")
    installation.sql("data_provider", "DROP TABLE of_a_later_version")
    assert "of_a_later_version" in line
    assert "drop the database" in line


def test_other_connections_are_mentioned(installation: Installation) -> None:
    backup = installation.backup()
    installation.add_events(2)
    with connect_to(installation.urls["data_provider"]):
        _, errors = installation.manage("restore", backup, "--yes")
    assert "other connections: 1; stop web, workers and beat first" in errors


@pytest.mark.parametrize("version", [None, "9.6.24"])
def test_a_missing_or_too_old_pg_dump_is_an_error_that_says_what_to_do(
    installation: Installation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    version: str | None,
) -> None:
    if version:
        write_script(tmp_path / "pg_dump", f"echo 'pg_dump (PostgreSQL) {version}'")
    monkeypatch.setenv("PATH", str(tmp_path))
    expected = "first on PATH" if version else "pg_dump is not on PATH: install"
    assert expected in installation.error_of("backup")


def test_the_password_is_not_on_the_command_line(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, passwords = postgres_programs() / "pg_dump", tmp_path / "passwords"
    write_script(
        tmp_path / "pg_dump",
        f'echo "$PGPASSWORD" >> {passwords}',
        f'echo "$@" >> {passwords}.arguments',
        f'exec {program} "$@"',
    )
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    url = installation.urls["data_provider"].replace("postgres@", "postgres:s3cret@")
    urls = {**installation.urls, "data_provider": url}
    with connected(installation.folder, urls) as with_password:
        with_password.backup()
    assert "s3cret" in passwords.read_text()
    assert "s3cret" not in Path(f"{passwords}.arguments").read_text()


def test_one_database_on_a_server_and_the_others_in_files(installation: Installation) -> None:
    url = {"data_provider": installation.urls["data_provider"]}
    with connected(installation.folder, url) as mixed:
        mixed.manage("migrate_all")
        mixed.add_events(3)
        mixed.add_failed_login("before")
        before = mixed.content()
        backup = mixed.backup()
        mixed.add_events(1)
        mixed.add_failed_login("after")
        mixed.restore(backup, "--yes")
        assert mixed.content() == before
    assert "is of sqlite, the settings name postgresql" in installation.error_of(
        "restore", backup, "--yes"
    )
