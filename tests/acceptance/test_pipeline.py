"""Files and POSTs go in, correct figures come out, with the stack that `make run` starts."""

import csv
import gzip
import random
import socket
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
import requests

from tests.acceptance.conftest import ROOT, Stack, wait_until_counted
from tests.soak.services import processes_of
from tests.waiting import until

RESORT = 101


def figures(stack: Stack, **query: Any) -> list[dict[str, Any]]:
    answer = requests.get(f"{stack.base}/dashboard/", params=query, timeout=30)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()
    return rows


def truth(shared_data: Path) -> dict[tuple[str, str], tuple[int, int]]:
    with (shared_data / "resort_hotel_daily.csv").open() as file:
        return {
            (row["basis"], row["date"]): (
                int(row["gross_booking_count"]),
                int(row["cancellation_count"]),
            )
            for row in csv.DictReader(file)
        }


def assert_equals_truth(stack: Stack, right: dict[tuple[str, str], tuple[int, int]]) -> None:
    for basis in ("booked", "stay"):
        days = figures(stack, hotel_id=RESORT, period="day", basis=basis)
        shown = {
            (basis, str(date(row["year"], row["month"], row["day"]))): (
                row["gross_booking_count"],
                row["cancellation_count"],
            )
            for row in days
        }
        nonzero = {key: counts for key, counts in shown.items() if counts != (0, 0)}
        assert nonzero == {k: v for k, v in right.items() if k[0] == basis and v != (0, 0)}
        for period, fields in (("month", ("year", "month")), ("year", ("year",))):
            for row in figures(stack, hotel_id=RESORT, period=period, basis=basis):
                part = [day for day in days if all(day[name] == row[name] for name in fields)]
                for count in ("booking_count", "gross_booking_count", "cancellation_count"):
                    assert row[count] == sum(day[count] for day in part)


def test_the_sample_is_there(stack: Stack) -> None:
    hotels = requests.get(f"{stack.base}/dashboard/hotels", timeout=10).json()
    assert {1, 2} <= {hotel["hotel_id"] for hotel in hotels}


def test_a_posted_event_is_counted_soon(stack: Stack) -> None:
    event = {
        "hotel_id": 55,
        "event_timestamp": "2024-03-01T10:00:00Z",
        "status": 1,
        "room_reservation_id": str(uuid.uuid4()),
        "night_of_stay": "2024-05-01",
    }
    assert requests.post(f"{stack.base}/events/", json=event, timeout=10).status_code == 201
    wait_until_counted(stack)
    assert figures(stack, hotel_id=55)[0]["booking_count"] == 1


def test_a_changed_time_zone_recounts_the_hotel_soon(stack: Stack) -> None:
    event = {
        "hotel_id": 56,
        "event_timestamp": "2024-02-29T23:30:00Z",
        "status": 1,
        "room_reservation_id": str(uuid.uuid4()),
        "night_of_stay": "2024-05-01",
    }
    assert requests.post(f"{stack.base}/events/", json=event, timeout=10).status_code == 201
    wait_until_counted(stack)
    assert [row["month"] for row in figures(stack, hotel_id=56)] == [2]
    profile = f"{stack.base}/dashboard/hotels/56/"
    told = requests.patch(profile, json={"time_zone": "Europe/Zurich"}, timeout=10).json()
    assert told["recounting"] is True
    give_up = time.monotonic() + 30  # at once, or within a minute if the nudge is lost
    while requests.get(profile, timeout=10).json()["recounting"]:
        assert time.monotonic() < give_up
        time.sleep(0.1)
    assert [row["month"] for row in figures(stack, hotel_id=56)] == [3]


def test_five_loaders_and_a_client_at_once(stack: Stack, shared_data: Path, tmp_path: Path) -> None:
    with gzip.open(shared_data / "resort_hotel_events.csv.gz", "rt") as file:
        header, *lines = file
    random.Random(7).shuffle(lines)
    parts = []
    for number in range(5):
        part = tmp_path / f"part{number}.csv"
        part.write_text(header + "".join(lines[number::5]))
        parts.append(part)

    def post(number: int) -> None:
        events = [
            {
                "hotel_id": 77,
                "event_timestamp": f"2024-03-01T10:00:{second:02}Z",
                "status": 1,
                "room_reservation_id": str(uuid.UUID(int=number)),
                "night_of_stay": "2024-05-01",
            }
            for second in range(60)
        ]
        answer = requests.post(f"{stack.base}/events/", json=events, timeout=60)
        assert answer.json() == {"created": 60, "duplicates": 0}

    loaders = [
        subprocess.Popen(
            [sys.executable, "manage.py", "trigger_load_events", str(part), "--wait"],
            cwd=ROOT, env=stack.environment, stdout=subprocess.PIPE, text=True,
        )
        for part in parts
    ]  # fmt: skip
    with ThreadPoolExecutor(2) as clients:
        list(clients.map(post, range(50)))
    assert [loader.wait(180) for loader in loaders] == [0] * 5
    wait_until_counted(stack)
    assert_equals_truth(stack, truth(shared_data))
    assert figures(stack, hotel_id=77, period="year")[0]["booking_count"] == 3000


def test_the_whole_file_again_changes_nothing_and_the_check_agrees(
    stack: Stack, shared_data: Path
) -> None:
    path = str(shared_data / "resort_hotel_events.csv.gz")
    loaded = stack.manage("trigger_load_events", path, "--wait")
    assert "225,141 events queued, 0 rejected, 0 blank" in loaded.stdout, loaded.stderr
    assert "0 new in the ledger, 225,141 known already" in loaded.stdout
    assert_equals_truth(stack, truth(shared_data))
    checked = stack.manage("check_dashboard")
    assert (checked.returncode, " 0 differences" in checked.stdout) == (0, True), checked
    status = stack.manage("pipeline_status", "--json")
    assert status.returncode == 0, status.stdout


def test_pages_for_people_answer(stack: Stack) -> None:
    for path in (
        "/?hotel_id=1",
        "/morning/?hotel_id=1",
        "/swagger/",
        "/swagger",
        "/redoc/",
        "/login/",
        "/healthz",
        "/readyz/",
    ):
        answer = requests.get(f"{stack.base}{path}", timeout=10, allow_redirects=False)
        assert answer.status_code == 200, path


def test_an_open_page_is_told_that_nothing_changed_while_every_thread_is_taken(
    stack: Stack,
) -> None:
    address = f"{stack.base}/?hotel_id=1"
    asked: dict[str, str] = {}

    def is_told_by_every_process() -> bool:
        page = requests.get(address, timeout=30)
        asked["If-None-Match"] = page.headers["ETag"]
        for name in ("X-Renewal-Token", "X-Renewal-Version"):
            asked[name] = page.headers.get(name, "")
        answers = [requests.get(address, headers=asked, timeout=30) for _ in range(20)]
        return all(answer.headers.get("X-Renewal-Unchanged") == "1" for answer in answers)

    until(is_told_by_every_process, "all web processes know the page's version")
    half = b"POST /events/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    port = urlsplit(stack.base).port
    with ExitStack() as open_sockets:
        for number in range(64):  # of eight addresses, since no one gets all threads
            source = (f"127.0.0.{2 + number % 8}", 0)
            client = socket.create_connection(("127.0.0.1", port), source_address=source)
            open_sockets.enter_context(client).sendall(half + b"Content-Length: 500\r\n\r\n{")
        with pytest.raises(requests.Timeout):
            requests.get(address, timeout=1)
        answer = requests.get(address, headers=asked, timeout=1)
        assert (answer.status_code, answer.content) == (304, b"")
    until(lambda: requests.get(address, timeout=30).ok, "threads are free again")


@pytest.mark.parametrize(
    "command", ["gunicorn", "events@", "dashboard@", "others@", "--quiet beat", "valkey-server"]
)
def test_a_process_that_dies_is_started_again(stack: Stack, command: str, tmp_path: Path) -> None:
    def alike() -> dict[int, psutil.Process]:
        found = {}
        for process in processes_of(stack.data_dir):
            with suppress(psutil.NoSuchProcess):
                if command in " ".join(process.cmdline()):
                    found[process.pid] = process
        return found

    old = alike()
    min(old.values(), key=lambda process: process.create_time()).kill()
    give_up = time.monotonic() + 30
    while (
        not alike() or alike().keys() & old.keys()
    ):  # its children end, and another one is started
        assert time.monotonic() < give_up, stack.log.read_text()[-3000:]
        time.sleep(0.2)
    stack.wait_until_ready()
    before = sum(row["booking_count"] for row in figures(stack, hotel_id=66))
    loaded = stack.manage("trigger_load_events", str(one_event(tmp_path)), "--wait")
    assert "1 new in the ledger" in loaded.stdout, loaded
    assert sum(row["booking_count"] for row in figures(stack, hotel_id=66)) == before + 1


def one_event(folder: Path) -> Path:
    path = folder / "one.csv"
    path.write_text(
        "hotel_id,status,event_timestamp,night_of_stay,room_reservation_id\n"
        f"66,1,2024-03-01 10:00:00,2024-05-01,{uuid.uuid4()}\n"
    )
    return path


def test_ctrl_c_leaves_nothing_and_a_second_run_goes_on(stack: Stack) -> None:
    before = requests.get(f"{stack.base}/dashboard/hotels/", timeout=10).json()
    assert len(processes_of(stack.data_dir)) > 8
    stack.stop()
    assert processes_of(stack.data_dir) == []
    stack.start()
    wait_until_counted(stack)
    assert requests.get(f"{stack.base}/dashboard/hotels/", timeout=10).json() == before


def test_a_second_run_is_refused_in_one_clear_line(stack: Stack) -> None:
    second = subprocess.run(
        ["make", "run"], cwd=ROOT, env=stack.environment, capture_output=True, text=True,
        check=False, timeout=30,
    )  # fmt: skip
    assert second.returncode != 0
    assert f"another `make run` uses {stack.data_dir}" in second.stderr
    assert "Traceback" not in second.stderr


@pytest.mark.parametrize("query", ["hotel_id=abc", "hotel_id=", "hotle_id=1"])
def test_bad_requests_are_refused(stack: Stack, query: str) -> None:
    for path in ("/events/", "/dashboard/"):
        assert requests.get(f"{stack.base}{path}?{query}", timeout=10).status_code == 400
