"""The two hotels of the demonstration, as they are on a given day.

Everything that has a date lies by that day: a festival some weeks ahead, a group that came two days
ago, and a closed season that is months away, so that whoever starts sees an open hotel with all of
it. The same day gives the same hotels. Their figures are made up, and their names say so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from simulator.booking_history import GroupRequest
from simulator.hotel_demand import HotelProfile, SpecialNights

# Told apart by these words in the name, also by the pages.
NAME_ENDING = "(demonstration)"
NIGHTS_BEHIND = 730
# A year that the first start shows, and another one for which bookings come while it runs.
NIGHTS_AHEAD = 730

_SAME_WEEKDAY_A_YEAR = 364
_FESTIVAL_AHEAD_DAYS, _FESTIVAL_NIGHTS = 63, 7
_GROUP_AHEAD_DAYS = 40
# Month and day of the first and last night. The one further away is the closed season.
_SPRING_CLOSING, _AUTUMN_CLOSING = ((4, 20), (5, 16)), ((11, 2), (11, 28))
_MONTHS_NEARER_TO_AUTUMN = range(8, 13)


@dataclass(frozen=True)
class DemonstrationHotel:
    """A hotel of the demonstration: its demand, and what a person tells of it."""

    profile: HotelProfile
    name: str
    time_zone: str
    country: str  # ISO 3166-1
    festival: str = ""  # the name of the profile's special nights
    groups: tuple[GroupRequest, ...] = ()


def demonstration_hotels(today: date) -> tuple[DemonstrationHotel, ...]:
    """Return the hotels of the demonstration that begins on a day."""
    return _seaview(today), _alpine_lodge(today)


def _seaview(today: date) -> DemonstrationHotel:
    """Open all year: strong summers and weekends, a festival, a group."""
    group_day = today - timedelta(days=2)
    return DemonstrationHotel(
        name=f"Seaview Hotel {NAME_ENDING}",
        time_zone="Europe/Rome",
        country="IT",
        festival="Jazz festival",
        groups=(
            GroupRequest(
                datetime.combine(group_day, time(9, 42, 7), UTC),
                today + timedelta(days=_GROUP_AHEAD_DAYS),
                nights=3,
                rooms=11,
            ),
        ),
        profile=HotelProfile(
            hotel_id=1,
            rooms=30,
            season=(0.75, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.3, 1.15, 1.0, 0.85, 0.85),
            weekdays=(0.85, 0.8, 0.85, 1.0, 1.35, 1.3, 0.85),
            occupancy=0.78,
            mean_lead_days=80,
            base_rate=120,
            rooms_by_type=(16, 6, 5, 3),
            special_nights=tuple(_festivals(today)),
        ),
    )


def _festivals(today: date) -> Iterator[SpecialNights]:
    """Yield the festival's weeks, from Monday on: the next one, and those of the years around."""
    ahead = today + timedelta(days=_FESTIVAL_AHEAD_DAYS)
    monday = ahead - timedelta(days=ahead.weekday())
    for year in (-2, -1, 0, 1):
        first = monday + timedelta(days=year * _SAME_WEEKDAY_A_YEAR)
        yield SpecialNights(first, first + timedelta(days=_FESTIVAL_NIGHTS - 1), 1.7)


def _alpine_lodge(today: date) -> DemonstrationHotel:
    """In the mountains: winter and summer, closed between them, booked early."""
    return DemonstrationHotel(
        name=f"Alpine Lodge {NAME_ENDING}",
        time_zone="Europe/Zurich",
        country="CH",
        profile=HotelProfile(
            hotel_id=2,
            rooms=24,
            season=(1.3, 1.4, 1.2, 0.8, 0.75, 0.95, 1.2, 1.2, 1.0, 0.85, 0.75, 1.1),
            weekdays=(0.85, 0.8, 0.85, 0.95, 1.3, 1.4, 0.85),
            occupancy=0.72,
            mean_lead_days=85,
            cancellation_share=0.15,
            base_rate=165,
            currency="CHF",
            rooms_by_type=(13, 4, 5, 2),
            segments=(("Leisure", 85, 1.0), ("Corporate", 5, 0.93), ("Group", 10, 0.85)),
            closed=tuple(_closings(today)),
        ),
    )


def _closings(today: date) -> Iterator[tuple[date, date]]:
    """Yield the closed seasons of all years that the demonstration has, or will have, nights of."""
    is_near_autumn = today.month in _MONTHS_NEARER_TO_AUTUMN
    first, last = _SPRING_CLOSING if is_near_autumn else _AUTUMN_CLOSING
    for year in range(today.year - 3, today.year + 4):
        yield date(year, *first), date(year, *last)
