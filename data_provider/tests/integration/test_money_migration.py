"""Migrations 0005 and 0006: money comes into a full ledger without a copy of its table."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.test.utils import CaptureQueriesContext

from data_provider import ledger
from data_provider.event_validation import EventRow

pytestmark = pytest.mark.django_db(databases=["data_provider"], transaction=True)

BEFORE_MONEY = [("data_provider", "0004_ledger_epoch")]
NEWEST = MigrationLoader(None, ignore_no_migrations=True).graph.leaf_nodes("data_provider")
ROWS = [
    EventRow(7, "2024-03-01 10:00:00", f"{number:032x}", "2024-05-01", number % 2 + 1, number)
    for number in range(50)
]
CHANGE = ROWS[0]._replace(rpg_status=3, rate=99_000, currency="EUR")
# As the former version inserts.
SQL_FORMER_INSERT = (
    "INSERT INTO data_provider_event (hotel_id, timestamp, room_reservation_id, night_of_stay, "
    "rpg_status, source_id, recorded_at) VALUES (%s, %s, %s, %s, %s, %s, '2024-01-01 00:00:00')"
)


def migrate(target: list[tuple[str, str]]) -> None:
    MigrationExecutor(connections["data_provider"]).migrate(target)


@pytest.fixture
def former_table() -> Iterator[Any]:
    """The ledger's connection; the table is as it was before money, with all of ROWS."""
    ledger.record(ROWS)
    migrate(BEFORE_MONEY)
    yield connections["data_provider"]
    migrate(NEWEST)


def test_events_stay_and_take_money_from_now_on(former_table: Any) -> None:
    with former_table.cursor() as cursor:
        cursor.execute("SELECT * FROM data_provider_event ORDER BY id")
        before = cursor.fetchall()
    migrate(NEWEST)
    with former_table.cursor() as cursor:
        cursor.execute("SELECT * FROM data_provider_event ORDER BY id")
        assert cursor.fetchall() == [(*row, *[None] * 5) for row in before]
    assert ledger.record([*ROWS, CHANGE]) == (1, len(ROWS), 0)
    assert ledger.read_events([], 100)[-1]["rate"] == "99.00"


def test_no_row_is_written(former_table: Any) -> None:
    with CaptureQueriesContext(former_table) as queries:
        migrate(NEWEST)
    on_table = [q["sql"] for q in queries if '"data_provider_event"' in q["sql"]]
    rewriting = ("INSERT INTO", "UPDATE data", 'UPDATE "data', "CREATE TABLE", "DROP TABLE")
    assert on_table
    assert not [sql for sql in on_table if sql.startswith(rewriting) or "new__" in sql]


def test_the_former_version_writes_during_and_after(former_table: Any) -> None:
    migrate(NEWEST)
    row = ROWS[0]._replace(hotel_id=8)
    with former_table.cursor() as cursor:
        cursor.execute(SQL_FORMER_INSERT, row[:6])
    assert ledger.record([row]) == (0, 1, 0)


@pytest.mark.parametrize("status", [0, 4])
def test_another_status_is_still_refused(former_table: Any, status: int) -> None:
    migrate(NEWEST)
    with pytest.raises(IntegrityError), former_table.cursor() as cursor:
        cursor.execute(SQL_FORMER_INSERT, ROWS[0]._replace(rpg_status=status)[:6])


def test_another_process_sees_the_wider_check_at_once(former_table: Any) -> None:
    if former_table.vendor != "sqlite":
        pytest.skip("SQLite only: a connection there caches the definition")
    import sqlite3

    name = former_table.settings_dict["NAME"]
    other = sqlite3.connect(name, uri=str(name).startswith("file:"), timeout=10)
    try:
        other.execute("SELECT count(*) FROM data_provider_event").fetchone()
        migrate(NEWEST)
        statement = SQL_FORMER_INSERT.replace("%s", "?")
        with other:
            other.execute(statement, ROWS[0]._replace(rpg_status=3)[:6])
        assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        other.close()


def test_back_and_forth_twice(former_table: Any) -> None:
    for _ in range(2):
        migrate(NEWEST)
        migrate(BEFORE_MONEY)
    migrate(NEWEST)
    assert ledger.record([CHANGE]).created == 1
