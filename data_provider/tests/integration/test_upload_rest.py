"""Files over REST: parts that come twice, mappings and proposals, rights, and what is told of it."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from data_provider.event_queue.queue_stream import EventQueue
from data_provider.file_upload import upload_rest
from data_provider.file_upload.upload_model import FileUpload, UploadState
from data_provider.models import Event
from data_provider.tests.upload_helpers import HEADER, line, load, reservations

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(databases=["default", "data_provider"]),
]


MAPPING = {
    "columns": {
        "reservation_id": "Booking no", "status": "State", "booked_at": "Created",
        "arrival": "Check-in", "nights": "Nights",
    }
}  # fmt: skip


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    settings.API_AUTH = "open"


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(path, body, content_type="application/json")


def put(client: Client, number: str, start: int, content: bytes) -> Any:
    path = f"/uploads/{number}/content/?start={start}"
    return client.put(path, content, content_type="application/octet-stream")


def begin(client: Client, content: bytes, hotel: int = 1) -> str:
    told = {"hotel_id": hotel, "file_name": "export.csv", "size": len(content)}
    answer = post(client, "/uploads/", told)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def sent(client: Client, content: bytes, hotel: int = 1) -> str:
    number = begin(client, content, hotel)
    assert put(client, number, 0, content).json() == {"received": len(content)}
    return number


def told(client: Client, number: str) -> dict[str, Any]:
    answer = client.get(f"/uploads/{number}/")
    assert answer.status_code == 200
    return dict(answer.json())


def test_a_file_in_parts_that_come_twice(client: Client, queue: EventQueue) -> None:
    content = reservations(8)
    number = begin(client, content)
    assert put(client, number, 0, content[:50]).json() == {"received": 50}
    assert put(client, number, 60, content[60:]).status_code == 409
    assert post(client, f"/uploads/{number}/start/", {}).status_code == 409
    for _ in range(2):
        put(client, number, 0, content[:50])
    for _ in range(2):
        assert put(client, number, 50, content[50:]).json() == {"received": len(content)}
    state = told(client, number)
    assert (state["state"], state["missing"], state["queued"]) == ("choosing", [], 0)
    zone = {"time_zone": "Europe/Vienna"}
    for _ in range(2):
        assert post(client, f"/uploads/{number}/start", zone).status_code == 200
    load(queue)
    state = told(client, number)
    assert (state["state"], state["queued"], state["recorded"]) == ("done", 8, 8)
    assert state["outcome"]["bookings"] == Event.objects.count() == 16
    assert state["time_zone"] == "Europe/Vienna"
    assert state["mapping"]["columns"]["reservation_id"] == "Booking no"


def test_what_a_worker_has_taken_meanwhile_stays_with_it(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person starts the file in a window while a program asks for the same."""
    number = sent(client, reservations(3))

    def taken(upload: FileUpload, **options: Any) -> str:
        FileUpload.objects.filter(pk=upload.pk).update(
            state=UploadState.LOADING, time_zone="Asia/Tokyo"
        )
        return ""

    monkeypatch.setattr(upload_rest, "why_not_loadable", taken)
    post(client, f"/uploads/{number}/start/", {"time_zone": "Europe/Vienna"})
    state = told(client, number)
    assert (state["state"], state["time_zone"]) == ("loading", "Asia/Tokyo")


def test_bad_lines_are_told_with_their_reasons(client: Client, queue: EventQueue) -> None:
    content = HEADER.encode() + (line(1) + line(2, nights="many") + line(3, hotel=2)).encode()
    number = sent(client, content)
    assert post(client, f"/uploads/{number}/start/", {}).status_code == 200
    load(queue)
    state = told(client, number)
    assert (state["queued"], state["rejected"]) == (1, 2)
    assert [row["line"] for row in state["rejects"]] == [3, 4]
    assert "nights" in state["rejects"][0]["reason"]


def test_a_night_without_lines_is_loaded(client: Client, queue: EventQueue) -> None:
    first = sent(client, reservations(2))
    post(client, f"/uploads/{first}/start/", {})
    mapping = told(client, first)["mapping"]
    number = sent(client, HEADER.encode())
    assert post(client, f"/uploads/{number}/start/", {"mapping": mapping}).status_code == 200
    load(queue)
    assert told(client, number)["state"] == "done"


@pytest.mark.parametrize(
    ("content", "body", "said"),
    [
        (
            (HEADER + line(1, nights="many")).encode(),
            {"mapping": MAPPING},
            "no line is valid; line 2",
        ),
        (b"a;b;c\n1;2;3\n", {}, "which column is what"),
        (reservations(1), {"mapping": {"columns": {"arrival": "no such"}}}, "column"),
        (reservations(1), {"mapping": {"colums": {}}}, "unknown colums"),
        (reservations(1), {"mapping": "x"}, "must be an object"),
        (reservations(1), {"time_zone": "Mars/Olympus"}, "is no time zone"),
        (reservations(1), {"zone": "UTC"}, "unknown field"),
    ],
)
def test_what_cannot_be_started(client: Client, content: bytes, body: Any, said: str) -> None:
    number = sent(client, content)
    answer = post(client, f"/uploads/{number}/start/", body)
    assert (answer.status_code, said in answer.content.decode()) == (400, True), answer.content
    assert told(client, number)["state"] == "choosing"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"hotel_id": 1, "file_name": "a", "size": 0},
        {"hotel_id": 0, "file_name": "a", "size": 1},
    ],
)
def test_what_cannot_be_announced(client: Client, body: Any) -> None:
    assert post(client, "/uploads/", body).status_code == 400
