"""Read events that meet conditions, as REST shows them, in the order of time or of their ids.

Promise: pages that continue after a `Place` are as cheap at the end as at the start (keyset
pagination), and together they hold each event once.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from data_provider.event_validation import canonical_timestamp
from data_provider.ledger.ledger_connection import ledger_connection
from data_provider.ledger.query_conditions import Condition, Order, Place
from data_provider.ledger.rest_format import serialize_event

# The text has a name of its own: PostgreSQL would name it `timestamp`, too, and order by the text,
# for which it sorts all events instead of reading the first ones from an index.
SQL_READ = """
    SELECT id, hotel_id, CAST(timestamp AS text) AS time_text, rpg_status,
      CAST(room_reservation_id AS text), CAST(night_of_stay AS text),
      rate, currency, room_type, channel, segment
    FROM data_provider_event"""
# The first comparison is redundant; it lets the index scan start at the place.
SQL_AFTER_PLACE = "timestamp >= %s AND (timestamp > %s OR id > %s)"


def read_events(
    conditions: Iterable[Condition],
    limit: int,
    *,
    after: Place | None = None,
    order: Order = "timestamp, id",
) -> list[dict[str, Any]]:
    """Return events as REST shows them.

    Values are read as text, and without a query set: building datetime and UUID objects only to
    format them again would cost more than the query.

    Args:
        conditions: an event must meet all of them.
        limit: the largest number of events to return.
        after: only events behind this place in the order of time.
    """
    wheres: list[str] = []
    values: list[Any] = []
    for column, operator, value in conditions:
        if operator == "IN":
            numbers = cast(list[Any], value)
            wheres.append(f"{column} IN ({', '.join(['%s'] * len(numbers))})")
            values += numbers
        else:
            wheres.append(f"{column} {operator} %s")
            values.append(value)
    if after is not None:
        wheres.append(SQL_AFTER_PLACE)
        values += [after.timestamp, after.timestamp, after.id]
    connection = ledger_connection()
    if connection.vendor == "sqlite":
        values = [_sqlite_value(value) for value in values]
    where = f"WHERE {' AND '.join(wheres)}" if wheres else ""
    with connection.cursor() as cursor:
        cursor.execute(f"{SQL_READ} {where} ORDER BY {order} LIMIT %s", [*values, limit])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return [serialize_event(*row) for row in rows]


def _sqlite_value(value: Any) -> Any:
    """Return a value as SQLite's event table spells it."""
    if isinstance(value, datetime):
        return canonical_timestamp(value)
    return value.hex if isinstance(value, uuid.UUID) else value
