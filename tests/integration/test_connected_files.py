"""Hotels whose system only exports files: each file counts once, from wherever it comes."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from connections import own_services
from connections.files import file_taking
from connections.models import Connection, ConnectionFile
from connections.reading.reading import read_connection
from connections.tests.connected_hotels import on_our_books, time_passes
from connections.tests.crash_points import CrashPoints, Killed
from connections.tests.file_sources import HOTEL, Folder, Mailbox, Source, source_of
from connections.tests.imap_emulator import mail
from connections.tests.our_services import our_services
from data_provider.event_queue.queue_recorder import QueueRun
from data_provider.event_queue.queue_stream import EventQueue
from data_provider.file_upload.upload_loading import finish_recorded, load_next
from data_provider.models import Event
from data_provider.tests.upload_helpers import GUEST, HEADER, line, reservations, stored_files

pytestmark = pytest.mark.django_db(databases=["default", "data_provider"], transaction=True)
VENDORS = ("folder", "sftp", "mailbox")


@pytest.fixture(autouse=True)
def services(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    with our_services(settings):
        yield


@pytest.fixture(params=VENDORS)
def source(
    request: pytest.FixtureRequest, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Source]:
    (tmp_path / "exports").mkdir()
    with source_of(request.param, tmp_path / "exports", settings, monkeypatch) as found:
        yield found


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Folder:
    settings.CONNECTION_FILES_DIR = str(tmp_path)
    return Folder(tmp_path)


@pytest.fixture
def work(queue: EventQueue) -> Callable[[], None]:
    """What the workers of uploads and events do between two readings."""

    def run() -> None:
        while load_next(queue) is not None:
            pass
        QueueRun(queue).record_until(float("inf"))
        finish_recorded(queue)

    return run


def stand_still() -> None:
    """Let the files that were seen stand still for long enough."""
    ConnectionFile.objects.update(seen_at=timezone.now() - timedelta(minutes=1))


def take_all(connection: Connection, work: Callable[[], None], times: int = 60) -> Connection:
    """Read until every file is taken."""
    for _ in range(times):
        is_done = read_connection(connection.pk)
        present = Connection.objects.get(pk=connection.pk)
        assert present.failure == "", present.failure_text
        open_files = present.files.filter(state__in=("seen", "sent"))
        if is_done and not open_files.exists():
            return present
        work()
        stand_still()
    raise AssertionError(list(present.files.values_list("name", "state", "problem")))


def states(connection: Connection) -> dict[str, str]:
    return dict(connection.files.values_list("name", "state"))


def numbers(count: int) -> list[str]:
    return [f"R-{number}" for number in range(count)]


def test_files_of_several_nights(source: Source, work: Callable[[], None]) -> None:
    source.put("night1.csv", reservations(4))
    source.put("Bäder & Co.csv", reservations(6), night=1)
    changed = reservations(6).replace(
        b"R-2;1;Ada Lovelace;Confirmed", b"R-2;1;Ada Lovelace;Cancelled"
    )
    source.put("night3.csv", changed, night=2)
    source.put("notes.pdf", b"%PDF", night=2)
    connection = take_all(source.connect(), work)
    assert connection.state == "reading"
    assert states(connection) == dict.fromkeys(
        ["night1.csv", "Bäder & Co.csv", "night3.csv"], "taken"
    )
    books = on_our_books(numbers(6), HOTEL)
    assert len(books) == 10
    assert not any(number == "R-2" for number, _ in books)
    assert connection.events_appended == Event.objects.count() == 14
    assert not connection.problems.exists()
    assert stored_files() == []
    take_all(connection, work)
    assert Event.objects.count() == 14


def test_large_files_go_in_pieces(
    source: Source, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    content = reservations(300)
    for place in ("file_adapter", "folder", "sftp", "mailbox"):
        monkeypatch.setattr(f"connections.files.{place}.CHUNK_BYTES", 1_001, raising=False)
    monkeypatch.setattr("data_provider.file_upload.upload_rest.PART_BYTES", 4_099)
    source.put("export.csv", content)
    connection = take_all(source.connect(), work)
    row = connection.files.get()
    assert (row.reservations, row.rejected, row.state) == (300, 0, "taken")
    assert Event.objects.count() == 600


def test_doubled_and_renamed_files_count_once(source: Source, work: Callable[[], None]) -> None:
    source.put("a.csv", reservations(3))
    connection = take_all(source.connect(), work)
    source.put("b.csv", reservations(3), night=0)
    source.put("again.csv", reservations(3), night=3)
    connection = take_all(connection, work)
    assert states(connection) == {"a.csv": "taken", "b.csv": "known", "again.csv": "known"}
    assert Event.objects.count() == 6


def test_an_older_file_that_comes_late_changes_nothing_back(
    folder: Folder, work: Callable[[], None]
) -> None:
    cancelled = reservations(3).replace(b"Confirmed", b"Cancelled")
    folder.put("new.csv", cancelled, night=5)
    connection = take_all(folder.connect(), work)
    folder.put("old.csv", reservations(3), night=1)
    take_all(connection, work)
    assert on_our_books(numbers(3), HOTEL) == {}


def test_a_file_is_left_alone_while_it_is_written(folder: Folder, work: Callable[[], None]) -> None:
    content = reservations(5)
    connection = folder.connect()
    folder.put("export.csv", content[:200])
    folder.put("export.csv.part", content)
    folder.put(".export.csv", content)
    assert not read_connection(connection.pk)  # nothing to show yet
    folder.put("export.csv", content)
    stand_still()
    read_connection(connection.pk)
    assert states(connection) == {"export.csv": "seen"}  # seen anew, with the new size
    take_all(connection, work)
    assert states(connection) == {"export.csv": "taken"}
    assert len(on_our_books(numbers(5), HOTEL)) == 10


def test_a_file_that_grows_while_it_is_read_is_read_again(
    folder: Folder, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = folder.connect()
    folder.put("export.csv", reservations(5))
    read_connection(connection.pk)
    stand_still()
    list_files = file_taking._note_found

    def grow_after(*arguments: Any) -> None:
        list_files(*arguments)
        with (folder.folder / "export.csv").open("ab") as file:
            file.write(line(9).encode())

    monkeypatch.setattr(file_taking, "_note_found", grow_after)
    read_connection(connection.pk)
    assert states(connection) == {"export.csv": "seen"}
    assert not Event.objects.exists()


def test_lines_that_are_not_understood_keep_no_other_back(
    source: Source, work: Callable[[], None]
) -> None:
    source.put("export.csv", (HEADER + line(0) + line(1, nights="Guinevere") + line(2)).encode())
    connection = take_all(source.connect(mapping=MAPPING), work)
    [problem] = connection.problems.all()
    assert problem.reservation_id == "export.csv:3"
    assert "nights" in problem.reason
    assert "Guinevere" not in problem.reason
    row = connection.files.get()
    assert (row.reservations, row.rejected) == (2, 1)
    source.put("export.csv", (HEADER + line(0) + line(1) + line(2)).encode(), night=1)
    connection = take_all(connection, work)
    assert not connection.problems.exists()
    assert len(on_our_books(numbers(3), HOTEL)) == 6


def test_files_that_cannot_be_read_are_said_and_keep_no_other_back(
    folder: Folder, work: Callable[[], None]
) -> None:
    folder.put("empty.csv", b"")
    folder.put("broken.xlsx", b"PK\x03\x04 no book", night=1)
    folder.put("good.csv", reservations(2), night=2)
    connection = take_all(folder.connect(), work)
    assert states(connection) == {
        "empty.csv": "refused", "broken.xlsx": "refused", "good.csv": "taken",
    }  # fmt: skip
    assert all(connection.files.filter(state="refused").values_list("problem", flat=True))


def test_the_columns_that_a_person_chose_hold_for_later_files(
    folder: Folder, work: Callable[[], None], client: Any
) -> None:
    odd = HEADER.replace("Booking no", "XYZ")
    folder.put("a.csv", (odd + line(1) + line(2)).encode())
    connection = folder.connect(columns="check")
    read_connection(connection.pk)
    stand_still()
    for _ in range(2):
        time_passes(connection)
        read_connection(connection.pk)
    connection.refresh_from_db()
    assert (connection.failure, connection.failure_text) == ("columns", "a.csv")
    upload = connection.files.get().upload
    page = client.get(f"/connections/?hotel_id={HOTEL}").content.decode()
    assert f"/upload/{upload}" in page
    chosen = {"column.reservation_id": "0", "time_zone": "Europe/Vienna"}
    assert client.post(f"/upload/{upload}/", {"act": "load", **chosen}).status_code == 303
    time_passes(connection)
    work()
    folder.put("b.csv", (odd + line(3)).encode(), night=1)
    read_connection(connection.pk)
    connection = take_all(connection, work)
    assert states(connection) == {"a.csv": "taken", "b.csv": "taken"}
    assert connection.choices["mapping"]["columns"]["reservation_id"] == "XYZ"
    assert connection.choices["time_zone"] == "Europe/Vienna"
    assert len(on_our_books(["R-1", "R-2", "R-3"], HOTEL)) == 6


@pytest.mark.parametrize("seed", range(2))
def test_crashes_between_any_two_steps(
    source: Source, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    for night in range(2):
        source.put(f"{night}.csv", reservations(3 + night), night=night)
    connection = source.connect()
    with monkeypatch.context() as patch:
        crashes = CrashPoints(patch, seed, share=0.1)
        for name in ("_copy", "_store_taken", "_note_found", "_save"):
            patch.setattr(file_taking, name, crashes.around(getattr(file_taking, name)))
        for _ in range(400):
            try:
                is_done = read_connection(connection.pk)
            except Killed:
                is_done = False
            if is_done and not connection.files.exclude(state__in=("taken", "known")).exists():
                break
            work()
            stand_still()
            time_passes(connection)
        else:
            raise AssertionError(list(connection.files.values()))
    assert crashes.kills > 1
    assert len(on_our_books(numbers(4), HOTEL)) == 8
    assert Event.objects.count() == 8


def test_a_queue_that_was_emptied_has_the_file_sent_again(
    folder: Folder, queue: EventQueue, work: Callable[[], None]
) -> None:
    folder.put("export.csv", reservations(4))
    connection = folder.connect()
    read_connection(connection.pk)
    stand_still()
    read_connection(connection.pk)  # sends it
    read_connection(connection.pk)  # starts it
    while load_next(queue) is not None:
        pass
    queue.client.flushall()
    finish_recorded(queue)
    connection = take_all(connection, work)
    assert connection.files.get().attempts == 1
    assert Event.objects.count() == 8


def test_a_ledger_that_was_restored_gets_every_file_again(
    folder: Folder, work: Callable[[], None]
) -> None:
    folder.put("export.csv", reservations(4))
    connection = take_all(folder.connect(), work)
    Connection.objects.update(ledger_epoch="another one")
    read_connection(connection.pk)
    stand_still()
    connection = take_all(connection, work)
    assert connection.pages_read == 2
    assert Event.objects.count() == 8


def test_nothing_outside_the_hotel_s_folder_is_read(
    folder: Folder, work: Callable[[], None], tmp_path: Path
) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_bytes(reservations(3))
    (folder.folder / "link.csv").symlink_to(secret)
    (folder.folder / "folder.csv").mkdir()
    os.mkfifo(folder.folder / "pipe.csv")
    connection = folder.connect()
    assert read_connection(connection.pk)
    assert states(connection) == {}
    ConnectionFile.objects.create(
        connection=connection, place="../secret.csv", name="x", size=secret.stat().st_size,
        written_at=connection.made_at, seen_at=connection.made_at,
    )  # fmt: skip
    folder.folder.rename(tmp_path / "moved")
    folder.folder.symlink_to(tmp_path / "moved")
    assert not read_connection(connection.pk)
    assert Connection.objects.get().failure == "unreachable"
    assert not Event.objects.exists()


def test_mails_of_others_are_not_looked_at(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: Callable[[], None]
) -> None:
    with source_of("mailbox", tmp_path, settings, monkeypatch) as source:
        assert isinstance(source, Mailbox)
        at = timezone.now().replace(microsecond=0)
        for sender in (
            "pms@hotel.example.evil.test", "a@evil.test, pms@hotel.example",
            '"pms@hotel.example" <x@evil.test>', "pms@nothotel.example",
        ):  # fmt: skip
            source.emulator.receive(mail(sender, {"x.csv": reservations(1)}), at)
        source.emulator.receive(
            mail("OTHER@x.example", {"q.csv": reservations(2)}, "quoted-printable"), at
        )
        connection = take_all(source.connect(), work)
        assert states(connection) == {"q.csv": "taken"}
        assert len(on_our_books(numbers(2), HOTEL)) == 4
        assert GUEST not in repr(list(Connection.objects.values()))


@pytest.mark.parametrize("vendor", ["sftp", "mailbox"])
def test_a_refused_password_waits_for_a_person(
    vendor: str, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with source_of(vendor, tmp_path, settings, monkeypatch) as source:
        source.secrets["password"] = "wrong"
        connection = source.connect()
        assert not read_connection(connection.pk)
        assert Connection.objects.get().failure == "credentials"


def test_a_mailbox_that_drops_connections_loses_nothing(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: Callable[[], None]
) -> None:
    with source_of("mailbox", tmp_path, settings, monkeypatch) as source:
        assert isinstance(source, Mailbox)
        source.put("a.csv", reservations(3))
        connection = source.connect()
        for commands in range(8):
            source.emulator.drop_after = commands
            read_connection(connection.pk)
            assert Connection.objects.get().failure == "unreachable", commands
            time_passes(connection)
        source.emulator.drop_after = None
        read_connection(connection.pk)
        take_all(connection, work)
        assert Event.objects.count() == 6


def test_our_own_services_that_fail_are_tried_again(
    folder: Folder, work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.put("a.csv", reservations(3))
    connection = folder.connect()
    read_connection(connection.pk)
    stand_still()

    def fail(*_: Any, **__: Any) -> Any:
        raise own_services.OwnServiceFailure("the ledger does not answer")

    for name in ("announce_file", "send_part", "sent_file", "start_file"):
        with monkeypatch.context() as patch:
            patch.setattr(own_services, name, fail)
            for _ in range(3):
                time_passes(connection)
                read_connection(connection.pk)
            assert Connection.objects.get().failure == "ledger", name
        time_passes(connection)
    Connection.objects.update(failure="")
    take_all(connection, work)
    assert Event.objects.count() == 6


MAPPING = {
    "columns": {
        "reservation_id": "Booking no", "status": "State", "booked_at": "Created",
        "arrival": "Check-in", "nights": "Nights", "room_type": "Category", "total": "Total",
        "currency": "Currency",
    },
    "date_order": "day", "decimal": ",",
}  # fmt: skip
