"""Nudges: at most one of a task waits, none is lost at an end, and nobody waits for Redis.

The task knows which requests it goes back to, also those whose nudge found it waiting.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

ROOT = Path(__file__).resolve().parents[3]
TASK = "dashboard_service.tasks.update_dashboard_data"
IMPORT = "from roompricegenie.celery import nudge"
NUDGE = f"{IMPORT}; nudge({TASK!r})"


@pytest.fixture
def broker(valkey_socket: Path) -> Iterator[redis.Redis]:
    client = redis.Redis(unix_socket_path=str(valkey_socket))
    client.flushall()
    yield client
    client.close()


def environment(broker_socket: Path, tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "CELERY_BROKER_URL": f"redis+socket://{broker_socket}",
        "DATA_DIR": str(tmp_path),
        "DJANGO_DEBUG": "true",
        "DJANGO_SETTINGS_MODULE": "roompricegenie.settings",
    }


def python(code: str, broker_socket: Path, tmp_path: Path) -> "subprocess.CompletedProcess[str]":
    """A process of the project that runs code and ends."""
    return subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{code}"],
        cwd=ROOT, env=environment(broker_socket, tmp_path), capture_output=True, text=True,
        check=True, timeout=60,
    )  # fmt: skip


def nudges_of(*requests: tuple[str, ...]) -> str:
    """Code that nudges for one after the other; all but the first find a task waiting."""
    return (
        f"from roompricegenie.monitoring import log_correlation; import time; {IMPORT}\n"
        f"for ids in {requests!r}:\n"
        f"    with log_correlation.going_back_to(ids):\n        nudge({TASK!r})\n"
        f"    time.sleep(0.2)"
    )


def test_a_process_that_ends_at_once_has_sent_its_nudge(
    broker: redis.Redis, valkey_socket: Path, tmp_path: Path
) -> None:
    python(NUDGE, valkey_socket, tmp_path)
    assert broker.llen("dashboard_queue") == 1


def test_one_waits_however_many_were_asked_for(
    broker: redis.Redis, valkey_socket: Path, tmp_path: Path
) -> None:
    code = f"{NUDGE}\nimport time\nfor _ in range(50):\n    nudge({TASK!r}); time.sleep(0.005)"
    python(code, valkey_socket, tmp_path)
    assert broker.llen("dashboard_queue") == 1


def test_when_the_task_has_started_the_next_event_nudges_again(
    broker: redis.Redis, valkey_socket: Path, tmp_path: Path
) -> None:
    python(NUDGE, valkey_socket, tmp_path)
    broker.delete(f"nudge:{TASK}")  # as the worker does before it runs the task
    python(NUDGE, valkey_socket, tmp_path)
    assert broker.llen("dashboard_queue") == 2


def test_a_forked_process_nudges_too(
    broker: redis.Redis, valkey_socket: Path, tmp_path: Path
) -> None:
    """As Celery's and gunicorn's workers are, whatever their parent did before."""
    code = (
        f"{NUDGE}\nimport time, os; time.sleep(0.5)\n"
        f"nudge('data_provider.tasks.record_queued_events') if os.fork() == 0 else os.wait()"
    )
    python(code, valkey_socket, tmp_path)
    assert broker.llen("dashboard_queue") == 1
    assert broker.llen("celery") == 1


def test_who_asks_does_not_wait_for_a_redis_that_is_silent(tmp_path: Path) -> None:
    silent = socket.socket(socket.AF_UNIX)
    silent.bind(str(tmp_path / "silent"))
    silent.listen()
    code = (
        f"import time; {IMPORT}; began = time.monotonic(); nudge({TASK!r}); "
        f"print(time.monotonic() - began)"
    )
    done = python(code, tmp_path / "silent", tmp_path)
    silent.close()
    assert float(done.stdout) < 0.5, "Redis is given a second"
    assert "its schedule will do" in done.stderr


def test_a_task_is_told_the_requests_that_it_goes_back_to(
    broker: redis.Redis, valkey_socket: Path, tmp_path: Path
) -> None:
    python(nudges_of(("one", "two")), valkey_socket, tmp_path)
    sent = json.loads(broker.lindex("dashboard_queue", 0) or b"")
    assert sent["headers"]["request_ids"] == ["one", "two"]


def test_of_many_requests_some_are_told(
    broker: redis.Redis, valkey_socket: Path, tmp_path: Path
) -> None:
    first, second = (tuple(map(str, range(start, start + 500))) for start in (0, 500))
    python(nudges_of(first, second), valkey_socket, tmp_path)
    sent = json.loads(broker.lindex("dashboard_queue", 0) or b"")
    assert sent["headers"]["request_ids"] == [str(number) for number in range(10)]
    assert broker.llen(f"nudge:{TASK}:request_ids") == 10
    assert 0 < broker.ttl(f"nudge:{TASK}:request_ids") <= 60


def test_a_worker_s_lines_name_them_all_and_the_next_run_s_none(
    broker: redis.Redis, valkey_socket: Path, tmp_path: Path
) -> None:
    python(nudges_of(("one",), ("two",)), valkey_socket, tmp_path)
    own = environment(valkey_socket, tmp_path)
    with (tmp_path / "log").open("w") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "roompricegenie", "worker", "-l", "info",
             "-P", "solo", "-Q", "dashboard_queue", "--without-gossip", "--without-mingle"],
            cwd=ROOT, env={**own, "LOG_FORMAT": "json", "PYTHONWARNINGS": "ignore"},
            stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            found: list[dict[str, str]] = []
            give_up = time.monotonic() + 60
            while len(found) < 2 and time.monotonic() < give_up:
                time.sleep(0.1)
                whole, _, _ = (tmp_path / "log").read_text().rpartition("\n")
                lines = [json.loads(line) for line in whole.splitlines()]
                found = [line for line in lines if "succeeded" in line["message"]]
                if len(found) == 1:
                    python(NUDGE, valkey_socket, tmp_path)
        finally:
            worker.kill()
            worker.wait()
    assert found[0]["request_id"] == "one,two"
    assert found[0]["task_id"] in found[0]["message"]
    assert "request_id" not in found[1]
    assert broker.hget("rpg:tasks", "update_dashboard_data runs success") is not None
