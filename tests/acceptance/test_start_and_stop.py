"""`make run` ends all its processes, however early and however often it is signalled."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.acceptance.conftest import ROOT, free_port
from tests.soak.services import processes_of


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="rpg-stop-") as folder:
        yield Path(folder)
        for process in processes_of(Path(folder)):
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("moment", ["started (pid=", "is ready"])
def test_a_signal_ends_everything(data_dir: Path, moment: str, number: signal.Signals) -> None:
    running = _run_until(moment, data_dir)
    os.killpg(running.pid, number)
    if number is signal.SIGHUP:
        assert running.stdout
        running.stdout.close()  # the terminal was closed
        running.wait(30)
    else:
        running.communicate(timeout=30)
    _wait_for_the_end(data_dir)


@pytest.mark.parametrize("moment", ["The admin's first user", "started (pid="])
def test_impatience_ends_everything_too(data_dir: Path, moment: str) -> None:
    """Repeated Ctrl-C, each possibly while the previous one is being handled."""
    running = _run_until(moment, data_dir)
    for _ in range(20_000):
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGINT)
    running.communicate(timeout=30)
    _wait_for_the_end(data_dir)


def _run_until(moment: str, data_dir: Path) -> "subprocess.Popen[str]":
    """Start `make run`; return when it prints a line that contains `moment`."""
    running = subprocess.Popen(
        ["make", "run"], cwd=ROOT, text=True, start_new_session=True,
        env={**os.environ, "PORT": str(free_port()), "DATA_DIR": str(data_dir)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert running.stdout
    for line in running.stdout:
        if moment in line:
            break
    return running


def _wait_for_the_end(data_dir: Path) -> None:
    give_up = time.monotonic() + 15  # make itself does not wait for its child after a SIGHUP
    while left := processes_of(data_dir):
        assert time.monotonic() < give_up, [process.cmdline() for process in left]
        time.sleep(0.1)
