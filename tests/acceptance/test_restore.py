"""Restore after losing each database, or Redis, in a system of real processes.

After each loss the figures must equal a recount of the ledger that these tests make themselves.
"""

import json
import random
import shutil
import subprocess
import tempfile
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import requests

from tests.soak.services import BIN, ROOT, Services
from tests.waiting import until

pytestmark = pytest.mark.long

HOTEL = 7
RECOUNT = "dashboard_service.tasks.recount_what_changed"


class System:
    """One process of each kind, with backups."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.base = services.base
        self.day = 0
        del services.all["events2"], services.all["dashboard2"]

    def stop(self) -> None:
        assert self.services.stop() == []

    def start(self) -> None:
        for service in self.services.all.values():
            service.start()
        self.services.wait_until_ready()

    def manage(self, *arguments: Any) -> str:
        done = self.services.manage(*map(str, arguments))
        assert done.returncode == 0, done
        return done.stdout

    def backup(self) -> Path:
        return Path(self.manage("backup").splitlines()[-1])

    def restore(self, *arguments: Any) -> None:
        """Stop the services, restore, start the services."""
        self.stop()
        self.manage("restore", *arguments, "--yes")
        for kept in self.services.data_dir.glob("*.before-restore"):
            kept.unlink()
        self.start()

    def recount_now(self) -> None:
        """Start the recount that the schedule would start within a minute."""
        subprocess.run(
            [BIN / "celery", "-A", "roompricegenie", "call", RECOUNT],
            cwd=ROOT, env=self.services.environment, capture_output=True, check=True, timeout=60,
        )  # fmt: skip

    def post(self, events: int) -> None:
        """Post bookings of one day; each call uses another day."""
        self.day += 1
        answer = requests.post(
            f"{self.base}/events/",
            json=[
                {
                    "hotel_id": HOTEL, "status": 1, "room_reservation_id": str(uuid.uuid4()),
                    "event_timestamp": f"2024-03-{self.day:02}T10:00:00Z",
                    "night_of_stay": f"2024-05-{self.day:02}",
                }
                for _ in range(events)
            ],
            timeout=30,
        )  # fmt: skip
        assert answer.json() == {"created": events, "duplicates": 0}

    def get(self, path: str) -> Any:
        answer = requests.get(f"{self.base}{path}", timeout=30)
        answer.raise_for_status()
        return answer.json()

    def ledger(self) -> list[dict[str, Any]]:
        found, position, has_more = [], 0, True
        while has_more:
            page = self.get(f"/events/feed/?after={position}&limit=10000")
            found += page["events"]
            position, has_more = page["position"], page["has_more"]
        return found

    def figures(self, basis: str) -> Counter[str]:
        rows = self.get(f"/dashboard/?hotel_id={HOTEL}&period=day&basis={basis}")
        return Counter(
            {
                f"{row['year']}-{row['month']:02}-{row['day']:02}": row["gross_booking_count"]
                for row in rows
            }
        )

    def is_right(self) -> bool:
        events = self.ledger()
        return all(
            +self.figures(basis) == Counter(event[field][:10] for event in events)
            for basis, field in (("booked", "event_timestamp"), ("stay", "night_of_stay"))
        )

    def prove(self) -> None:
        """Wait until the figures are right; then the system's own check must agree."""
        until(self.is_right, "the figures equal a recount of the ledger")
        until(lambda: self.get("/dashboard/status/")["events_behind"] == 0, "all is counted")
        assert " 0 differences" in self.manage("check_dashboard")


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    folder = Path(tempfile.mkdtemp(prefix="rpg-backups-"))
    services = Services(folder, None, random.Random(1))
    try:
        running = System(services)
        services.start()
        yield running
    finally:
        services.kill()
        shutil.rmtree(folder, ignore_errors=True)


def test_all_restored_from_a_backup_beside_a_writer(system: System) -> None:
    done = threading.Event()
    posted = threading.Event()

    def write() -> None:
        event = {"hotel_id": HOTEL, "status": 1, "event_timestamp": "2024-02-01T10:00:00Z"}
        with requests.Session() as session:
            while not done.is_set():
                body = event | {
                    "room_reservation_id": str(uuid.uuid4()), "night_of_stay": "2024-04-01",
                }  # fmt: skip
                session.post(f"{system.base}/events/", json=body, timeout=30).raise_for_status()
                posted.set()

    system.post(2_000)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert posted.wait(30)
        first = len(system.ledger())
        backup = system.backup()
        last = len(system.ledger())
    finally:
        done.set()
        writer.join()
    copies = json.loads((backup / "manifest.json").read_text())["databases"]
    holds = copies["data_provider"]["holds"]
    assert first <= holds["events"] <= last
    assert copies["dashboard_service"]["holds"]["feed_position"] <= holds["newest_position"]
    system.restore(backup)
    assert len(system.ledger()) == holds["events"]
    system.prove()


def test_an_older_ledger_whose_lost_ids_are_taken_again(system: System) -> None:
    """The ledger is as long again before the dashboard reads it: positions do not show the loss."""
    backup = system.backup()
    lost = 50
    system.post(lost)
    until(lambda: system.get("/dashboard/status/")["events_behind"] == 0, "all is counted")
    system.restore(backup, "--only", "data_provider")
    system.post(lost + 10)
    system.recount_now()
    system.prove()


def test_an_older_dashboard_follows_by_itself(system: System) -> None:
    backup = system.backup()
    system.post(50)
    system.restore(backup, "--only", "dashboard_service")
    system.prove()


def test_a_lost_dashboard_follows_from_the_start(system: System) -> None:
    system.stop()
    for file in system.services.data_dir.glob("dashboard_service.sqlite3*"):
        file.unlink()
    system.manage("migrate_all")
    system.start()
    system.prove()


def test_redis_lost_and_the_file_loaded_again(system: System) -> None:
    """Part of the file was recorded before; none of it is counted twice."""
    file = system.services.data_dir / "file.csv"
    lines = [f"{HOTEL},1,2024-03-30 10:00:00,2024-05-30,{uuid.uuid4()}" for _ in range(300)]
    header = "hotel_id,status,event_timestamp,night_of_stay,room_reservation_id"
    file.write_text("\n".join([header, *lines[:100]]))
    system.manage("trigger_load_events", file, "--wait")
    file.write_text("\n".join([header, *lines]))
    worker = system.services.all["events1"].members()[0]
    worker.suspend()
    system.manage("trigger_load_events", file)
    redis.Redis(unix_socket_path=str(system.services.socket)).flushall()
    worker.resume()
    system.manage("trigger_load_events", file, "--wait")
    assert system.figures("stay")["2024-05-30"] == 300
    system.prove()
