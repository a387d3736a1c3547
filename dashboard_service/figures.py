"""What the dashboard shows: daily rows summed to the periods that somebody asks for.

Every period of the span is present, zeros filled in; months and years are sums of the same daily
rows, so that no figure can disagree with another. Net room-nights (`booking_count`) are gross
bookings less cancellations, and may be negative on a day on which more was cancelled than booked.
"""

import threading
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connections, router
from django.db.models import F, Max, Min, Q, QuerySet, Sum
from django.utils import timezone

from dashboard_service import aggregation, hotel_profiles
from dashboard_service.counting.event_counts import Counts
from dashboard_service.data_provider_client import Behind, Provider, ProviderError
from dashboard_service.models import (
    Basis,
    CheckReport,
    DashboardData,
    HotelFigures,
    HotelProfile,
    HourlyData,
    PickupData,
)

SQL_CHANGED_AT = "SELECT changed_at FROM dashboard_service_hotelfigures WHERE hotel_id = "

Period = Literal["day", "month", "year"]
COLUMNS = (
    "hotel_id",
    "period",
    "basis",
    "year",
    "month",
    "day",
    "booking_count",
    "gross_booking_count",
    "cancellation_count",
)


@dataclass(frozen=True, kw_only=True)
class Span:
    """What is asked for: a hotel's periods, of all its data or of a year, a month, a day."""

    hotel_id: int
    period: Period
    basis: str
    year: int | None = None
    month: int | None = None
    day: int | None = None

    def bounds(self) -> tuple[date, date] | None:
        """First and last date, both included; None when no year is given."""
        if self.year is None:
            return None
        if self.month is None:
            return date(self.year, 1, 1), date(self.year, 12, 31)
        if self.day is None:
            last = monthrange(self.year, self.month)[1]
            return date(self.year, self.month, 1), date(self.year, self.month, last)
        only = date(self.year, self.month, self.day)
        return only, only


def periods(span: Span) -> list[dict[str, Any]]:
    """The rows of a span in order of time; empty for a hotel without any data."""
    rows = DashboardData.objects.filter(hotel_id=span.hotel_id, basis=span.basis)
    bounds = span.bounds()
    wanted = rows.filter(day__range=bounds) if bounds is not None else rows
    days = list(
        wanted.order_by("day").values_list("day", "gross_booking_count", "cancellation_count")
    )
    if not days and (bounds is None or not rows.exists()):
        return []
    first, last = bounds or (days[0][0], days[-1][0])
    sums = {key: [0, 0] for key in _keys(span.period, first, last)}
    for day, gross, cancelled in days:
        total = sums[_key(span.period, day)]
        total[0] += gross
        total[1] += cancelled
    return [
        {
            "hotel_id": span.hotel_id,
            "period": span.period,
            "basis": span.basis,
            "year": key[0],
            "month": key[1] if len(key) > 1 else None,
            "day": key[2] if len(key) > 2 else None,
            "booking_count": gross - cancelled,
            "gross_booking_count": gross,
            "cancellation_count": cancelled,
        }
        for key, (gross, cancelled) in sums.items()
    ]


def _key(period: Period, day: date) -> tuple[int, ...]:
    if period == "day":
        return day.year, day.month, day.day
    return (day.year, day.month) if period == "month" else (day.year,)


def _keys(period: Period, first: date, last: date) -> Iterator[tuple[int, ...]]:
    if period == "year":
        yield from ((year,) for year in range(first.year, last.year + 1))
    elif period == "month":
        for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
            yield number // 12, number % 12 + 1
    else:
        for number in range((last - first).days + 1):
            yield _key("day", first + timedelta(days=number))


def hotels(
    basis: str, after: int, limit: int, only: frozenset[int] | None = None
) -> list[dict[str, Any]]:
    """The hotels that have data, by number, with first and last date on a basis, and totals.

    Args:
        only: these hotels at most; None for all.
    """
    rows = DashboardData.objects.filter(basis=basis, hotel_id__gt=after)
    if only is not None:
        rows = rows.filter(hotel_id__in=only)
    found = (
        rows.order_by("hotel_id")
        .values("hotel_id")
        .annotate(
            first_date=Min("day"),
            last_date=Max("day"),
            gross=Sum("gross_booking_count"),
            cancelled=Sum("cancellation_count"),
        )[:limit]
    )
    profiles = HotelProfile.objects.in_bulk([hotel["hotel_id"] for hotel in found])
    return [
        {
            **hotel_profiles.shown(
                profiles.get(hotel["hotel_id"]) or HotelProfile(hotel_id=hotel["hotel_id"])
            ),
            "first_date": hotel["first_date"],
            "last_date": hotel["last_date"],
            "booking_count": hotel["gross"] - hotel["cancelled"],
            "gross_booking_count": hotel["gross"],
            "cancellation_count": hotel["cancelled"],
        }
        for hotel in found
    ]


def changed_at(hotel_id: int) -> datetime | None:
    """When a hotel's figures last changed; None without any."""
    # Asked with every request, so by the driver's own method: a query set takes ten times as long,
    # a cursor of Django's three times.
    connection: Any = connections[router.db_for_read(HotelFigures)]
    connection.close_if_health_check_failed()  # as a cursor does: the network may have cut it
    connection.ensure_connection()
    with connection.wrap_database_errors:
        marker = "?" if connection.vendor == "sqlite" else "%s"
        found = connection.connection.execute(SQL_CHANGED_AT + marker, (hotel_id,)).fetchone()
    moment: datetime | None = found[0] if found else None
    return moment.replace(tzinfo=UTC) if moment else None  # SQLite's driver gives it without


def bounds(hotel_id: int, basis: str) -> tuple[date, date] | None:
    """The first and the last day with data on a basis; None without any."""
    rows = DashboardData.objects.filter(hotel_id=hotel_id, basis=basis)
    found = rows.aggregate(first=Min("day"), last=Max("day"))
    return (found["first"], found["last"]) if found["first"] is not None else None


def years(hotel_id: int, basis: str) -> list[int]:
    """The years that have data on a basis; one mistyped date makes one more, not a century."""
    rows = DashboardData.objects.filter(hotel_id=hotel_id, basis=basis)
    return [first.year for first in rows.dates("day", "year")]


def newest_day(hotel_id: int) -> date | None:
    """The last day on which something was booked or cancelled, in the hotel's time zone.

    Not after today, where there is an earlier one: one event with a mistyped year, which nobody can
    take back, must not move what "so far" means.
    """
    found = bounds(hotel_id, Basis.BOOKED.value)
    if found is None:
        return None
    zone = HotelProfile.objects.filter(pk=hotel_id).values_list("counted_time_zone", flat=True)
    today = timezone.now().astimezone(ZoneInfo(zone.first() or "UTC")).date()
    if found[1] <= today:
        return found[1]
    rows = DashboardData.objects.filter(hotel_id=hotel_id, basis=Basis.BOOKED.value)
    until_today: date | None = rows.filter(day__lte=today).aggregate(last=Max("day"))["last"]
    return until_today or found[1]


def by_day(hotel_id: int, basis: str, first: date, last: date) -> dict[date, Counts]:
    """The days of a span that have data, first and last included."""
    rows = DashboardData.objects.filter(hotel_id=hotel_id, basis=basis, day__range=(first, last))
    found = rows.values_list("day", "gross_booking_count", "cancellation_count")
    return {day: Counts(gross, cancelled) for day, gross, cancelled in found}


def _total(rows: QuerySet) -> Counts:
    sums = rows.aggregate(
        gross=Sum("gross_booking_count", default=0),
        cancelled=Sum("cancellation_count", default=0),
    )
    return Counts(sums["gross"], sums["cancelled"])


def as_it_stood(hotel_id: int, first: date, last: date, as_of: date) -> Counts:
    """Room-nights of the nights from first to last by what came in until the end of `as_of`."""
    return _total(
        PickupData.objects.filter(
            hotel_id=hotel_id, night_of_stay__range=(first, last), day__lte=as_of
        )
    )


class CameIn(NamedTuple):
    """What came in within some hours up to and including the hour of the newest event."""

    hours: int
    start: datetime
    end: datetime  # when the hour of the newest event ends
    counts: Counts

    @property
    def net(self) -> int:
        return self.counts.gross - self.counts.cancelled


def came_in(hotel_id: int, hours: tuple[int, ...] = (24, 7 * 24)) -> list[CameIn]:
    """What came in within the last hours of data, an answer for each number of hours.

    Nothing after an upgrade that counts hours anew, until that is done.
    """
    if aggregation.position().rebuild_needed:
        return []
    rows = HourlyData.objects.filter(hotel_id=hotel_id)
    until_now = rows.filter(hour__lte=timezone.now()).aggregate(newest=Max("hour"))["newest"]
    newest = until_now or rows.aggregate(newest=Max("hour"))["newest"]
    if newest is None:
        return []
    end = newest + timedelta(hours=1)
    spans = [(count, end - timedelta(hours=count)) for count in hours]
    return [
        CameIn(count, start, end, _total(rows.filter(hour__gte=start, hour__lt=end)))
        for count, start in spans
    ]


PICKUP_DAYS = (1, 7, 30)


def pickup(hotel_id: int, as_of: date | None, days: int) -> list[dict[str, Any]]:
    """What is on the books for the coming nights, and how it changed; a row for each night.

    Pickup of the last n days is what is on the books at the end of `as_of` less what was on the
    books n days before, in net room-nights; negative when more was cancelled than booked.

    Args:
        as_of: the first night, and the last day that counts; None for the newest day with data
            that is not in the future.
        days: how many nights.
    """
    rows = PickupData.objects.filter(hotel_id=hotel_id)
    newest = newest_day(hotel_id)
    if newest is None:
        return []
    today = as_of or newest
    net = F("gross_booking_count") - F("cancellation_count")
    changes = {
        f"pickup_{span}": Sum(net, filter=Q(day__gt=today - timedelta(days=span)), default=0)
        for span in PICKUP_DAYS
    }
    last = today + timedelta(days=days - 1)
    found = {
        night["night_of_stay"]: night
        for night in rows.filter(night_of_stay__range=(today, last), day__lte=today)
        .values("night_of_stay")
        .annotate(on_the_books=Sum(net, default=0), **changes)
    }
    nothing = dict.fromkeys(("on_the_books", *changes), 0)
    nights = (today + timedelta(days=number) for number in range(days))
    return [
        {
            "hotel_id": hotel_id,
            "as_of": today,
            **nothing,
            "night_of_stay": night,
            **found.get(night, {}),
        }
        for night in nights
    ]


def status(provider: Provider) -> dict[str, Any]:
    """How far the figures are, and how far behind the ledger; null where it does not answer."""
    reached = aggregation.position()
    answer: dict[str, Any] = {
        "position": reached.position,
        "events_behind": None,
        "seconds_behind": None,
        "updated_at": reached.updated_at,
    }
    try:
        behind = _behind(provider, reached.position)
        if not behind.is_shorter:  # else the figures count what the ledger does not know
            answer["events_behind"] = behind.events
            answer["seconds_behind"] = _age(behind.oldest_recorded_at)
    except (ProviderError, ValueError, TypeError):
        pass  # null says that nobody knows
    return answer


# Where one server answers for both services, who asks holds one of its threads while the other
# needs another. With half of a process's threads waiting at most, there is always one left.
ASKING_AT_ONCE = 4
_asking = threading.BoundedSemaphore(ASKING_AT_ONCE)


def _behind(provider: Provider, position: int) -> Behind:
    """How far behind; ProviderError at once when many ask already."""
    if not _asking.acquire(blocking=False):
        raise ProviderError("too many ask how far the figures are")
    try:
        return provider.behind(position)
    finally:
        _asking.release()


def last_check() -> dict[str, Any]:
    """What the last check of all hotels found; nulls before the first."""
    names = ("checked_at", "events", "counts", "differences", "repaired")
    return CheckReport.objects.values(*names).first() or dict.fromkeys(names)


def _age(oldest: str | None) -> float:
    if oldest is None:
        return 0.0
    age = datetime.now(UTC) - datetime.fromisoformat(oldest)
    return max(0.0, round(age.total_seconds(), 3))
