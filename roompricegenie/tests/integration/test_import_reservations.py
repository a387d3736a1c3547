"""`manage.py import_reservations`: what a file of reservations leaves in the ledger."""

import csv
import gzip
import io
import os
import random
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import redis
from django.core.management import CommandError, call_command

from data_provider.event_queue.queue_recorder import QueueRun
from data_provider.event_queue.queue_stream import EventQueue
from data_provider.models import Event, Reservation

pytestmark = pytest.mark.django_db(databases=["data_provider"])

HEADER = (
    "Reservation,Hotel,Booked on,Arrival,Departure,Status,Cancelled on,Rooms,Room type,Channel,"
    "Segment,Rate per night,Currency"
)
LINE = "{},101,2026-01-01 10:00:00,2026-05-01,2026-05-03,{},{},{},Double,Web,Leisure,{},EUR"


@pytest.fixture(autouse=True)
def rejects_in_a_temporary_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def line(
    number: str = "R1", status: str = "Check-Out", cancelled: str = "", rooms: str = "1",
    rate: str = "80.00",
) -> str:  # fmt: skip
    return LINE.format(number, status, cancelled, rooms, rate)


def write(path: Path, *lines: str, header: str = HEADER) -> Path:
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


def load(queue: EventQueue, *arguments: Any) -> str:
    """Import, and let a worker record what was queued; return the report."""
    out = io.StringIO()
    try:
        call_command("import_reservations", *map(str, arguments), stdout=out, stderr=io.StringIO())
    finally:
        QueueRun(queue).record_until(time.monotonic() + 60)
    return out.getvalue()


def events() -> list[tuple[Any, ...]]:
    return [
        (f"{event.timestamp:%m-%d %H:%M}", f"{event.night_of_stay:%m-%d}", event.rpg_status,
         event.rate)
        for event in Event.objects.order_by("timestamp", "night_of_stay", "id")
    ]  # fmt: skip


def test_a_list_of_reservations_is_recognised(queue: EventQueue, tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", line(), line("R2", "Canceled", "2026-02-01 00:00:00"), "")
    report = load(queue, path)
    assert "4 lines = 1 header + 2 imported + 0 rejected + 1 blank" in report
    assert events() == [
        ("01-01 10:00", "05-01", 1, 80), ("01-01 10:00", "05-01", 1, 80),
        ("01-01 10:00", "05-02", 1, 80), ("01-01 10:00", "05-02", 1, 80),
        ("02-01 00:00", "05-01", 2, None), ("02-01 00:00", "05-02", 2, None),
    ]  # fmt: skip


def test_a_newer_export_appends_what_changed_when_it_was_exported(
    queue: EventQueue, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.csv", line(), line("R2"))
    load(queue, path)
    load(queue, path)
    assert len(events()) == 4
    write(path, line(rate="90.00"), line("R2"))
    moment = datetime.fromisoformat("2030-03-01T12:00:00+00:00").timestamp()
    os.utime(path, (moment, moment))
    load(queue, path)
    assert events()[4:] == [("03-01 12:00", "05-01", 3, 90), ("03-01 12:00", "05-02", 3, 90)]


def test_several_rooms_of_a_line(queue: EventQueue, tmp_path: Path) -> None:
    load(queue, write(tmp_path / "a.csv", line(rooms="3")))
    assert Event.objects.values("room_reservation_id").distinct().count() == 3
    assert Event.objects.count() == 6


def test_invalid_lines_are_rejected_with_the_reason(queue: EventQueue, tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.csv",
        line(),
        line("R2", "Perhaps"),
        line("R3", rate="-1"),
        line("R4") + ",too,many",
        '"R5' + line("R5"),
        line("R6"),
        line(""),
    )
    report = load(queue, path)
    assert "8 lines = 1 header + 2 imported + 5 rejected + 0 blank" in report
    [rejects] = (tmp_path / "rejects").iterdir()
    rows = list(csv.reader(rejects.open()))[1:]
    assert [(number, reason[:34]) for number, reason, _ in rows] == [
        ("3", "Status has an unknown word 'Perhap"),
        ("4", "Rate per night is no amount: '-1'"),
        ("5", "has 15 values, the header has 13"),
        ("6", "a quote is opened and not closed"),
        ("8", "Reservation is empty"),
    ]
    assert sorted(Reservation.objects.values_list("reservation_id", flat=True)) == ["R1", "R6"]


def test_one_bad_line_rejects_its_whole_reservation(queue: EventQueue, tmp_path: Path) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        'line = "night"\nhotel_id = 5\ncurrency = "EUR"\n[columns]\nreservation_id = "No"\n'
        'status = "State"\nbooked_at = "Booked"\nnight = "Night"\nrate = "Rate"\n'
    )
    path = write(
        tmp_path / "a.csv",
        "R1;OK;1.2.2026;3.5.2026;80,50",
        "R2;OK;1.2.2026;3.5.2026;80,50",
        "R1;OK;1.2.2026;4.5.2026;oops",
        "R2;OK;1.2.2026;4.5.2026;1.080,50",
        header="No;State;Booked;Night;Rate",
    )
    report = load(queue, path, "--mapping", mapping)
    assert "5 lines = 1 header + 2 imported + 2 rejected + 0 blank" in report
    assert [rate for *_, rate in events()] == [80.5, 1080.5]


def test_a_total_of_a_stay_in_an_excel_file(queue: EventQueue, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Number", "State", "Made", "In", "Nights", "Total", "Cur"])
    sheet.append(["R1", "Confirmed", datetime(2026, 1, 1, 9), datetime(2026, 5, 1), 3, 100, "EUR"])
    sheet.append([None] * 7)
    path = tmp_path / "a.xlsx"
    book.save(path)
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        '[columns]\nreservation_id = "Number"\nstatus = "State"\nbooked_at = "Made"\n'
        'arrival = "In"\nnights = "Nights"\ntotal = "Total"\ncurrency = "Cur"\n'
    )
    report = load(queue, path, "--mapping", mapping, "--hotel", 5)
    assert "3 lines = 1 header + 1 imported + 0 rejected + 1 blank" in report
    assert [float(rate) for *_, rate in events()] == [33.34, 33.33, 33.33]


def test_what_a_complete_export_lacks_is_cancelled(queue: EventQueue, tmp_path: Path) -> None:
    numbers = [f"R{number}" for number in range(20)]
    load(queue, write(tmp_path / "a.csv", *map(line, numbers)))
    path = write(tmp_path / "b.csv", *map(line, numbers[:-1]))
    span = ("--complete", "2026-05-01..2026-05-31")
    with pytest.raises(CommandError, match="confirm with --yes"):
        load(queue, path, *span)
    with pytest.raises(CommandError, match=r"1 of 20 .* \(5.0 %\): more than --max-cancelled 4"):
        load(queue, path, *span, "--yes", "--max-cancelled", 4)
    assert Event.objects.count() == 40
    report = load(queue, path, *span, "--yes")
    assert "20 reservations with 40 room-nights queued, 1 of them missing and cancelled" in report
    assert Event.objects.filter(rpg_status=2).count() == 2


def test_a_file_of_which_every_line_is_rejected_is_an_error(
    queue: EventQueue, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match="every line was rejected"):
        load(queue, write(tmp_path / "a.csv", line("R1", "Perhaps")))


def test_a_load_that_redis_ended_names_the_files_that_are_left(
    queue: EventQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def push(*_: Any) -> bytes:
        raise redis.ConnectionError

    monkeypatch.setattr(EventQueue, "push_reservations", push)
    monkeypatch.setattr("data_provider.event_queue.queue_sender.RETRY_SECONDS", 0)
    first, second = (write(tmp_path / name, line()) for name in ("a.csv", "b.csv"))
    with pytest.raises(CommandError, match=f"not imported for the same reason: {second}"):
        load(queue, first, second)


def test_a_closed_standard_input_is_one_clear_error(
    queue: EventQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(CommandError, match="standard input is closed"):
        load(queue, "-")


def test_a_dry_run_queues_nothing(queue: EventQueue, tmp_path: Path) -> None:
    report = load(queue, write(tmp_path / "a.csv", line()), "--dry-run")
    assert "1 reservations with 2 room-nights valid" in report
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("a,b\n1,2\n", "no shipped mapping knows the columns a, b"),
        (None, "cannot be"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_error(
    queue: EventQueue, tmp_path: Path, content: str | None, message: str
) -> None:
    path = tmp_path / "a.csv"
    if content is not None:
        path.write_text(content)
    with pytest.raises(CommandError, match=message):
        load(queue, path)


@pytest.mark.one_database
@pytest.mark.parametrize(
    "share", [20, pytest.param(1, marks=[pytest.mark.long, pytest.mark.thorough])]
)
def test_the_real_hotels_reservations_are_its_events(
    queue: EventQueue, tmp_path: Path, shared_data: Path, share: int
) -> None:
    """In five shuffled parts, one of them twice; every twentieth, or all as a long test."""
    with gzip.open(shared_data / "resort_hotel_reservations.csv.gz", "rt") as file:
        header, *lines = file.read().splitlines()
    lines = lines[::share]
    numbers = {line.partition(",")[0] for line in lines}
    random.Random(1).shuffle(lines)
    parts = [
        write(tmp_path / f"{number}.csv", *lines[number::5], header=header) for number in range(5)
    ]
    load(queue, *parts[:3])
    load(queue, *parts[2:])
    with gzip.open(shared_data / "resort_hotel_events.csv.gz", "rt") as file:
        expected = {
            (
                row["event_timestamp"],
                row["room_reservation_id"],
                row["night_of_stay"],
                row["status"],
            )
            for row in csv.DictReader(file)
            if row["room_reservation_id"] in numbers
        }
    recorded = {
        (f"{time:%Y-%m-%d %H:%M:%S}", str(reservation), str(night), str(status))
        for time, reservation, night, status in Event.objects.values_list(
            "timestamp", "room_reservation_id", "night_of_stay", "rpg_status"
        )
    }
    assert recorded == expected
