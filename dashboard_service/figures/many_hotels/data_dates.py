"""First and newest days with data of many hotels, and which of the hotels have fallen silent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from dashboard_service.figures.event_rhythm import FEWEST_DAYS, LEARNED_DAYS, silent_since
from dashboard_service.figures.many_hotels.hotel_state import HotelState
from dashboard_service.figures.many_hotels.hotels_table import rows_of_hotels
from dashboard_service.figures.rooms_for_sale import RoomsForSaleByNight

# Each by the index of hotel, basis and day, so that ten years cost no more than one.
SQL_DATES = """
    SELECT hotel_id,
        (SELECT MIN(day) FROM dashboard_service_dashboarddata d
            WHERE d.hotel_id = h.hotel_id AND d.basis = 'stay'),
        (SELECT MIN(day) FROM dashboard_service_performancedata p
            WHERE p.hotel_id = h.hotel_id AND p.basis = 'stay'),
        (SELECT MIN(day) FROM dashboard_service_dashboarddata d
            WHERE d.hotel_id = h.hotel_id AND d.basis = 'booked'),
        (SELECT MAX(day) FROM dashboard_service_dashboarddata d
            WHERE d.hotel_id = h.hotel_id AND d.basis = 'booked' AND d.day <= h.today),
        (SELECT MAX(day) FROM dashboard_service_performancedata p
            WHERE p.hotel_id = h.hotel_id AND p.basis = 'booked' AND p.day <= h.utc_today)
    FROM hotels h"""
SQL_EVENT_DAYS = """
    SELECT h.hotel_id, d.day FROM hotels h CROSS JOIN dashboard_service_dashboarddata d
    WHERE d.hotel_id = h.hotel_id AND d.basis = 'booked' AND d.day BETWEEN h.learned_from AND h.newest
    ORDER BY h.hotel_id, d.day"""  # noqa: E501


@dataclass(frozen=True)
class DataDates:
    """Days with data of a hotel; each None where there is none."""

    first_counted_night: date | None  # by events
    first_night: date | None  # by events or by room-nights, as performance has it
    first_booked: date | None
    newest: date | None  # by events, not in the future: the page's newest day
    newest_with_changes: date | None  # changes of rates included: the day that pace is as of


def data_dates(hotels: Sequence[HotelState]) -> dict[int, DataDates]:
    """Return the dates of hotels. Raises: django.db.Error."""
    utc_today = timezone.now().date()
    found = rows_of_hotels(
        SQL_DATES,
        ("hotel_id", "today", "utc_today"),
        [(hotel.hotel_id, hotel.today, utc_today) for hotel in hotels],
    )
    by_number = {hotel.hotel_id: hotel for hotel in hotels}
    dates = {}
    for number, *days in found:
        counted, sold, booked, newest, changed = map(_as_date, days)
        hotel = by_number[number]
        if booked is not None:
            newest = newest or hotel.today  # all events are in the future
        latest = newest
        if newest and changed and hotel.is_followed:
            latest = max(newest, changed)
        first_night = min((day for day in (counted, sold) if day), default=None)
        dates[number] = DataDates(counted, first_night, booked, newest, latest)
    return dates


def silent_hotels(hotels: Sequence[HotelState], dates: dict[int, DataDates]) -> dict[int, date]:
    """Return the day of the newest event of each hotel whose events have stopped.

    As `stale_data.stale_since` says of one hotel. Raises: django.db.Error.
    """
    quiet: dict[int, tuple[HotelState, date]] = {}
    for hotel in hotels:
        newest = dates[hotel.hotel_id].newest
        if newest is not None and (hotel.today - newest).days > FEWEST_DAYS:
            quiet[hotel.hotel_id] = (hotel, newest)
    rows = rows_of_hotels(
        SQL_EVENT_DAYS,
        ("hotel_id", "learned_from", "newest"),
        [
            (number, newest - timedelta(days=LEARNED_DAYS), newest)
            for number, (_, newest) in quiet.items()
        ],
    )
    event_days: dict[int, list[date]] = {number: [] for number in quiet}
    for number, day in rows:
        if (known := _as_date(day)) is not None:
            event_days[number].append(known)
    silent = {}
    for number, (hotel, _) in quiet.items():
        since = silent_since(event_days[number], hotel.today, _is_open(hotel))
        if since is not None:
            silent[number] = since
    return silent


def _is_open(hotel: HotelState) -> Callable[[date], bool]:
    rooms = RoomsForSaleByNight(None, hotel.spans)
    return lambda day: rooms(day) != 0


def _as_date(value: date | str | None) -> date | None:
    """Return a date; SQLite has it as text."""
    return date.fromisoformat(value) if isinstance(value, str) else value
