"""`make run` ends whole, at whatever moment and by whatever means it is ended.

The supervisor's own promises (restarts, order, crash loops, signals at every moment) are tested
with small processes in roompricegenie/tests/integration/test_supervisor.py.
"""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from roompricegenie.file_lock import SERVICES_LOCK
from roompricegenie.local_stack.leftover_services import lock_holders
from tests.acceptance.conftest import ROOT, free_port
from tests.soak.services import processes_of

pytestmark = pytest.mark.long


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="rpg-stop-") as folder:
        yield Path(folder)
        for process in processes_of(Path(folder)):
            with suppress(psutil.NoSuchProcess):
                process.kill()


def test_a_closed_terminal_ends_everything(data_dir: Path) -> None:
    running = run_until("worker started (pid=", data_dir, free_port())
    os.killpg(running.pid, signal.SIGHUP)
    assert running.stdout
    running.stdout.close()
    running.wait(30)
    wait_for_the_end(data_dir)


def test_impatience_before_anything_is_started_ends_everything(data_dir: Path) -> None:
    """Ctrl-C again and again, each perhaps in the middle of what the one before began."""
    running = run_until("The admin's first user", data_dir, free_port())
    for _ in range(20_000):
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGINT)
    running.communicate(timeout=30)
    wait_for_the_end(data_dir)


@pytest.mark.thorough
def test_after_each_of_four_kills_the_next_run_has_its_folder_alone(data_dir: Path) -> None:
    port = free_port()
    earlier: list[psutil.Process] = []
    for number in range(4):
        running = run_until("is ready", data_dir, port)
        own = psutil.Process(running.pid).children(recursive=True)
        assert [each for each in earlier if each.is_running()] == []
        servers = [each for each in processes_of(data_dir) if "valkey" in each.name()]
        assert len(servers) == 1 and servers[0].ppid() == manager_of(running).pid
        earlier += own
        sharing = {each.pid for each in lock_holders(data_dir / SERVICES_LOCK)}
        assert {each.pid for each in own} <= sharing, "every process of the run, its pools too"
        if number == 3:  # what hangs does not end by the kernel's signal
            worker = next(each for each in own if "events@" in " ".join(each.cmdline()))
            worker.suspend()
        manager_of(running).kill()  # and at once the next, while what this one started is ending
        running.communicate(timeout=30)
    running = run_until("is ready", data_dir, port)
    running.kill()  # `make` itself
    wait_for_the_end(data_dir)
    running.communicate(timeout=30)


def run_until(moment: str, data_dir: Path, port: int) -> "subprocess.Popen[str]":
    """`make run`, and return when it prints a line that contains `moment`."""
    running = subprocess.Popen(
        ["make", "run"], cwd=ROOT, text=True, start_new_session=True,
        env={**os.environ, "PORT": str(port), "DATA_DIR": str(data_dir)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert running.stdout
    lines = []
    for line in running.stdout:
        lines.append(line)
        if moment in line:
            return running
    pytest.fail("".join(lines))


def manager_of(running: "subprocess.Popen[str]") -> psutil.Process:
    """Return the process that `make` has started."""
    [manager] = psutil.Process(running.pid).children()
    return manager


def wait_for_the_end(data_dir: Path) -> None:
    give_up = time.monotonic() + 20
    while left := processes_of(data_dir):
        assert time.monotonic() < give_up, [process.cmdline() for process in left]
        time.sleep(0.1)
