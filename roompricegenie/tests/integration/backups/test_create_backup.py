"""`manage.py backup`: what a backup contains, and that a failed one leaves nothing behind."""

import fcntl
import hashlib
import json
import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError

from roompricegenie.tests.integration.backups.installation import (
    ON_POSTGRES,
    VARIABLES,
    Installation,
)

ROOT = Path(__file__).resolve().parents[4]
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


def test_the_manifest_describes_every_copy(installation: Installation) -> None:
    installation.add_events(3)
    installation.sql("data_provider", "DELETE FROM data_provider_event WHERE id = 2")
    installation.set_feed_position(3)
    backup = installation.backup()
    manifest = json.loads((backup / "manifest.json").read_text())
    copies = manifest["databases"]
    assert [*copies][-1] == "data_provider"  # so the figures are never ahead of the ledger
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


def test_only_the_owner_can_read_it(installation: Installation) -> None:
    backup = installation.backup()
    copies = json.loads((backup / "manifest.json").read_text())["databases"]
    assert stat.S_IMODE(backup.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in backup.iterdir()}
    assert modes == dict.fromkeys(["manifest.json", *(c["file"] for c in copies.values())], 0o600)


def test_a_backup_while_a_process_writes_is_of_one_moment(installation: Installation) -> None:
    for _ in range(12):
        installation.add_events(5_000)  # more than one step of SQLite's copy
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER], cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env={
            **os.environ, **{VARIABLES[name]: url for name, url in installation.urls.items()},
            "DATA_DIR": str(installation.folder),
            "DJANGO_SETTINGS_MODULE": "roompricegenie.settings",
        },
    )  # fmt: skip
    try:
        assert writer.stdout
        first = int(writer.stdout.readline())
        backup = installation.backup()
    finally:
        writer.kill()
        writer.communicate()
    after = installation.content()["ledger"]
    holds = json.loads((backup / "manifest.json").read_text())["databases"]["data_provider"][
        "holds"
    ]
    assert 60_000 + first < holds["events"] < len(after)
    installation.restore(backup, "--yes")
    restored = installation.content()["ledger"]
    assert restored == [event for event in after if event[0] <= holds["newest_position"]]
    assert len(restored) == holds["events"]


def test_a_failed_backup_leaves_nothing_and_removes_nothing(installation: Installation) -> None:
    installation.add_events(10_000)
    folder = installation.folder / "elsewhere"
    earlier = installation.backup(folder)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(CommandError, match=r"^[^\n]*(cannot be copied|failed)[^\n]*$"):
            installation.manage("backup", folder, "--keep", 1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [*folder.glob("*Z")] == [earlier]
    assert not [*folder.glob(".*.partial")]


def test_keep_removes_older_backups_once_the_new_one_is_complete(
    installation: Installation,
) -> None:
    folder = installation.folder / "backups"
    for name in ("2020-01-01T000000Z", "2021-01-01T000000Z", "2022-01-01T000000Z"):
        (folder / name).mkdir(parents=True)
    for name in ("2021-01-01T000000Z", "2022-01-01T000000Z"):
        (folder / name / "manifest.json").touch()
    (folder / ".2023-01-01T000000Z.partial").mkdir()  # left by a process that was killed
    (folder / "notes").mkdir()
    new = installation.backup("--keep", 2)
    assert {path.name for path in folder.iterdir()} == {
        ".lock", "2020-01-01T000000Z", "2022-01-01T000000Z", "notes", new.name,
    }  # fmt: skip


def test_a_second_backup_into_the_same_folder_is_refused(installation: Installation) -> None:
    (installation.folder / "backups").mkdir()
    with (installation.folder / "backups" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "another backup is being written" in installation.error_of("backup")
