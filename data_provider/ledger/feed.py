"""The feed: all events in the order in which they became visible.

Promise: a reader that follows `read_feed` from position to position sees every event exactly once,
also while many writers commit at the same time.

PostgreSQL takes ids before a commit makes them visible, so `id > after` alone would skip events
that commit late. Therefore each writer holds, until its transaction ends, a shared advisory lock
whose key carries the value of the id sequence before the writer took its ids (`recording.py`). A
reader first notes the highest visible id, then reads the locks, then reads events: only ids up to
the noted one and below every lock. An id at or below the noted one was taken before the reader read
the locks. So its writer either still holds its lock, which holds the reader back, or has ended, and
its event is visible. The cost is two short statements for each read. Only an open transaction of a
writer holds readers back, never an idle reader or another database;
`idle_in_transaction_session_timeout` (settings) bounds how long a stopped writer can. SQLite has
one writer at a time, so ids become visible in their order.

The feed must be read from the primary server: a replica does not have the locks.
"""

from datetime import datetime
from typing import Any, NamedTuple

from data_provider.ledger.event_query import read_events
from data_provider.ledger.ledger_connection import ledger_connection
from data_provider.ledger.query_conditions import Condition
from data_provider.ledger.recording import WRITER_LOCK_NAMESPACE
from data_provider.ledger.totals import newest_position

SQL_OPEN_WRITERS = f"""
    SELECT min(((classid::bigint & 65535) << 32) | objid::bigint) FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1
      AND classid::bigint >> 16 = {WRITER_LOCK_NAMESPACE}
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
SQL_STATUS = """
    SELECT count(*), min(recorded_at), (SELECT max(id) FROM data_provider_event)
    FROM data_provider_event WHERE id > %s"""


class FeedPage(NamedTuple):
    """A page of the feed: events as REST shows them, and the position to continue after."""

    events: list[dict[str, Any]]
    position: int
    has_more: bool


class FeedStatus(NamedTuple):
    """The events recorded after a position: their number, and when the first was recorded (UTC).

    `newest_position` is the highest id of the ledger, None when it is empty.
    """

    events: int
    oldest_recorded_at: datetime | None
    newest_position: int | None


def read_feed(after: int, limit: int) -> FeedPage:
    """Return the next events in the order in which they became visible.

    Args:
        after: the position that the last page gave, 0 at the start.
        limit: the largest number of events to return.
    """
    horizon = newest_position()
    if horizon <= after:
        return FeedPage([], after, False)
    connection = ledger_connection()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(SQL_OPEN_WRITERS)
            open_writers = cursor.fetchone()[0]
        if open_writers is not None:
            horizon = min(horizon, open_writers)
    conditions = [Condition("id", ">", after), Condition("id", "<=", horizon)]
    events = read_events(conditions, limit + 1, order="id")
    page = events[:limit]
    return FeedPage(page, page[-1]["id"] if page else after, len(events) > limit)


def feed_status(after: int) -> FeedStatus:
    """Return how many events were recorded after a position, in the feed already or not yet."""
    with ledger_connection().cursor() as cursor:
        cursor.execute(SQL_STATUS, [after])
        events, oldest, newest = cursor.fetchone()
    if isinstance(oldest, str):  # SQLite
        oldest = datetime.fromisoformat(f"{oldest}+00:00")
    return FeedStatus(events, oldest, newest)
