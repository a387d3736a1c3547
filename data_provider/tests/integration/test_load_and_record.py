"""Loading a CSV file into the queue, and recording the queue in the ledger."""

import gzip
import io
from pathlib import Path
from typing import Any

import pytest
import redis
from django.core.management import CommandError, call_command

from data_provider import tasks
from data_provider.event_queue.batch_format import UnreadableBatch
from data_provider.event_queue.dead_letters import bury
from data_provider.event_queue.queue_stream import DEAD_LETTERS, QUEUED_EVENTS, STREAM, EventQueue
from data_provider.event_validation import EventRow
from data_provider.models import Event

pytestmark = pytest.mark.django_db(databases=["data_provider"], transaction=True)

HEADER = "hotel_id,status,event_timestamp,night_of_stay,room_reservation_id,id\n"
ROW = EventRow(7, "2024-03-01 10:00:00", "0" * 31 + "1", "2024-05-01", 1, None)
LINE = "7,1,2024-03-01 10:00:00,2024-05-{:02},3f2b8c1e-0d4a-4b6e-9a51-00000000000{},{}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "events.csv"
    path.write_text(HEADER + "".join(LINE.format(n, n, n) for n in range(1, 6)))
    return path


@pytest.fixture(autouse=True)
def rejects_in_a_temporary_folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def load(*arguments: str) -> str:
    """Run trigger_load_events; return its standard output."""
    out = io.StringIO()
    call_command("trigger_load_events", *arguments, stdout=out)
    return out.getvalue()


def record(queue: EventQueue, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run the worker's task once; return how many events were new."""
    monkeypatch.setattr(tasks, "_queue", queue)
    return int(tasks.record_queued_events())


def test_it_works(queue: EventQueue, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "5 events queued, 0 rejected, 0 blank" in load(str(file))
    assert queue.status().events == 5
    assert record(queue, monkeypatch) == 5
    assert Event.objects.count() == 5
    assert Event.objects.filter(source_id=3).exists()
    assert (queue.length(), int(queue.client.get(QUEUED_EVENTS))) == (0, 0)


def test_the_same_file_again_changes_nothing(
    queue: EventQueue, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        load(str(file))
        record(queue, monkeypatch)
    assert Event.objects.count() == 5


def test_every_invalid_row_of_the_dirty_file_is_rejected_with_its_field(
    queue: EventQueue, shared_data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    output = load(str(shared_data / "dirty_events.csv"))
    assert "8 events queued, 11 rejected, 1 blank" in output
    assert record(queue, monkeypatch) == 7  # status 3 is a change
    [rejects] = (tmp_path / "rejects").glob("*.csv")
    lines = rejects.read_text().splitlines()[1:]
    fields = ["status"] + ["event_timestamp"] * 2 + ["night_of_stay"] * 2
    fields += ["room_reservation_id"] * 2 + ["hotel_id"] * 3 + ["room_reservation_id"]
    assert [int(line.split(",")[0]) for line in lines] == list(range(9, 20))
    assert all(field in line for field, line in zip(fields, lines, strict=True))


def test_a_dry_run_queues_nothing(queue: EventQueue, file: Path) -> None:
    assert "5 events valid" in load("--dry-run", str(file))
    assert not queue.client.exists(STREAM)


def test_a_batch_of_a_dead_worker_is_claimed(
    queue: EventQueue, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(str(file))
    dead = EventQueue(queue.client)
    assert len(dead.take(1)) == 1
    assert record(queue, monkeypatch) == 0
    monkeypatch.setattr("data_provider.event_queue.queue_stream.CLAIM_AFTER_MS", 0)
    assert record(queue, monkeypatch) == 5
    assert queue.status().in_flight == 0


def test_a_batch_that_two_workers_recorded_is_subtracted_once(
    queue: EventQueue, file: Path
) -> None:
    load(str(file))
    [batch] = queue.take(1)
    assert queue.remove(batch) is True
    assert queue.remove(batch) is False
    assert int(queue.client.get(QUEUED_EVENTS)) == 0


def test_a_batch_pushed_after_redis_was_emptied_is_recorded(
    queue: EventQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.client.flushall()  # removes the consumer group, which a running loader does not check
    queue.push([EventRow(7, "2024-03-01 10:00:00", "0" * 32, "2024-05-01", 1, None)])
    assert record(queue, monkeypatch) == 1


def test_a_load_without_redis_fails_and_reports_how_many_events_were_queued(
    queue: EventQueue, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> bytes:
        raise redis.ConnectionError("gone")

    monkeypatch.setattr(EventQueue, "push", fail)
    monkeypatch.setattr("data_provider.event_queue.queue_sender.RETRY_SECONDS", 0)
    with pytest.raises(CommandError, match=r"after 0 events .* were queued.*Load the file again"):
        load(str(file))


@pytest.mark.parametrize(
    "fields",
    [{"x": "y"}, {"rows": "["}, {"rows": '[["a"]]'}, {"rows": "7"}, {"rows": b"\xff\x00"},
     {"rows": '[[7,"2024-02-30 00:00:00","3f2b8c1e0d4a4b6e9a51000000000001","2024-05-01",1,null]]'}],
)  # fmt: skip
def test_an_unreadable_entry_goes_to_the_dead_letters_and_later_batches_are_recorded(
    queue: EventQueue, file: Path, monkeypatch: pytest.MonkeyPatch, fields: dict[str, Any]
) -> None:
    queue.client.xadd(STREAM, fields)
    load(str(file))
    assert record(queue, monkeypatch) == 5
    [(_, letter)] = queue.client.xrange(DEAD_LETTERS)
    assert letter[b"reason"]
    assert queue.length() == 0


def test_a_dead_letter_can_be_resent(
    queue: EventQueue, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(str(file))
    [batch] = queue.take(1)
    bury(queue, batch.id, "by mistake")
    call_command("dead_letters", "--resend", "all", stdout=io.StringIO())
    assert record(queue, monkeypatch) == 5
    assert queue.status().dead_letters == 0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"hotel_id,status\n1,1\n", "no column event_timestamp"),
        (HEADER.encode("utf-16"), "UTF-16"),
        (b"\x00\x01\x02", "no text"),
        (gzip.compress(HEADER.encode() * 1000, mtime=0)[:40], "cannot be read"),
    ],
)
def test_an_unusable_file_is_one_clear_error(
    queue: EventQueue, tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=reason):
        load(str(path))


def test_a_missing_file_is_one_clear_error(queue: EventQueue, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be opened"):
        load(str(tmp_path / "nothing.csv"))


def test_without_redis_one_clear_error(settings: Any, file: Path) -> None:
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere/valkey.sock"
    with pytest.raises(CommandError, match="Redis does not answer"):
        load(str(file))


@pytest.mark.parametrize("seal", [None, b"0" * 32])
def test_rows_without_a_valid_seal_are_validated_one_by_one(
    queue: EventQueue, seal: bytes | None
) -> None:
    """Rows that were written to Redis by hand, or sealed with another secret, are validated."""
    queue.push([ROW], "")
    [batch] = queue.take(1)
    fields = {name: value for name, value in batch.fields.items() if name != b"seal"}
    if seal:
        fields[b"seal"] = seal
    assert batch._replace(fields=fields).rows() == [ROW], "valid rows are accepted"
    fields[b"rows"] = fields[b"rows"].replace(ROW.night_of_stay.encode(), b"2023-02-30")
    with pytest.raises(UnreadableBatch, match="no real date"):
        batch._replace(fields=fields).rows()
    with pytest.raises(UnreadableBatch, match="no real date"):
        batch._replace(fields={**batch.fields, b"rows": fields[b"rows"]}).rows()
