"""However early or unkindly `make run` is told to end, it ends whole."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
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
    running = subprocess.Popen(
        ["make", "run"], cwd=ROOT, text=True, start_new_session=True,
        env={**os.environ, "PORT": str(free_port()), "DATA_DIR": str(data_dir)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert running.stdout
    for line in running.stdout:
        if moment in line:
            break
    os.killpg(running.pid, number)
    if number is signal.SIGHUP:
        running.stdout.close()  # the terminal is gone
        running.wait(30)
    else:
        running.communicate(timeout=30)
    give_up = time.monotonic() + 15  # make itself does not wait for its child after a SIGHUP
    while left := processes_of(data_dir):
        assert time.monotonic() < give_up, [process.cmdline() for process in left]
        time.sleep(0.1)
