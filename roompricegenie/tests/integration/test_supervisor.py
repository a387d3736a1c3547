"""The supervisor of `make run`, with small processes in place of the real services."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.soak.services import processes_of

pytestmark = pytest.mark.one_database

ROOT = Path(__file__).resolve().parents[3]
SUPERVISE = """
import asyncio, json, os, sys
from pathlib import Path
from roompricegenie.local_stack.prefixed_output import PrefixedOutput
from roompricegenie.local_stack.supervisor import Service, ServiceNotReady, Supervisor, Timing
services = [
    Service(name, ["sh", "-c", script], is_ready=Path(ready).exists if ready else None)
    for name, script, ready in json.loads(sys.argv[1])
]
output = PrefixedOutput(service.name for service in services)
async def main():
    supervisor = Supervisor(services, output, Timing(**json.loads(sys.argv[2])))
    with supervisor.stopped_by_signals():
        await supervisor.run()
try:
    asyncio.run(main())
except ServiceNotReady as error:
    sys.exit(f"not ready: {error}")
finally:
    output.flush(0.5)
"""
RUNS = "echo $$ >> {name}.pids; sleep 100"
FAST = {"stop_seconds": 1, "ready_seconds": 5, "first_pause_seconds": 0.05}
Supervise = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Supervise]:
    """Start a supervisor in tmp_path; services are (name, shell script, file that says ready)."""
    started: list[subprocess.Popen[str]] = []

    def supervise(*services: tuple[str, str, str], **timing: float) -> "subprocess.Popen[str]":
        running = subprocess.Popen(
            [sys.executable, "-c", SUPERVISE, json.dumps(services), json.dumps({**FAST, **timing})],
            cwd=tmp_path, text=True, start_new_session=True,
            env={**os.environ, "DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        started.append(running)
        return running

    yield supervise
    for process in processes_of(tmp_path):
        process.kill()
    for running in started:
        running.wait()
        if running.stdout:
            running.stdout.close()


def until(is_so: Callable[[], object], seconds: float = 10) -> None:
    give_up = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def pids(folder: Path, name: str) -> list[int]:
    path = folder / f"{name}.pids"
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def stop(running: "subprocess.Popen[str]", number: signal.Signals = signal.SIGTERM) -> str:
    running.send_signal(number)
    output, _ = running.communicate(timeout=10)
    assert running.returncode == 0, output
    return output


def test_a_service_that_dies_is_started_again(supervise: Supervise, tmp_path: Path) -> None:
    running = supervise(("web", RUNS.format(name="web"), ""))
    until(lambda: len(pids(tmp_path, "web")) == 1)
    os.kill(pids(tmp_path, "web")[0], signal.SIGKILL)
    until(lambda: len(pids(tmp_path, "web")) == 2)
    assert "web ended (SIGKILL), it starts again" in stop(running)
    assert processes_of(tmp_path) == []


def test_a_crash_loop_is_reported_and_disturbs_no_other(
    supervise: Supervise, tmp_path: Path
) -> None:
    running = supervise(
        ("web", RUNS.format(name="web"), ""),
        ("worker", "echo $$ >> worker.pids; echo no such module; exit 3", ""),
        longest_pause_seconds=0.4,
    )
    until(lambda: len(pids(tmp_path, "worker")) >= 7)
    output = stop(running)
    loops = [line.partition("| ")[2] for line in output.splitlines() if "crash loop" in line]
    assert loops[0] == (
        "crash loop: worker ended 3 times soon after its start, last with exit code 3; its lines "
        "above should say why; next try in 0.2 s, everything else keeps running"
    )
    assert [loop.split("next try in ")[1][:3] for loop in loops[:3]] == ["0.2", "0.4", "0.4"]
    assert "worker | no such module" in output
    assert len(pids(tmp_path, "web")) == 1


def test_a_command_that_does_not_exist_is_a_crash_loop_too(
    supervise: Supervise, tmp_path: Path
) -> None:
    running = supervise(("web", "exec /no/such/program", ""), longest_pause_seconds=0.1)
    assert running.stdout
    line = next(line for line in running.stdout if "crash loop" in line)
    assert "exit code 127" in line
    stop(running)


def test_workers_finish_first_and_what_they_need_stops_last(
    supervise: Supervise, tmp_path: Path
) -> None:
    """A worker's own children are not told to end, as Celery's pool processes must not be."""
    pool = "trap 'echo pool was told >> order' TERM; echo > pool.runs; while :; do sleep 0.05; done"
    worker = (
        f"({pool}) & trap 'sleep 0.4; echo worker >> order; exit 0' TERM; "
        "echo > worker.runs; while :; do sleep 0.05; done"
    )
    server = "trap 'echo server >> order; exit 0' TERM; echo > up; while :; do sleep 0.05; done"
    running = supervise(
        ("server", server, "up"), ("worker", worker, ""), ("web", RUNS.format(name="web"), "")
    )
    until(lambda: (tmp_path / "pool.runs").exists() and (tmp_path / "worker.runs").exists())
    until(lambda: pids(tmp_path, "web"))
    stop(running)
    assert (tmp_path / "order").read_text().split("\n") == ["worker", "server", ""]
    assert processes_of(tmp_path) == []


def test_what_does_not_stop_is_killed_with_its_children(
    supervise: Supervise, tmp_path: Path
) -> None:
    stubborn = "trap '' TERM; (sleep 100) & echo $$ >> web.pids; while :; do sleep 0.05; done"
    running = supervise(("web", stubborn, ""), stop_seconds=0.3)
    until(lambda: pids(tmp_path, "web"))
    assert "web stopped (SIGKILL)" in stop(running)
    assert processes_of(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_in_the_middle_of_the_first_change_nothing(
    supervise: Supervise, tmp_path: Path, number: signal.Signals
) -> None:
    slow = "trap 'sleep 0.3; exit 0' TERM; echo $$ >> {}.pids; while :; do sleep 0.05; done"
    running = supervise(*((name, slow.format(name), "") for name in ("web", "worker")))
    until(lambda: pids(tmp_path, "web"))  # the other may be in the middle of its start
    for _ in range(20_000):
        with suppress(ProcessLookupError):
            os.killpg(running.pid, number)
    output, _ = running.communicate(timeout=10)
    assert running.returncode in (0, -number), output  # killed after all had ended
    assert processes_of(tmp_path) == []
    assert "Traceback" not in output


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's signal is Linux' own")
def test_a_killed_supervisor_s_services_end(supervise: Supervise, tmp_path: Path) -> None:
    """Gently: each main process gets SIGTERM, and ends its own children."""
    script = (
        "sleep 100 & trap 'kill $!; echo gently >> ends; exit 0' TERM; echo $$ >> {}.pids; "
        "while :; do sleep 0.05; done"
    )
    running = supervise(*((name, script.format(name), "") for name in ("web", "worker")))
    until(lambda: pids(tmp_path, "web") and pids(tmp_path, "worker"))
    running.kill()
    until(lambda: processes_of(tmp_path) == [])
    assert (tmp_path / "ends").read_text() == "gently\n" * 2


@pytest.mark.parametrize("is_closed", [True, False], ids=["closed", "blocked"])
def test_an_output_that_nobody_reads_loses_lines_and_nothing_else(
    supervise: Supervise, tmp_path: Path, is_closed: bool
) -> None:
    talks = "while :; do yes many lines | head -n 1000; echo >> thousands; done"
    running = supervise(("web", talks, ""))
    assert running.stdout
    running.stdout.readline()
    if is_closed:
        running.stdout.close()
    # More than a pipe and the supervisor hold.
    until(lambda: (tmp_path / "thousands").exists())
    until(lambda: (tmp_path / "thousands").stat().st_size > 20, 60)
    running.terminate()
    assert running.wait(10) == 0
    assert processes_of(tmp_path) == []


@pytest.mark.parametrize(("script", "waits"), [("exit 1", 0), ("sleep 100", 0.5)])
def test_what_the_others_need_must_become_ready(
    supervise: Supervise, tmp_path: Path, script: str, waits: float
) -> None:
    running = supervise(
        ("server", script, "never"), ("web", RUNS.format(name="web"), ""), ready_seconds=0.5
    )
    began = time.monotonic()
    output, _ = running.communicate(timeout=10)
    assert time.monotonic() - began >= waits
    assert running.returncode == 1 and "not ready: server" in output
    assert pids(tmp_path, "web") == []
    assert processes_of(tmp_path) == []


def test_an_endless_line_is_left_out(supervise: Supervise) -> None:
    running = supervise(
        ("web", "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo next; sleep 100", "")
    )
    assert running.stdout
    lines = []
    for line in running.stdout:
        lines.append(line)
        if "| next" in line:
            break
    assert any("is left out" in line for line in lines)
    assert max(map(len, lines)) < 2_000_000
    stop(running)


def test_services_are_in_groups_of_their_own(supervise: Supervise, tmp_path: Path) -> None:
    """So that the terminal's Ctrl-C reaches the supervisor only, which stops all in order."""
    running = supervise(("web", RUNS.format(name="web"), ""))
    until(lambda: pids(tmp_path, "web"))
    [pid] = pids(tmp_path, "web")
    assert os.getpgid(pid) == pid != os.getpgid(running.pid)
    assert psutil.Process(pid).ppid() == running.pid
    stop(running)
