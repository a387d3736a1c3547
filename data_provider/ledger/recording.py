"""Record events in the ledger: the only code that writes to the event table.

Promises: an event that `record` or `record_one` returned for is committed (P1); an event whose
identity is already stored changes nothing (P2); a batch is stored as a whole or not at all.

On PostgreSQL each writer holds a shared advisory lock until its transaction ends. The feed
(`feed.py`) reads these locks to decide how far readers may go. Writers do not wait for one another
or for readers.
"""

import uuid
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.timezone import now

from common.postgres_arrays import array_literals
from data_provider.event_validation import (
    EventRow,
    canonical_timestamp,
    identity,
    optional_values,
    parse_timestamp,
    plain_values,
)
from data_provider.ledger.event_query import read_events
from data_provider.ledger.ledger_connection import database_alias, ledger_connection
from data_provider.ledger.lookup import count_conflicts
from data_provider.ledger.query_conditions import Condition
from data_provider.ledger.rest_format import serialize_event
from data_provider.rate_and_words import NO_OPTIONAL_VALUES
from data_provider.signals import events_recorded

# The upper 16 bits of a writer's advisory lock key. The lower 48 bits are the value of the id
# sequence before the writer took its ids.
WRITER_LOCK_NAMESPACE = 0x5247

SQL_PLAIN_COLUMNS = (
    "recorded_at, hotel_id, timestamp, room_reservation_id, night_of_stay, rpg_status, source_id"
)
SQL_OPTIONAL_COLUMNS = "rate, currency, room_type, channel, segment"
SQL_SKIP_DUPLICATES = (
    "ON CONFLICT (hotel_id, timestamp, room_reservation_id, night_of_stay, rpg_status) DO NOTHING"
)
# Events without optional values have statements of their own, so that they pay nothing for them.
SQL_INSERT_PLAIN_SQLITE = (
    f"INSERT INTO data_provider_event ({SQL_PLAIN_COLUMNS}) "
    f"VALUES (%s, ?, ?, ?, ?, ?, ?) {SQL_SKIP_DUPLICATES}"
)
SQL_INSERT_SQLITE = (
    f"INSERT INTO data_provider_event ({SQL_PLAIN_COLUMNS}, {SQL_OPTIONAL_COLUMNS}) "
    f"VALUES (%s, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) {SQL_SKIP_DUPLICATES}"
)
# With the placeholders of Django's cursor.
SQL_INSERT_ONE_SQLITE = SQL_INSERT_SQLITE.replace("?", "%s") + " RETURNING id"
# One statement, and so one round trip and one transaction. PostgreSQL takes an id for each row of
# the join, and the join has no row before the lock is held.
SQL_ANNOUNCED = f"""
    WITH announced AS MATERIALIZED (
      SELECT pg_advisory_xact_lock_shared(({WRITER_LOCK_NAMESPACE}::bigint << 48) | last_value)
      FROM data_provider_event_id_seq
    )"""
SQL_INSERT_PLAIN_POSTGRESQL = f"""
    {SQL_ANNOUNCED}
    INSERT INTO data_provider_event ({SQL_PLAIN_COLUMNS})
    SELECT %s, hotel_id, moment AT TIME ZONE 'UTC', reservation, night, status, source_id
    FROM announced, unnest(
      %s::int[], %s::timestamp[], %s::uuid[], %s::date[], %s::smallint[], %s::bigint[]
    ) AS new (hotel_id, moment, reservation, night, status, source_id)
    {SQL_SKIP_DUPLICATES}"""
SQL_INSERT_POSTGRESQL = f"""
    {SQL_ANNOUNCED}
    INSERT INTO data_provider_event ({SQL_PLAIN_COLUMNS}, {SQL_OPTIONAL_COLUMNS})
    SELECT %s, hotel_id, moment AT TIME ZONE 'UTC', reservation, night, status, source_id,
      rate, currency, room_type, channel, segment
    FROM announced, unnest(
      %s::int[], %s::timestamp[], %s::uuid[], %s::date[], %s::smallint[], %s::bigint[],
      %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[]
    ) AS new (hotel_id, moment, reservation, night, status, source_id,
      rate, currency, room_type, channel, segment)
    {SQL_SKIP_DUPLICATES}"""
SQL_INSERT_ONE_POSTGRESQL = f"""
    {SQL_ANNOUNCED}
    INSERT INTO data_provider_event ({SQL_PLAIN_COLUMNS}, {SQL_OPTIONAL_COLUMNS})
    SELECT %s, %s, %s::timestamp AT TIME ZONE 'UTC', %s::uuid, %s::date, %s, %s::bigint,
      %s::bigint, %s, %s, %s, %s
    FROM announced
    {SQL_SKIP_DUPLICATES} RETURNING id"""


class Recorded(NamedTuple):
    """The result of a batch: the number of new events, and of events that were already stored.

    Conflicts are those of the duplicates that name a rate, currency or word which the stored event
    does not have. They change nothing either: to mend a rate, a change (status 3) is sent.
    """

    created: int
    duplicates: int
    conflicts: int = 0

    def as_answer(self) -> dict[str, int]:
        """Return the counts as REST and the load's report show them: conflicts only if any."""
        counts = self._asdict()
        if not self.conflicts:
            del counts["conflicts"]
        return counts


def record(rows: Sequence[EventRow]) -> Recorded:
    """Commit those of the events that the ledger does not hold yet, all of them or none.

    Must not be called inside a transaction: the events are committed when it returns.

    Args:
        rows: valid events in any order, repetitions allowed.
    Raises:
        django.db.Error: nothing was recorded.
    """
    # Sorted, so that two writers of the same events lock them in the same order and cannot
    # deadlock, and so that the index is written from left to right.
    ordered = sorted(rows, key=identity)
    if not ordered:
        return Recorded(0, 0)
    with _transaction():
        created = append(ordered)
    if created:
        events_recorded.send(sender=None)
    duplicates = len(rows) - created
    # What is stored never changes, so this needs no transaction and holds up no other writer.
    conflicts = count_conflicts(ordered) if duplicates else 0
    return Recorded(created, duplicates, conflicts)


def append(rows: Sequence[EventRow]) -> int:
    """Insert events within the caller's transaction; return how many were new.

    The caller sends `events_recorded` after its commit.

    Args:
        rows: sorted by identity, so that writers of the same events cannot deadlock.
    Raises:
        django.db.Error: the transaction must be rolled back.
    """
    connection = ledger_connection()
    is_plain = all(optional_values(row) == NO_OPTIONAL_VALUES for row in rows)
    values = list(map(plain_values, rows)) if is_plain else rows
    recorded_at = now()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            statement = SQL_INSERT_PLAIN_POSTGRESQL if is_plain else SQL_INSERT_POSTGRESQL
            cursor.execute(statement, [recorded_at, *array_literals(values)])
            return int(cursor.rowcount)
        # The driver's own method takes the rows as they are. The value that all rows share is part
        # of the statement.
        statement = SQL_INSERT_PLAIN_SQLITE if is_plain else SQL_INSERT_SQLITE
        statement %= f"'{canonical_timestamp(recorded_at)}'"
        with connection.wrap_database_errors:
            return int(connection.connection.executemany(statement, values).rowcount)


def record_one(row: EventRow) -> tuple[dict[str, Any], bool]:
    """Commit one event, unless the ledger holds it already.

    Returns:
        the stored event as REST shows it, and whether it is new.
    Raises:
        django.db.Error: nothing was recorded.
    """
    with _transaction():
        position = _insert_one(row)
    if position is None:
        return _stored_event(row), False
    events_recorded.send(sender=None)
    event = serialize_event(
        position,
        row.hotel_id,
        row.timestamp,
        row.rpg_status,
        row.room_reservation_id,
        row.night_of_stay,
        *optional_values(row),
    )
    return event, True


def check_writable() -> None:
    """Return when the ledger's database takes writes; change nothing.

    On SQLite this waits for another writer, on PostgreSQL for nobody: a table that somebody locked
    is an error.

    Raises:
        django.db.Error: it takes no writes (not reachable, read-only, locked, not migrated).
    """
    with transaction.atomic(using=database_alias()), ledger_connection().cursor() as cursor:
        if ledger_connection().vendor == "postgresql":
            cursor.execute("LOCK TABLE data_provider_event IN ROW EXCLUSIVE MODE NOWAIT")
        else:  # the transaction has the write lock
            cursor.execute("SELECT max(id) FROM data_provider_event")


def _transaction() -> AbstractContextManager[Any]:
    """Return the transaction that an insert needs.

    On PostgreSQL an insert is one statement and needs none. On SQLite many rows are many
    statements, and only BEGIN IMMEDIATE waits for the write lock.
    """
    if ledger_connection().vendor == "postgresql":
        return nullcontext()
    return transaction.atomic(using=database_alias(), durable=True)


def _insert_one(row: EventRow) -> int | None:
    """Insert a row; return its id, or None when its identity is already stored."""
    connection = ledger_connection()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(SQL_INSERT_ONE_POSTGRESQL, [now(), *row])
        else:
            cursor.execute(SQL_INSERT_ONE_SQLITE, [canonical_timestamp(now()), *row])
        inserted = cursor.fetchone()
    return inserted[0] if inserted else None


def _stored_event(row: EventRow) -> dict[str, Any]:
    """Return the stored event with the identity of a row, as REST shows it."""
    conditions = [
        Condition("hotel_id", "=", row.hotel_id),
        Condition("timestamp", "=", parse_timestamp(row.timestamp)),
        Condition("room_reservation_id", "=", uuid.UUID(row.room_reservation_id)),
        Condition("night_of_stay", "=", date.fromisoformat(row.night_of_stay)),
        Condition("rpg_status", "=", row.rpg_status),
    ]
    return read_events(conditions, 1)[0]
