"""The ledger asks its database as rarely as it can: round trips are what a request waits for."""

from typing import Any

import pytest
from django.db import connections

from data_provider import ledger
from data_provider.event_validation import EventRow

pytestmark = pytest.mark.django_db(databases=["data_provider"], transaction=True)

ROWS = [
    EventRow(number % 3 + 1, "2015-07-01 10:00:00", f"{number:032x}", "2015-09-01", 1, None)
    for number in range(9)
]
POSTGRESQL = connections["data_provider"].vendor == "postgresql"


def test_reading_events_is_one_query(django_assert_num_queries: Any) -> None:
    ledger.record(ROWS)
    with django_assert_num_queries(1, using="data_provider"):
        assert len(ledger.read_events([], 5)) == 5


def test_the_end_of_the_feed_is_the_newest_id_and_the_epoch(django_assert_num_queries: Any) -> None:
    ledger.record(ROWS)
    newest = ledger.newest_position()
    ledger.current_epoch()  # the test's database was emptied, which takes the stored one
    with django_assert_num_queries(2, using="data_provider"):
        assert ledger.read_feed(newest, 5).events == []


def test_a_page_of_the_feed_looks_at_the_writers_too(django_assert_num_queries: Any) -> None:
    ledger.record(ROWS)
    ledger.current_epoch()
    with django_assert_num_queries(4 if POSTGRESQL else 3, using="data_provider"):
        assert len(ledger.read_feed(0, 5).events) == 5


@pytest.mark.skipif(not POSTGRESQL, reason="on SQLite, a batch is many statements")
def test_recording_is_one_statement(django_assert_num_queries: Any) -> None:
    for write in (lambda: ledger.record_one(ROWS[0]), lambda: ledger.record(ROWS)):
        with django_assert_num_queries(1, using="data_provider"):
            write()
