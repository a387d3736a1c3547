"""Numbers about the whole ledger: its size, its newest position, its hotels.

Only `size` counts rows; everything else costs a few index lookups, whatever the ledger's size.
"""

from datetime import datetime

from data_provider.ledger.ledger_connection import ledger_connection
from data_provider.models import Event

SQL_NEWEST_POSITION = "SELECT max(id) FROM data_provider_event"
# The planner's estimate survives a crash of the server; the statistics are there before the first
# ANALYZE.
SQL_ESTIMATED_SIZE = """
    SELECT greatest(reltuples::bigint, pg_stat_get_live_tuples(oid), 0)
    FROM pg_class WHERE oid = 'data_provider_event'::regclass"""


def size() -> int:
    """Return the number of events in the ledger."""
    return Event.objects.count()


def estimated_size() -> int:
    """Return about how many events the ledger holds, without counting them.

    On SQLite the result is exact, because no id is skipped and no event is deleted. On PostgreSQL
    it is the server's own estimate, which autovacuum renews.
    """
    if ledger_connection().vendor == "sqlite":
        return newest_position()
    return _fetch_number(SQL_ESTIMATED_SIZE)


def newest_position() -> int:
    """Return the highest id in the ledger, 0 when it is empty."""
    return _fetch_number(SQL_NEWEST_POSITION)


def recorded_after(position: int) -> datetime | None:
    """Return when the first event after a position was recorded (UTC), None without one."""
    later = Event.objects.filter(id__gt=position).order_by("id")
    return later.values_list("recorded_at", flat=True).first()


def first_hotels(limit: int) -> list[int]:
    """Return the lowest hotel numbers that have events; each costs one index lookup."""
    hotels: list[int] = []
    numbers = Event.objects.order_by("hotel_id").values_list("hotel_id", flat=True)
    while len(hotels) < limit:
        following = numbers.filter(hotel_id__gt=hotels[-1] if hotels else 0).first()
        if following is None:
            break
        hotels.append(following)
    return hotels


def _fetch_number(statement: str) -> int:
    with ledger_connection().cursor() as cursor:
        cursor.execute(statement)
        return int(cursor.fetchone()[0] or 0)
