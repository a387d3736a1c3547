"""Verify ledger and dashboard after a run, by a recount that shares no code with the services."""

import json
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from math import inf
from typing import Any, NamedTuple

import numpy as np
import requests

from tests.soak.events import Event, Identities, Identity, identity, unpack_identity
from tests.soak.money_recount import MoneyRecount, compare_money
from tests.soak.services import Services
from tests.soak.traffic import Traffic

Get = Callable[..., Any]
Figure = tuple[int, str, str, int]  # hotel, basis, day, status
# All rows of pickup and hours, which REST shows in sums only: hotel, where, when, counts.
STORED_ROWS = """
from dashboard_service.models import HourlyData, PickupData
counts = ("gross_booking_count", "cancellation_count")
for row in PickupData.objects.values_list("hotel_id", "night_of_stay", "day", *counts).iterator():
    print(*row, sep="\t")
for hotel, hour, *row in HourlyData.objects.values_list("hotel_id", "hour", *counts).iterator():
    print(hotel, "hour", f"{hour:%Y-%m-%dT%H}", *row, sep="\t")
"""

SETTLE_SECONDS = 120  # enough: the batch of a dead worker is claimed after 20 s


class Verdict(NamedTuple):
    """The result of verifying a run."""

    problems: list[str]
    events: int  # acknowledged
    settle_seconds: float  # until all events were counted; infinite if they were not


def verify(services: Services, traffic: Traffic) -> Verdict:
    """Compare the acknowledged events with ledger and figures, after the faults have ended."""
    problems = list(traffic.wrong_responses)
    is_finished = traffic.finish(SETTLE_SECONDS)
    acknowledged = np.unique(traffic.acknowledged.sorted())
    if not is_finished:
        problems.append("wedged: a client or a loader gets no response any more")
        return Verdict(problems, acknowledged.size, inf)
    settle_seconds = _wait_until_settled(services)
    if settle_seconds == inf:
        problems.append(f"wedged: not everything was counted within {SETTLE_SECONDS} s")
    get = getter(services.base)
    money, finer = MoneyRecount(), Counter[Figure]()
    ledger, expected = recount(get, money.read, lambda event: finer.update(_finer_figures(event)))
    problems += compare_ledger(ledger.sorted(), acknowledged, traffic.sent.sorted())
    problems += compare_dashboard(get, expected)
    problems += compare_stored_rows(services, finer)
    money.follow(
        hotel
        for hotel in money.hotels()
        if get(f"/dashboard/hotels/{hotel}/")["counts_room_nights"]
    )
    problems += compare_money(get, money)
    problems += _run_check_commands(services)
    problems += _post_and_load_once_more(services)
    return Verdict(problems, acknowledged.size, settle_seconds)


def getter(base: str, **headers: str) -> Get:
    """Return a function that gets the JSON of a path. It raises requests.RequestException."""
    session = requests.Session()
    session.headers.update(headers)

    def get(path: str, **parameters: Any) -> Any:
        response = session.get(f"{base}{path}", params=parameters, timeout=60)
        response.raise_for_status()
        return response.json()

    return get


def _wait_until_settled(services: Services) -> float:
    """Wait until the queue is empty and all events are counted; return the seconds it took.

    Returns: infinity after SETTLE_SECONDS.
    """
    began = time.monotonic()
    while time.monotonic() - began < SETTLE_SECONDS:
        services.tend()
        try:
            status = _status(services)
            if (
                status["queued_events"] == 0
                and status["dashboard_events_behind"] == 0
                and not _is_recounting(services)
            ):
                return time.monotonic() - began
        except (requests.RequestException, ValueError, KeyError):
            pass
        time.sleep(0.5)
    return inf


def _is_recounting(services: Services) -> bool:
    """Return whether a hotel's room-nights wait to be counted, from its first event with money."""
    get = getter(services.base)
    hotels = [row["hotel_id"] for row in get("/dashboard/hotels/", page_size=1_000)]
    return any(get(f"/dashboard/hotels/{hotel}/")["recounting"] for hotel in hotels)


def _status(services: Services) -> dict[str, Any]:
    completed = services.manage("pipeline_status", "--json")
    status: dict[str, Any] = json.loads(completed.stdout)
    return status


def recount(get: Get, *readers: Callable[[Event], None]) -> tuple[Identities, Counter[Figure]]:
    """Return the identities of all events of the feed, and the figures that they add up to.

    Args:
        readers: are called with each event as well.
    """
    ledger, figures = Identities(), Counter[Figure]()
    position, more = 0, True
    while more:
        page = get("/events/feed/", after=position, limit=10_000)
        identities = [identity(event) for event in page["events"]]
        ledger.add(identities)
        figures.update(figure for one in identities for figure in _daily_figures(one))
        for reader in readers:
            for event in page["events"]:
                reader(event)
        position, more = page["position"], page["has_more"]
    return ledger, figures


def _daily_figures(identity: Identity) -> Iterable[Figure]:
    hotel, timestamp, _, night, status = identity
    if status in (1, 2):  # a change is neither booked nor cancelled
        yield hotel, "booked", timestamp[:10], status
        yield hotel, "stay", night, status


def _finer_figures(event: Event) -> Iterable[Figure]:
    """Return what an event adds to pickup and to the hours."""
    hotel, timestamp, _, night, status = identity(event)
    if status in (1, 2):
        yield hotel, night, timestamp[:10], status
        yield hotel, "hour", timestamp[:13], status


def compare_stored_rows(services: Services, expected: Counter[Figure]) -> list[str]:
    """Return the difference of pickup and hours from a recount, if any."""
    dumped = services.manage("shell", "-v0", "-c", STORED_ROWS)
    if dumped.returncode:
        return [f"pickup and hours cannot be read: {dumped.stdout}{dumped.stderr}"]
    actual = Counter[Figure]()
    for line in dumped.stdout.splitlines():
        hotel, place, time_, booked, cancelled = line.split("\t")
        actual[int(hotel), place, time_, 1] += int(booked)
        actual[int(hotel), place, time_, 2] += int(cancelled)
    different = [key for key in expected | actual if expected[key] != actual[key]]
    return [
        f"DIFFERENT: {len(different)} counts of pickup and hours, such as {key}: {actual[key]}, "
        f"not {expected[key]}"
        for key in different[:1]
    ]


def compare_ledger(ledger: Any, acknowledged: Any, sent: Any) -> list[str]:
    """Return what is wrong with the ledger; the arguments are arrays of `Identities.sorted`."""
    problems = []
    for text, events in (
        ("LOST: {} acknowledged events", np.setdiff1d(acknowledged, ledger)),
        ("UNKNOWN: {} events that were not sent", np.setdiff1d(ledger, sent)),
        ("TWICE: {} events", ledger[1:][ledger[1:] == ledger[:-1]]),
    ):
        if events.size:
            problems.append(f"{text.format(events.size)}, such as {unpack_identity(events[0])}")
    return problems


def compare_dashboard(get: Get, expected: Counter[Figure]) -> list[str]:
    """Return the difference between the dashboard and the figures of a recount, if any."""
    actual = Counter[Figure]()
    for hotel in {key[0] for key in expected}:
        for basis in ("booked", "stay"):
            for row in get("/dashboard/", hotel_id=hotel, period="day", basis=basis):
                day = f"{row['year']}-{row['month']:02}-{row['day']:02}"
                actual[hotel, basis, day, 1] += row["gross_booking_count"]
                actual[hotel, basis, day, 2] += row["cancellation_count"]
    different = [key for key in expected | actual if expected[key] != actual[key]]
    return [
        f"DIFFERENT: {len(different)} counts, such as {key}: {actual[key]}, not {expected[key]}"
        for key in different[:1]
    ]


def _run_check_commands(services: Services) -> list[str]:
    problems = []
    checked = services.manage("check_dashboard")
    if checked.returncode != 0 or " 0 differences" not in checked.stdout:
        problems.append(f"check_dashboard: {checked.stdout}{checked.stderr}")
    status = _status(services)
    if status["troubles"] or status["dead_letters"]:
        problems.append(f"pipeline_status: {status}")
    return problems


def _post_and_load_once_more(services: Services) -> list[str]:
    """Check that every service works: a posted and a loaded event soon reach the dashboard."""
    path = services.data_dir / "last.csv"
    path.write_text(
        "hotel_id,status,event_timestamp,night_of_stay,room_reservation_id\n"
        f"9000,1,2024-03-01 10:00:00,2024-05-01,{uuid.uuid4()}\n"
    )
    event = {
        "hotel_id": 9001,
        "event_timestamp": "2024-03-01T10:00:00Z",
        "status": 1,
        "room_reservation_id": str(uuid.uuid4()),
        "night_of_stay": "2024-05-01",
    }
    requests.post(f"{services.base}/events/", json=event, timeout=30).raise_for_status()
    services.manage("trigger_load_events", str(path))
    get = getter(services.base)
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up:
        if all(get("/dashboard/", hotel_id=hotel) for hotel in (9000, 9001)):
            return []
        time.sleep(0.2)
    return ["wedged: an event posted and one loaded at the end were not counted within 30 s"]
