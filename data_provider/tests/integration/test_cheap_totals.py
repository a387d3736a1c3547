"""Sizes and lags of the ledger are bounded questions: exact when small, else said as estimates."""

from typing import Any

import pytest
from django.db import connections
from django.test import Client

from data_provider import ledger
from data_provider.event_validation import EventRow
from data_provider.ledger import totals

pytestmark = pytest.mark.django_db(databases=["data_provider"], transaction=True)


def rows(first: int, count: int) -> list[EventRow]:
    return [
        EventRow(1, "2024-03-01 10:00:00", f"{number:032x}", "2024-05-01", 1, None)
        for number in range(first, first + count)
    ]


def status(client: Client, after: int) -> dict[str, Any]:
    return dict(client.get(f"/events/feed/status/?after={after}").json())


def test_the_estimated_size_is_true_after_repeated_loads() -> None:
    for _ in range(3):
        ledger.record(rows(0, 1_000))
    ledger.record(rows(1_000, 1))
    assert ledger.estimated_size() == 1_001


def test_a_large_ledger_with_gaps_is_estimated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals, "COUNTED_EVENTS", 100)
    ledger.record(rows(0, 3_000))
    for _ in range(3):  # 9,000 ids that no event has
        ledger.record(rows(0, 3_000))
    ledger.record(rows(3_000, 3_000))
    with connections["data_provider"].cursor() as cursor:
        if connections["data_provider"].vendor == "postgresql":
            # Else the inserts may be reported after ANALYZE counted the rows, and count again.
            cursor.execute("SELECT pg_stat_force_next_flush()")
            cursor.execute("ANALYZE data_provider_event")
    assert ledger.estimated_size() == pytest.approx(6_000, rel=0.1)


def test_a_short_lag_is_counted_and_a_long_one_estimated(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(totals, "COUNTED_EVENTS", 100)
    ledger.record(rows(0, 4_000))
    newest = ledger.newest_position()
    first = newest - 4_000
    assert status(client, newest)["events_after"] == 0
    answer = status(client, newest - 99)
    assert (answer["events_after"], "is_estimate" in answer) == (99, False)
    answer = status(client, first)
    assert answer["is_estimate"] is True
    assert answer["events_after"] == pytest.approx(4_000, rel=0.1)


def test_a_question_about_the_ledger_reads_a_bounded_number_of_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connection = connections["data_provider"]
    if connection.vendor != "sqlite":
        pytest.skip("SQLite only: it counts the steps of a statement")
    monkeypatch.setattr(totals, "COUNTED_EVENTS", 100)

    def steps() -> int:
        count = [0]
        connection.ensure_connection()
        connection.connection.set_progress_handler(lambda: count.__setitem__(0, count[0] + 1), 1)
        ledger.estimated_size()
        ledger.feed_status(0)
        connection.connection.set_progress_handler(None, 1)
        return count[0]

    ledger.record(rows(0, 20_000))
    few = steps()
    ledger.record(rows(20_000, 60_000))
    assert steps() < few * 1.2
