"""Uploaded files reach the ledger once, whichever worker dies at which step."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum
from django.test import Client
from django.utils import timezone

from data_provider.event_queue.queue_stream import EventQueue
from data_provider.file_upload import upload_loading, upload_storage
from data_provider.file_upload.upload_loading import MAX_ATTEMPTS, finish_recorded, load_next
from data_provider.file_upload.upload_model import FileUpload, UploadState
from data_provider.models import Event
from data_provider.reservation_import import file_import
from data_provider.reservation_import.line_store import LineStore
from data_provider.tests import upload_helpers as helpers
from data_provider.tests.upload_helpers import GUEST, events, load, press, reservations, sent

pytestmark = pytest.mark.django_db(databases=["default", "data_provider"], transaction=True)


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    settings.API_AUTH = "open"
    return tmp_path


class Killed(BaseException):
    """Stands for the death of a worker: nothing catches it."""


def lose_worker() -> None:
    """Let the worker that has an upload be silent for long enough to be given up."""
    long_ago = timezone.now() - timedelta(hours=1)
    FileUpload.objects.filter(state=UploadState.LOADING).update(alive_at=long_ago)


def kill_at(monkeypatch: pytest.MonkeyPatch, place: Any, name: str, *, after: bool) -> None:
    """Kill the worker at the next call of a function, before it or after what it does."""
    original: Callable[..., Any] = getattr(place, name)

    def die(*args: Any, **kwargs: Any) -> Any:
        if after:
            original(*args, **kwargs)
        raise Killed

    monkeypatch.setattr(place, name, die)


def test_reservations_reach_the_ledger_and_the_file_is_gone(
    client: Client, queue: EventQueue
) -> None:
    upload = sent(client, reservations(8))
    assert press(client, upload).status_code == 303
    assert Event.objects.count() == 0
    load(queue)
    upload.refresh_from_db()
    assert (upload.state, upload.problem) == (UploadState.DONE, "")
    assert upload.result["queued"] == 8
    assert upload.result["outcome"]["reservations_changed"] == 8
    assert Event.objects.count() == 16
    revenue = Event.objects.aggregate(revenue=Sum("rate"))["revenue"]
    assert Decimal(revenue) == Decimal(8) * Decimal("200.5")
    assert helpers.stored_files() == []
    page = client.get(f"/upload/{upload.pk}/").content.decode()
    assert "The file is loaded" in page
    assert f"/first-steps?hotel_id={helpers.HOTEL}" in page.replace("/?", "?")


def test_the_same_file_twice_counts_once(client: Client, queue: EventQueue) -> None:
    for content, expected in ((reservations(8), 16), (events(5), 21)):
        for _ in range(2):
            press(client, sent(client, content))
            load(queue)
            assert Event.objects.count() == expected
    newest = FileUpload.objects.order_by("-created_at").first()
    assert newest is not None
    assert newest.result["outcome"]["duplicates"] == 5


def test_nothing_of_guests_is_stored_but_reasons_of_rejected_lines(
    client: Client, queue: EventQueue, data_dir: Path
) -> None:
    wrong = helpers.line(99, nights="many")
    upload = sent(client, reservations(3) + wrong.encode())
    press(client, upload)
    load(queue)
    [path] = helpers.stored_files()
    text = path.read_bytes().decode()
    assert text.startswith("line,reason\r\n")
    assert "5,Nights is no number of nights" in text
    answer = client.get(f"/upload/{upload.pk}/rejects/")
    assert b"".join(answer).decode() == text
    databases = [repr(row) for row in FileUpload.objects.values()]
    assert GUEST not in text + "".join(databases)
    assert oct(path.stat().st_mode & 0o77) == "0o0"


KILLS = {
    "as soon as it has claimed the file": (upload_loading, "content_path", False),
    "before the file is read": (file_import.FileImport, "run", False),
    "while lines are stored": (LineStore, "index", False),
    "before a batch is queued": (EventQueue, "push_reservations", False),
    "after a batch is queued": (EventQueue, "push_reservations", True),
    "before the end is saved": (upload_loading, "_end", False),
    "before the file is deleted": (upload_loading, "delete_content", False),
    "after the file is deleted": (upload_loading, "delete_content", True),
}


@pytest.mark.parametrize("step", KILLS)
def test_a_worker_that_dies_at_any_step_loses_and_doubles_nothing(
    client: Client, queue: EventQueue, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(file_import, "MAX_RESERVATIONS", 3)
    upload = sent(client, reservations(8))
    press(client, upload)
    place, name, after = KILLS[step]
    with monkeypatch.context() as patch:
        kill_at(patch, place, name, after=after)
        with pytest.raises(Killed):
            load_next(queue)
    lose_worker()
    load(queue)
    upload_storage.delete_old_uploads()
    upload.refresh_from_db()
    assert upload.state == UploadState.DONE
    assert Event.objects.count() == 16
    assert helpers.stored_files() == []


def test_what_a_killed_worker_left_is_deleted_with_the_file(
    client: Client, queue: EventQueue
) -> None:
    upload = sent(client, reservations(2))
    press(client, upload)
    left = upload_storage.rejects_folder(upload) / "reservations-dead"
    left.mkdir(parents=True)
    (left / "lines.sqlite3").write_text("numbers of reservations")
    load(queue)
    assert helpers.stored_files() == []


def test_a_file_that_ends_every_worker_is_given_up(
    client: Client, queue: EventQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = sent(client, reservations(2))
    press(client, upload)
    kill_at(monkeypatch, file_import.FileImport, "run", after=False)
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(Killed):
            load_next(queue)
        lose_worker()
    load_next(queue)
    upload.refresh_from_db()
    assert upload.state == UploadState.FAILED
    assert "without a result" in client.get(f"/upload/{upload.pk}/").content.decode()
    assert not helpers.is_stored(upload)


def test_a_living_worker_keeps_its_file_and_only_one_is_loaded_at_a_time(
    client: Client, queue: EventQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        press(client, sent(client, reservations(2)))
    claimed = upload_loading._claim()
    assert claimed is not None
    assert load_next(queue) is None
    lose_worker()
    again = upload_loading._claim()
    assert again is not None
    assert again.pk == claimed.pk
    # The first one wakes up: what it says no longer counts.
    upload_loading._end(claimed, UploadState.FAILED, problem="late")
    again.refresh_from_db()
    assert (again.state, again.problem) == (UploadState.LOADING, "")
    assert helpers.is_stored(again)


def test_a_file_that_is_queued_and_not_yet_recorded_is_not_done(
    client: Client, queue: EventQueue
) -> None:
    upload = sent(client, events(5))
    press(client, upload)
    load_next(queue)
    assert finish_recorded(queue) == 0
    page = client.get(f"/upload/{upload.pk}/").content.decode()
    assert "is being loaded" in page
    helpers.record(queue)
    assert finish_recorded(queue) == 1


def test_a_file_that_is_gone_says_what_to_do(client: Client, queue: EventQueue) -> None:
    upload = sent(client, events(2))
    press(client, upload)
    upload_storage.delete_content(upload)
    load(queue)
    upload.refresh_from_db()
    assert upload.state == UploadState.FAILED
    assert "upload it again" in upload.problem


def test_old_uploads_and_unknown_folders_are_deleted(client: Client, data_dir: Path) -> None:
    old, new = sent(client, events(1)), sent(client, events(2))
    day = timedelta(days=1, hours=1)
    FileUpload.objects.filter(pk=old.pk).update(changed_at=timezone.now() - day)
    assert upload_storage.delete_old_uploads() == 1
    assert not FileUpload.objects.filter(pk=old.pk).exists()
    assert not helpers.is_stored(old)
    assert helpers.is_stored(new)
