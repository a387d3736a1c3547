"""Statements about many hotels, each with dates of its own: the hotels are a table of the query.

A hotel's today and its newest day are its own, so that no single range of dates selects the rows of
all. CROSS JOIN makes SQLite look up each hotel's rows by their index; PostgreSQL does so anyway.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connections, router

from dashboard_service.models import HotelFigures


def rows_of_hotels(
    sql: str, columns: Sequence[str], hotels: Sequence[Sequence[Any]]
) -> list[tuple[Any, ...]]:
    """Return the rows of a statement that names the hotels' table `hotels`; none without hotels.

    Args:
        sql: a constant, without parameters.
        columns: of the table; the first one is `hotel_id`.
        hotels: the table's rows, numbers and dates, none of them None.
    Raises: django.db.Error.
    """
    if not hotels:
        return []
    row = f"({', '.join(['%s'] * len(columns))})"
    values = ", ".join([row] * len(hotels))
    statement = f"WITH hotels ({', '.join(columns)}) AS (VALUES {values}) {sql}"
    connection = connections[router.db_for_read(HotelFigures)]
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for hotel in hotels for value in hotel])
        return list(cursor.fetchall())
