"""The event ledger: record events once, read them by time, follow them as a feed.

Promises: an event that `record` or `record_one` returned for is committed (P1); an event with a
known identity changes nothing (P2); a reader that follows `read_feed` sees every event exactly
once, also while many writers commit at the same time.

How the feed keeps that on PostgreSQL, where ids are taken before the commit makes them visible:
each writer holds, until its transaction ends, a shared advisory lock whose key carries the id
counter as it stood before the writer took its ids. A reader first notes the highest id it can see,
then looks at the locks, then reads: only ids up to the noted one and below every lock. An id at or
below the noted one was taken before the reader looked, so its writer either still shows its lock
(and holds the reader back) or has ended, and its event is visible. Cost: two short statements for
each read; writers never wait for one another or for readers, and only an open transaction of a
writer holds readers back, never an idle reader or another database.
`idle_in_transaction_session_timeout` (settings) bounds how long a stopped writer can. On SQLite
there is one writer at a time, so ids become visible in their order.

The feed must be read from the primary server: a replica does not know the locks.

Old events may lie in the archive (archive.py) and are read, counted and known all the same. An
event goes from the table into the archive in one transaction that keeps writers out (archiving.py).
So who reads asks the table first, then the archive: what went over in between is seen twice, and
dropped once, where the other order would miss it. Who records an event that is old enough to be
there does so only while there is no archive, which one statement finds out and does; else it takes
the table's lock first, looks into the archive, then records.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date, datetime
from operator import itemgetter
from typing import Any, NamedTuple, cast

from django.db import connections, router, transaction
from django.utils.timezone import now

from data_provider import archive
from data_provider.conditions import Condition, Order, Place
from data_provider.event_validation import EventRow, canonical_timestamp, identity, parse_timestamp
from data_provider.models import Event
from data_provider.signals import events_recorded

# The upper 16 bits of a writer's advisory lock; the lower 48 are the id counter it started at.
LOCK_NAMESPACE = 0x5247

SQL_COLUMNS = (
    "hotel_id, timestamp, room_reservation_id, night_of_stay, rpg_status, source_id, recorded_at"
)
SQL_ON_KNOWN = (
    "ON CONFLICT (hotel_id, timestamp, room_reservation_id, night_of_stay, rpg_status) DO NOTHING"
)
SQL_INSERT_SQLITE = (
    f"INSERT INTO data_provider_event ({SQL_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, %s) {SQL_ON_KNOWN}"
)
# As Django's cursor takes it.
SQL_INSERT_ONE_SQLITE = SQL_INSERT_SQLITE.replace("?", "%s") + " RETURNING id"
# One statement, and so one round trip and one transaction. An id is taken for a row of the join,
# and there is none before the lock is held.
SQL_ANNOUNCED = f"""
    WITH announced AS MATERIALIZED (
      SELECT pg_advisory_xact_lock_shared(({LOCK_NAMESPACE}::bigint << 48) | last_value)
      FROM data_provider_event_id_seq
    )
    INSERT INTO data_provider_event ({SQL_COLUMNS})"""
SQL_INSERT_POSTGRESQL = f"""
    {SQL_ANNOUNCED}
    SELECT hotel_id, moment AT TIME ZONE 'UTC', reservation, night, status, source_id, %s
    FROM announced, unnest(
      %s::int[], %s::timestamp[], %s::uuid[], %s::date[], %s::smallint[], %s::bigint[]
    ) AS new (hotel_id, moment, reservation, night, status, source_id) """
SQL_INSERT_ONE_POSTGRESQL = f"""
    {SQL_ANNOUNCED}
    SELECT %s, %s::timestamp AT TIME ZONE 'UTC', %s::uuid, %s::date, %s, %s::bigint, %s
    FROM announced """
# A statement waits for the table's lock before it takes its snapshot, so this sees what a run of
# `archive_events` that it waited for has moved.
SQL_UNLESS_ARCHIVED = "WHERE NOT EXISTS (SELECT 1 FROM data_provider_archivesegment) "
SQL_OPEN_WRITERS = f"""
    SELECT min(((classid::bigint & 65535) << 32) | objid::bigint) FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >> 16 = {LOCK_NAMESPACE}
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
SQL_READ = """
    SELECT id, hotel_id, CAST(timestamp AS text), rpg_status, CAST(room_reservation_id AS text),
      CAST(night_of_stay AS text), EXISTS (SELECT 1 FROM data_provider_archivesegment)
    FROM data_provider_event"""
SQL_NEWEST = """
    SELECT (SELECT max(id) FROM data_provider_event),
      (SELECT max(last_id) FROM data_provider_archivesegment)"""
SQL_SIZE = """
    SELECT (SELECT count(*) FROM data_provider_event),
      (SELECT sum(events) FROM data_provider_archivesegment)"""
# One statement, so that no event is counted here and there: how many events, when the first was
# recorded, the newest position; and which segment, where only some of its events are meant.
SQL_SINCE = """
    SELECT count(*), min(recorded_at), (SELECT max(id) FROM data_provider_event), NULL
    FROM data_provider_event WHERE id > %s
    UNION ALL
    SELECT events, first_recorded_at, last_id, CASE WHEN first_id <= %s THEN id END
    FROM data_provider_archivesegment WHERE last_id > %s
    UNION ALL
    SELECT 0, NULL, max(last_id), NULL FROM data_provider_archivesegment"""

# The first survives a crash of the server, the second is there before the first ANALYZE.
SQL_ESTIMATED_SIZE = """
    SELECT greatest(reltuples::bigint, pg_stat_get_live_tuples(oid), 0), (
      SELECT sum(events) FROM data_provider_archivesegment
    ) FROM pg_class WHERE oid = 'data_provider_event'::regclass"""


class Recorded(NamedTuple):
    """What became of a batch: events that are new in the ledger, and events it knew already."""

    created: int
    duplicates: int


class FeedPage(NamedTuple):
    """A page of the feed, JSON-ready events first; `position` is the id to ask after next."""

    events: list[dict[str, Any]]
    position: int
    has_more: bool


class Since(NamedTuple):
    """What the ledger took after a position, the oldest's time, and the ledger's newest id."""

    events: int
    oldest_recorded_at: datetime | None
    newest: int | None


def _database() -> str:
    return router.db_for_write(Event)


def record(rows: Sequence[EventRow]) -> Recorded:
    """Commit the events that the ledger does not know yet, all or none.

    Not to be called inside a transaction, whose end nobody here would know of.

    Args:
        rows: valid events in any order, repetitions allowed.
    Raises:
        django.db.Error: nothing was recorded.
    """
    # Two writers of the same events meet in the same order and cannot deadlock, and the index is
    # written from left to right.
    ordered = sorted(rows, key=identity)
    if not ordered:
        return Recorded(0, 0)
    old = archive.may_hold(row.timestamp for row in ordered)
    with _transaction():
        created = _insert(ordered, unless_archived=old)
    if old and not created and archive.exists():
        with _while_nothing_is_archived():
            unknown = archive.unknown(ordered)
            created = _insert(unknown) if unknown else 0
    if created:
        events_recorded.send(sender=None)
    return Recorded(created, len(rows) - created)


def record_one(row: EventRow) -> tuple[dict[str, Any], bool]:
    """Commit one event; give it as REST shows it, or the one that was known, and if it is new."""
    old = archive.may_hold([row.timestamp])
    with _transaction():
        position = _insert_one(row, unless_archived=old)
    if position is None:
        known = _known(row)
        if old and not known:  # there is an archive, and it holds others
            with _while_nothing_is_archived():
                position = _insert_one(row) if archive.unknown([row]) else None
            known = _known(row)
        if position is None:
            return known[0], False
    events_recorded.send(sender=None)
    shown = _shown(
        position,
        row.hotel_id,
        row.timestamp,
        row.rpg_status,
        row.room_reservation_id,
        row.night_of_stay,
    )
    return shown, True


def _transaction() -> AbstractContextManager[Any]:
    """What one statement needs to be committed whole: nothing on PostgreSQL.

    On SQLite many rows are many statements, and the lock must be waited for in the right place.
    """
    database = _database()
    if connections[database].vendor == "postgresql":
        return nullcontext()
    return transaction.atomic(using=database, durable=True)


@contextmanager
def _while_nothing_is_archived() -> Iterator[None]:
    """A transaction; from its begin to its end no event goes from the table into the archive."""
    database = _database()
    with transaction.atomic(using=database, durable=True):
        if connections[database].vendor == "postgresql":
            with connections[database].cursor() as cursor:
                cursor.execute("LOCK TABLE data_provider_event IN ROW EXCLUSIVE MODE")
        yield


def _known(row: EventRow) -> list[dict[str, Any]]:
    """The event with this identity, or none."""
    conditions = [
        Condition("hotel_id", "=", row.hotel_id),
        Condition("timestamp", "=", parse_timestamp(row.timestamp)),
        Condition("room_reservation_id", "=", uuid.UUID(row.room_reservation_id)),
        Condition("night_of_stay", "=", date.fromisoformat(row.night_of_stay)),
        Condition("rpg_status", "=", row.rpg_status),
    ]
    return read(conditions, 1)


def _insert(rows: Sequence[EventRow], *, unless_archived: bool = False) -> int:
    """Insert rows, or none where there is an archive; how many were new."""
    connection = connections[_database()]
    recorded_at = now()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            columns = [list(column) for column in zip(*rows, strict=True)]
            unless = SQL_UNLESS_ARCHIVED if unless_archived else ""
            statement = SQL_INSERT_POSTGRESQL + unless + SQL_ON_KNOWN
            cursor.execute(statement, [recorded_at, *columns])
            return int(cursor.rowcount)
        if unless_archived and archive.exists():
            return 0
        # The driver's own method, which takes the rows as they are; what they all share stands in
        # the statement.
        statement = SQL_INSERT_SQLITE % f"'{canonical_timestamp(recorded_at)}'"
        with connection.wrap_database_errors:
            return int(connection.connection.executemany(statement, rows).rowcount)


def _insert_one(row: EventRow, *, unless_archived: bool = False) -> int | None:
    """Insert a row, or none where there is an archive; its id, or None when it was not inserted."""
    connection = connections[_database()]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            unless = SQL_UNLESS_ARCHIVED if unless_archived else ""
            statement = f"{SQL_INSERT_ONE_POSTGRESQL}{unless}{SQL_ON_KNOWN} RETURNING id"
            cursor.execute(statement, [*row, now()])
        elif unless_archived and archive.exists():
            return None
        else:
            values = [*row, canonical_timestamp(now())]
            cursor.execute(SQL_INSERT_ONE_SQLITE, values)
        inserted = cursor.fetchone()
    return inserted[0] if inserted else None


def read(
    conditions: Iterable[Condition],
    limit: int,
    *,
    after: Place | None = None,
    order: Order = "timestamp, id",
) -> list[dict[str, Any]]:
    """Events as REST shows them.

    Values are read as text: building datetime and UUID objects only to print them again would
    cost more than the query; and so would building the query as a query set.

    Args:
        conditions: all of them hold.
        limit: how many events at most.
        after: only those behind this place, in the order of time.
    """
    connection = connections[_database()]
    conditions = list(conditions)
    wheres: list[str] = []
    values: list[Any] = []
    for column, operator, value in conditions:
        if operator == "IN":
            numbers = cast(list[int], value)
            wheres.append(f"{column} IN ({', '.join(['%s'] * len(numbers))})")
            values += numbers
        else:
            wheres.append(f"{column} {operator} %s")
            values.append(value)
    if after is not None:
        # The first comparison alone decides nothing; it lets the index start at the place.
        wheres.append("timestamp >= %s AND (timestamp > %s OR id > %s)")
        values += [after.timestamp, after.timestamp, after.id]
    if connection.vendor == "sqlite":
        values = [_sqlite_value(value) for value in values]
    where = f"WHERE {' AND '.join(wheres)}" if wheres else ""
    with connection.cursor() as cursor:
        cursor.execute(f"{SQL_READ} {where} ORDER BY {order} LIMIT %s", [*values, limit])
        rows: list[tuple[int, int, str, int, str, str, bool]] = cursor.fetchall()
    found = [_shown(*row[:6]) for row in rows]
    if rows and not rows[0][6]:
        return found
    archived = archive.read(conditions, limit, after=after, order=order)
    if not archived:
        return found
    by_id = {event["id"]: event for event in (*found, *(_shown(*row) for row in archived))}
    return sorted(by_id.values(), key=BY[order])[:limit]


# How a page is sorted.
BY: dict[Order, Callable[[dict[str, Any]], Any]] = {
    "id": itemgetter("id"),
    # Without its Z the text of a whole second comes before its decimals.
    "timestamp, id": lambda event: (event["event_timestamp"][:-1], event["id"]),
}


def _shown(
    position: int, hotel: int, moment: str, status: int, reservation: str, night: str
) -> dict[str, Any]:
    """An event as REST shows it, from the spellings of whatever database."""
    r = reservation
    return {
        "id": position,
        "hotel_id": hotel,
        # The usual spelling in place: calling another function costs as much as all the rest.
        "event_timestamp": f"{moment[:10]}T{moment[11:]}Z"
        if len(moment) == 19
        else rest_timestamp(moment),
        "status": status,
        "room_reservation_id": f"{r[:8]}-{r[8:12]}-{r[12:16]}-{r[16:20]}-{r[20:]}"
        if len(r) == 32
        else r,
        "night_of_stay": night,
    }


def _sqlite_value(value: Any) -> Any:
    """As SQLite's table spells a value."""
    if isinstance(value, datetime):
        return canonical_timestamp(value)
    return value.hex if isinstance(value, uuid.UUID) else value


def rest_timestamp(text: str) -> str:
    """A database's spelling of a UTC moment as ISO 8601 with `Z`."""
    if len(text) == 19:  # SQLite, whole seconds
        return f"{text[:10]}T{text[11:]}Z"
    text = text.removesuffix("+00")
    seconds, _, fraction = text.partition(".")
    digits = f".{fraction.ljust(6, '0')}" if fraction else ""
    return f"{seconds[:10]}T{seconds[11:]}{digits}Z"


def rest_uuid(text: str) -> str:
    """A database's spelling of a UUID with its hyphens."""
    if len(text) == 36:
        return text
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def read_feed(after: int, limit: int) -> FeedPage:
    """The next events in the order in which they became visible.

    Args:
        after: the position that the last page gave, 0 at the start.
        limit: how many events at most.
    """
    horizon = newest_position()
    if horizon <= after:
        return FeedPage([], after, False)
    connection = connections[_database()]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(SQL_OPEN_WRITERS)
            open_writers = cursor.fetchone()[0]
        if open_writers is not None:
            horizon = min(horizon, open_writers)
    conditions = [Condition("id", ">", after), Condition("id", "<=", horizon)]
    found = read(conditions, limit + 1, order="id")
    page = found[:limit]
    return FeedPage(page, page[-1]["id"] if page else after, len(found) > limit)


def since(position: int) -> Since:
    """How much the ledger took after a position, whether the feed shows it yet or not."""
    with connections[_database()].cursor() as cursor:
        cursor.execute(SQL_SINCE, [position] * 3)
        parts = cursor.fetchall()
    events, recorded = 0, []
    for count, first, _, segment in parts:
        if segment:
            count, first = archive.events_after(uuid.UUID(str(segment)), position)
        events += count
        if first:
            text = isinstance(first, str)
            recorded.append(datetime.fromisoformat(first + "+00:00") if text else first)
    newest = max((part[2] for part in parts if part[2]), default=None)
    return Since(events, min(recorded, default=None), newest)


def size() -> int:
    """How many events the ledger holds."""
    return sum(_both(SQL_SIZE))


def estimated_size() -> int:
    """About how many events the ledger holds, at no cost.

    On SQLite it is exact: no id is left out, and no event is lost. On PostgreSQL it is what the
    server keeps to plan with, which its own upkeep renews, and what is archived.
    """
    if connections[_database()].vendor == "sqlite":
        return newest_position()
    return sum(_both(SQL_ESTIMATED_SIZE))


def recorded_after(position: int) -> datetime | None:
    """When the first event after a position was recorded, None when there is none."""
    later = Event.objects.filter(id__gt=position).order_by("id")
    moments = [
        later.values_list("recorded_at", flat=True).first(),
        archive.recorded_after(position),
    ]
    return min((moment for moment in moments if moment), default=None)


def hotels(limit: int) -> list[int]:
    """The first hotels that have events, by number; each costs one look into the index."""
    found: list[int] = []
    events = Event.objects.order_by("hotel_id").values_list("hotel_id", flat=True)
    while len(found) < limit:
        following = events.filter(hotel_id__gt=found[-1] if found else 0).first()
        if following is None:
            break
        found.append(following)
    return sorted({*found, *archive.hotels(limit)})[:limit]


def newest_position() -> int:
    """The highest id in the ledger, 0 when it is empty."""
    return max(_both(SQL_NEWEST))


def _both(statement: str) -> list[int]:
    """What a statement finds in the table and in the archive, 0 for nothing."""
    with connections[_database()].cursor() as cursor:
        cursor.execute(statement)
        return [int(value or 0) for value in cursor.fetchone()]
