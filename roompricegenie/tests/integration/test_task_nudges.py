"""Nudges: at most one run of a task waits, none is lost at exit, and no caller waits for Redis.

The task has the ids of the requests that caused it, also of those whose nudge was coalesced.
"""

import base64
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

pytestmark = [pytest.mark.one_database, pytest.mark.long]

ROOT = Path(__file__).resolve().parents[3]
TASK = "dashboard_service.tasks.update_dashboard_data"
IMPORT = "from roompricegenie.task_nudges import nudge"
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
    """Run code in a process of the project."""
    return subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{code}"],
        cwd=ROOT, env=environment(broker_socket, tmp_path), capture_output=True, text=True,
        check=True, timeout=60,
    )  # fmt: skip


def nudges_of(*requests: tuple[str, ...]) -> str:
    """Return code that nudges for one after the other; all but the first find a task waiting."""
    return (
        f"from roompricegenie.monitoring import request_ids_in_logs; import time; {IMPORT}\n"
        f"for ids in {requests!r}:\n"
        f"    with request_ids_in_logs.correlated_with(ids):\n        nudge({TASK!r})\n"
        f"    time.sleep(0.2)"
    )


def test_a_process_that_ends_at_once_has_sent_its_nudge(
    broker: redis.Redis, valkey_socket: Path, tmp_path: Path
) -> None:
    python(NUDGE, valkey_socket, tmp_path)
    assert broker.llen("dashboard_queue") == 1


def test_fifty_nudges_send_one_task(
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


def test_each_share_has_one_run_of_its_own_waiting(
    broker: redis.Redis, valkey_socket: Path, tmp_path: Path
) -> None:
    nudge_all = (
        f"from roompricegenie import task_nudges, worker_signals; import time\n"
        f"for _ in range(9):\n"
        f"    for share in range(3):\n"
        f"        task_nudges.nudge_share({TASK!r}, share=share, shares=3)\n"
        f"    time.sleep(0.03)\n"
    )
    begin = (
        f"task = type('Task', (), {{'name': {TASK!r}, 'request': {{}}}})\n"
        f"worker_signals.begin_task('x', task, [1, 3])\n"
    )
    waiting = "time.sleep(0.3); print(task_nudges.redis_client.llen('dashboard_queue'))\n"
    code = f"{NUDGE}\n{nudge_all}{waiting}{begin}{nudge_all}{waiting}"
    done = python(code, valkey_socket, tmp_path)
    assert done.stdout.split() == ["4", "5"], "only the one that has started is sent again"
    body = json.loads(broker.lindex("dashboard_queue", 0) or b"")["body"]
    assert json.loads(base64.b64decode(body))[0] == [1, 3]


def test_a_forked_process_nudges_too(
    broker: redis.Redis, valkey_socket: Path, tmp_path: Path
) -> None:
    """Celery and gunicorn fork their workers, whose parent may have nudged before."""
    code = (
        f"{NUDGE}\nimport time, os; time.sleep(0.5)\n"
        f"nudge('data_provider.tasks.record_queued_events') if os.fork() == 0 else os.wait()"
    )
    python(code, valkey_socket, tmp_path)
    assert broker.llen("dashboard_queue") == 1
    assert broker.llen("celery") == 1


def test_a_caller_does_not_wait_for_a_redis_that_does_not_reply(tmp_path: Path) -> None:
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
    assert "tasks run by their schedule alone" in done.stderr


def test_a_task_gets_the_ids_of_its_requests(
    broker: redis.Redis, valkey_socket: Path, tmp_path: Path
) -> None:
    python(nudges_of(("one", "two")), valkey_socket, tmp_path)
    sent = json.loads(broker.lindex("dashboard_queue", 0) or b"")
    assert sent["headers"]["request_ids"] == ["one", "two"]


def test_a_task_gets_the_ids_of_ten_requests_at_most(
    broker: redis.Redis, valkey_socket: Path, tmp_path: Path
) -> None:
    first, second = (tuple(map(str, range(start, start + 500))) for start in (0, 500))
    python(nudges_of(first, second), valkey_socket, tmp_path)
    sent = json.loads(broker.lindex("dashboard_queue", 0) or b"")
    assert sent["headers"]["request_ids"] == [str(number) for number in range(10)]
    assert broker.llen(f"nudge:{TASK}:request_ids") == 10
    assert 0 < broker.ttl(f"nudge:{TASK}:request_ids") <= 60


def test_a_run_s_log_lines_have_its_request_ids_and_the_next_run_s_none(
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
            runs: list[dict[str, str]] = []
            give_up = time.monotonic() + 60
            while len(runs) < 2 and time.monotonic() < give_up:
                time.sleep(0.1)
                whole, _, _ = (tmp_path / "log").read_text().rpartition("\n")
                lines = [json.loads(line) for line in whole.splitlines()]
                runs = [line for line in lines if "succeeded" in line["message"]]
                if len(runs) == 1:
                    python(NUDGE, valkey_socket, tmp_path)
        finally:
            worker.kill()
            worker.wait()
    assert runs[0]["request_id"] == "one,two"
    assert runs[0]["task_id"] in runs[0]["message"]
    assert "request_id" not in runs[1]
    assert broker.hget("rpg:tasks", "update_dashboard_data runs success") is not None
