"""Beat starts whatever its data folder holds."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis

pytestmark = pytest.mark.one_database

ROOT = Path(__file__).resolve().parents[3]


def test_a_damaged_schedule_file_of_an_earlier_version_does_not_matter(
    valkey_socket: Path, tmp_path: Path
) -> None:
    for name in ("celerybeat-schedule", "celerybeat-schedule.db", "beat-alive"):
        (tmp_path / name).write_bytes(bytes(16_384))
    client = redis.Redis(unix_socket_path=str(valkey_socket))
    client.flushall()
    beat = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "roompricegenie", "beat", "-l", "info"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={
            **os.environ, "CELERY_BROKER_URL": f"redis+socket://{valkey_socket}",
            "DATA_DIR": str(tmp_path), "DJANGO_DEBUG": "true",
        },
    )  # fmt: skip
    give_up = time.monotonic() + 60
    while not (client.llen("celery") and client.llen("dashboard_queue")):
        assert beat.poll() is None and time.monotonic() < give_up
        time.sleep(0.05)
    began = time.time()
    beat.terminate()
    output, _ = beat.communicate(timeout=20)
    assert beat.returncode == 0, output
    assert "Traceback" not in output
    assert (tmp_path / "beat-alive").stat().st_mtime >= began - 0.1, "it was alive at its end"
    client.close()
