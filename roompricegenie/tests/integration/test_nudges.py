"""Nudges: at most one of a task waits, none is lost at an end, and nobody waits for Redis."""

import os
import socket
import subprocess
import sys
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


def python(code: str, broker_socket: Path, tmp_path: Path) -> "subprocess.CompletedProcess[str]":
    """A process of the project that runs code and ends."""
    environment = {
        **os.environ,
        "CELERY_BROKER_URL": f"redis+socket://{broker_socket}",
        "DATA_DIR": str(tmp_path),
        "DJANGO_DEBUG": "true",
        "DJANGO_SETTINGS_MODULE": "roompricegenie.settings",
    }
    return subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{code}"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip


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
