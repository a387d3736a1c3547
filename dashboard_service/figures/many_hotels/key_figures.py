"""Key figures of many hotels: occupancy, ADR and RevPAR of the coming nights, pickup, pace.

Of the same definitions as the hotel's own page and REST: sold room-nights as performance has them,
pickup of the coming nights as the pickup table, pace of each night beside the same weekday 364 days
earlier. Where last year is known in part only, there is no pace.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Sum

from dashboard_service.figures.many_hotels.data_dates import DataDates, data_dates, silent_hotels
from dashboard_service.figures.many_hotels.hotel_state import HotelState
from dashboard_service.figures.many_hotels.hotels_table import rows_of_hotels
from dashboard_service.figures.pace import LARGEST_UNKNOWN_SHARE, SAME_WEEKDAY_DAYS
from dashboard_service.figures.rooms_for_sale import RoomsForSaleByNight
from dashboard_service.figures.sold_room_nights import Sold
from dashboard_service.models import Basis, PerformanceData

SPANS: Final = (1, 30, 90)  # coming nights, tonight included
PICKUP_SPAN: Final = 7  # days
NIGHTS: Final = SPANS[-1]  # of pickup and pace


@dataclass(frozen=True, kw_only=True)
class NightsPace:
    """Pace: room-nights of the coming nights now, and of those of last year at the same time."""

    now: int
    earlier: int

    @property
    def difference(self) -> int:
        return self.now - self.earlier

    @property
    def change(self) -> float | None:
        """The difference as a share of last year's; None without any."""
        return self.difference / self.earlier if self.earlier else None


@dataclass(kw_only=True)
class KeyFigures:
    """A hotel's figures of the coming nights."""

    currency: str | None
    sold: dict[int, Sold] = field(default_factory=lambda: {span: Sold() for span in SPANS})
    rooms_for_sale: dict[int, int | None] = field(default_factory=lambda: dict.fromkeys(SPANS))
    pickup: int = 0  # of PICKUP_SPAN days, of the NIGHTS nights from the newest day on
    pace: NightsPace | None = None  # None where last year is not known, or in part only
    newest_day: date | None = None
    stale_since: date | None = None


_SPAN_DAYS = tuple(f"last_{span}" for span in SPANS)


def _sums_by_span(value: str, label: str) -> str:
    return ", ".join(
        f"SUM(CASE WHEN p.{label} <= h.{last} THEN {value} ELSE 0 END)" for last in _SPAN_DAYS
    )


_JOINED = "FROM hotels h CROSS JOIN dashboard_service_{} p WHERE p.hotel_id = h.hotel_id"
_COMING = f"AND p.basis = 'stay' AND p.day BETWEEN h.today AND h.{_SPAN_DAYS[-1]}"
_NET = "(p.gross_booking_count - p.cancellation_count)"
SQL_SOLD = (
    f"SELECT h.hotel_id, p.currency, {_sums_by_span('p.room_nights', 'day')}, "
    f"{_sums_by_span('p.room_nights_with_rate', 'day')}, {_sums_by_span('p.revenue', 'day')} "
    f"{_JOINED.format('performancedata')} {_COMING} GROUP BY h.hotel_id, p.currency"
)
SQL_COUNTED = (
    f"SELECT h.hotel_id, {_sums_by_span(_NET, 'day')} "
    f"{_JOINED.format('dashboarddata')} {_COMING} GROUP BY h.hotel_id"
)
SQL_PICKUP = (
    f"SELECT h.hotel_id, SUM({_NET}) {_JOINED.format('pickupdata')} "
    "AND p.night_of_stay BETWEEN h.newest AND h.last_night AND p.day > h.since "
    "AND (p.day <= h.newest OR p.day > h.today) GROUP BY h.hotel_id"
)


def _pace_sql(value: str, table: str) -> str:
    """Return the statement for what was on the books at a time, and still earlier."""
    return (
        f"SELECT h.hotel_id, SUM({value}), "
        f"SUM(CASE WHEN p.day < h.known_from THEN {value} ELSE 0 END) {_JOINED.format(table)} "
        "AND p.night_of_stay BETWEEN h.first_night AND h.last_night AND p.day <= h.as_of "
        "GROUP BY h.hotel_id"
    )


SQL_PACE_SOLD = _pace_sql("p.room_nights", "pacedata")
SQL_PACE_COUNTED = _pace_sql(_NET, "pickupdata")


def key_figures(hotels: Sequence[HotelState]) -> dict[int, KeyFigures]:
    """Return the figures of hotels, by number. Raises: django.db.Error."""
    dates = data_dates(hotels)
    silent = silent_hotels(hotels, dates)
    currencies = _currencies(hotels)
    found = {
        hotel.hotel_id: KeyFigures(
            currency=currencies.get(hotel.hotel_id),
            newest_day=dates[hotel.hotel_id].newest,
            stale_since=silent.get(hotel.hotel_id),
        )
        for hotel in hotels
    }
    _add_sold(found, hotels)
    for hotel in hotels:
        _add_rooms(found[hotel.hotel_id], hotel, dates[hotel.hotel_id].first_night)
    _add_pickup(found, hotels, dates)
    _add_pace(found, hotels, dates)
    return found


def _currencies(hotels: Sequence[HotelState]) -> dict[int, str]:
    """Return the hotels' currencies: entered, else the one that most room-nights have."""
    currencies = {hotel.hotel_id: hotel.profile.currency for hotel in hotels}
    unknown = [number for number, currency in currencies.items() if not currency]
    rows = PerformanceData.objects.filter(hotel_id__in=unknown, basis=Basis.STAY)
    sums = (
        rows.exclude(currency="")
        .order_by()
        .values_list("hotel_id", "currency")
        .annotate(total=Sum("room_nights_with_rate"))
    )
    most: dict[int, tuple[int, str]] = {}
    for number, currency, total in sorted(sums):  # of two that are equal the first
        if number not in most or total > most[number][0]:
            most[number] = (total, currency)
    return {number: code for number, code in currencies.items() if code} | {
        number: currency for number, (_, currency) in most.items()
    }


def _add_sold(found: dict[int, KeyFigures], hotels: Sequence[HotelState]) -> None:
    columns = ("hotel_id", "today", *_SPAN_DAYS)
    rows: dict[bool, list[tuple[Any, ...]]] = {True: [], False: []}
    for hotel in hotels:
        lasts = (hotel.today + timedelta(days=span - 1) for span in SPANS)
        rows[hotel.is_followed].append((hotel.hotel_id, hotel.today, *lasts))
    for number, currency, *sums in rows_of_hotels(SQL_SOLD, columns, rows[True]):
        figures, numbers = found[number], iter(map(int, sums))
        by_span = zip(*[[next(numbers) for _ in SPANS] for _ in range(3)], strict=True)
        is_own = currency != "" and currency == figures.currency
        for span, (nights, with_rate, revenue) in zip(SPANS, by_span, strict=True):
            figures.sold[span].add(
                Sold(
                    room_nights=nights,
                    with_rate=with_rate if is_own else 0,
                    revenue=revenue if is_own else 0,
                    in_other_currencies=0 if is_own else with_rate,
                )
            )
    for number, *sums in rows_of_hotels(SQL_COUNTED, columns, rows[False]):
        for span, net in zip(SPANS, sums, strict=True):
            found[number].sold[span].add(Sold(room_nights=int(net)))


def _add_rooms(figures: KeyFigures, hotel: HotelState, first_night: date | None) -> None:
    if first_night is None:
        return
    rooms = RoomsForSaleByNight(hotel.profile.rooms, hotel.spans)
    for span in SPANS:
        last = hotel.today + timedelta(days=span - 1)
        figures.rooms_for_sale[span] = rooms.total(hotel.today, last, first_night)


def _add_pickup(
    found: dict[int, KeyFigures], hotels: Sequence[HotelState], dates: dict[int, DataDates]
) -> None:
    rows = [
        (
            hotel.hotel_id,
            hotel.today,
            newest,
            newest + timedelta(days=NIGHTS - 1),
            newest - timedelta(days=PICKUP_SPAN),
        )
        for hotel in hotels
        if (newest := dates[hotel.hotel_id].newest) is not None
    ]
    columns = ("hotel_id", "today", "newest", "last_night", "since")
    for number, net in rows_of_hotels(SQL_PICKUP, columns, rows):
        found[number].pickup = int(net)


def _add_pace(
    found: dict[int, KeyFigures], hotels: Sequence[HotelState], dates: dict[int, DataDates]
) -> None:
    """Add the pace of hotels whose last year is known.

    Known as it was at the same time: the hotel's nights and events begin early enough, and of what
    this year's nights have on the books at most LARGEST_UNKNOWN_SHARE was booked before the day
    that corresponds to the hotel's first event.
    """
    year = timedelta(days=SAME_WEEKDAY_DAYS)
    columns = ("hotel_id", "first_night", "last_night", "as_of", "known_from")
    for is_followed, sql in ((True, SQL_PACE_SOLD), (False, SQL_PACE_COUNTED)):
        now_rows, earlier_rows = [], []
        for hotel in hotels:
            known = dates[hotel.hotel_id]
            as_of, booked, first = (
                known.newest_with_changes, known.first_booked, known.first_counted_night,
            )  # fmt: skip
            if hotel.is_followed != is_followed or not as_of or not booked or not first:
                continue
            if hotel.today - year < first or as_of - year < booked:
                continue
            nights = hotel.today, hotel.today + timedelta(days=NIGHTS - 1)
            now_rows.append((hotel.hotel_id, *nights, as_of, booked + year))
            before = (night - year for night in nights)
            earlier_rows.append((hotel.hotel_id, *before, as_of - year, booked))
        now = {number: rest for number, *rest in rows_of_hotels(sql, columns, now_rows)}
        earlier = {number: rest[0] for number, *rest in rows_of_hotels(sql, columns, earlier_rows)}
        for number, *_ in now_rows:
            total, unknown = map(int, now.get(number, (0, 0)))
            if unknown > total * LARGEST_UNKNOWN_SHARE:
                continue
            found[number].pace = NightsPace(now=total, earlier=int(earlier.get(number, 0)))
