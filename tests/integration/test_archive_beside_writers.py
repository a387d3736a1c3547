"""`archive_events`, killed again and again, while others record and read what it moves."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from tests.postgres import postgres_server

ROOT = Path(__file__).resolve().parents[2]
EVENTS = 900
START = (
    f"EVENTS = {EVENTS}"
    + """
import os, random, signal, sys, time
from datetime import date
from pathlib import Path
import django
django.setup()
from data_provider import archive, archiving, ledger
from data_provider.conditions import Condition
from data_provider.event_validation import EventRow
archive.SEGMENT_EVENTS = 40
folder = Path(sys.argv[1])
events = [
    EventRow(n % 3 + 1, f"2015-{n % 4 + 5:02}-{n % 28 + 1:02} 10:00:00", f"{n:032x}",
             "2016-01-01", n % 2 + 1, n)
    for n in range(EVENTS)
]
"""
)
# Records what may be archived already, and sees each event once, then and later.
WRITER = """
random.seed(sys.argv[2])
created, position, seen = 0, 0, set()
while not (folder / "stop").exists():
    created += ledger.record(random.sample(events, 25)).created
    row = random.choice(events)
    created += ledger.record_one(row)[1]
    reservation = Condition("room_reservation_id", "=", row.room_reservation_id)
    found = ledger.read([reservation], 9)
    assert len(found) == 1, (row, found)
    page = ledger.read_feed(position, 300)
    ids = {event["id"] for event in page.events}
    assert len(ids) == len(page.events)
    assert ids >= {known for known in seen if position < known <= page.position}
    seen |= ids
    position = page.position if page.has_more else 0
print(created)
"""
ARCHIVER = """
moved, limit = 0, int(sys.argv[2])

def killed_after(count):
    global moved
    moved += count
    if 0 < limit <= moved:
        os.kill(os.getpid(), signal.SIGKILL)

archiving.run(date(2016, 1, 1), folder / "archive", killed_after)
"""
VERDICT = """
import json
again = ledger.record(events)
found = ledger.read([], 10 * len(events))
left = ledger.Event.objects.count()
print(json.dumps([again.created, ledger.size(), left, len(found),
                  len({event["room_reservation_id"] for event in found})]))
"""


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Of a new database, of the kind that the run is on."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE", "CELERY"))}
    with ExitStack() as stack:
        kept |= {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "roompricegenie.settings"}
        # No Redis: a nudge is a courtesy, and none is to hear it.
        kept["CELERY_BROKER_URL"] = f"redis+socket://{tmp_path / 'none.sock'}"
        if connections["data_provider"].vendor == "postgresql":
            kept |= stack.enter_context(postgres_server()).environment
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v0", "--database=data_provider"],
            cwd=ROOT, env=kept, check=True,
        )  # fmt: skip
        yield kept


def test_every_event_is_recorded_once_and_never_missed(
    environment: dict[str, str], tmp_path: Path
) -> None:
    def program(text: str, *arguments: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", START + text, str(tmp_path), *map(str, arguments)],
            cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    with ExitStack() as stack:
        writers = [stack.enter_context(program(WRITER, seed)) for seed in (1, 2)]
        stack.callback((tmp_path / "stop").touch)
        killed = 0
        for limit in (30, 60, 150, 290, 510, 0):  # events written to a file, then those moved too
            run = stack.enter_context(program(ARCHIVER, limit))
            _, said = run.communicate(timeout=120)
            assert run.returncode in (0, -9) or "another archive_events" in said, said
            killed += run.returncode == -9
        assert killed >= 2
        (tmp_path / "stop").touch()
        created = []
        for writer in writers:
            out, said = writer.communicate(timeout=60)
            assert writer.returncode == 0, said
            created.append(int(out))
    rest = json.loads(program(VERDICT).communicate(timeout=60)[0])
    recorded_now, size, _, *found = rest
    assert [size, *found] == [EVENTS] * 3
    assert sum(created) + recorded_now == EVENTS
    program(ARCHIVER, 0).communicate(timeout=60)
    assert json.loads(program(VERDICT).communicate(timeout=60)[0]) == [0, EVENTS, 0, EVENTS, EVENTS]
