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

The feed can be followed in shares of the hotels (`Share`), each with a position of its own: the
pages of all shares together hold every event exactly once. A share's position moves past the events
of the others, so that it never reads them again. A page looks at a bounded number of ids: a share
that is far behind, or has hardly an event, does not read the whole rest of the ledger at once.

The feed must be read from the primary server: a replica does not have the locks.
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from data_provider.ledger.epoch import check_epoch, current_epoch
from data_provider.ledger.event_query import read_events
from data_provider.ledger.ledger_connection import ledger_connection
from data_provider.ledger.query_conditions import Condition, Share
from data_provider.ledger.recording import WRITER_LOCK_NAMESPACE
from data_provider.ledger.totals import count_after, first_after, newest_position

SQL_OPEN_WRITERS = f"""
    SELECT min(((classid::bigint & 65535) << 32) | objid::bigint) FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1
      AND classid::bigint >> 16 = {WRITER_LOCK_NAMESPACE}
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
SQL_FIRST_ID = "SELECT min(id) FROM data_provider_event WHERE id > %s"
SQL_LAST_ID = "SELECT max(id) FROM data_provider_event WHERE id <= %s"

# Ids that a page of a share looks at: twice as many as it needs where all have as many events.
# The planner does not know how many are of the share, and reads all of them, which takes PostgreSQL
# 60 ms for the largest number.
MIN_SCANNED_IDS, SCANNED_IDS = 10_000, 200_000


class FeedPage(NamedTuple):
    """A page of the feed: events as REST shows them, and the position to continue after."""

    events: list[dict[str, Any]]
    position: int
    has_more: bool
    epoch: str  # of the ledger that the position belongs to


class FeedStatus(NamedTuple):
    """The events recorded after a position: their number, and when the first was recorded (UTC).

    `newest_position` is the highest id of the ledger, None when it is empty.
    """

    events: int  # 0 exactly when there is none
    is_estimate: bool
    oldest_recorded_at: datetime | None
    newest_position: int | None
    epoch: str


def read_feed(
    after: int, limit: int, epoch: str | None = None, share: Share | None = None
) -> FeedPage:
    """Return the next events in the order in which they became visible.

    Args:
        after: the position that the last page gave, 0 at the start.
        limit: the largest number of events to return.
        epoch: that the last page gave; None when the reader does not check it.
        share: only the events of these hotels; the position is that of the last event of any hotel
            that the page went past, so a page may be empty and have a higher position.
    Raises: LedgerRestored when the position belongs to another ledger.
    """
    horizon = newest_position()
    epoch = _checked_epoch(epoch, after, horizon)
    if horizon <= after:
        return FeedPage([], after, False, epoch)
    connection = ledger_connection()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(SQL_OPEN_WRITERS)
            open_writers = cursor.fetchone()[0]
        if open_writers is not None:
            horizon = min(horizon, open_writers)
    if share is not None:
        return _read_share(share, after, horizon, limit, epoch)
    conditions = [Condition("id", ">", after), Condition("id", "<=", horizon)]
    events = read_events(conditions, limit + 1, order="id")
    page = events[:limit]
    return FeedPage(page, page[-1]["id"] if page else after, len(events) > limit, epoch)


def _read_share(share: Share, after: int, horizon: int, limit: int, epoch: str) -> FeedPage:
    """Return the next events of a share; all ids up to the horizon are settled.

    A gap in the ids costs nothing: the ids that a page looks at begin with one that exists.
    """
    first = _fetch_id(SQL_FIRST_ID, after)
    if first is None or first > horizon:
        return FeedPage([], after, False, epoch)
    enough = max(MIN_SCANNED_IDS, 2 * limit * share.shares)
    last_scanned = min(horizon, first + min(SCANNED_IDS, enough))
    # The id of an event, and not the horizon, which may be one that no event has.
    end = _fetch_id(SQL_LAST_ID, last_scanned) or first
    conditions = [Condition("id", ">", after), Condition("id", "<=", end), share.condition()]
    events = read_events(conditions, limit + 1, order="id")
    if len(events) > limit:
        page = events[:limit]
        return FeedPage(page, page[-1]["id"], True, epoch)
    return FeedPage(events, end, last_scanned < horizon, epoch)


def _fetch_id(statement: str, position: int) -> int | None:
    with ledger_connection().cursor() as cursor:
        cursor.execute(statement, [position])
        found: int | None = cursor.fetchone()[0]
    return found


def feed_status(after: int, epoch: str | None = None, share: Share | None = None) -> FeedStatus:
    """Return how many events were recorded after a position, in the feed already or not yet.

    Many events are estimated; the question costs the same whatever their number. Only that of a
    share reads on to its first event.

    Raises: LedgerRestored when the position belongs to another ledger.
    """
    newest = newest_position()
    epoch = _checked_epoch(epoch, after, newest)
    count = count_after(after, share)
    first = first_after(after, share) if count.events else None
    oldest = first.recorded_at if first else None
    if isinstance(oldest, datetime) and oldest.tzinfo is None:  # SQLite
        oldest = oldest.replace(tzinfo=UTC)
    return FeedStatus(count.events, count.is_estimate, oldest, newest or None, epoch)


def _checked_epoch(epoch: str | None, after: int, newest: int) -> str:
    """Return the present epoch. Raises: LedgerRestored when it is not the reader's."""
    if epoch is None:
        return current_epoch()
    check_epoch(epoch, after, newest)
    return epoch
