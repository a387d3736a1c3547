"""The metrics folder of gunicorn's workers: new at each start, without touching another gunicorn's."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.one_database

ROOT = Path(__file__).resolve().parents[3]
START = (
    "import sys; from pathlib import Path\n"
    "from roompricegenie.gunicorn.metrics_folder import create_metrics_folder as create\n"
    "folder = create(Path(sys.argv[1])); (folder / 'counter_1.db').touch()\n"
    "assert create(Path(sys.argv[1])) == folder, 'a reload keeps the folder'\n"
    "print(folder, flush=True); sys.stdin.read()"
)
Start = Callable[[], "tuple[subprocess.Popen[str], Path]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """A function that starts a process; returns it and the folder that it created."""
    processes: list[subprocess.Popen[str]] = []

    def start() -> "tuple[subprocess.Popen[str], Path]":
        process = subprocess.Popen(
            [sys.executable, "-c", START, str(tmp_path)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        processes.append(process)
        assert process.stdout
        return process, Path(process.stdout.readline().strip())

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_the_folder_of_a_killed_process_is_removed(start: Start) -> None:
    killed, old_folder = start()
    killed.kill()
    killed.wait()
    _, new_folder = start()
    assert new_folder != old_folder
    assert not old_folder.exists()


def test_the_folder_of_a_running_process_is_kept(start: Start) -> None:
    _, first = start()
    _, second = start()
    assert first != second
    assert (first / "counter_1.db").exists()
