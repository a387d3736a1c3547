"""The folder of gunicorn's workers: fresh at each start, and nobody else's is taken away."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
START = (
    "import sys; from pathlib import Path; from roompricegenie.monitoring.gunicorn_metrics_folder import fresh\n"
    "folder = fresh(Path(sys.argv[1])); (folder / 'counter_1.db').touch()\n"
    "assert fresh(Path(sys.argv[1])) == folder, 'a reload goes on'\n"
    "print(folder, flush=True); sys.stdin.read()"
)
Start = Callable[[], "tuple[subprocess.Popen[str], Path]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    running: list[subprocess.Popen[str]] = []

    def start() -> "tuple[subprocess.Popen[str], Path]":
        process = subprocess.Popen(
            [sys.executable, "-c", START, str(tmp_path)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        running.append(process)
        assert process.stdout
        return process, Path(process.stdout.readline().strip())

    yield start
    for process in running:
        process.kill()
        process.communicate()


def test_what_a_killed_one_left_is_swept_away(start: Start) -> None:
    killed, left = start()
    killed.kill()
    killed.wait()
    _, fresh = start()
    assert fresh != left
    assert not left.exists()


def test_two_at_once_leave_each_other_alone(start: Start) -> None:
    _, first = start()
    _, second = start()
    assert first != second
    assert (first / "counter_1.db").exists()
