"""The judgement after a run: a recount that shares no code with the services."""

import json
import time
import uuid
from collections import Counter
from typing import Any

import requests

from tests.soak.services import Services
from tests.soak.traffic import Identity, Traffic, identity

SETTLE_SECONDS = 120  # a dead worker's batch is claimed after 20 s, a stopped server's pause ends


def judge(services: Services, traffic: Traffic) -> list[str]:
    """Everything that is wrong after the faults have ended and all is at rest; empty is good."""
    wrong = list(traffic.wrong_answers)
    if not traffic.finish(SETTLE_SECONDS):
        wrong.append("wedged: a client or a loader is not served any more")
        return wrong
    if not _at_rest(services):
        wrong.append(f"wedged: not everything was counted within {SETTLE_SECONDS} s")
    ledger = _ledger(services.base)
    wrong += _compare_ledger(ledger, traffic)
    wrong += _compare_dashboard(services.base, ledger)
    wrong += _commands_agree(services)
    wrong += _still_works(services)
    return wrong


def _get(url: str, **parameters: Any) -> Any:
    answer = requests.get(url, params=parameters, timeout=60)
    answer.raise_for_status()
    return answer.json()


def _at_rest(services: Services) -> bool:
    give_up = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < give_up:
        services.tend()
        try:
            status = _status(services)
            if status["queued_events"] == 0 and status["dashboard_events_behind"] == 0:
                return True
        except (requests.RequestException, ValueError, KeyError):
            pass
        time.sleep(0.5)
    return False


def _status(services: Services) -> dict[str, Any]:
    done = services.manage("pipeline_status", "--json")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _ledger(base: str) -> Counter[Identity]:
    found: Counter[Identity] = Counter()
    position, more = 0, True
    while more:
        page = _get(f"{base}/events/feed/", after=position, limit=10_000)
        for event in page["events"]:
            found[identity(event)] += 1
        position, more = page["position"], page["has_more"]
    return found


def _compare_ledger(ledger: Counter[Identity], traffic: Traffic) -> list[str]:
    wrong = []
    if lost := traffic.promised - ledger.keys():
        wrong.append(f"LOST: {len(lost)} promised events, such as {next(iter(lost))}")
    if strange := ledger.keys() - traffic.tried:
        wrong.append(f"STRANGE: {len(strange)} events nobody sent, such as {next(iter(strange))}")
    twice = [identity for identity, count in ledger.items() if count > 1]
    if twice:
        wrong.append(f"TWICE: {len(twice)} events, such as {twice[0]}")
    return wrong


def _compare_dashboard(base: str, ledger: Counter[Identity]) -> list[str]:
    right: Counter[tuple[int, str, str, int]] = Counter()
    for hotel, moment, _, night, status in ledger:
        right[hotel, "booked", moment[:10], status] += 1
        right[hotel, "stay", night, status] += 1
    shown: Counter[tuple[int, str, str, int]] = Counter()
    for hotel in {key[0] for key in right}:
        for basis in ("booked", "stay"):
            for row in _get(f"{base}/dashboard/", hotel_id=hotel, period="day", basis=basis):
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
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up:
        if all(_get(f"{services.base}/dashboard/", hotel_id=hotel) for hotel in (9000, 9001)):
            return []
        time.sleep(0.2)
    return ["wedged: an event posted and one loaded at the end were not counted within 30 s"]
