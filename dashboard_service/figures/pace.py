"""Pace: what was on the books at an earlier time, to compare with the same time last year."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import Max, Sum
from django.utils import timezone

from common.currencies import format_thousandths
from dashboard_service.figures.period_figures import first_and_last_day
from dashboard_service.figures.sold_room_nights import Sold, SoldRoomNights, sold_between
from dashboard_service.models import Basis, PerformanceData, PickupData
from dashboard_service.room_nights import RoomNights

SAME_WEEKDAY_DAYS = 364  # 52 weeks: the same weekday of last year
LARGEST_UNKNOWN_SHARE = 0.05  # of the bookings of a comparison


def on_the_books_as_of(hotel_id: int, first: date, last: date, as_of: date) -> RoomNights:
    """Return room-nights of the nights `first` to `last` by events until the end of `as_of`."""
    rows = PickupData.objects.filter(
        hotel_id=hotel_id, night_of_stay__range=(first, last), day__lte=as_of
    )
    sums = rows.aggregate(
        gross=Sum("gross_booking_count", default=0),
        cancelled=Sum("cancellation_count", default=0),
    )
    return RoomNights(sums["gross"], sums["cancelled"])


def same_day_last_year(day: date) -> date:
    """Return the same day of the year before; 28 February for the 29th."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)


class Pace(NamedTuple):
    """What is on the books for a month or a night of stay, and for the one it is compared with."""

    first: date
    last: date
    first_before: date
    last_before: date
    as_of: date  # the last day whose events count
    as_of_before: date  # the same number of days before the earlier nights
    now: Sold
    earlier: Sold | None  # as of `as_of_before`; None where the hotel's records begin later
    ended: Sold | None  # by all events; None before the hotel's first night
    nights_from: date | None  # the hotel's first night, where an earlier one is before it
    booked_from: date  # the day of the hotel's first event

    @property
    def is_comparable(self) -> bool:
        """Whether all the earlier nights are known, as they stood at the same time."""
        return self.earlier is not None and self.nights_from is None


def paces(
    books: SoldRoomNights,
    year: int,
    month: int | None = None,
    as_of: date | None = None,
    *,
    by_night: bool = False,
) -> list[Pace]:
    """Return the pace of each month of a year, or of each night of a month.

    A night is compared with the same weekday 364 days earlier, a month with the same month a year
    earlier, each the same number of days before: as of as many days earlier as the night, or the
    first night of the month, lies earlier. A hotel without data has none.

    Args:
        as_of: the last day whose events count; None for the newest day with data.
    """
    today = as_of or _newest_day(books)
    if today is None:
        return []
    periods = _months(year) if month is None and not by_night else _nights(year, month)
    return _paces(books, periods, today, today)


def night_paces(
    books: SoldRoomNights, first: date, last: date, as_of: date | None = None
) -> list[Pace]:
    """Return the pace of each night from `first` to `last`.

    Args:
        as_of: the last day whose events count; None for today, when what is on the books is all of
            it: events that are dated in the future are on them at once.
    """
    today = as_of or _newest_day(books)
    return [] if today is None else _paces(books, _nights_between(first, last), today, as_of)


def _paces(
    books: SoldRoomNights, periods: list[_Period], today: date, known_until: date | None
) -> list[Pace]:
    """Return the pace of nights or months.

    Args:
        today: the last day whose events count, from which the same time last year follows.
        known_until: the last day of events that are on the books now; None for all.
    """
    data, booked = books.dates.stay, books.dates.booked
    if data is None or booked is None:
        return []
    first, last = periods[0].first, periods[-1].last
    first_before, last_before = periods[0].first_before, periods[-1].last_before
    now = books.by_night(first, last, known_until)
    # The nights of a month have one shift, the months of a year one or two: before and after a
    # leap day.
    shifts = sorted({period.shift_days for period in periods})
    moments = [today - timedelta(days=shift) for shift in shifts]
    final, *earlier_nights = books.by_night_as_of(first_before, last_before, [None, *moments])
    before = dict(zip(shifts, earlier_nights, strict=True))
    rows = []
    for period in periods:
        as_of_before = today - timedelta(days=period.shift_days)
        nights = period.first_before, period.last_before
        # What lies before the hotel's first night or first event is not known, and not empty.
        is_known = period.last_before >= data[0]
        was_recorded = is_known and as_of_before >= booked[0]
        rows.append(
            Pace(
                *period,
                today,
                as_of_before,
                sold_between(now, period.first, period.last),
                sold_between(before[period.shift_days], *nights) if was_recorded else None,
                sold_between(final, *nights) if is_known else None,
                data[0] if period.first_before < data[0] else None,
                booked[0],
            )
        )
    return rows


def pace_rows(
    hotel_id: int, year: int, month: int | None = None, as_of: date | None = None
) -> list[dict[str, Any]]:
    """Return `paces` as the rows of `GET /dashboard/pace/`."""
    books = SoldRoomNights(hotel_id)
    rows = []
    for pace in paces(books, year, month, as_of):
        sums = (pace.now, pace.earlier, pace.ended)
        nights = [None if sold is None else sold.room_nights for sold in sums]
        amounts = [
            sold.revenue if sold is not None and books.currency and sold.has_revenue() else None
            for sold in sums
        ]
        rows.append(
            {
                "hotel_id": hotel_id,
                "year": pace.first.year,
                "month": pace.first.month,
                "night_of_stay": pace.first if month is not None else None,
                "night_last_year": pace.first_before if month is not None else None,
                "as_of": pace.as_of,
                "as_of_last_year": pace.as_of_before,
                **_compare("room_nights", *nights),
                "currency": books.currency,
                **{
                    name: format_thousandths(amount, books.currency)
                    if amount is not None and books.currency
                    else None
                    for name, amount in _compare("revenue", *amounts).items()
                },
            }
        )
    return rows


class _Period(NamedTuple):
    """Nights of stay, and those of last year that they are compared with."""

    first: date
    last: date
    first_before: date
    last_before: date

    @property
    def shift_days(self) -> int:
        return (self.first - self.first_before).days


def _months(year: int) -> list[_Period]:
    return [
        _Period(*first_and_last_day(year, month), *first_and_last_day(year - 1, month))
        for month in range(1, 13)
    ]


def _nights(year: int, month: int | None) -> list[_Period]:
    return _nights_between(*first_and_last_day(year, month))


def _nights_between(first: date, last: date) -> list[_Period]:
    nights = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    weeks = timedelta(days=SAME_WEEKDAY_DAYS)
    return [_Period(night, night, night - weeks, night - weeks) for night in nights]


def _compare(name: str, now: Any, earlier: Any, ended: Any) -> dict[str, Any]:
    return {
        name: now,
        f"{name}_last_year": earlier,
        f"{name}_difference": now - earlier if now is not None and earlier is not None else None,
        f"{name}_final_last_year": ended,
    }


def _newest_day(books: SoldRoomNights) -> date | None:
    """Return the newest day with data that is not in the future, changes of rates included."""
    newest = books.dates.newest
    if newest is None or not books.is_followed:
        return newest
    rows = PerformanceData.objects.filter(  # which has an index by day of events
        hotel_id=books.hotel_id, basis=Basis.BOOKED, day__lte=timezone.now().date()
    )
    changed: date | None = rows.aggregate(last=Max("day"))["last"]
    return max(newest, changed or newest)
