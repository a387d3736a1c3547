"""`archive_events`: old events go elsewhere, and nobody sees it."""

import gzip
import io
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlencode

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client
from django.utils.timezone import now
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TransactionTestCase

from data_provider import archive, archiving, ledger, tasks
from data_provider.csv_loading.csv_reader import EventFile
from data_provider.event_queue.queue_stream import EventQueue
from data_provider.event_validation import EventRow
from data_provider.models import ArchiveSegment, Event
from data_provider.tests.integration.test_read_events import pages

MOMENTS = [  # twins, decimals of a second, ends of months and years
    "2015-07-31 23:59:59",
    "2015-07-31 23:59:59.999999",
    "2015-08-01 00:00:00",
    "2015-08-01 00:00:00.500000",
    "2015-12-31 12:00:00",
    "2016-02-29 10:00:00",
    "2017-03-01 10:00:00",
]
NIGHTS = ["2015-07-30", "2016-02-29", "2017-05-01"]
ROWS = st.lists(
    st.builds(
        EventRow,
        st.sampled_from([1, 2, 70_000]),
        st.sampled_from(MOMENTS),
        st.integers(1, 4).map(lambda number: f"{number:032x}"),
        st.sampled_from(NIGHTS),
        st.sampled_from([1, 2]),
        st.sampled_from([None, 0, 7, 2**63 - 1]),
    ),
    min_size=1,
    max_size=12,
)
DATES = st.sampled_from(
    [date(2015, 7, 1), date(2015, 8, 1), date(2015, 12, 31), date(2016, 3, 1), date(2020, 1, 1)]
)
QUERIES = st.fixed_dictionaries(
    {"page_size": st.sampled_from([1, 2, 5, 100])},
    optional={
        "hotel_id": st.sampled_from([1, 2, 3, 70_000]),
        "rpg_status": st.sampled_from([1, 2]),
        "room_reservation_id": st.integers(1, 5).map(lambda number: f"{number:032x}"),
        "updated__gte": st.sampled_from([*MOMENTS, "2015-08-01"]),
        "updated__gt": st.sampled_from([*MOMENTS, "2015-07-31"]),
        "updated__lte": st.sampled_from([*MOMENTS, "2015-12-31"]),
        "updated__lt": st.sampled_from([*MOMENTS, "2016-02-29"]),
        "night_of_stay__gte": st.sampled_from(NIGHTS),
        "night_of_stay__lte": st.sampled_from(NIGHTS),
    },
)


def archived(before: date, folder: Path) -> archiving.Archived:
    return archiving.run(before, folder, lambda count: None)


def every_answer(client: Client, queries: list[dict[str, Any]], newest: int) -> list[Any]:
    """What anybody can see of the ledger."""
    answers: list[Any] = [
        ledger.size(),
        ledger.newest_position(),
        ledger.hotels(2),
        ledger.hotels(9),
    ]
    answers += [pages(client, f"/events/?{urlencode(query)}") for query in queries]
    answers.append(client.get("/events/").content)
    for position in sorted({0, 1, newest // 2, newest - 1, newest, newest + 1}):
        answers.append(ledger.recorded_after(position))
        answers.append(client.get(f"/events/feed/status/?after={position}").content)
        for limit in (3, 1000):
            answers.append(client.get(f"/events/feed/?after={position}&limit={limit}").content)
    return answers


class TestNobodySeesIt(TransactionTestCase):
    databases = {"data_provider"}

    @settings(max_examples=15)
    @given(
        st.lists(ROWS, min_size=1, max_size=3),
        st.lists(DATES, min_size=1, max_size=3),
        st.lists(QUERIES, min_size=1, max_size=4),
        st.integers(1, 6),
    )
    def test_every_answer_is_the_same_as_before(
        self,
        batches: list[list[EventRow]],
        dates: list[date],
        queries: list[dict[str, Any]],
        segment_events: int,
    ) -> None:
        for batch in batches:
            ledger.record(batch)
        client = Client()
        newest = ledger.newest_position()
        before = every_answer(client, queries, newest)
        events = ledger.read([], 1_000)
        with (
            tempfile.TemporaryDirectory() as folder,
            mock.patch.object(archive, "SEGMENT_EVENTS", segment_events),
        ):
            for day in dates:
                archived(day, Path(folder))
                assert every_answer(client, queries, newest) == before
        assert not Event.objects.filter(timestamp__date__lt=max(dates)).exists()

        for batch in batches:  # known all the same, together or alone
            assert ledger.record(batch) == (0, len(batch))
        for event in events:
            answer = client.post("/events/", event, content_type="application/json")
            assert (answer.status_code, answer.json()) == (200, event)
        late = {**events[0], "room_reservation_id": "f" * 32}
        assert client.post("/events/", late, content_type="application/json").status_code == 201
        assert ledger.newest_position() > newest, "a position is never given twice"


ledger_test = pytest.mark.django_db(databases=["data_provider"], transaction=True)


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


def command(*arguments: str) -> str:
    out = io.StringIO()
    call_command("archive_events", *arguments, stdout=out)
    return out.getvalue()


@ledger_test
def test_it_works(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    ledger.record(rows(30) + rows(20, "2015-08"))
    said = command("--before", "2015-08-15")
    files = sorted((tmp_path / "archive").iterdir())
    assert [path.name for path in files] == ["events-2015-07.csv.gz", "events-2015-08.csv.gz"]
    assert all(str(path) in said for path in files)
    assert "44 events of 3 hotels from before 2015-08-15 went to 2 files" in said
    lines = gzip.decompress(files[0].read_bytes()).decode().splitlines()
    assert lines[:2] == [
        "hotel_id,status,event_timestamp,night_of_stay,room_reservation_id,id",
        "1,1,2015-07-01 10:00:00,2015-09-01,00000000-0000-0000-0000-000000000000,",
    ]
    assert (Event.objects.count(), ledger.size()) == (6, 50)


@ledger_test
def test_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    ledger.record(rows(30))
    said = command("--before", "2015-08-15", "--output", str(tmp_path / "out"), "--dry-run")
    assert "30 events from before 2015-08-15 would go to" in said
    assert (Event.objects.count(), ArchiveSegment.objects.count()) == (30, 0)
    assert not (tmp_path / "out").exists()


@ledger_test
def test_what_is_younger_than_a_year_stays(tmp_path: Path) -> None:
    oldest = now().date() - timedelta(days=archive.KEPT_DAYS)
    with pytest.raises(CommandError, match=f"too recent.*give {oldest} or an earlier date"):
        command("--before", str(oldest + timedelta(days=1)), "--output", str(tmp_path))
    command("--before", str(oldest), "--output", str(tmp_path))


@ledger_test
def test_the_youngest_archived_event_is_known(tmp_path: Path) -> None:
    """Who records looks into the archive for all that may lie there."""
    oldest = now().date() - timedelta(days=archive.KEPT_DAYS)
    row = rows(1)[0]._replace(timestamp=f"{oldest - timedelta(days=1)} 23:59:59.999999")
    ledger.record([row])
    assert archived(oldest, tmp_path).events == 1
    assert ledger.record([row]) == (0, 1)
    assert ledger.record_one(row)[1] is False


@ledger_test
def test_the_files_load_into_the_same_ledger_and_into_an_empty_one(
    queue: EventQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "_queue", queue)
    events = [*rows(40), rows(1)[0]._replace(timestamp="2015-07-02 10:00:00.000500")]
    ledger.record(events)
    [path] = archived(date(2016, 1, 1), tmp_path).files
    shown = ledger.read([], 100)

    call_command("trigger_load_events", str(path), stdout=io.StringIO())
    assert (tasks.record_queued_events(), ledger.size()) == (0, 41)

    call_command("flush", database="data_provider", interactive=False, verbosity=0)
    call_command("trigger_load_events", str(path), stdout=io.StringIO())
    assert tasks.record_queued_events() == 41
    without_id = [{**event, "id": 0} for event in shown]
    again = [{**event, "id": 0} for event in ledger.read([], 100)]
    assert sorted(map(str, again)) == sorted(map(str, without_id))
    assert set(Event.objects.values_list("source_id", flat=True)) == {
        row.source_id for row in events
    }


@ledger_test
def test_a_second_run_of_a_month_gets_a_file_of_its_own(tmp_path: Path) -> None:
    ledger.record(rows(5))
    archived(date(2016, 1, 1), tmp_path)
    ledger.record(rows(8))
    [path] = archived(date(2016, 1, 1), tmp_path).files
    assert path.name == "events-2015-07-2.csv.gz"
    assert len(list(EventFile.open(path).records())) == 3


@ledger_test
def test_what_does_not_read_back_is_not_taken_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.record(rows(5))
    honest = archiving._csv_line
    monkeypatch.setattr(
        archiving, "_csv_line", lambda row: honest(row).replace("2015-09-01", "2015-09-02")
    )
    with pytest.raises(CommandError, match="does not read back as it was written"):
        command("--before", "2016-01-01", "--output", str(tmp_path))
    assert (Event.objects.count(), list(tmp_path.iterdir())) == (5, [])


@ledger_test
def test_two_runs_into_one_folder(tmp_path: Path) -> None:
    ledger.record(rows(5))
    with archiving._alone_in(tmp_path), pytest.raises(CommandError, match="another archive_events"):
        command("--before", "2016-01-01", "--output", str(tmp_path))
    assert archived(date(2016, 1, 1), tmp_path).events == 5


@ledger_test
def test_two_runs_into_two_folders_move_no_event_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.record(rows(5))
    honest = archiving._commit

    def overtaken(*arguments: Any) -> None:
        monkeypatch.setattr(archiving, "_commit", honest)
        archived(date(2016, 1, 1), tmp_path / "first")
        honest(*arguments)

    monkeypatch.setattr(archiving, "_commit", overtaken)
    with pytest.raises(CommandError, match="another archive_events moves the same events"):
        command("--before", "2016-01-01", "--output", str(tmp_path / "second"))
    assert (ledger.size(), ArchiveSegment.objects.count()) == (5, 1)


@ledger_test
def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ledger.record(rows(5))
    with pytest.raises(CommandError, match="file/out: Not a directory"):
        command("--before", "2016-01-01", "--output", str(tmp_path / "file" / "out"))
    assert Event.objects.count() == 5


@ledger_test
def test_a_reader_whose_event_moves_while_it_reads_sees_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table is read, then all goes into the archive, then the archive is read."""
    ledger.record(rows(9))
    archived(date(2015, 7, 3), tmp_path)
    before = ledger.read([], 100), ledger.read_feed(0, 4)
    honest = archive.read

    def after_a_run(*arguments: Any, **named: Any) -> Any:
        archived(date(2016, 1, 1), tmp_path)
        return honest(*arguments, **named)

    monkeypatch.setattr(archive, "read", after_a_run)
    assert ledger.read([], 100) == before[0]
    assert Event.objects.count() == 0
    monkeypatch.setattr(archive, "read", honest)
    assert ledger.read_feed(0, 4) == before[1]


@ledger_test
def test_a_new_ledger_is_asked_once_for_each_answer(django_assert_num_queries: Any) -> None:
    """Without an archive its being possible costs no round trip; at the feed's end it saves some."""
    ledger.record(rows(9))
    postgresql = connections["data_provider"].vendor == "postgresql"
    for ask, queries in (
        (lambda: ledger.read([], 5), 1),
        (lambda: ledger.read_feed(ledger.newest_position(), 5), 2),
        (lambda: ledger.read_feed(0, 5), 3 if postgresql else 2),
    ):
        with django_assert_num_queries(queries, using="data_provider"):
            ask()
    for day in (str(now().date()), "2015-01-01"):
        row = rows(1)[0]._replace(timestamp=f"{day} 00:00:00")
        if postgresql:
            with django_assert_num_queries(1, using="data_provider"):
                ledger.record_one(row)
            with django_assert_num_queries(1, using="data_provider"):
                ledger.record([row._replace(hotel_id=9)])


@ledger_test
@pytest.mark.parametrize("step", ["_write_file", "_read_back", "_free_name", "_move", "_commit"])
def test_a_run_that_ends_anywhere_leaves_each_event_somewhere(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run ends one step later than the one before; all that is committed stays."""
    monkeypatch.setattr(archive, "SEGMENT_EVENTS", 4)
    events = rows(9) + rows(6, "2015-08")
    ledger.record(events)
    shown = ledger.read([], 100)
    honest = getattr(archiving, step)
    ends = left = 0

    class Killed(BaseException):
        """What no handler of errors takes for one."""

    def ends_at_the_second(*arguments: Any) -> Any:
        nonlocal left
        left -= 1
        if not left:
            raise Killed
        return honest(*arguments)

    monkeypatch.setattr(archiving, step, ends_at_the_second)
    while ends < 20:
        left = 2
        try:
            archived(date(2016, 1, 1), tmp_path)
            break
        except Killed:
            ends += 1
            assert ledger.read([], 100) == shown
    assert 0 < ends < 20
    assert (Event.objects.count(), ledger.size()) == (0, len(events))
    assert ledger.read([], 100) == shown
    assert not list(tmp_path.glob("*.part"))
