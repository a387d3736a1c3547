"""Pace: what was on the books at an earlier time, to compare with the same time last year."""

from datetime import date, timedelta
from typing import Any, NamedTuple

from django.db.models import F, Max, Q, Sum
from django.utils import timezone

from common.currencies import format_thousandths
from dashboard_service.figures.available_dates import first_and_last_date, newest_day
from dashboard_service.figures.hotel_currency import hotel_currency, is_followed
from dashboard_service.figures.period_figures import first_and_last_day
from dashboard_service.hotel_profiles import get_profile
from dashboard_service.models import Basis, PaceData, PickupData
from dashboard_service.room_nights import RoomNights

SAME_WEEKDAY_DAYS = 364  # 52 weeks: the same weekday of last year


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


def pace_rows(
    hotel_id: int, year: int, month: int | None = None, as_of: date | None = None
) -> list[dict[str, Any]]:
    """Return what is on the books for each month of a year, or night of a month, beside last year.

    A night is compared with the same weekday 364 days earlier, a month with the same month a year
    earlier, each the same number of days before: as of as many days earlier as the night, or the
    first night of the month, lies earlier. A hotel without data has no rows.

    Args:
        as_of: the last day whose events count; None for the newest day with data.
    """
    today = as_of or _newest_day(hotel_id)
    data = first_and_last_date(hotel_id, Basis.STAY.value)
    if today is None or data is None:
        return []
    periods = _months(year) if month is None else _nights(year, month)
    books = _Books(hotel_id)
    first, last = periods[0].first, periods[-1].last
    first_before, last_before = periods[0].first_before, periods[-1].last_before
    now = books.by_night(first, last, today)
    final = books.by_night(first_before, last_before, date.max)
    # The nights of a month have one shift, the months of a year one or two: before and after a
    # leap day.
    before = {
        shift: books.by_night(first_before, last_before, today - timedelta(days=shift))
        for shift in {period.shift_days for period in periods}
    }
    rows = []
    for period in periods:
        sums = _total(now, period.first, period.last)
        earlier, ended = (
            _total(nights, period.first_before, period.last_before)
            # Nights before the hotel's first one are not known, and not empty.
            if period.last_before >= data[0]
            else None
            for nights in (before[period.shift_days], final)
        )
        rows.append(
            {
                "hotel_id": hotel_id,
                "year": period.first.year,
                "month": period.first.month,
                "night_of_stay": period.first if month is not None else None,
                "night_last_year": period.first_before if month is not None else None,
                "as_of": today,
                "as_of_last_year": today - timedelta(days=period.shift_days),
                **_compare("room_nights", sums[0], earlier and earlier[0], ended and ended[0]),
                "currency": books.currency,
                **_compare_revenue(books.currency, sums, earlier, ended),
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


def _nights(year: int, month: int) -> list[_Period]:
    first, last = first_and_last_day(year, month)
    nights = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    weeks = timedelta(days=SAME_WEEKDAY_DAYS)
    return [_Period(night, night, night - weeks, night - weeks) for night in nights]


_Sums = tuple[int, int, int]  # room-nights, those with a rate in the hotel's currency, revenue


class _Books:
    """What is on the books of a hotel: room-nights one by one, else the events' net."""

    def __init__(self, hotel_id: int) -> None:
        self._hotel_id = hotel_id
        self._is_followed = is_followed(hotel_id)
        self.currency = hotel_currency(hotel_id, get_profile(hotel_id).currency).currency

    def by_night(self, first: date, last: date, as_of: date) -> dict[date, _Sums]:
        """Return nights from `first` to `last` by events until the end of `as_of`."""
        selection = {
            "hotel_id": self._hotel_id, "night_of_stay__range": (first, last), "day__lte": as_of,
        }  # fmt: skip
        if not self._is_followed:
            counts = PickupData.objects.filter(**selection).order_by().values_list("night_of_stay")
            net = Sum(F("gross_booking_count") - F("cancellation_count"))
            return {night: (total, 0, 0) for night, total in counts.annotate(net=net)}
        of_currency = Q(currency=self.currency or "-")
        sums = (
            PaceData.objects.filter(**selection)
            .order_by()
            .values_list("night_of_stay")
            .annotate(
                total=Sum("room_nights"),
                with_rate=Sum("room_nights_with_rate", filter=of_currency, default=0),
                amount=Sum("revenue", filter=of_currency, default=0),
            )
        )
        return {night: (total, with_rate, revenue) for night, total, with_rate, revenue in sums}


def _total(nights: dict[date, _Sums], first: date, last: date) -> _Sums:
    found = [sums for night, sums in nights.items() if first <= night <= last]
    room_nights, with_rate, revenue = (sum(sums[n] for sums in found) for n in range(3))
    return room_nights, with_rate, revenue


def _compare(name: str, now: Any, earlier: Any, ended: Any) -> dict[str, Any]:
    return {
        name: now,
        f"{name}_last_year": earlier,
        f"{name}_difference": now - earlier if now is not None and earlier is not None else None,
        f"{name}_final_last_year": ended,
    }


def _compare_revenue(
    currency: str | None, now: _Sums, earlier: _Sums | None, ended: _Sums | None
) -> dict[str, str | None]:
    """Return amounts as decimal texts; None where there are room-nights and no rates."""
    amounts = [
        sums[2] if sums is not None and currency and (sums[1] or sums[2] or not sums[0]) else None
        for sums in (now, earlier, ended)
    ]
    return {
        name: format_thousandths(amount, currency) if amount is not None and currency else None
        for name, amount in _compare("revenue", *amounts).items()
    }


def _newest_day(hotel_id: int) -> date | None:
    """Return the newest day with data that is not in the future, changes of rates included."""
    newest = newest_day(hotel_id)
    if newest is None or not is_followed(hotel_id):
        return newest
    rows = PaceData.objects.filter(hotel_id=hotel_id, day__lte=timezone.now().date())
    changed: date | None = rows.aggregate(last=Max("day"))["last"]
    return max(newest, changed or newest)
