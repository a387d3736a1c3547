"""Services of a killed `make run` that do not end by themselves: the next start ends them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from roompricegenie.local_stack import leftover_services
from roompricegenie.local_stack.leftover_services import (
    LeftoverServices,
    lock_holders,
    services_lock,
)
from tests.soak.services import processes_of
from tests.waiting import until

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux' own"),
]

ROOT = Path(__file__).resolve().parents[3]
# A worker and its pool process; neither ends by SIGTERM.
HANGS = """
import os, signal, time
from pathlib import Path
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
Path(os.environ["DATA_DIR"], f"hangs-{os.getpid()}").touch()
time.sleep(60)
"""
RUN = f"""
import asyncio, os, sys
from pathlib import Path
from roompricegenie.local_stack.leftover_services import services_lock
from roompricegenie.local_stack.prefixed_output import PrefixedOutput
from roompricegenie.local_stack.supervisor import Service, Supervisor
async def main(lock):
    services = [Service("hanging", [sys.executable, "-c", {HANGS!r}])]
    await Supervisor(services, PrefixedOutput(["hanging"]), inherited=[lock]).run()
with services_lock(Path(os.environ["DATA_DIR"]), print) as lock:
    asyncio.run(main(lock))
"""
Kill = Callable[[], set[int]]


@pytest.fixture
def killed_run(tmp_path: Path) -> Iterator[Kill]:
    """Start a run in tmp_path, kill it, and return the ids of the processes that hang."""

    def start_and_kill() -> set[int]:
        running = subprocess.Popen(
            [sys.executable, "-c", RUN], stdout=subprocess.DEVNULL,
            env={**os.environ, "DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        until(lambda: len(list(tmp_path.glob("hangs-*"))) == 2, "both hang", pause=0.02)
        running.kill()
        running.wait()
        return {int(file.name.removeprefix("hangs-")) for file in tmp_path.glob("hangs-*")}

    yield start_and_kill
    for process in processes_of(tmp_path):
        with suppress(psutil.NoSuchProcess):
            process.kill()


def test_the_next_start_ends_what_hangs_and_says_so(killed_run: Kill, tmp_path: Path) -> None:
    hanging = killed_run()
    said: list[str] = []
    with services_lock(tmp_path, said.append, patience_seconds=0.3):
        assert not any(map(is_running, hanging))
    [line] = said
    assert line.startswith("Ended what hung of a run that was killed: python")
    assert all(f"(pid {pid})" in line for pid in hanging)


def test_one_that_ends_in_time_is_waited_for(killed_run: Kill, tmp_path: Path) -> None:
    hanging = killed_run()
    ending = subprocess.Popen(["sh", "-c", f"sleep 0.5; kill -9 {' '.join(map(str, hanging))}"])
    said: list[str] = []
    with services_lock(tmp_path, said.append, patience_seconds=20):
        assert not any(map(is_running, hanging))
    assert said == []
    ending.wait()


def test_who_reads_the_file_or_holds_another_is_left_alone(
    killed_run: Kill, tmp_path: Path
) -> None:
    killed_run()
    lock, other = tmp_path / "services.lock", tmp_path / "other.lock"
    with subprocess.Popen(["tail", "-f", str(lock)]) as reader, \
            subprocess.Popen(["flock", str(other), "sleep", "60"]) as locker:  # fmt: skip
        until(lambda: has_open(reader, lock) and has_open(locker, other), "opened", pause=0.02)
        with services_lock(tmp_path, lambda _: None, patience_seconds=0.1):
            assert reader.poll() is None
            assert locker.poll() is None
        reader.kill()
        for process in psutil.Process(locker.pid).children():
            process.kill()


def test_nothing_is_waited_for_or_said_after_an_orderly_end(tmp_path: Path) -> None:
    said: list[str] = []
    began = time.monotonic()
    for _ in range(2):
        with services_lock(tmp_path, said.append) as descriptor:
            assert lock_holders(tmp_path / "services.lock") == [], "this process is not named"
            assert os.fstat(descriptor).st_ino == (tmp_path / "services.lock").stat().st_ino
    assert said == []
    assert time.monotonic() - began < 5


def test_without_proc_a_line_says_how_to_find_them(
    killed_run: Kill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = killed_run()
    monkeypatch.setattr(leftover_services, "PROCESSES", tmp_path / "no-proc")
    with (
        pytest.raises(LeftoverServices, match=f"`lsof {tmp_path}/services.lock` shows"),
        services_lock(tmp_path, lambda _: None, patience_seconds=0.1),
    ):
        pass
    assert all(map(is_running, hanging))


def test_processes_that_cannot_be_found_stop_the_start(
    killed_run: Kill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_run()
    (tmp_path / "of-another-user").mkdir()
    monkeypatch.setattr(leftover_services, "PROCESSES", tmp_path / "of-another-user")
    monkeypatch.setattr(leftover_services, "KILLED_SECONDS", 0.3)
    with (
        pytest.raises(LeftoverServices, match="cannot be ended: of another user; end them"),
        services_lock(tmp_path, lambda _: None, patience_seconds=0.1),
    ):
        pass


def is_running(pid: int) -> bool:
    """Return False for a process that nobody has reaped yet, too."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def has_open(process: "subprocess.Popen[bytes]", path: Path) -> bool:
    return str(path) in {file.path for file in psutil.Process(process.pid).open_files()}
