"""Look up which of given events the ledger holds, by their identities."""

from collections.abc import Sequence

from data_provider.event_validation import EventRow
from data_provider.ledger.ledger_connection import ledger_connection

ROWS_PER_QUERY = 500  # times five values stays far below SQLite's limit of parameters

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


def count_recorded(rows: Sequence[EventRow]) -> int:
    """Return how many of the rows are in the ledger; rows that repeat count each time."""
    return sum(
        _count(rows[start : start + ROWS_PER_QUERY])
        for start in range(0, len(rows), ROWS_PER_QUERY)
    )


def _count(rows: Sequence[EventRow]) -> int:
    connection = ledger_connection()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                SQL_COUNT_POSTGRESQL,
                [list(column) for column in zip(*(row[:5] for row in rows), strict=True)],
            )
        else:
            values = ", ".join(["(%s, %s, %s, %s, %s)"] * len(rows))
            cursor.execute(
                SQL_COUNT_SQLITE.format(values=values),
                [value for row in rows for value in row[:5]],
            )
        return int(cursor.fetchone()[0])
