"""`export_events`: old events are written to CSV files, and stay in the ledger."""

import gzip
import io
import stat
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from data_provider import ledger, tasks
from data_provider.csv_loading.csv_reader import EventFile
from data_provider.event_queue.queue_stream import EventQueue
from data_provider.event_validation import EventRow
from data_provider.ledger import event_export
from data_provider.models import Event

pytestmark = pytest.mark.django_db(databases=["data_provider"], transaction=True)

MOMENTS = [  # twins, decimals of a second, ends of months and years
    "2015-07-31 23:59:59",
    "2015-07-31 23:59:59.999999",
    "2015-08-01 00:00:00",
    "2015-08-01 00:00:00.500000",
    "2015-12-31 12:00:00",
    "2016-02-29 10:00:00",
]


def rows(count: int, month: str = "2015-07") -> list[EventRow]:
    return [
        EventRow(
            number % 3 + 1,
            f"{month}-{number % 28 + 1:02} 10:00:00",
            f"{number:032x}",
            "2015-09-01",
            1,
            number or None,
        )
        for number in range(count)
    ]


def export(*arguments: str) -> str:
    out = io.StringIO()
    call_command("export_events", *arguments, stdout=out)
    return out.getvalue()


def read_files(folder: Path) -> list[Any]:
    return [
        record
        for path in sorted(folder.glob("*.csv.gz"))
        for record in EventFile.open(path).records()
    ]


def test_it_works(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    ledger.record(rows(30) + rows(20, "2015-08"))
    output = export("--before", "2015-08-15")
    files = sorted((tmp_path / "export").iterdir())
    assert [path.name for path in files] == ["events-2015-07.csv.gz", "events-2015-08.csv.gz"]
    assert all(str(path) in output for path in files)
    assert "44 events before 2015-08-15 written to 2 files" in output
    lines = gzip.decompress(files[0].read_bytes()).decode().splitlines()
    assert lines[:2] == [
        "hotel_id,status,event_timestamp,night_of_stay,room_reservation_id,id",
        "1,1,2015-07-01 10:00:00,2015-09-01,00000000-0000-0000-0000-000000000000,",
    ]
    assert ledger.size() == 50


def test_only_the_owner_can_read_a_file(tmp_path: Path) -> None:
    ledger.record(rows(3))
    export("--before", "2016-01-01", "--folder", str(tmp_path))
    [path] = tmp_path.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("page_events", [1, 2, 100])
def test_every_value_is_exported_in_the_order_of_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page_events: int
) -> None:
    monkeypatch.setattr(event_export, "PAGE_EVENTS", page_events)
    events = [
        EventRow(70_000, moment, f"{number:032x}", "2016-02-29", number % 2 + 1, source)
        for moment in MOMENTS
        for number, source in enumerate((None, 0, 7, 2**63 - 1))
    ]
    ledger.record(events)
    export("--before", "2016-02-29", "--folder", str(tmp_path))
    assert read_files(tmp_path) == [row for row in events if row.timestamp < "2016-02-29"]


def test_without_old_events_nothing_is_written(tmp_path: Path) -> None:
    ledger.record(rows(3))
    assert "0 events" in export("--before", "2015-07-01", "--folder", str(tmp_path / "new"))
    assert not list((tmp_path / "new").iterdir())


def test_the_files_load_into_the_same_ledger_and_into_an_empty_one(
    queue: EventQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "_queue", queue)
    events = [*rows(40), rows(1)[0]._replace(timestamp="2015-07-02 10:00:00.000500")]
    ledger.record(events)
    export("--before", "2016-01-01", "--folder", str(tmp_path))
    [path] = tmp_path.iterdir()
    before = ledger.read_events([], 100)

    call_command("trigger_load_events", str(path), stdout=io.StringIO())
    assert (tasks.record_queued_events(), ledger.size()) == (0, 41)

    call_command("flush", database="data_provider", interactive=False, verbosity=0)
    call_command("trigger_load_events", str(path), stdout=io.StringIO())
    assert tasks.record_queued_events() == 41
    without_id = [{**event, "id": 0} for event in before]
    again = [{**event, "id": 0} for event in ledger.read_events([], 100)]
    assert sorted(map(str, again)) == sorted(map(str, without_id))
    assert set(Event.objects.values_list("source_id", flat=True)) == {
        row.source_id for row in events
    }


def test_an_existing_file_is_not_overwritten_and_nothing_is_written(tmp_path: Path) -> None:
    ledger.record(rows(5) + rows(5, "2015-08"))
    existing = tmp_path / "events-2015-08.csv.gz"
    existing.write_text("mine")
    with pytest.raises(CommandError, match=r"events-2015-08\.csv\.gz exists already.*--folder"):
        export("--before", "2016-01-01", "--folder", str(tmp_path))
    assert ([*tmp_path.iterdir()], existing.read_text()) == ([existing], "mine")


def test_a_file_that_another_export_wrote_meanwhile_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.record(rows(5))
    original = event_export._verify

    def overtaken(temporary: Path, path: Path, written: str) -> None:
        path.write_text("mine")
        original(temporary, path, written)

    monkeypatch.setattr(event_export, "_verify", overtaken)
    with pytest.raises(CommandError, match="exists already"):
        export("--before", "2016-01-01", "--folder", str(tmp_path))
    [path] = tmp_path.iterdir()
    assert path.read_text() == "mine"


def test_a_file_that_does_not_read_back_does_not_appear(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.record(rows(5))
    original = event_export._csv_line
    monkeypatch.setattr(
        event_export, "_csv_line", lambda *row: original(*row).replace("2015-09-01", "2015-09-02")
    )
    with pytest.raises(CommandError, match="does not read back as it was written"):
        export("--before", "2016-01-01", "--folder", str(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", ["_csv_line", "_verify", "_refuse_existing"])
def test_an_interrupted_export_leaves_only_complete_files(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.record(rows(4) + rows(4, "2015-08"))
    original: Callable[..., Any] = getattr(event_export, step)

    def interrupted_in_august(*arguments: Any) -> Any:
        temporary = list(tmp_path.glob(".events-2015-08*"))
        if temporary:
            raise KeyboardInterrupt
        return original(*arguments)

    monkeypatch.setattr(event_export, step, interrupted_in_august)
    with pytest.raises(KeyboardInterrupt):
        export("--before", "2016-01-01", "--folder", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["events-2015-07.csv.gz"]
    assert read_files(tmp_path) == rows(4)


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ledger.record(rows(5))
    with pytest.raises(CommandError, match=r"cannot write to .*file/out: Not a directory"):
        export("--before", "2016-01-01", "--folder", str(tmp_path / "file" / "out"))


def test_a_database_that_does_not_answer_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> Any:
        raise DatabaseError("gone")

    ledger.record(rows(5))
    monkeypatch.setattr(event_export, "_pages", fail)
    with pytest.raises(CommandError, match="database does not answer: gone"):
        export("--before", "2016-01-01", "--folder", str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(CommandError, match="must be a date like 2024-05-01, not 'yesterday'"):
        export("--before", "yesterday")


def test_before_takes_a_date(tmp_path: Path) -> None:
    """A caller from Python gives a date; the command line gives text."""
    call_command("export_events", before=date(2016, 1, 1), folder=tmp_path, stdout=io.StringIO())
    assert list(tmp_path.iterdir()) == []
