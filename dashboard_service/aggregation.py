"""Events to daily counts: apply the feed, rebuild from it, check against a recount.

Exactly-once rests on two things: the feed gives every event once, in order, and one transaction
adds a page's counts and moves the position, or neither. A page that another updater applied in the
meantime is dropped and read again, so two updaters can never count the same page.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from django.db import connections, router, transaction

from dashboard_service.models import Basis, CheckReport, DashboardData, FeedPosition
from dashboard_service.provider import Provider, ProviderError

BOOKING = 1
BOOKED, STAY = Basis.BOOKED.value, Basis.STAY.value

SQL_ADD = """
    INSERT INTO dashboard_service_dashboarddata
      (hotel_id, basis, day, gross_booking_count, cancellation_count)
    VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (hotel_id, basis, day) DO UPDATE SET
      gross_booking_count =
        dashboard_service_dashboarddata.gross_booking_count + excluded.gross_booking_count,
      cancellation_count =
        dashboard_service_dashboarddata.cancellation_count + excluded.cancellation_count"""

Key = tuple[int, str, date]  # hotel, basis, day
Progress = Callable[[int], None]  # is told how many events were read so far


class Counts(NamedTuple):
    """Room-nights booked and room-nights cancelled."""

    gross: int
    cancelled: int


class Difference(NamedTuple):
    """A day on which the dashboard does not equal the recount; None where there is no row."""

    hotel_id: int
    basis: str
    day: date
    shown: Counts | None
    right: Counts | None

    def __str__(self) -> str:
        shown, right = (
            f"{counts.gross} booked {counts.cancelled} cancelled" if counts else "nothing"
            for counts in (self.shown, self.right)
        )
        return f"hotel {self.hotel_id}, {self.basis} {self.day}: shown {shown}, right {right}"


class DailyCounts:
    """Counts of events by hotel, basis and day (in UTC)."""

    def __init__(self) -> None:
        self._counts: defaultdict[tuple[int, str, str], list[int]] = defaultdict(lambda: [0, 0])

    def add(self, events: Iterable[dict[str, Any]]) -> None:
        """Count events. Raises: ProviderError when a date or time is none."""
        counts = self._counts
        for event in events:
            column = 0 if event["status"] == BOOKING else 1
            hotel = event["hotel_id"]
            counts[hotel, BOOKED, _utc_day(event["event_timestamp"])][column] += 1
            counts[hotel, STAY, event["night_of_stay"]][column] += 1

    def rows(self) -> dict[Key, Counts]:
        """The counts with real dates as keys. Raises: ProviderError."""
        try:
            return {
                (hotel, basis, date.fromisoformat(day)): Counts(*counts)
                for (hotel, basis, day), counts in self._counts.items()
            }
        except ValueError as error:
            raise ProviderError(f"an event has no real date: {error}") from error


def _utc_day(timestamp: str) -> str:
    if timestamp.endswith("Z"):
        return timestamp[:10]
    try:
        return datetime.fromisoformat(timestamp).astimezone(UTC).date().isoformat()
    except ValueError as error:
        raise ProviderError(f"an event has no real time: {timestamp!r}") from error


def _database() -> str:
    return router.db_for_write(DashboardData)


def position() -> FeedPosition:
    """How far the figures are; position 0 before the first event."""
    return FeedPosition.objects.filter(pk=FeedPosition.ONLY).first() or FeedPosition(position=0)


def update(provider: Provider, keep_going: Callable[[], bool] = lambda: True) -> int:
    """Follow the feed until its end, or until `keep_going` says no; how many events were counted.

    Raises: ProviderError; pages that were counted before stay counted.
    """
    counted = 0
    while True:
        start = position().position
        page = provider.feed(start)
        if not page.events:
            return counted
        counts = DailyCounts()
        counts.add(page.events)
        if _apply(counts, start, page.position):
            counted += len(page.events)
        if not page.has_more or not keep_going():
            return counted


@contextmanager
def _locked_position() -> Iterator[FeedPosition]:
    """A transaction that holds the position: other updaters wait until it ends."""
    with transaction.atomic(using=_database()):
        FeedPosition.objects.get_or_create(pk=FeedPosition.ONLY)
        yield FeedPosition.objects.select_for_update().get(pk=FeedPosition.ONLY)


def _apply(counts: DailyCounts, start: int, end: int) -> bool:
    """Add counts and move the position, or do nothing when another updater moved it first."""
    rows = counts.rows()
    with _locked_position() as locked:
        if locked.position != start:
            return False
        _add(rows)
        locked.position = end
        locked.save()
    return True


def _add(rows: dict[Key, Counts]) -> None:
    values = [(*key, *counts) for key, counts in sorted(rows.items())]
    with connections[_database()].cursor() as cursor:
        cursor.executemany(SQL_ADD, values)


def rebuild(
    provider: Provider, hotel_id: int | None = None, progress: Progress = lambda _: None
) -> int:
    """Recount from the feed's start and swap the result in; how many events were counted.

    The old figures stay readable until one transaction replaces them. Most of the feed is read
    without a lock; what updaters counted meanwhile is read inside it, so that the new figures
    hold exactly the events up to the position.

    Args:
        hotel_id: only this hotel; None for all.
    Raises: ProviderError; the figures are as before.
    """
    recount = _Recount(provider, hotel_id, progress)
    recount.read_until(position().position)
    with _locked_position() as locked:
        recount.read_until(locked.position)
        old = DashboardData.objects.all()
        if hotel_id is not None:
            old = old.filter(hotel_id=hotel_id)
        elif recount.position < locked.position:
            locked.position = recount.position  # the ledger was restored to an earlier state
        old.delete()
        _add(recount.counts.rows())
        locked.save()
    return recount.counted


class _Recount:
    """Counts of the feed from its start up to a position that may move on."""

    def __init__(self, provider: Provider, hotel_id: int | None, progress: Progress) -> None:
        self.counts = DailyCounts()
        self.position = 0
        self.counted = 0
        self._provider = provider
        self._hotel_id = hotel_id
        self._progress = progress
        self._read = 0

    def read_until(self, end: int) -> None:
        """Count every event after the last one counted, up to and including `end`."""
        while self.position < end:
            page = self._provider.feed(self.position)
            if not page.events:
                return
            wanted = [event for event in page.events if event["id"] <= end]
            self.position = end if len(wanted) < len(page.events) else page.position
            self._read += len(wanted)
            if self._hotel_id is not None:
                wanted = [event for event in wanted if event["hotel_id"] == self._hotel_id]
            self.counts.add(wanted)
            self.counted += len(wanted)
            self._progress(self._read)


class CheckResult(NamedTuple):
    """What a check compared: events recounted, days compared, the days that differ, and the
    hotels that were rebuilt for it."""

    events: int
    days: int
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
        rows = DashboardData.objects.all()
        if hotel_id is not None:
            rows = rows.filter(hotel_id=hotel_id)
        shown = {
            (hotel, basis, day): Counts(gross, cancelled)
            for hotel, basis, day, gross, cancelled in rows.values_list(
                "hotel_id", "basis", "day", "gross_booking_count", "cancellation_count"
            )
        }
    recount = DailyCounts()
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
        for key in sorted(keys)
        if shown.get(key, nothing) != right.get(key, nothing)
    ]
    rebuilt = sorted({difference.hotel_id for difference in differences}) if repair else []
    for hotel in rebuilt:
        rebuild(provider, hotel)
    if hotel_id is None:
        CheckReport.objects.create(
            events=counted, days=len(keys), differences=len(differences), repaired=bool(rebuilt)
        )
    return CheckResult(counted, len(keys), differences, rebuilt)
