"""Numbers about the whole ledger: its size, its newest position, its hotels.

Only `size` counts all rows. Everything else reads a bounded number of index entries, whatever the
ledger's size: what is few is counted, what is many is estimated.
"""

from datetime import datetime
from typing import Any, NamedTuple

from data_provider.event_validation import canonical_timestamp
from data_provider.ledger.ledger_connection import ledger_connection
from data_provider.ledger.query_conditions import Share
from data_provider.models import Event

COUNTED_EVENTS = 10_000  # more are estimated
# An estimate counts the ids in 64 windows of 200, evenly spread. Ids have gaps: an insert takes an
# id for each row, also for one that the ledger holds already. So a file that was loaded again left
# one long gap, of which each end is off by at most a 64th of the ids.
WINDOWS, WINDOW_IDS = 64, 200

WORD_EVENTS = 5_000  # of which the words are listed
HOTELS_AT_ONCE = 400  # in one statement; SQLite takes 500 rows of values

SQL_NEWEST_POSITION = "SELECT max(id) FROM data_provider_event"
SQL_COUNT_FIRST = """
    SELECT count(*), max(id) FROM (
      SELECT id FROM data_provider_event WHERE id > %s ORDER BY id LIMIT %s
    ) AS first_events"""
SQL_COUNT_WINDOWS = """
    WITH windows (low) AS (VALUES {lows})
    SELECT sum((
      SELECT count(*) FROM (
        SELECT id FROM data_provider_event WHERE id >= low AND id < low + %s ORDER BY id LIMIT %s
      ) AS in_window
    )) FROM windows"""
SQL_FIRST_AFTER = """
    SELECT id, recorded_at FROM data_provider_event
    WHERE id > %s {and_share} ORDER BY id LIMIT 1"""
SQL_COUNT_SHARE = """
    SELECT count(*) FROM data_provider_event WHERE id >= %s AND id < %s AND {share}"""
SQL_COUNT_LATER = """
    SELECT count(*) FROM (
      SELECT 1 FROM data_provider_event WHERE timestamp > %s LIMIT %s
    ) AS later_events"""
# Jumps from hotel to hotel over the index that begins with hotel_id; DISTINCT would read all of it.
SQL_HOTELS = """
    WITH RECURSIVE hotels (hotel_id) AS (
      SELECT (SELECT min(hotel_id) FROM data_provider_event WHERE hotel_id > %s)
      UNION ALL
      SELECT (SELECT min(e.hotel_id) FROM data_provider_event e WHERE e.hotel_id > hotels.hotel_id)
      FROM hotels WHERE hotels.hotel_id IS NOT NULL
    )
    SELECT hotel_id FROM hotels WHERE hotel_id IS NOT NULL LIMIT %s"""
SQL_HOTELS_AMONG = """
    WITH own (hotel_id) AS (VALUES {numbers})
    SELECT hotel_id FROM own
    WHERE EXISTS (SELECT 1 FROM data_provider_event e WHERE e.hotel_id = own.hotel_id)
    ORDER BY hotel_id"""
# The planner's estimate survives a crash of the server; the statistics are there before the first
# ANALYZE.
SQL_ESTIMATED_SIZE = """
    SELECT greatest(reltuples::bigint, pg_stat_get_live_tuples(oid), 0)
    FROM pg_class WHERE oid = 'data_provider_event'::regclass"""


# Of a share, the events among so many ids are counted, in some 20 ms; the later ones are estimated.
COUNTED_IDS = 100_000


class EventCount(NamedTuple):
    """A number of events, and whether it is an estimate."""

    events: int
    is_estimate: bool


def size() -> int:
    """Return the number of events in the ledger, which takes a second for some millions."""
    return Event.objects.count()


def estimated_size() -> int:
    """Return about how many events the ledger holds.

    The result is exact up to COUNTED_EVENTS. Beyond, it is the server's own estimate on PostgreSQL,
    which autovacuum renews, and on SQLite a sample of the ids.
    """
    few = _count_first(0)
    if few.last_id is None or few.events < COUNTED_EVENTS:
        return few.events
    if ledger_connection().vendor == "postgresql":
        return max(few.events, _fetch_number(SQL_ESTIMATED_SIZE))
    return few.events + _estimate_between(few.last_id, newest_position())


class FirstEvent(NamedTuple):
    """The first event after a position, and when it was recorded."""

    id: int
    recorded_at: datetime


def first_after(position: int, share: Share | None = None) -> FirstEvent | None:
    """Return the first event after a position, of a share or of all; None when there is none."""
    statement = SQL_FIRST_AFTER.format(and_share=f"AND {share.sql}" if share else "")
    with ledger_connection().cursor() as cursor:
        cursor.execute(statement, [position])
        row = cursor.fetchone()
    return FirstEvent(*row) if row else None


def count_after(position: int, share: Share | None = None) -> EventCount:
    """Return how many events have an id above a position: 0 exactly when there is none.

    Args:
        share: only its events; many are estimated as its part of all.
    """
    if share is not None:
        return _count_share(position, share)
    few = _count_first(position)
    if few.last_id is None or few.events < COUNTED_EVENTS:
        return EventCount(few.events, False)
    return EventCount(few.events + _estimate_between(few.last_id, newest_position()), True)


def _count_share(position: int, share: Share) -> EventCount:
    first, newest = first_after(position, share), newest_position()
    if first is None:
        return EventCount(0, False)
    end = first.id + COUNTED_IDS
    statement = SQL_COUNT_SHARE.format(share=share.sql)
    counted = int(_fetch_row(statement, [first.id, end])[0])
    if end > newest:
        return EventCount(counted, False)
    return EventCount(counted + _estimate_between(end - 1, newest) // share.shares, True)


def count_later_than(moment: datetime) -> EventCount:
    """Return how many events happened after a moment: COUNTED_EVENTS, an estimate, if more."""
    is_text = ledger_connection().vendor == "sqlite"  # as SQLite stores it
    parameter = canonical_timestamp(moment) if is_text else moment
    [events] = _fetch_row(SQL_COUNT_LATER, [parameter, COUNTED_EVENTS])
    return EventCount(events, events == COUNTED_EVENTS)


def newest_position() -> int:
    """Return the highest id in the ledger, 0 when it is empty."""
    return _fetch_number(SQL_NEWEST_POSITION)


def hotels_after(hotel_id: int, limit: int, among: frozenset[int] | None = None) -> list[int]:
    """Return the hotels that have events, in order; each costs one index lookup.

    Args:
        hotel_id: only hotels with a higher number.
        limit: the largest number of hotels to return.
        among: only these hotels; None for all.
    """
    if among is None:
        return _fetch_column(SQL_HOTELS, [hotel_id, limit])
    found: list[int] = []
    candidates = sorted(hotel for hotel in among if hotel > hotel_id)
    for start in range(0, len(candidates), HOTELS_AT_ONCE):
        if len(found) >= limit:
            break
        numbers = ", ".join(f"({number})" for number in candidates[start : start + HOTELS_AT_ONCE])
        found += _fetch_column(SQL_HOTELS_AMONG.format(numbers=numbers), [])
    return found[:limit]


def newest_words(column: str, limit: int) -> list[str]:
    """Return the words of the newest WORD_EVENTS events in a column, in order, at most `limit`.

    Args:
        column: one of `rate_and_words.WORDS`.
    """
    newest = newest_position()
    words = Event.objects.filter(id__gt=newest - WORD_EVENTS, **{f"{column}__isnull": False})
    return list(words.order_by(column).values_list(column, flat=True).distinct()[:limit])


class _First(NamedTuple):
    """The first events after a position, COUNTED_EVENTS at most, and the last id of them."""

    events: int
    last_id: int | None


def _count_first(position: int) -> _First:
    return _First(*_fetch_row(SQL_COUNT_FIRST, [position, COUNTED_EVENTS]))


def _estimate_between(low: int, high: int) -> int:
    """Return about how many events have ids above `low` up to `high`."""
    ids = high - low
    width = min(WINDOW_IDS, -(-ids // WINDOWS))  # rounded up
    if width <= 0:
        return 0
    lows = [low + 1 + number * (ids - width) // (WINDOWS - 1) for number in range(WINDOWS)]
    # The numbers are our own integers; as parameters PostgreSQL would take them for text.
    statement = SQL_COUNT_WINDOWS.format(lows=", ".join(f"({number})" for number in lows))
    [found] = _fetch_row(statement, [width, width])
    return round(ids * int(found) / (WINDOWS * width))


def _fetch_number(statement: str) -> int:
    return int(_fetch_row(statement)[0] or 0)


def _fetch_column(statement: str, parameters: list[Any]) -> list[int]:
    with ledger_connection().cursor() as cursor:
        cursor.execute(statement, parameters)
        return [number for (number,) in cursor.fetchall()]


def _fetch_row(statement: str, parameters: list[Any] | None = None) -> tuple[Any, ...]:
    with ledger_connection().cursor() as cursor:
        cursor.execute(statement, parameters)
        row: tuple[Any, ...] = cursor.fetchone()
    return row
