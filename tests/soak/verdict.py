"""The judgement after a run: a recount that shares no code with the services."""

import json
import time
import uuid
from collections import Counter
from collections.abc import Callable
from math import inf
from typing import Any, NamedTuple

import numpy as np
import requests

from tests.soak.services import Services
from tests.soak.traffic import Identities, Traffic, identity, unpacked

Get = Callable[..., Any]
Figure = tuple[int, str, str, int]  # hotel, basis, day, status

SETTLE_SECONDS = 120  # a dead worker's batch is claimed after 20 s, a stopped server's pause ends


class Judgement(NamedTuple):
    """What is wrong after a run (nothing is good); seconds until all was counted."""

    wrong: list[str]
    events: int
    rest_seconds: float


def judge(services: Services, traffic: Traffic) -> Judgement:
    """Compare what was promised with ledger and figures, when the faults have ended."""
    wrong = list(traffic.wrong_answers)
    is_finished = traffic.finish(SETTLE_SECONDS)
    promised = np.unique(traffic.promised.sorted())
    if not is_finished:
        wrong.append("wedged: a client or a loader is not served any more")
        return Judgement(wrong, promised.size, inf)
    rest_seconds = _seconds_to_rest(services)
    if rest_seconds == inf:
        wrong.append(f"wedged: not everything was counted within {SETTLE_SECONDS} s")
    get = getter(services.base)
    ledger, right = recount(get)
    wrong += compare_ledger(ledger.sorted(), promised, traffic.tried.sorted())
    wrong += compare_dashboard(get, right)
    wrong += _commands_agree(services)
    wrong += _still_works(services)
    return Judgement(wrong, promised.size, rest_seconds)


def getter(base: str, **headers: str) -> Get:
    """What gets a path's JSON from a server. Raises: requests.RequestException."""
    session = requests.Session()
    session.headers.update(headers)

    def get(path: str, **parameters: Any) -> Any:
        answer = session.get(f"{base}{path}", params=parameters, timeout=60)
        answer.raise_for_status()
        return answer.json()

    return get


def _seconds_to_rest(services: Services) -> float:
    """How long until the queue is empty and everything counted; infinite when it is too long."""
    began = time.monotonic()
    while time.monotonic() - began < SETTLE_SECONDS:
        services.tend()
        try:
            status = _status(services)
            if status["queued_events"] == 0 and status["dashboard_events_behind"] == 0:
                return time.monotonic() - began
        except (requests.RequestException, ValueError, KeyError):
            pass
        time.sleep(0.5)
    return inf


def _status(services: Services) -> dict[str, Any]:
    done = services.manage("pipeline_status", "--json")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def recount(get: Get) -> tuple[Identities, Counter[Figure]]:
    """Every event of the feed, and what they add up to."""
    found, right = Identities(), Counter[Figure]()
    position, more = 0, True
    while more:
        page = get("/events/feed/", after=position, limit=10_000)
        identities = [identity(event) for event in page["events"]]
        found.add(identities)
        for hotel, moment, _, night, status in identities:
            right[hotel, "booked", moment[:10], status] += 1
            right[hotel, "stay", night, status] += 1
        position, more = page["position"], page["has_more"]
    return found, right


def compare_ledger(ledger: Any, promised: Any, tried: Any) -> list[str]:
    """What is wrong with the ledger; all three are arrays of `Identities.sorted`."""
    wrong = []
    for name, missing in (
        ("LOST: {} promised events", np.setdiff1d(promised, ledger)),
        ("STRANGE: {} events nobody sent", np.setdiff1d(ledger, tried)),
        ("TWICE: {} events", ledger[1:][ledger[1:] == ledger[:-1]]),
    ):
        if missing.size:
            wrong.append(f"{name.format(missing.size)}, such as {unpacked(missing[0])}")
    return wrong


def compare_dashboard(get: Get, right: Counter[Figure]) -> list[str]:
    """Whether the dashboard shows what a recount gave."""
    shown = Counter[Figure]()
    for hotel in {key[0] for key in right}:
        for basis in ("booked", "stay"):
            for row in get("/dashboard/", hotel_id=hotel, period="day", basis=basis):
                day = f"{row['year']}-{row['month']:02}-{row['day']:02}"
                shown[hotel, basis, day, 1] += row["gross_booking_count"]
                shown[hotel, basis, day, 2] += row["cancellation_count"]
    different = [key for key in right | shown if right[key] != shown[key]]
    return [
        f"DIFFERENT: {len(different)} counts, such as {key}: shown {shown[key]}, right {right[key]}"
        for key in different[:1]
    ]


def _commands_agree(services: Services) -> list[str]:
    wrong = []
    checked = services.manage("check_dashboard")
    if checked.returncode != 0 or " 0 differences" not in checked.stdout:
        wrong.append(f"check_dashboard: {checked.stdout}{checked.stderr}")
    status = _status(services)
    if status["troubles"] or status["dead_letters"]:
        wrong.append(f"pipeline_status: {status}")
    return wrong


def _still_works(services: Services) -> list[str]:
    """Every service does its work: a posted and a loaded event are soon on the dashboard."""
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
