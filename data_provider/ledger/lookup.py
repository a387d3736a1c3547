"""Look up which of given events the ledger holds, and with which optional values."""

from collections.abc import Sequence
from typing import Any

from common.postgres_arrays import array_literals
from data_provider.event_validation import EventRow, identity, optional_values
from data_provider.ledger.ledger_connection import ledger_connection
from data_provider.rate_and_words import NO_OPTIONAL_VALUES, OPTIONAL

ROWS_PER_QUERY = 500  # times ten values stays far below SQLite's limit of parameters

SQL_COUNT_POSTGRESQL = """
    SELECT count(*)
    FROM unnest(%s::int[], %s::timestamp[], %s::uuid[], %s::date[], %s::smallint[])
      AS row (hotel_id, moment, reservation, night, status)
    JOIN data_provider_event AS event
      ON event.hotel_id = row.hotel_id AND event.timestamp = row.moment AT TIME ZONE 'UTC'
      AND event.room_reservation_id = row.reservation AND event.night_of_stay = row.night
      AND event.rpg_status = row.status"""
SQL_COUNT_SQLITE = """
    WITH row (hotel_id, moment, reservation, night, status) AS (VALUES {values})
    SELECT count(*)
    FROM row CROSS JOIN data_provider_event AS event
      ON event.hotel_id = row.hotel_id AND event.timestamp = row.moment
      AND event.room_reservation_id = row.reservation AND event.night_of_stay = row.night
      AND event.rpg_status = row.status"""
# A value that an event does not name contradicts nothing.
SQL_CONFLICT = " OR ".join(
    f"(row.{name} IS NOT NULL AND (event.{name} IS NULL OR event.{name} <> row.{name}))"
    for name in OPTIONAL
)
SQL_CONFLICTS_POSTGRESQL = f"""
    SELECT count(*)
    FROM unnest(%s::int[], %s::timestamp[], %s::uuid[], %s::date[], %s::smallint[],
        %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[])
      AS row (hotel_id, moment, reservation, night, status, {", ".join(OPTIONAL)})
    JOIN data_provider_event AS event
      ON event.hotel_id = row.hotel_id AND event.timestamp = row.moment AT TIME ZONE 'UTC'
      AND event.room_reservation_id = row.reservation AND event.night_of_stay = row.night
      AND event.rpg_status = row.status
    WHERE {SQL_CONFLICT}"""
SQL_CONFLICTS_SQLITE = f"""
    WITH row (hotel_id, moment, reservation, night, status, {", ".join(OPTIONAL)})
      AS (VALUES {{values}})
    SELECT count(*)
    FROM row CROSS JOIN data_provider_event AS event
      ON event.hotel_id = row.hotel_id AND event.timestamp = row.moment
      AND event.room_reservation_id = row.reservation AND event.night_of_stay = row.night
      AND event.rpg_status = row.status
    WHERE {SQL_CONFLICT}"""


def count_recorded(rows: Sequence[EventRow]) -> int:
    """Return how many of the rows are in the ledger; rows that repeat count each time."""
    return _sum_over_parts(SQL_COUNT_POSTGRESQL, SQL_COUNT_SQLITE, list(map(identity, rows)))


def count_conflicts(rows: Sequence[EventRow]) -> int:
    """Return how many of the rows name an optional value that the stored event does not have.

    A row that is not in the ledger is no conflict.
    """
    named = [
        (*identity(row), *optional_values(row))
        for row in rows
        if optional_values(row) != NO_OPTIONAL_VALUES
    ]
    return _sum_over_parts(SQL_CONFLICTS_POSTGRESQL, SQL_CONFLICTS_SQLITE, named)


def _sum_over_parts(statement: str, statement_sqlite: str, rows: Sequence[tuple[Any, ...]]) -> int:
    """Return the sum of a statement's counts over parts of the rows."""
    connection = ledger_connection()
    count = 0
    with connection.cursor() as cursor:
        for start in range(0, len(rows), ROWS_PER_QUERY):
            part = rows[start : start + ROWS_PER_QUERY]
            if connection.vendor == "postgresql":
                cursor.execute(statement, array_literals(part))
            else:
                places = f"({', '.join(['%s'] * len(part[0]))})"
                values = ", ".join([places] * len(part))
                cursor.execute(
                    statement_sqlite.format(values=values),
                    [value for row in part for value in row],
                )
            count += int(cursor.fetchone()[0])
    return count
