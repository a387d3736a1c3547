"""A file on the host is loaded in a container through standard input, as docs/operating.md says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.one_database

ROOT = Path(__file__).resolve().parents[3]
FILE = """hotel_id,status,event_timestamp,night_of_stay,room_reservation_id
1,1,2024-03-01 10:00:00,2024-05-01,3f2b8c1e-0d4a-4b6e-9a51-0123456789ab
"""


def test_the_documented_command_reads_standard_input() -> None:
    text = (ROOT / "docs/operating.md").read_text()
    documented = re.search(
        r"docker-compose exec -T web python (manage.py trigger_load_events - .*) < FILE", text
    )
    assert documented
    done = subprocess.run(
        [sys.executable, *documented[1].split(), "--dry-run"],
        input=FILE, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "standard input: 1 events valid" in done.stdout
