"""Migration 0003: events that an earlier version packed into its archive return to the table."""

import uuid
import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.db import IntegrityError, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from data_provider import ledger
from data_provider.event_validation import EventRow
from data_provider.models import Event

pytestmark = pytest.mark.django_db(databases=["data_provider"], transaction=True)

WITH_ARCHIVE = [("data_provider", "0002_archive")]
# All later migrations too: the tests that follow need them.
NEWEST = MigrationLoader(None, ignore_no_migrations=True).graph.leaf_nodes("data_provider")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
COLUMNS = (
    "id", "hotel_id", "timestamp", "night_of_stay", "rpg_status", "source_id", "recorded_at",
    "room_reservation_id",
)  # fmt: skip
ROWS = [
    EventRow(70_000, "1900-01-01 00:00:00", "f" * 32, "2199-12-31", 2, 2**63 - 1),
    EventRow(1, "2015-07-31 23:59:59.999999", f"{0:032x}", "1900-01-01", 1, None),
    EventRow(2, "2015-07-31 23:59:59.500000", f"{1:032x}", "2015-07-30", 2, 0),
    *(
        EventRow(n % 3 + 1, f"2015-08-{n % 28 + 1:02} 10:00:00", uuid.UUID(int=n << 60).hex,
                 "2015-09-01", n % 2 + 1, n)
        for n in range(2, 40)
    ),
]  # fmt: skip


def migrate(target: list[tuple[str, str]]) -> Any:
    """Migrate the ledger's database; return the models of that state."""
    executor = MigrationExecutor(connections["data_provider"])
    return executor.migrate(target).apps


def pack(events: list[tuple[Any, ...]]) -> bytes:
    """Pack events (values of COLUMNS) as `archive_events` did."""
    *numbers, reservations = zip(*events, strict=True)
    ids, hotels, moments, nights, statuses, sources, recorded = numbers
    times = np.array([(moment - EPOCH) // MICROSECOND for moment in moments])
    days = np.array([(night - EPOCH.date()).days for night in nights])
    columns = [
        np.array(ids),
        np.array(hotels),
        times,
        days - times // 86_400_000_000,
        np.array(statuses),
        np.array([-1 if source is None else source for source in sources]),
        np.array([(moment - EPOCH) // MICROSECOND for moment in recorded]),
    ]
    planes = [
        np.diff(column, prepend=0).astype("<i8").view(np.uint8).reshape(-1, 8).T.tobytes()
        for column in columns
    ]
    return zlib.compress(b"".join([*planes, *(r.bytes for r in reservations)]), 9)


def archive(apps: Any, positions: list[int]) -> None:
    """Move events from the table into a segment, as `archive_events` did."""
    event, segment = (apps.get_model("data_provider", n) for n in ("Event", "ArchiveSegment"))
    chosen = event.objects.filter(id__in=positions).order_by("id")
    events = list(chosen.values_list(*COLUMNS))
    segment.objects.create(
        id=uuid.uuid4(), events=len(events), first_id=positions[0], last_id=positions[-1],
        first_timestamp=min(row[2] for row in events), last_timestamp=max(row[2] for row in events),
        first_hotel=1, last_hotel=70_000, first_recorded_at=events[0][6], reservations=b"",
        packed=pack(events),
    )  # fmt: skip
    apps.get_model("data_provider", "ArchivedHotel").objects.get_or_create(hotel_id=1)
    assert chosen.delete()[0] == len(positions)


def fetch(statement: str) -> list[tuple[Any, ...]]:
    with connections["data_provider"].cursor() as cursor:
        cursor.execute(statement)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


@pytest.fixture
def old_apps() -> Iterator[Any]:
    """The models of a database that has the archive's tables, with all of ROWS in its table."""
    ledger.record(ROWS)
    yield migrate(WITH_ARCHIVE)
    fetch("DELETE FROM data_provider_archivesegment RETURNING id")
    migrate(NEWEST)


def test_every_event_returns_as_it_was(old_apps: Any) -> None:
    stored = f"SELECT {', '.join(COLUMNS)} FROM data_provider_event ORDER BY id"
    before = fetch(stored)
    positions = [row[0] for row in before]
    for part in (positions[:20], positions[20:21], positions[22:]):
        archive(old_apps, part)
    assert len(fetch(stored)) == 1

    migrate(NEWEST)
    assert fetch(stored) == before
    assert len(ledger.read_events([], 100)) == len(ROWS)
    assert ledger.record(ROWS) == (0, len(ROWS), 0), "the table knows their identities"
    event = Event.objects.get(hotel_id=70_000)
    assert (event.timestamp, event.night_of_stay) == (
        datetime(1900, 1, 1, tzinfo=UTC),
        date(2199, 12, 31),
    )
    assert fetch("SELECT count(*) FROM data_provider_archivesegment") == [(0,)]
    assert fetch("SELECT count(*) FROM data_provider_archivedhotel") == [(0,)]


def test_the_next_position_is_not_disturbed(old_apps: Any) -> None:
    newest = ledger.newest_position()
    archive(old_apps, list(range(newest - 9, newest + 1)))
    migrate(NEWEST)
    event, created = ledger.record_one(ROWS[0]._replace(rpg_status=1))
    assert (created, event["id"]) == (True, newest + 1)


def test_a_migration_that_fails_changes_nothing_and_can_be_repeated(old_apps: Any) -> None:
    positions = [row[0] for row in fetch("SELECT id FROM data_provider_event ORDER BY id")]
    archive(old_apps, positions[:10])
    archive(old_apps, positions[10:20])
    event = old_apps.get_model("data_provider", "Event")
    stranger = event.objects.create(
        id=positions[15], hotel_id=9, timestamp=EPOCH, night_of_stay=date(2015, 1, 1),
        rpg_status=1, room_reservation_id=uuid.uuid4(),
    )  # fmt: skip
    with pytest.raises(IntegrityError):  # another event has the id of a packed one
        migrate(NEWEST)
    assert event.objects.count() == len(ROWS) - 20 + 1
    assert fetch("SELECT count(*) FROM data_provider_archivesegment") == [(2,)]
    stranger.delete()
    migrate(NEWEST)
    assert ledger.size() == len(ROWS)


def test_an_event_that_was_recorded_again_stays_once(old_apps: Any) -> None:
    positions = [row[0] for row in fetch("SELECT id FROM data_provider_event ORDER BY id")]
    archive(old_apps, positions[:10])
    recorded_again = ledger.record(ROWS)
    assert recorded_again.created == 10
    migrate(NEWEST)
    assert ledger.size() == len(ROWS)


def test_an_empty_database_migrates() -> None:
    migrate(WITH_ARCHIVE)
    migrate(NEWEST)
    assert ledger.size() == 0
