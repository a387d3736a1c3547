"""Who may upload for which hotel, see an upload, and load lines of which hotels."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import ApiKey
from data_provider.event_queue.queue_stream import EventQueue
from data_provider.file_upload.upload_model import FileUpload, UploadState
from data_provider.models import Event
from data_provider.tests.upload_helpers import (
    events,
    line,
    load,
    page_of,
    press,
    reservations,
    send,
    send_part,
    sent,
)

DATABASES = ["default", "data_provider"]
pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def key_client(settings: Any, *hotels: int, **abilities: bool) -> Client:
    settings.API_AUTH = "required"
    abilities = abilities or {"write_events": True}
    _, key = ApiKey.objects.create_key(
        name="test", hotels=", ".join(map(str, hotels)), all_hotels=not hotels, **abilities
    )
    return Client(headers={"Authorization": f"Bearer {key}"})


def test_a_file_is_taken_for_own_hotels_only(settings: Any) -> None:
    client = key_client(settings, 1, 3)
    assert 'value="3"' in client.get("/upload/").content.decode()
    assert send(client, events(1), hotel=2).status_code in (400, 403)
    told = {"hotel_id": 2, "file_name": "a.csv", "size": 5}
    assert client.post("/upload/begin/", told).status_code == 403
    assert not FileUpload.objects.exists()
    sent(client, events(1), hotel=3)


def test_another_hotel_s_upload_is_neither_shown_nor_changed(settings: Any) -> None:
    owner, other = key_client(settings, 1), key_client(settings, 2)
    upload = sent(owner, reservations(3))
    path = f"/upload/{upload.pk}/"
    assert owner.get(path).status_code == 200
    for answer in (
        other.get(path), other.get(f"{path}rejects/"), press(other, upload),
        send_part(other, f"{path}parts/", 0, b"x"), press(other, upload, "delete"),
    ):  # fmt: skip
        assert answer.status_code == 403
    upload.refresh_from_db()
    assert upload.state == UploadState.CHOOSING


def test_an_upload_for_all_hotels_is_not_shown_to_one_of_them(settings: Any) -> None:
    upload = sent(key_client(settings), reservations(3))
    assert key_client(settings, 1).get(f"/upload/{upload.pk}/").status_code == 403


def test_who_may_not_write_events_may_not_upload(settings: Any) -> None:
    client = key_client(settings, 1, read_dashboard=True)
    assert client.get("/upload/").status_code == 403
    assert send(client, events(1)).status_code == 403
    assert client.post("/upload/begin/", {}).status_code == 403
    settings.API_AUTH = "required"
    assert Client().get("/upload/").headers["Location"].startswith("/login/")
    assert Client().post("/upload/begin/", {}).status_code == 401


def test_a_form_of_another_site_is_refused(settings: Any) -> None:
    settings.API_AUTH = "open"
    client = Client(enforce_csrf_checks=True)
    assert send(client, events(1)).status_code == 403
    assert client.post("/upload/begin/", {"hotel_id": 1}).status_code == 403
    assert not FileUpload.objects.exists()


@pytest.mark.parametrize("kind", ["events", "reservations"])
def test_lines_of_other_hotels_are_rejected(settings: Any, queue: EventQueue, kind: str) -> None:
    client = key_client(settings, 1)
    if kind == "events":
        content = events(3) + events(2, hotel=2).split(b"\n", 1)[1]
    else:
        content = reservations(3) + line(7, hotel=2).encode()
    upload = sent(client, content)
    assert "is of hotel 2, which is not one of yours" in page_of(client, upload)
    press(client, upload)
    load(queue)
    assert set(Event.objects.values_list("hotel_id", flat=True)) == {1}
    upload.refresh_from_db()
    assert upload.result["rejected"] == (2 if kind == "events" else 1)


def test_another_hotel_s_file_is_neither_told_nor_changed_over_rest(settings: Any) -> None:
    service, own, other = key_client(settings), key_client(settings, 1), key_client(settings, 2)
    content = reservations(2)
    told = {"hotel_id": 1, "file_name": "export.csv", "size": len(content)}
    begun = service.post("/uploads/", told, content_type="application/json")
    path = f"/uploads/{begun.json()['id']}/"
    # As programs do: without a cookie, so without a CSRF token.
    unchecked = key_client(settings)
    unchecked.handler.enforce_csrf_checks = True

    def put(client: Client) -> int:
        kind = "application/octet-stream"
        return client.put(f"{path}content/?start=0", content, content_type=kind).status_code

    def start(client: Client) -> int:
        return client.post(f"{path}start/", {}, content_type="application/json").status_code

    assert (put(other), put(unchecked)) == (403, 200)
    assert (other.get(path).status_code, start(other)) == (403, 403)
    assert own.get(path.replace("uploads", "upload")).status_code == 200  # to choose its columns
    assert start(own) == 200
    assert service.get(f"/uploads/{'0' * 36}/").status_code == 404
