"""`manage.py dead_letters`: list, show, resend or drop batches that could not be recorded."""

import io

import pytest
from django.core.management import CommandError, call_command

from data_provider.event_queue.dead_letters import bury, list_dead_letters
from data_provider.event_queue.queue_stream import EventQueue
from data_provider.event_validation import EventRow

pytestmark = pytest.mark.one_database

ROW = EventRow(7, "2024-03-01 10:00:00", "0" * 31 + "1", "2024-05-01", 1, None)


@pytest.fixture
def letters(queue: EventQueue) -> list[str]:
    """The ids of three dead letters."""
    for number in range(1, 4):
        queue.push([ROW] * number)
        [batch] = queue.take(1)
        bury(queue, batch.id, f"reason {number}")
    return [letter.id.decode() for letter in list_dead_letters(queue)]


def dead_letters(*arguments: str) -> str:
    out = io.StringIO()
    call_command("dead_letters", *arguments, stdout=out)
    return out.getvalue()


def test_it_lists_them_with_reasons(queue: EventQueue, letters: list[str]) -> None:
    lines = dead_letters().splitlines()
    assert [line.split()[0] for line in lines] == letters
    assert "2 events: reason 2" in lines[1]


def test_one_can_be_shown(queue: EventQueue, letters: list[str]) -> None:
    assert '"2024-03-01 10:00:00"' in dead_letters("--show", letters[0])


def test_one_is_resent_and_the_others_stay(queue: EventQueue, letters: list[str]) -> None:
    assert "1 dead letters with 2 events" in dead_letters("--resend", letters[1])
    status = queue.status()
    assert (status.dead_letters, status.batches, status.events) == (2, 1, 2)
    [batch] = queue.take(1)
    assert batch.rows() == [ROW] * 2


def test_all_are_resent(queue: EventQueue, letters: list[str]) -> None:
    assert "3 dead letters with 6 events" in dead_letters("--resend", "all")
    assert (queue.status().dead_letters, queue.status().events) == (0, 6)


def test_one_is_dropped(queue: EventQueue, letters: list[str]) -> None:
    dead_letters("--drop", letters[0])
    assert [letter.id.decode() for letter in list_dead_letters(queue)] == letters[1:]
    assert queue.length() == 0


def test_an_unknown_id_changes_nothing(queue: EventQueue, letters: list[str]) -> None:
    with pytest.raises(CommandError, match="no dead letter 1-1"):
        dead_letters("--drop", "1-1")
    assert queue.status().dead_letters == 3


def test_more_than_a_page_of_them(queue: EventQueue) -> None:
    for _ in range(250):
        queue.client.xadd("events:dead", {"rows": "[]", "reason": "x", "failed_at": "y"})
    assert len(dead_letters().splitlines()) == 250


def test_a_buried_batch_is_on_one_list_only(queue: EventQueue) -> None:
    queue.push([ROW])
    [batch] = queue.take(1)
    bury(queue, batch.id, "reason")
    assert (queue.length(), queue.status().dead_letters, queue.status().events) == (0, 1, 0)


def test_an_entry_deleted_by_hand_while_a_worker_had_it_is_skipped(queue: EventQueue) -> None:
    entry = queue.push([ROW])
    assert len(queue.take(1)) == 1
    queue.client.xdel("events:queue", entry)
    assert queue.take(1) == []
    assert queue.status().in_flight == 0
