"""A manage.py in another terminal uses the settings of the stack that runs in its checkout."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from roompricegenie.find_running_stack import DEFAULT, SeveralStacks, use_running_stack

pytestmark = pytest.mark.one_database

ROOT = Path(__file__).resolve().parents[3]
RUN = """
import os, sys
from roompricegenie.find_running_stack import recorded_settings
with recorded_settings(os.environ):
    print("recorded", flush=True)
    sys.stdin.read()
"""
Run = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Start a process that has recorded its settings, as `make run` does."""
    started: list[subprocess.Popen[str]] = []

    def run(**settings: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", RUN], cwd=ROOT, text=True,
            env={"PATH": os.environ["PATH"], "RUNNING_STACKS_DIR": folder(tmp_path), **settings},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        started.append(process)
        assert process.stdout and process.stdout.readline() == "recorded\n"
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def folder(tmp_path: Path) -> str:
    return str(tmp_path / "stacks")


def manage(tmp_path: Path, *arguments: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, capture_output=True, text=True,
        env={"PATH": os.environ["PATH"], "RUNNING_STACKS_DIR": folder(tmp_path), **settings},
        check=False, timeout=60,
    )  # fmt: skip


def test_a_command_uses_the_running_stack_s_settings(run: Run, tmp_path: Path) -> None:
    data_dir, broker = str(tmp_path / "data"), "redis://127.0.0.1:1/0"
    run(DATA_DIR=data_dir, PORT="8123", CELERY_BROKER_URL=broker, HOME="/nowhere")
    shown = "settings.DATA_DIR, settings.PORT, settings.CELERY_BROKER_URL"
    code = f"from django.conf import settings; print({shown})"
    done = manage(tmp_path, "shell", "-v0", "-c", code)
    assert done.stdout == f"{data_dir} 8123 {broker}\n", done
    assert done.stderr == f"Using the running stack: PORT=8123 DATA_DIR={data_dir}\n"


def test_the_environment_wins(run: Run, tmp_path: Path) -> None:
    run(DATA_DIR="/a", PORT="8123", DATABASE_URL="sqlite:////a/b")
    own = {"RUNNING_STACKS_DIR": folder(tmp_path), "DATABASE_URL": "sqlite:////c"}
    another = {**own, "DATA_DIR": "/elsewhere"}
    before = dict(another)
    assert use_running_stack(another) is None
    assert another == before
    assert use_running_stack(own)
    assert own == {**own, "DATA_DIR": "/a", "PORT": "8123", "DATABASE_URL": "sqlite:////c"}


def test_a_stack_that_ended_is_not_used(run: Run, tmp_path: Path) -> None:
    killed, stopped = run(DATA_DIR="/a", PORT="1"), run(DATA_DIR="/b", PORT="2")
    killed.kill()
    killed.communicate()
    stopped.communicate()
    [left] = Path(folder(tmp_path)).iterdir()
    assert str(killed.pid) in left.name
    environment = {"RUNNING_STACKS_DIR": folder(tmp_path)}
    assert use_running_stack(environment) is None
    assert "DATA_DIR" not in environment
    next_one = run(DATA_DIR="/c", PORT="3")
    assert [path.name for path in left.parent.iterdir()] == [f"{next_one.pid}.json"]


def test_of_several_the_message_says_how_to_name_one(run: Run, tmp_path: Path) -> None:
    for name, port in (("/a", "8123"), ("/b", "8124")):
        run(DATA_DIR=name, PORT=port)
    done = manage(tmp_path, "check")
    assert done.returncode == 1
    assert done.stderr.startswith("manage.py: 2 stacks run from this checkout: name one by setting")
    assert "PORT=8123" in done.stderr and "PORT=8124" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    for choice in ({"PORT": "8124"}, {"DATA_DIR": "/b"}):
        environment = {"RUNNING_STACKS_DIR": folder(tmp_path), **choice}
        use_running_stack(environment)
        assert (environment["DATA_DIR"], environment["PORT"]) == ("/b", "8124")
    with pytest.raises(SeveralStacks):
        use_running_stack({"RUNNING_STACKS_DIR": folder(tmp_path)})


def test_a_stack_on_the_defaults_is_used_without_a_word(run: Run, tmp_path: Path) -> None:
    run(**DEFAULT)
    assert use_running_stack({"RUNNING_STACKS_DIR": folder(tmp_path)}) is None


def test_only_the_owner_reads_the_settings(run: Run, tmp_path: Path) -> None:
    process = run(DATA_DIR="/a", PORT="1", DATABASE_URL="postgres://u:secret@h/d", AWS_KEY="x")
    path = Path(folder(tmp_path)) / f"{process.pid}.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert "AWS_KEY" not in path.read_text()


def test_tests_neither_record_nor_use_a_stack() -> None:
    assert os.environ["RUNNING_STACKS_DIR"] == ""
    environment = {"RUNNING_STACKS_DIR": ""}
    use_running_stack(environment)
    assert environment == {"RUNNING_STACKS_DIR": ""}
