"""Nobody but the system's own user may read DATA_DIR, new or of an earlier version."""

import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from roompricegenie.private_files import restrict_data_dir, restrict_database_file

pytestmark = pytest.mark.one_database

ROOT = Path(__file__).resolve().parents[3]


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def manage(data: Path, *arguments: str) -> str:
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(data), "LOCAL_ENV_FILE": "",
                   "RUNNING_STACKS_DIR": ""}  # fmt: skip
    # Under a generous umask, as services often have.
    return subprocess.run(
        ["sh", "-c", 'umask 0; exec "$@"', "sh", sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False, timeout=60,
    ).stdout  # fmt: skip


def test_what_a_command_writes_is_the_owners_only(tmp_path: Path) -> None:
    data, file = tmp_path / "data", tmp_path / "bad.csv"
    header = "hotel_id,status,event_timestamp,night_of_stay,room_reservation_id"
    file.write_text(f"{header}\n1,9,x,y,z\n")
    manage(data, "trigger_load_events", "--dry-run", str(file))
    manage(data, "migrate", "-v0")
    written = [data, *data.rglob("*")]
    assert {path.name for path in written} >= {"rejects", "default.sqlite3"}
    assert [path for path in written if mode(path) & 0o077] == []


def test_modes_of_an_earlier_version_are_mended_once(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    database = data / "default.sqlite3"
    database.touch()
    data.chmod(0o755)
    database.chmod(0o644)
    output = manage(data, "version").splitlines()
    assert output[:2] == [
        f"{data} was open to other users of this machine (mode 755); now it is not (mode 700)",
        f"{database} was open to other users of this machine (mode 644); now it is not (mode 600)",
    ]
    assert (mode(data), mode(database)) == (0o700, 0o600)
    assert len(manage(data, "version").splitlines()) == 1


@pytest.mark.parametrize(("extra", "name"), [(0o1777, "run.lock"), (0o755, "somebody's file")])
def test_a_folder_that_others_share_is_refused_and_left_alone(
    tmp_path: Path, extra: int, name: str
) -> None:
    (tmp_path / name).touch()
    tmp_path.chmod(extra)
    with pytest.raises(ImproperlyConfigured, match="open to other users of this machine"):
        restrict_data_dir(tmp_path)
    assert tmp_path.stat().st_mode & 0o7777 == extra


@pytest.mark.parametrize(("before", "is_refused"), [(0o750, False), (0o755, True)])
def test_a_folder_of_another_user_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int, is_refused: bool
) -> None:
    tmp_path.chmod(before)
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(ImproperlyConfigured) if is_refused else nullcontext():
        restrict_data_dir(tmp_path)
    assert mode(tmp_path) == before


def test_a_file_system_without_modes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o755)
    monkeypatch.setattr(Path, "chmod", lambda path, mode: None)
    with pytest.raises(ImproperlyConfigured, match="its file system keeps no modes"):
        restrict_data_dir(tmp_path)


def test_a_databases_companions_are_mended_too(tmp_path: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        (tmp_path / f"x{ending}").touch(mode=0o600)
        (tmp_path / f"x{ending}").chmod(0o664)
    restrict_database_file(tmp_path / "x")
    assert {mode(path) for path in tmp_path.iterdir()} == {0o600}
