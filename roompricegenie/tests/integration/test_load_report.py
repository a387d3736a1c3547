"""The report of trigger_load_events: every file has its lines, whatever happens to another."""

import gzip
import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command

from data_provider import ledger
from data_provider.csv_loading.csv_loader import Loader, LoadResult
from data_provider.csv_loading.csv_reader import EventFile
from data_provider.event_queue.queue_sender import LoadInterrupted
from data_provider.event_queue.queue_stream import EventQueue
from data_provider.event_validation import EventRow
from roompricegenie.loading.load_report import report_lines
from roompricegenie.loading.wait_for_ledger_and_dashboard import ledger_outcome

pytestmark = pytest.mark.django_db(databases=["data_provider"], transaction=True)

HEADER = "hotel_id,status,event_timestamp,night_of_stay,room_reservation_id,id\n"
ROOT = django_settings.BASE_DIR


def content(events: int) -> str:
    return HEADER + "".join(
        f"7,1,2024-03-01 10:00:00,2024-05-01,{n:032x},{n}\n" for n in range(events)
    )


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "events.csv"
    path.write_text(content(5))
    return path


def load(*arguments: str) -> tuple[str, str, int]:
    """Run the command; return its output, its error and its exit code."""
    out = io.StringIO()
    try:
        call_command("trigger_load_events", *arguments, stdout=out, stderr=io.StringIO())
    except CommandError as error:
        return out.getvalue(), str(error), error.returncode
    return out.getvalue(), "", 0


def test_the_last_line_is_the_sum_of_the_lines(queue: EventQueue, file: Path) -> None:
    file.write_text(content(3) + "\nnonsense\n")
    output, _, code = load(str(file))
    assert output.splitlines()[-1].endswith(
        "events.csv: 6 lines: 1 header, 3 queued, 1 rejected, 1 blank"
    )
    assert code == 0


def test_each_of_three_files_is_reported_when_the_second_is_cut(
    queue: EventQueue, file: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(gzip.compress(content(40_000).encode())[:-5_000])
    output, error, code = load(str(file), str(cut), str(tmp_path / "missing.csv"), str(file))
    assert code == 1
    assert output.count("events.csv: 6 lines: 1 header, 5 queued") == 2
    assert "cut.csv.gz is damaged after line" in error
    assert "missing.csv cannot be opened" in error
    assert "missing.csv: not read" in output
    recorded = queue.status().events - 10
    assert recorded > 1_000
    assert f"cut.csv.gz: {recorded:,} events queued" in output


def test_a_file_of_which_every_row_is_rejected_fails(queue: EventQueue, file: Path) -> None:
    file.write_text(HEADER + "nonsense\n" * 3)
    _, error, code = load(str(file))
    assert (code, "every row was rejected" in error) == (1, True)


@pytest.mark.one_database
def test_rejects_that_cannot_be_written_do_not_end_a_load(
    queue: EventQueue, file: Path, tmp_path: Path
) -> None:
    (tmp_path / "rejects").write_text("a file where the folder belongs")
    file.write_text("nonsense\n".join([content(5), content(5).removeprefix(HEADER), ""]))
    output, error, code = load(str(file))
    assert (error, code) == ("", 0)
    assert "10 queued, 2 rejected" in output
    assert output.count("rejected lines cannot be written") == 1


def test_a_wrong_sum_fails_loudly(
    queue: EventQueue, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EventFile, "lines_read", property(lambda self: 7))
    _, error, code = load(str(file))
    assert code == 1
    assert "events.csv has 7 lines, but 6 were counted" in error


def run(arguments: str, valkey_socket: Path, data_dir: Path, **variables: str) -> Any:
    """Run the command in a shell as a process of its own."""
    return subprocess.run(
        arguments.replace("LOAD", f"{sys.executable} manage.py trigger_load_events"),
        shell=True, cwd=ROOT, capture_output=True, timeout=60, check=False,
        executable="/bin/bash",
        env={**os.environ, "CELERY_BROKER_URL": f"redis+socket://{valkey_socket}",
             "DATA_DIR": str(data_dir), **variables},
    )  # fmt: skip


@pytest.mark.one_database
def test_no_output_ends_a_load(queue: EventQueue, valkey_socket: Path, tmp_path: Path) -> None:
    """A closed pipe, a full disk, a name that is not UTF-8 and a terminal that is ASCII only."""
    name = os.fsencode(tmp_path / "caf") + b"\xe9\xc3\xa9[b].csv"
    Path(os.fsdecode(name)).write_text(content(5) + "nonsense\n")
    result = run(
        f"cd {ROOT}; LOAD {tmp_path}/caf* 2>&1 | head -c 0; [ ${{PIPESTATUS[0]}} = 0 ] || exit 9; "
        f"LOAD {tmp_path}/caf* >/dev/full || exit 8; LOAD {tmp_path}/caf* >&- 2>&- || exit 7; "
        f"LOAD {tmp_path}/caf*",
        valkey_socket, tmp_path, PYTHONIOENCODING="ascii",
    )  # fmt: skip
    assert result.returncode == 0, result
    assert b"7 lines: 1 header, 5 queued, 1 rejected, 0 blank" in result.stdout
    assert queue.status().events == 20


class FailingQueue(EventQueue):
    """A queue whose pushes fail with an error."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error, self.pushes = error, 0

    def length(self) -> int:
        return 0

    def push(self, *_: Any) -> bytes:
        self.pushes += 1
        raise self.error


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (redis.ConnectionError("refused"), "Redis does not answer: refused; the load ended"),
        (
            redis.exceptions.OutOfMemoryError("OOM command"),
            "Redis answers: OOM command; the load ended",
        ),
        (redis.exceptions.ReadOnlyError("READONLY"), "Redis answers: READONLY; the load ended"),
        (redis.exceptions.AuthenticationError("NOAUTH"), "Redis answers: NOAUTH; the load ended"),
        (redis.BusyLoadingError("LOADING"), "Redis answers: LOADING; the load ended"),
    ],
)
def test_an_interrupted_load_waits_once_and_says_what_redis_said(
    queue: EventQueue, file: Path, monkeypatch: pytest.MonkeyPatch,
    error: redis.RedisError, text: str,
) -> None:  # fmt: skip
    monkeypatch.setattr("data_provider.event_queue.queue_sender.RETRY_SECONDS", 0)
    failing = FailingQueue(error)
    result = LoadResult("events.csv")
    with pytest.raises(LoadInterrupted) as raised:
        Loader(failing, print, lambda *_: None).load(EventFile.open(file), result)
    assert str(raised.value).startswith(text)
    assert failing.pushes == 1
    assert (result.queued, result.unsent, result.lines) == (0, 5, 6)


def test_ctrl_c_while_the_queue_is_full_ends_at_once_with_the_report(
    queue: EventQueue, valkey_socket: Path, tmp_path: Path, file: Path
) -> None:
    for _ in range(25):
        queue.push([EventRow(7, "2024-03-01 10:00:00", "0" * 32, "2024-05-01", 1, None)])
    loader = subprocess.Popen(
        [sys.executable, "manage.py", "trigger_load_events", str(file)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "CELERY_BROKER_URL": f"redis+socket://{valkey_socket}",
             "DATA_DIR": str(tmp_path)},
    )  # fmt: skip
    try:
        assert loader.stderr
        assert b"queue is full" in loader.stderr.readline()
        time.sleep(0.5)
        loader.send_signal(signal.SIGINT)
        output, _ = loader.communicate(timeout=20)
    finally:
        loader.kill()
    assert loader.returncode == 130
    assert b"6 lines: 1 header, 0 queued, 0 rejected, 0 blank, 5 read but not queued" in output


def test_events_whose_report_redis_evicted_are_looked_up_in_the_ledger(
    queue: EventQueue, file: Path
) -> None:
    result = LoadResult(str(file), queued=5)
    rows = [row for row in EventFile.open(file).records() if isinstance(row, EventRow)]
    ledger.record(rows[:3])
    outcome = ledger_outcome(queue, result)
    assert (outcome.found, outcome.missing) == (3, 2)


def test_conflicts_are_in_the_report(queue: EventQueue, file: Path) -> None:
    result = LoadResult(str(file), queued=5)
    queue.push(
        [row for row in EventFile.open(file).records() if isinstance(row, EventRow)], result.load
    )
    [batch] = queue.take(1)
    queue.remove(batch, created=2, duplicates=3, conflicts=1)
    outcome = ledger_outcome(queue, result)
    assert (outcome.created, outcome.duplicates, outcome.conflicts) == (2, 3, 1)
    [line, *_] = report_lines([result], {result.load: outcome}, "queued")
    assert "3 known already, 1 of them in conflict with it" in line
