"""Restore after losing each database, or Redis, in a system of real processes.

After each loss the figures must equal a recount of the ledger that these tests make themselves.
"""

import json
import random
import shutil
import tempfile
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import requests

from tests.acceptance.restored_system import HOTEL, System
from tests.soak.services import Services
from tests.waiting import until

pytestmark = pytest.mark.long


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


@pytest.mark.thorough
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
