"""Hotels whose system only exports files: each file counts once, from wherever it comes."""

from collections.abc import Callable
from typing import Any

import pytest

from connections.files import file_taking
from connections.reading.reading import read_connection
from connections.tests.connected_hotels import on_our_books, time_passes
from connections.tests.file_sources import HOTEL, Folder, Source
from data_provider.models import Event
from data_provider.tests.upload_helpers import HEADER, line, reservations, stored_files
from tests.integration.connected_files.taking import numbers, stand_still, states, take_all

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(
        databases=["default", "data_provider", "dashboard_service"], transaction=True
    ),
]
MAPPING = {
    "columns": {
        "reservation_id": "Booking no", "status": "State", "booked_at": "Created",
        "arrival": "Check-in", "nights": "Nights", "room_type": "Category", "total": "Total",
        "currency": "Currency",
    },
    "date_order": "day", "decimal": ",",
}  # fmt: skip


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


def test_an_export_that_says_again_what_held_before_counts(
    folder: Folder, work: Callable[[], None]
) -> None:
    """Booked, cancelled, and booked again: the third file equals the first."""
    booked = reservations(3)
    folder.put("monday.csv", booked, night=1)
    connection = take_all(folder.connect(), work)
    for number, content in enumerate((booked.replace(b"Confirmed", b"Cancelled"), booked), 2):
        folder.put(f"{number}.csv", content, night=number)
        connection = take_all(connection, work)
    assert set(states(connection).values()) == {"taken"}
    assert len(on_our_books(numbers(3), HOTEL)) == 6


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
