"""One fault after the other, with the services' real processes: behaviour during and after it."""

import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import requests

from tests.soak.services import ROOT, Services
from tests.waiting import until

pytestmark = pytest.mark.long

HEADER = "hotel_id,status,event_timestamp,night_of_stay,room_reservation_id\n"

_hotels = iter(range(100, 1_000_000))


@pytest.fixture(scope="module")
def running() -> Iterator[Services]:
    folder = Path(tempfile.mkdtemp(prefix="rpg-faults-"))
    services = Services(folder, None, random.Random(1))
    try:
        services.start()
        yield services
    finally:
        services.kill()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def services(running: Services) -> Iterator[Services]:
    """All services, which run before a test and are restarted after it."""
    running.wait_until_ready()
    yield running
    running.recover()
    running.wait_until_ready()


@pytest.fixture
def hotel() -> int:
    """The number of a hotel that no other test uses."""
    return next(_hotels)


def post(services: Services, hotel: int) -> requests.Response:
    event = {
        "hotel_id": hotel, "event_timestamp": "2024-03-01T10:00:00Z", "status": 1,
        "room_reservation_id": str(uuid.uuid4()), "night_of_stay": "2024-05-01",
    }  # fmt: skip
    return requests.post(f"{services.base}/events/", json=event, timeout=15)


def gross(services: Services, hotel: int) -> int:
    url = f"{services.base}/dashboard/?period=year&hotel_id={hotel}"
    rows = requests.get(url, timeout=15).json()
    return sum(row["gross_booking_count"] for row in rows)


def file_of(services: Services, hotel: int, events: int) -> Path:
    path = services.data_dir / f"{hotel}.csv"
    lines = (
        f"{hotel},1,2024-03-01 10:{n // 60 % 60:02}:{n % 60:02},2024-05-01,{uuid.uuid4()}\n"
        for n in range(events)
    )
    path.write_text(HEADER + "".join(lines))
    return path


def end(services: Services, *names: str) -> None:
    """Terminate services and wait for their end; nothing restarts them."""
    for name in names:
        services.all[name].members()[0].terminate()
    for name in names:
        process = services.all[name].process
        assert process is not None
        process.wait(30)


def test_redis_away_at_a_post_costs_freshness_only(services: Services, hotel: int) -> None:
    services.all["redis"].kill_group()
    began = time.monotonic()
    assert post(services, hotel).status_code == 201
    assert time.monotonic() - began < 5
    ready = requests.get(f"{services.base}/readyz", timeout=15)
    assert (ready.status_code, list(ready.json()["problems"])) == (503, ["redis"])
    services.all["redis"].start()
    until(lambda: gross(services, hotel) == 1, "the posted event on the dashboard")


def test_redis_away_in_the_middle_of_a_load(services: Services, hotel: int) -> None:
    loader = subprocess.Popen(
        [sys.executable, "manage.py", "trigger_load_events", "-"],
        cwd=ROOT, env=services.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert loader.stdin
    assert loader.stdout
    lines = file_of(services, hotel, 3_000).read_text().splitlines(keepends=True)
    loader.stdin.writelines(lines[:2_000])
    loader.stdin.flush()
    time.sleep(2)  # the loader is connected and reads
    services.all["redis"].kill_group()
    loader.stdin.writelines(lines[2_000:])
    loader.stdin.close()
    waiting = loader.stdout.readline()
    assert "Redis does not answer" in waiting
    assert "waiting up to 60 s" in waiting
    services.all["redis"].start()
    assert "3,000 events queued" in loader.stdout.read()
    assert loader.wait(30) == 0
    until(lambda: gross(services, hotel) == 3_000, "the file on the dashboard")


def test_redis_restarted_loses_nothing_that_was_queued(services: Services, hotel: int) -> None:
    end(services, "events1", "events2")
    loaded = services.manage("trigger_load_events", str(file_of(services, hotel, 12_000)))
    assert "12,000 events queued" in loaded.stdout
    services.all["redis"].kill_group()
    services.all["redis"].start()
    services.all["events1"].start()
    until(lambda: gross(services, hotel) == 12_000, "the file on the dashboard")


def test_redis_emptied_and_the_file_loaded_again(services: Services, hotel: int) -> None:
    path = str(file_of(services, hotel, 12_000))
    end(services, "events1", "events2")
    services.manage("trigger_load_events", path)
    redis.Redis(unix_socket_path=str(services.socket)).flushall()
    services.all["events1"].start()
    services.all["events2"].start()
    time.sleep(6)
    assert gross(services, hotel) == 0  # the events were in Redis only
    again = services.manage("trigger_load_events", path, "--wait")
    assert "12,000 new in the ledger" in again.stdout, again
    assert gross(services, hotel) == 12_000


def test_redis_emptied_under_running_workers(services: Services, hotel: int) -> None:
    """Neither workers nor beat need a restart: they recreate what they need in Redis."""
    redis.Redis(unix_socket_path=str(services.socket)).flushall()
    again = services.manage("trigger_load_events", str(file_of(services, hotel, 10)), "--wait")
    assert "10 new in the ledger" in again.stdout, again
    assert post(services, hotel).status_code == 201
    until(lambda: gross(services, hotel) == 11, "both on the dashboard")


def test_a_waiting_loader_notices_that_its_events_vanished(services: Services, hotel: int) -> None:
    end(services, "events1", "events2")
    loader = subprocess.Popen(
        [
            sys.executable, "manage.py", "trigger_load_events", "--wait",
            str(file_of(services, hotel, 10)),
        ],
        cwd=ROOT, env=services.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    client = redis.Redis(unix_socket_path=str(services.socket))
    until(lambda: client.exists("events:queue") and client.xlen("events:queue"), "it is queued")
    client.flushall()
    _, said = loader.communicate(timeout=30)
    assert loader.returncode == 1
    assert "10 events of" in said
    assert "load the file again" in said


@pytest.mark.long
def test_redis_silent_for_a_minute(services: Services, hotel: int) -> None:
    """Connections stay open without answers; the same workers continue when Redis does."""
    before = {name: [p.pid for p in s.members()[:1]] for name, s in services.all.items()}
    server = services.all["redis"].members()[0]
    server.suspend()
    try:
        began = time.monotonic()
        assert post(services, hotel).status_code == 201
        assert time.monotonic() - began < 5
        time.sleep(60 - (time.monotonic() - began))
    finally:
        server.resume()
    until(lambda: gross(services, hotel) == 1, "the posted event on the dashboard")
    loaded = services.manage("trigger_load_events", str(file_of(services, hotel, 10)), "--wait")
    assert "10 new in the ledger" in loaded.stdout, loaded
    until(lambda: gross(services, hotel) == 11, "the loaded events on the dashboard")
    assert post(services, hotel).status_code == 201
    until(lambda: gross(services, hotel) == 12, "what was posted after, soon", seconds=8)
    after = {name: [p.pid for p in s.members()[:1]] for name, s in services.all.items()}
    assert before == after


def test_the_data_provider_away_is_said_once_and_survived(services: Services, hotel: int) -> None:
    log = services.all["dashboard1"].log
    end(services, "dashboard2")  # two workers would take turns, and each would log it once
    assert post(services, hotel).status_code == 201
    until(lambda: gross(services, hotel) == 1, "no outage of a test before is left")
    start = log.stat().st_size
    end(services, "web")

    def lines() -> str:
        with log.open() as file:
            file.seek(start)
            return file.read()

    def said(text: str) -> int:
        return lines().count(text)

    until(lambda: said("the dashboard stands still") == 1, "it says that it waits")
    time.sleep(11)  # two more runs of the schedule
    assert said("the dashboard stands still") == 1
    services.all["web"].start()
    until(services.is_ready, "the web's readiness")
    assert post(services, hotel).status_code == 201
    until(lambda: gross(services, hotel) == 2, "the posted event on the dashboard")
    until(lambda: said("the Data Provider answers again") > 0, "it says that it goes on")
    assert said("the Data Provider answers again") == 1, lines()


def test_what_beat_sent_while_nobody_worked_does_not_run_later(services: Services) -> None:
    end(services, "dashboard1", "dashboard2")
    client = redis.Redis(unix_socket_path=str(services.socket))
    until(lambda: client.llen("dashboard_queue") >= 4, "beat has sent some runs")
    worker = services.all["dashboard1"]
    quiet = worker.command
    worker.command = ["info" if word == "warning" else word for word in quiet]
    start = worker.log.stat().st_size
    try:
        worker.start()
        until(lambda: client.llen("dashboard_queue") == 0, "the queue is empty again")
        time.sleep(3)
    finally:
        worker.command = quiet
    with worker.log.open() as log:
        log.seek(start)
        said = log.read()
    assert said.count("Discarding revoked task") >= 2, said  # the tasks had expired
    assert said.count(" succeeded in ") <= 2, said


def test_rebuilds_under_load_end_right_and_show_nothing_partial(
    services: Services, hotel: int
) -> None:
    loader = subprocess.Popen(
        [
            sys.executable, "manage.py", "trigger_load_events", "--wait",
            str(file_of(services, hotel, 60_000)),
        ],
        cwd=ROOT, env=services.environment, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    seen: list[int] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            seen.append(gross(services, hotel))

    reader = threading.Thread(target=look)
    reader.start()
    rebuilds = 0
    while loader.poll() is None:
        rebuilt = services.manage("rebuild_dashboard")
        assert rebuilt.returncode == 0, rebuilt
        rebuilds += 1
    done.set()
    reader.join()
    assert loader.returncode == 0
    assert rebuilds >= 1
    assert seen == sorted(seen)  # bookings only grow: a smaller number would be a partial view
    until(lambda: gross(services, hotel) == 60_000, "the whole file on the dashboard")
    checked = services.manage("check_dashboard")
    assert " 0 differences" in checked.stdout, checked
