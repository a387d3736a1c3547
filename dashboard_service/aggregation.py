"""Events to counts: apply the feed, rebuild from it, check against a recount.

Exactly-once rests on two things: the feed gives every event once, in order, and one transaction
adds the counts of its pages and moves the position, or neither. Pages that another updater applied
in the meantime are dropped and read again, so two updaters can never count the same page. A hotel's
days are cut in one time zone at a time; a change of it swaps all its figures at once.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, NamedTuple

from django.db import connections, router, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from dashboard_service.counting.event_counts import (
    HOURS,
    ONE_CANCELLED,
    PICKUP,
    Counts,
    EventCounts,
    Key,
    Zones,
)
from dashboard_service.data_provider_client import FeedPage, Provider, ProviderError
from dashboard_service.models import (
    CheckReport,
    DashboardData,
    FeedPosition,
    HotelFigures,
    HotelProfile,
    HourlyData,
    PickupData,
)

logger = logging.getLogger(__name__)

PAGES_AT_ONCE = 5  # in one transaction, which takes about half a second
LOCKED_READ_EVENTS = 20_000  # two pages of the feed, which take less than a second
Progress = Callable[[int], None]  # is told how many events were read so far


class _Table(NamedTuple):
    """A table that counts are added to: its key's columns with their types in PostgreSQL."""

    name: str
    key: dict[str, str]

    def sql_add(self, vendor: str) -> str:
        """Adds rows to what is there: one by one on SQLite, as arrays on PostgreSQL."""
        columns = [*self.key, "gross_booking_count", "cancellation_count"]
        keys = ", ".join(self.key)
        if vendor == "postgresql":
            arrays = ", ".join(f"%s::{kind}[]" for kind in [*self.key.values(), "bigint"])
            source = (
                f"SELECT {keys}, (both_counts & {ONE_CANCELLED - 1})::int, "
                f"(both_counts >> 32)::int FROM unnest({arrays}) AS new ({keys}, both_counts)"
            )
        else:
            both = f"?{len(self.key) + 1}"
            values = [f"?{number + 1}" for number in range(len(self.key))]
            source = f"VALUES ({', '.join(values)}, {both} & {ONE_CANCELLED - 1}, {both} >> 32)"
        return f"""
            INSERT INTO {self.name} ({", ".join(columns)}) {source}
            ON CONFLICT ({", ".join(self.key)}) DO UPDATE SET
              gross_booking_count = {self.name}.gross_booking_count + excluded.gross_booking_count,
              cancellation_count = {self.name}.cancellation_count + excluded.cancellation_count"""


DAYS = _Table(
    "dashboard_service_dashboarddata", {"hotel_id": "int", "basis": "text", "day": "date"}
)
NIGHTS = _Table(
    "dashboard_service_pickupdata", {"hotel_id": "int", "night_of_stay": "date", "day": "date"}
)
HOURLY = _Table("dashboard_service_hourlydata", {"hotel_id": "int", "hour": "timestamptz"})


class Difference(NamedTuple):
    """Where the dashboard does not equal the recount; None where there is no row."""

    hotel_id: int
    basis: str
    day: date
    night_of_stay: date | None
    shown: Counts | None
    right: Counts | None

    def __str__(self) -> str:
        shown, right = (
            f"{counts.gross} booked {counts.cancelled} cancelled" if counts else "nothing"
            for counts in (self.shown, self.right)
        )
        night = f" of night {self.night_of_stay}" if self.night_of_stay else ""
        return (
            f"hotel {self.hotel_id}, {self.basis} {self.day}{night}: shown {shown}, right {right}"
        )


def _database() -> str:
    return router.db_for_write(DashboardData)


def position() -> FeedPosition:
    """How far the figures are; position 0 before the first event."""
    return FeedPosition.objects.filter(pk=FeedPosition.ONLY).first() or FeedPosition(position=0)


def _counted_zones() -> Zones:
    """In which time zones the figures are cut."""
    profiles = HotelProfile.objects.exclude(counted_time_zone="UTC")
    return dict(profiles.values_list("hotel_id", "counted_time_zone"))


def _wanted_zones() -> Zones:
    """In which time zones they should be."""
    profiles = HotelProfile.objects.exclude(time_zone="UTC")
    return dict(profiles.values_list("hotel_id", "time_zone"))


def update(provider: Provider, keep_going: Callable[[], bool] = lambda: True) -> int:
    """Follow the feed until its end, or until `keep_going` says no; how many events were counted.

    Raises: ProviderError; pages that were counted before stay counted.
    """
    counted = 0
    first = start = position().position
    try:
        while True:
            for batch in _batches(provider, start, keep_going):
                if not _apply(batch, start):
                    break  # somebody was faster: go on from where they are
                counted += batch.events
                start = batch.end
            else:
                return counted
            if not keep_going():
                return counted
            start = position().position
    finally:
        if counted:
            logger.info("counted %s events, feed position %s to %s", f"{counted:,}", first, start)


class _Batch:
    """Counts of pages of the feed that follow one another."""

    def __init__(self) -> None:
        self.zones = _counted_zones()
        self.counts = EventCounts(self.zones)
        self.pages = self.events = self.end = 0

    def add(self, page: FeedPage) -> None:
        self.counts.add(page.events)
        self.pages += 1
        self.events += len(page.events)
        self.end = page.position


def _batches(provider: Provider, start: int, keep_going: Callable[[], bool]) -> Iterator[_Batch]:
    """The feed from `start` as counts to add; far behind, those of several pages together.

    What the pages have in common, most days and nights, then costs one statement, not one a page.
    """
    pages = provider.follow(start)
    batch: _Batch | None = None
    is_wanted = True
    while is_wanted:
        try:
            page = next(pages, None)
        except ProviderError:
            if batch is not None:
                yield batch  # what came before is good
            raise
        if page is not None:
            batch = batch or _Batch()
            batch.add(page)
        is_wanted = page is not None and page.has_more and keep_going()
        if batch is not None and (batch.pages == PAGES_AT_ONCE or not is_wanted):
            yield batch
            batch = None


@contextmanager
def _locked_position() -> Iterator[FeedPosition]:
    """A transaction that holds the position: other updaters wait until it ends."""
    with transaction.atomic(using=_database()):
        FeedPosition.objects.get_or_create(pk=FeedPosition.ONLY)
        yield FeedPosition.objects.select_for_update().get(pk=FeedPosition.ONLY)


def _apply(batch: _Batch, start: int) -> bool:
    """Add counts and move the position, or do nothing when somebody was faster.

    Another updater moved the position, or a hotel was recounted in another time zone.
    """
    with _locked_position() as locked:
        if locked.position != start or _counted_zones() != batch.zones:
            return False
        _add(batch.counts)
        locked.position = batch.end
        locked.save()
    return True


def _add(counts: EventCounts) -> None:
    """Add counts to the tables. Whoever calls it holds the position, and so is alone."""
    connection = connections[_database()]
    tables: list[tuple[_Table, list[Any]]] = list(
        zip((DAYS, NIGHTS, HOURLY), counts.tables(), strict=True)
    )
    for table, rows in tables:
        if not rows:
            continue
        statement = table.sql_add(connection.vendor)
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])
        else:
            # The driver's own method, which takes texts as they are.
            with connection.wrap_database_errors:
                connection.connection.executemany(statement, rows)
    now = timezone.now()
    HotelFigures.objects.bulk_create(
        [HotelFigures(hotel_id=hotel, changed_at=now) for hotel in sorted(counts.hotels())],
        update_conflicts=True,
        unique_fields=["hotel_id"],
        update_fields=["changed_at"],
    )


def rebuild(
    provider: Provider, hotel_id: int | None = None, progress: Progress = lambda _: None
) -> int:
    """Recount and swap the result in; how many events were counted.

    The old figures stay readable until one transaction replaces them. Most events are read
    without a lock; what updaters counted meanwhile is read inside it, so that the new figures
    hold exactly the events up to the position. Hotels are cut in the time zone that they ask for.

    Args:
        hotel_id: only this hotel, by its own events; None for all, by the feed from its start.
    Raises: ProviderError; the figures are as before.
    """
    while True:
        zones = _wanted_zones()
        recount = _Recount(provider, zones, hotel_id, progress)
        # Until little is left to be read while the updaters wait.
        while (end := position().position) - recount.position > LOCKED_READ_EVENTS:
            if not recount.read_until(end):
                break
        with _locked_position() as locked:
            if _wanted_zones() != zones:
                continue
            if not recount.read_until(locked.position) and hotel_id is not None:
                raise ProviderError(
                    f"the feed ends before event {locked.position}, to which the figures count: "
                    f"rebuild all hotels"
                )
            _swap(recount, locked, hotel_id)
            return recount.counted


def _swap(recount: "_Recount", locked: FeedPosition, hotel_id: int | None) -> None:
    which = {} if hotel_id is None else {"hotel_id": hotel_id}
    if hotel_id is None:
        # Less than before when the ledger was restored to an earlier state.
        locked.position = min(locked.position, recount.position)
        locked.rebuild_needed = False
    for model in (DashboardData, PickupData, HourlyData, HotelFigures):
        model.objects.filter(**which).delete()
    _add(recount.counts)
    HotelProfile.objects.filter(**which).update(counted_time_zone=F("time_zone"))
    locked.save()


def recount_what_changed(provider: Provider) -> list[int] | None:
    """Rebuild hotels whose time zone was changed, or everything where that is needed.

    It is after an upgrade that asks for it, and after the ledger was restored to an earlier state.

    Returns: the hotels that were rebuilt; None for all.
    Raises: ProviderError.
    """
    reached = position()
    if reached.rebuild_needed or provider.behind(reached.position).is_shorter:
        rebuild(provider)
        return None
    changed = HotelProfile.objects.exclude(counted_time_zone=F("time_zone"))
    hotels = list(changed.values_list("hotel_id", flat=True))
    for hotel in hotels:
        rebuild(provider, hotel)
    return hotels


class _Recount:
    """Counts of the events up to a position that may move on."""

    def __init__(
        self, provider: Provider, zones: Zones, hotel_id: int | None, progress: Progress
    ) -> None:
        self.counts = EventCounts(zones)
        self.position = 0
        self.counted = 0
        self._provider = provider
        self._hotel_id = hotel_id
        self._progress = progress
        self._read = 0

    def read_until(self, end: int) -> bool:
        """Count on, up to and including `end`; False when the feed ends before it."""
        if self._hotel_id is not None and self.position == 0:
            for events in self._provider.events(self._hotel_id):
                self._count(events, end)
            self.position = end
        if self.position >= end:
            return True
        for page in self._provider.follow(self.position):
            self._count(page.events, end)
            self.position = min(end, page.position)
            if self.position == end:
                return True
        return False

    def _count(self, events: list[dict[str, Any]], end: int) -> None:
        self._read += len(events)
        wanted = [
            event
            for event in events
            if event["id"] <= end and self._hotel_id in (None, event["hotel_id"])
        ]
        self.counts.add(wanted)
        self.counted += len(wanted)
        self._progress(self._read)


class CheckResult(NamedTuple):
    """What a check compared: events recounted, counts compared, those that differ, and the
    hotels that were rebuilt for it."""

    events: int
    counts: int
    differences: list[Difference]
    rebuilt: list[int]


def check(
    provider: Provider,
    hotel_id: int | None = None,
    progress: Progress = lambda _: None,
    *,
    repair: bool = False,
) -> CheckResult:
    """Compare every day with a recount of `GET /events/`.

    Figures and position are read together; the recount takes the events up to that position, so
    that a check beside running loaders is exact, not nearly so. A check of all hotels is kept as
    a CheckReport.

    Args:
        hotel_id: only this hotel; None for all.
        repair: rebuild every hotel that differs.
    Raises: ProviderError.
    """
    with _locked_position() as locked:
        until = locked.position
        zones = _counted_zones()
        shown = _shown(hotel_id)
    recount = EventCounts(zones)
    counted = 0
    for page in provider.events(hotel_id):
        events = [event for event in page if event["id"] <= until]
        recount.add(events)
        counted += len(events)
        progress(counted)
    right = recount.rows()
    keys = shown.keys() | right.keys()
    nothing = Counts(0, 0)
    differences = [
        Difference(*key, shown.get(key), right.get(key))
        for key in sorted(keys, key=lambda key: (*key[:3], key[3] or date.min))
        if shown.get(key, nothing) != right.get(key, nothing)
    ]
    rebuilt = sorted({difference.hotel_id for difference in differences}) if repair else []
    for hotel in rebuilt:
        rebuild(provider, hotel)
    if hotel_id is None:
        CheckReport.objects.create(
            events=counted, counts=len(keys), differences=len(differences), repaired=bool(rebuilt)
        )
    return CheckResult(counted, len(keys), differences, rebuilt)


def _shown(hotel_id: int | None) -> dict[Key, Counts]:
    """The figures as they are."""

    def of(rows: QuerySet, *columns: str) -> Iterator[tuple[Any, ...]]:
        if hotel_id is not None:
            rows = rows.filter(hotel_id=hotel_id)
        yield from rows.values_list(
            "hotel_id", *columns, "gross_booking_count", "cancellation_count"
        )

    shown: dict[Key, Counts] = {
        (hotel, basis, day, None): Counts(*counts)
        for hotel, basis, day, *counts in of(DashboardData.objects.all(), "basis", "day")
    }
    shown |= {
        (hotel, PICKUP, day, night): Counts(*counts)
        for hotel, day, night, *counts in of(PickupData.objects.all(), "day", "night_of_stay")
    }
    shown |= {
        (hotel, HOURS, hour, None): Counts(*counts)
        for hotel, hour, *counts in of(HourlyData.objects.all(), "hour")
    }
    return shown
