"""Restore of SQLite files: never while they are in use, and the former file is kept."""

import fcntl
import sqlite3

import pytest
from django.core.management import CommandError

from roompricegenie.tests.integration.backups.installation import Installation, sqlite_only

pytestmark = sqlite_only


def test_a_restore_while_the_system_runs_is_refused(installation: Installation) -> None:
    backup = installation.backup()
    installation.add_events(1)
    with (installation.folder / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "the system runs on" in installation.error_of("restore", backup, "--yes")
    with (installation.folder / "services.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        line = installation.error_of("restore", backup, "--yes")
        assert "services of a `make run` that was killed still run on" in line
    # A process that was started by hand does not hold that lock.
    other = sqlite3.connect(installation.file("data_provider"))
    other.execute("SELECT count(*) FROM data_provider_event").fetchone()
    line = installation.error_of("restore", backup, "--yes", "--only", "data_provider")
    assert f"{installation.file('data_provider')} is in use" in line
    other.close()


def test_the_former_file_is_kept_and_never_overwritten(installation: Installation) -> None:
    backup = installation.backup()
    installation.add_events(1)
    ledger = installation.content()["ledger"]
    installation.manage("restore", backup, "--yes")
    former = installation.folder / "data_provider.sqlite3.before-restore"
    with sqlite3.connect(former) as file:
        assert file.execute("SELECT * FROM data_provider_event").fetchall() == ledger
    file.close()
    assert "exists since an earlier restore" in installation.error_of("restore", backup, "--yes")


def test_the_wal_of_a_deleted_database_is_not_replayed_into_the_restored_one(
    installation: Installation,
) -> None:
    installation.add_events(1)
    backup = installation.backup()
    before = installation.content()
    writer = sqlite3.connect(installation.file("data_provider"))
    writer.execute("UPDATE data_provider_event SET hotel_id = 2")
    writer.commit()
    wal = installation.folder / "data_provider.sqlite3-wal"
    wal_content = wal.read_bytes()
    writer.close()
    wal.write_bytes(wal_content)
    installation.file("data_provider").unlink()
    installation.restore(backup, "--yes", "--only", "data_provider")
    assert installation.content()["ledger"] == before["ledger"]


def test_a_destroyed_database_is_replaced_and_cannot_be_backed_up(
    installation: Installation,
) -> None:
    installation.add_events(1)
    backup = installation.backup()
    before = installation.content()
    installation.file("data_provider").write_bytes(b"no database" * 1_000)
    with pytest.raises(CommandError, match=r"data_provider\.sqlite3 cannot be copied"):
        installation.manage("backup")
    assert not [*backup.parent.glob(".*.partial")]
    _, errors = installation.manage("restore", backup, "--yes", "--only", "data_provider")
    assert "a database that cannot be read" in errors
    assert installation.content()["ledger"] == before["ledger"]
