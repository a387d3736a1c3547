"""What stands in DATA_DIR is made anew, or one line names it and what to do; never a traceback."""

import asyncio
import io
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import override_settings

from roompricegenie.gunicorn.metrics_folder import create_metrics_folder
from roompricegenie.local_stack import start
from roompricegenie.local_stack.prefixed_output import PrefixedOutput
from roompricegenie.local_stack.sample_loading import load_sample_once

pytestmark = [pytest.mark.one_database, pytest.mark.long]

ROOT = Path(__file__).resolve().parents[3]
GARBAGE = b"\xff\xfe\x00" * 4096


def one_and_thorough(name: str, *others: str) -> list[Any]:
    """Have one file tried each time, the others by `make test-long`: each starts `make run`."""
    return [name, *(pytest.param(other, marks=pytest.mark.thorough) for other in others)]


@pytest.mark.parametrize(
    "name",
    one_and_thorough("default.sqlite3", "run.lock", "services.lock", "default.sqlite3-wal"),
)
def test_a_folder_in_place_of_a_file_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "something").touch()
    assert name.removesuffix("-wal") in refusal(tmp_path)


@pytest.mark.parametrize(
    "name",
    one_and_thorough(
        "valkey", "logs", "valkey/appendonlydir", "default.sqlite3", "data_provider.sqlite3"
    ),
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(GARBAGE)
    assert str(tmp_path / name) in refusal(tmp_path)


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for data_dir in (tmp_path / "file", tmp_path / "file" / "below"):
        assert "DATA_DIR cannot be created" in refusal(data_dir)


def test_a_taken_port_is_named_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        began = time.monotonic()
        assert f"port {port} is taken" in refusal(tmp_path, str(port))
        assert time.monotonic() - began < 8


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def refusal(data_dir: Path, port: str = "") -> str:
    """Return the one line with which `make run` ends."""
    ended = subprocess.run(
        [sys.executable, "-m", "roompricegenie.local_stack"], cwd=ROOT, capture_output=True,
        text=True, check=False, timeout=60,
        env={
            **os.environ, "DATA_DIR": str(data_dir), "PORT": port or free_port(),
            "DJANGO_DEBUG": "true", "CELERY_BROKER_URL": "",
        },
    )  # fmt: skip
    assert ended.returncode == 1, ended.stderr
    [line] = ended.stderr.splitlines()
    assert line.startswith("make run: ")
    return line


def test_what_a_killed_run_left_does_not_stop_the_preparations(tmp_path: Path) -> None:
    for name in ("default.sqlite3-shm", "valkey.sock", "beat-alive", "sample"):
        (tmp_path / name).write_bytes(GARBAGE)
    program = (
        "import django; django.setup(); from pathlib import Path; import os; "
        "from roompricegenie.local_stack import start; from unittest.mock import Mock; "
        "folder = Path(os.environ['DATA_DIR']); start._embedded_valkey(folder); "
        "start._prepare_databases(folder, Mock())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False,
        env={
            **os.environ, "DATA_DIR": str(tmp_path), "DJANGO_DEBUG": "true",
            "CELERY_BROKER_URL": "", "DJANGO_SETTINGS_MODULE": "roompricegenie.settings",
        },
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.django_db
def test_the_admin_s_password_file_is_made_anew_or_named(tmp_path: Path) -> None:
    path = tmp_path / "admin_password"
    path.write_bytes(GARBAGE)
    start._create_admin(tmp_path, PrefixedOutput([]))
    user = get_user_model().objects.get()
    assert user.check_password(path.read_text().strip())
    user.delete()
    path.unlink()
    path.mkdir()
    with (
        pytest.raises(start.CannotStart, match=r"admin_password.*move away what is there"),
        start._unusable_files_named(),
    ):
        start._create_admin(tmp_path, PrefixedOutput([]))
    assert not get_user_model().objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("content", [b"", GARBAGE, bytes(100), b"abc.def"])
def test_the_services_key_is_made_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "service_api_key"
    path.write_bytes(content)
    path.with_suffix(".draft").write_bytes(content)
    create_service_key(path)
    key = path.read_text()
    create_service_key(path)
    assert path.read_text() == key, "a valid key stays"


@pytest.mark.django_db
def test_a_folder_in_place_of_the_services_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=f"{tmp_path} cannot be written"):
        create_service_key(tmp_path)


def create_service_key(path: Path) -> None:
    with override_settings(SERVICE_API_KEY_FILE=str(path)):
        call_command("create_api_key", service=True, stdout=io.StringIO())


def test_a_marker_of_the_sample_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "sample").mkdir()
    lines: list[str] = []
    asyncio.run(load_sample_once(tmp_path, lines.append))
    [line] = lines
    assert str(tmp_path / "sample") in line


def test_leftovers_in_the_metrics_folder_do_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Set, so that it is taken away again: deleting what is not there would leave what is set next.
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    (tmp_path / "web-file").touch()
    (tmp_path / "web-no-lock").mkdir()
    (tmp_path / "web-folder-lock" / "lock").mkdir(parents=True)
    assert create_metrics_folder(tmp_path).is_dir()
    assert not (tmp_path / "web-no-lock").exists()


def test_a_file_in_place_of_the_metrics_folder_is_one_line_of_gunicorn(tmp_path: Path) -> None:
    (tmp_path / "metrics").touch()
    web = subprocess.run(
        [Path(sys.executable).with_name("gunicorn"), "roompricegenie.wsgi:application"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "DATA_DIR": str(tmp_path), "PORT": free_port(), "DJANGO_DEBUG": "true"},
    )  # fmt: skip
    assert web.returncode == 1
    [line] = web.stderr.splitlines()
    assert line.startswith("gunicorn: ") and str(tmp_path / "metrics") in line
