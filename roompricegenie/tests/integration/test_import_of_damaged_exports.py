"""What `import_reservations` must not take for a cancellation or for another amount."""

import io
import os
import re
import time
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from data_provider.event_queue.queue_recorder import QueueRun
from data_provider.event_queue.queue_stream import EventQueue
from data_provider.models import Event, Reservation

pytestmark = pytest.mark.django_db(databases=["data_provider"])

HEADER = (
    "Reservation,Hotel,Booked on,Arrival,Departure,Status,Cancelled on,Rooms,Room type,Channel,"
    "Segment,Rate per night,Currency"
)
SPAN = ("--complete", "2026-05-01..2026-05-31", "--yes", "--max-cancelled", "100")
NIGHTS = """
line = "night"
hotel_id = 5
currency = "EUR"
[columns]
reservation_id = "No"
status = "State"
booked_at = "Booked"
night = "Night"
rate = "Rate"
"""
ROOMS = """
line = "room"
hotel_id = 5
currency = "EUR"
[columns]
reservation_id = "No"
status = "State"
booked_at = "Booked"
arrival = "In"
departure = "Out"
room_type = "Type"
rate = "Rate"
"""


@pytest.fixture(autouse=True)
def rejects_in_a_temporary_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def line(number: str, booked: str = "2026-01-01 10:00:00", rate: str = "80.00") -> str:
    return f"{number},101,{booked},2026-05-01,2026-05-03,Check-Out,,1,Double,Web,Leisure,{rate},EUR"


def write(path: Path, *lines: str, header: str = HEADER, written: str = "2026-03-01") -> Path:
    path.write_text("\n".join([header, *lines]) + "\n")
    moment = datetime.fromisoformat(f"{written}T12:00:00+00:00").timestamp()
    os.utime(path, (moment, moment))
    return path


def write_mapping(path: Path, content: str) -> Path:
    path.write_text(content)
    return path


def load(queue: EventQueue, *arguments: Any) -> str:
    """Import, and let a worker record what was queued; return all that was said."""
    out = io.StringIO()
    try:
        call_command("import_reservations", *map(str, arguments), stdout=out, stderr=out)
    finally:
        QueueRun(queue).record_until(time.monotonic() + 60)
    return out.getvalue()


def cancelled() -> int:
    return Event.objects.filter(rpg_status=2).count()


@pytest.mark.parametrize(
    "bad", [f"{line('R1')},too,many", '"R1,' + line("R1"), "R1,x" + line("R1")[6:]]
)
def test_a_reservation_whose_line_is_rejected_is_not_missing(
    queue: EventQueue, tmp_path: Path, bad: str
) -> None:
    load(queue, write(tmp_path / "a.csv", *map(line, ("R1", "R2"))))
    path = write(tmp_path / "b.csv", bad, line("R2"), written="2026-03-02")
    said = ""
    try:
        said = load(queue, path, *SPAN)
    except CommandError as error:
        said = str(error)
    assert cancelled() == 0, said


def test_a_complete_file_with_a_line_of_nobody_knows_which_reservation_is_refused(
    queue: EventQueue, tmp_path: Path
) -> None:
    load(queue, write(tmp_path / "a.csv", *map(line, ("R1", "R2"))))
    path = write(tmp_path / "b.csv", '"R1,' + line("R1"), line("R2"), written="2026-03-02")
    out = io.StringIO()
    with pytest.raises(CommandError, match=r"1 line.*which reservation.*nothing was queued"):
        call_command("import_reservations", str(path), *SPAN, stdout=out, stderr=out)
    assert "3 lines = 1 header + 0 imported + 1 rejected + 0 blank + 1 not imported" in (
        out.getvalue()
    )
    assert "rejected lines with their reasons are in" in out.getvalue()


def test_what_was_booked_or_changed_after_the_export_is_not_missing_in_it(
    queue: EventQueue, tmp_path: Path
) -> None:
    load(queue, write(tmp_path / "a.csv", line("R1")))
    newer = line("R2", "2026-03-05 10:00:00")
    load(queue, write(tmp_path / "new.csv", newer, line("R3"), written="2026-03-06"))
    said = load(queue, write(tmp_path / "old.csv", line("R1"), written="2026-03-03"), *SPAN)
    assert cancelled() == 0, said


def test_what_was_cancelled_before_is_not_cancelled_again(
    queue: EventQueue, tmp_path: Path
) -> None:
    load(queue, write(tmp_path / "a.csv", *map(line, ("R1", "R2"))))
    path = write(tmp_path / "b.csv", line("R1"), written="2026-03-02")
    assert "missing and cancelled" in load(queue, path, *SPAN)
    path = write(tmp_path / "c.csv", line("R1"), written="2026-03-03")
    assert "missing and cancelled" not in load(queue, path, *SPAN)
    assert cancelled() == 2


@pytest.mark.parametrize("bad", ["R1;OK;1.2.2026;4.5.2026;80,5;0;0", "R1;OK;1.2.2026;oops;80,5"])
def test_a_night_whose_line_is_rejected_shortens_no_stay(
    queue: EventQueue, tmp_path: Path, bad: str
) -> None:
    mapping = write_mapping(tmp_path / "m.toml", NIGHTS)
    lines = [f"R1;OK;1.2.2026;{day}.5.2026;80,5" for day in (3, 4)]
    header = "No;State;Booked;Night;Rate"
    load(queue, write(tmp_path / "a.csv", *lines, header=header), "--mapping", mapping)
    path = write(tmp_path / "b.csv", lines[0], bad, header=header, written="2026-03-02")
    with pytest.raises(CommandError, match="every line was rejected"):
        load(queue, path, "--mapping", mapping)
    assert cancelled() == 0


def test_the_second_room_stays_the_second_when_the_first_is_cancelled(
    queue: EventQueue, tmp_path: Path
) -> None:
    mapping = write_mapping(tmp_path / "m.toml", ROOMS)
    header = "No;State;Booked;In;Out;Type;Rate"
    first, second = (
        f"R1;{{}};2026-02-01;2026-05-01;2026-05-03;{room};{rate}"
        for room, rate in (("Single", 50), ("Suite", 200))
    )
    path = write(tmp_path / "a.csv", first.format("OK"), second.format("OK"), header=header)
    load(queue, path, "--mapping", mapping)
    path = write(
        tmp_path / "b.csv", first.format("cancelled"), second.format("OK"), header=header,
        written="2026-03-02",
    )  # fmt: skip
    load(queue, path, "--mapping", mapping)
    later = Event.objects.filter(timestamp__gte="2026-03-01T00:00:00Z")
    assert list(later.values_list("rpg_status", flat=True)) == [2, 2]  # and no change of the suite


def test_an_amount_in_another_currency_than_its_column_says_is_rejected(
    queue: EventQueue, tmp_path: Path
) -> None:
    said = load(queue, write(tmp_path / "a.csv", line("R1", rate="£80.00"), line("R2", rate="€80")))
    assert "1 imported + 1 rejected" in said
    assert Event.objects.values_list("currency", flat=True)[0] == "EUR"


@pytest.mark.one_database
def test_an_excel_file_that_states_a_wrong_size_is_read_whole(
    queue: EventQueue, tmp_path: Path
) -> None:
    """Many programs write `A1` as the size of every sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER.split(","))
    sheet.append(line("R1").split(","))
    book.save(tmp_path / "right.xlsx")
    with (
        zipfile.ZipFile(tmp_path / "right.xlsx") as right,
        zipfile.ZipFile(tmp_path / "wrong.xlsx", "w") as wrong,
    ):
        for name in right.namelist():
            content = right.read(name)
            if name.endswith("sheet1.xml"):
                content = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', content)
            wrong.writestr(name, content)
    assert "1 imported + 0 rejected" in load(queue, tmp_path / "wrong.xlsx")


@pytest.mark.one_database
@pytest.mark.parametrize("part", ["sheet1.xml", "styles.xml", "workbook.xml"])
def test_a_damaged_excel_file_is_one_clear_error(
    queue: EventQueue, tmp_path: Path, part: str
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER.split(","))
    for number in range(50):
        sheet.append(line(f"R{number}").split(","))
    book.save(tmp_path / "right.xlsx")
    with (
        zipfile.ZipFile(tmp_path / "right.xlsx") as right,
        zipfile.ZipFile(tmp_path / "damaged.xlsx", "w") as damaged,
    ):
        for name in right.namelist():
            content = right.read(name)
            damaged.writestr(name, content[: len(content) // 2] if part in name else content)
    with pytest.raises(CommandError, match=r"damaged\.xlsx"):
        load(queue, tmp_path / "damaged.xlsx")
    assert not Event.objects.exists()


@pytest.mark.one_database
@pytest.mark.parametrize("hotel", ["0", "-5", str(2**70)])
def test_an_impossible_hotel_is_refused(queue: EventQueue, tmp_path: Path, hotel: str) -> None:
    with pytest.raises(CommandError, match="--hotel"):
        load(queue, write(tmp_path / "a.csv", line("R1")), f"--hotel={hotel}")


@pytest.mark.one_database
def test_an_excel_file_is_known_by_its_content(
    queue: EventQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From standard input, and with a name that says nothing."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER.split(","))
    sheet.append(line("R1").split(","))
    book.save(tmp_path / "export.xlsx")
    (tmp_path / "download").write_bytes((tmp_path / "export.xlsx").read_bytes())
    assert "1 imported + 0 rejected" in load(queue, tmp_path / "download")
    with (tmp_path / "export.xlsx").open() as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert "1 imported + 0 rejected" in load(queue, "-")


@pytest.mark.one_database
def test_an_export_that_is_not_in_utf_8_says_so(queue: EventQueue, tmp_path: Path) -> None:
    mapping = write_mapping(tmp_path / "m.toml", ROOMS.replace('"Type"', '"Größe"'))
    path = tmp_path / "a.csv"
    path.write_bytes("No;State;Booked;In;Out;Größe;Rate\n".encode("cp1252"))
    with pytest.raises(CommandError, match="UTF-8"):
        load(queue, path, "--mapping", mapping)


@pytest.mark.one_database
def test_no_rooms_are_refused_unless_cancelled(queue: EventQueue, tmp_path: Path) -> None:
    none = line("R1").replace(",1,Double", ",0,Double")
    gone = none.replace("R1", "R2").replace("Check-Out,", "Canceled,2026-02-01")
    said = load(queue, write(tmp_path / "a.csv", none, gone))
    assert "1 imported + 1 rejected" in said
    assert not Event.objects.exists()


def test_a_reservation_with_a_cancelled_room_and_one_that_did_not_show_is_a_no_show(
    queue: EventQueue, tmp_path: Path
) -> None:
    mapping = write_mapping(tmp_path / "m.toml", ROOMS)
    rooms = [
        f"R1;{status};2026-02-01;2026-05-01;2026-05-03;Single;50"
        for status in ("storniert", "No-Show")
    ]
    path = write(tmp_path / "a.csv", *rooms, header="No;State;Booked;In;Out;Type;Rate")
    load(queue, path, "--mapping", mapping)
    assert Reservation.objects.get().status == "no_show"
    assert Event.objects.count() == 2
