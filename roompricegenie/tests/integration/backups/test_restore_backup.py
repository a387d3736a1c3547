"""`manage.py restore`: all databases or some, after a check of the backup and a question."""

from roompricegenie.tests.integration.backups.installation import ON_POSTGRES, Installation


def test_all_databases_are_restored(installation: Installation) -> None:
    installation.add_events(3)
    installation.set_feed_position(3)
    installation.add_failed_login("before")
    before = installation.content()
    backup = installation.backup()
    installation.add_events(2)
    installation.set_feed_position(5)
    installation.add_failed_login("after")
    output = installation.restore(backup, "--yes")
    # What running processes have in memory may be of another time, so a recount is requested.
    assert installation.content() == {**before, "position": [(3, True if ON_POSTGRES else 1)]}
    assert "manage.py migrate_all" in output
    installation.manage("migrate_all")
    installation.manage("migrate", "--check")


def test_only_restores_the_named_databases(installation: Installation) -> None:
    installation.add_events(3)
    installation.set_feed_position(3)
    epoch = installation.epoch()
    backup = installation.backup()
    installation.add_events(2)
    installation.set_feed_position(5)
    installation.add_failed_login("after")
    installation.restore(backup, "--only", "data_provider", "--yes")
    content = installation.content()
    assert len(content["ledger"]) == 3
    assert content["position"] == [(5, False if ON_POSTGRES else 0)]
    assert installation.epoch() != epoch, "so the dashboard recounts, which counts events too many"
    assert content["failed_logins"] == [("after",)]


def test_a_damaged_backup_is_refused(installation: Installation) -> None:
    installation.add_events(1)
    backup = installation.backup()
    [copy] = backup.glob("data_provider.*")
    content = bytearray(copy.read_bytes())
    content[-1] ^= 1
    copy.write_bytes(content)
    assert "its checksum differs" in installation.error_of(
        "restore", backup, "--yes", "--only", "default"
    )
    copy.unlink()
    assert "cannot be read" in installation.error_of("restore", backup, "--yes")
    (backup / "manifest.json").write_text("{}")
    assert "is damaged" in installation.error_of("restore", backup, "--yes")
    assert "is no backup" in installation.error_of("restore", installation.folder, "--yes")


def test_it_asks_before_data_is_lost(installation: Installation) -> None:
    backup = installation.backup()
    installation.add_events(2)
    assert "say --yes" in installation.error_of("restore", backup)
    _, errors = installation.manage("restore", backup, "--yes")
    assert "data_provider: 2 events, 2 newest position" in errors
    assert "pricing_service" not in errors  # empty
    assert "holds no database 'ledger'" in installation.error_of(
        "restore", backup, "--only", "ledger"
    )
