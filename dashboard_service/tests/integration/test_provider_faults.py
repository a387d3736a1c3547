"""A Data Provider that is down, slow or gives invalid answers: no event is lost or counted twice."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard_service import tasks
from dashboard_service.counting.feed_updater import update
from dashboard_service.data_provider_client import Provider, ProviderError
from dashboard_service.models import CheckReport, CheckRound, DashboardData, FeedPosition

pytestmark = pytest.mark.django_db(databases=["dashboard_service"])

EVENTS = [
    {
        "id": number, "hotel_id": 1, "event_timestamp": "2024-03-01T10:00:00Z", "status": 1,
        "room_reservation_id": str(number), "night_of_stay": "2024-05-01",
    }
    for number in range(1, 11)
]  # fmt: skip
PAGE = json.dumps({"events": EVENTS, "position": 10, "has_more": False}).encode()
EMPTY = json.dumps({"events": [], "position": 10, "has_more": False}).encode()
Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """A real HTTP server that calls `answer` for each request."""

    def __init__(self) -> None:
        self.answer: Answer = valid_answer
        self.requests = 0
        self.released = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests += 1
                outer.answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


def send(handler: BaseHTTPRequestHandler, body: bytes, length: int | None = None) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    handler.wfile.write(body)


def valid_answer(handler: BaseHTTPRequestHandler) -> None:
    send(handler, PAGE if "after=0" in handler.path else EMPTY)


def server_error(handler: BaseHTTPRequestHandler) -> None:
    handler.send_error(500)


def garbage(handler: BaseHTTPRequestHandler) -> None:
    send(handler, b"\x00\xff<html>busy</html>")


def truncated(handler: BaseHTTPRequestHandler) -> None:
    send(handler, PAGE[: len(PAGE) // 2], length=len(PAGE))
    handler.close_connection = True


def truncated_to_valid_json(handler: BaseHTTPRequestHandler) -> None:
    """Cut where the part is valid JSON by chance; only its Content-Length shows it."""
    send(handler, b'{"events": [], "position": 0, "has_more": false}', length=len(PAGE))
    handler.close_connection = True


def connection_closed(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Server]:
    running = Server()
    settings.EVENTS_API_BASE_URL = running.base
    monkeypatch.setattr(tasks, "_provider", None)
    monkeypatch.setattr(tasks, "_outages", {})
    yield running
    running.close()


def counted() -> int:
    return sum(row.gross_booking_count for row in DashboardData.objects.filter(basis="stay"))


@pytest.mark.parametrize(
    "fault", [server_error, garbage, truncated, truncated_to_valid_json, connection_closed]
)
def test_a_fault_counts_nothing_and_the_next_update_counts_all_once(
    server: Server, fault: Answer
) -> None:
    client = Provider(server.base)
    server.answer = fault
    for _ in range(2):
        with pytest.raises(ProviderError):
            update(client)
    assert counted() == 0
    server.answer = valid_answer
    update(client)
    update(client)
    assert counted() == 10


def test_pages_before_a_fault_are_counted(server: Server) -> None:
    def three_pages_and_a_fault(handler: BaseHTTPRequestHandler) -> None:
        after = int(parse_qs(urlsplit(handler.path).query)["after"][0])
        page = {"events": [EVENTS[after]], "position": after + 1, "has_more": True}
        send(handler, json.dumps(page).encode()) if after < 3 else server_error(handler)

    server.answer = three_pages_and_a_fault
    with pytest.raises(ProviderError, match="500"):
        update(Provider(server.base))
    assert (counted(), FeedPosition.current().position) == (3, 3)


def test_a_slow_answer_times_out(server: Server) -> None:
    server.answer = lambda handler: (server.released.wait(5), None)[1]
    with pytest.raises(ProviderError, match="timed out"):
        Provider(server.base, timeout_seconds=(1, 0.2)).feed(0)


def test_a_refused_connection() -> None:
    with pytest.raises(ProviderError, match="Connection refused"):
        Provider("http://127.0.0.1:1").feed(0)


def own_records(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """Return what this app logged; a nudge's thread may log at any time that it finds no Redis."""
    return [record for record in caplog.records if record.name.startswith("dashboard_service")]


def test_the_task_logs_an_outage_once_pauses_longer_and_longer_and_recovers(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    now = 1_000.0
    monkeypatch.setattr("dashboard_service.tasks.time.monotonic", lambda: now)
    server.answer = server_error
    requested_at = []
    for _ in range(120):  # one run each second
        before = server.requests
        tasks.update_dashboard_data()
        if server.requests > before:
            requested_at.append(now)
        now += 1
    pauses = [later - earlier for earlier, later in pairwise(requested_at)]
    assert pauses == sorted(pauses)
    assert max(pauses) == tasks.LONGEST_PAUSE_SECONDS
    [line] = own_records(caplog)
    assert server.base in line.getMessage()
    server.answer = valid_answer
    now += tasks.LONGEST_PAUSE_SECONDS
    assert tasks.update_dashboard_data() == 10
    first, second = (row for row in own_records(caplog) if row.levelno >= logging.WARNING)
    assert ("stands still" in first.message, "answers again" in second.message) == (True, True)
    assert counted() == 10


def test_the_daily_check_repairs_and_logs_a_wrong_count(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    answers = {
        "/events/feed/status/": {
            "events_after": 0, "oldest_recorded_at": None, "newest_position": 10,
        },
        "/events/hotels/": [{"hotel_id": 1}],
        "/events/": EVENTS,
    }  # fmt: skip

    def answer(handler: BaseHTTPRequestHandler) -> None:
        listed = answers.get(urlsplit(handler.path).path)
        valid_answer(handler) if listed is None else send(handler, json.dumps(listed).encode())

    server.answer = answer
    tasks.update_dashboard_data()
    DashboardData.objects.filter(basis="stay").update(gross_booking_count=12)
    assert tasks.check_hotels() == 1
    assert counted() == 10
    assert (
        "hotel 1, stay 2024-05-01: stored 12 booked 0 cancelled, expected 10 booked" in caplog.text
    )
    CheckRound.objects.update(begun_at=None)  # a day later
    assert tasks.check_hotels() == 0
    assert [*CheckReport.objects.values_list("differences", "repaired_hotels")] == [(0, 0), (1, 1)]
