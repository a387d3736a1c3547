"""Demand profiles of the simulated hotels: season, weekdays, lead times, lengths of stay.

Every calculation gives the same bits on every supported Python, so that the simulation does.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

MAX_LEAD_DAYS = 365


class SpecialNights(NamedTuple):
    """Nights with another demand than their season and weekday have: a festival, a fair."""

    first: date
    last: date
    factor: float  # of the demand for arrivals


@dataclass(frozen=True, kw_only=True)
class HotelProfile:
    """The demand of one hotel; weights are relative, 1 is the average."""

    hotel_id: int
    rooms: int
    season: tuple[float, ...]  # January … December, each reached in the middle of the month
    weekdays: tuple[float, ...]  # arrivals, Monday … Sunday
    occupancy: float = 0.7  # demand of an average night, as a share of the rooms
    mean_lead_days: float = 28  # of the bookings that are not made on the day of arrival
    same_day_share: float = 0.08  # of the bookings: made on the day of arrival
    cancellation_share: float = 0.2
    base_rate: int = 110  # in the currency's unit: a standard room, an average night
    currency: str = "EUR"
    # Names and their weights; the factor multiplies the rate.
    room_types: tuple[tuple[str, int, float], ...] = (
        ("Double Standard", 55, 1.0), ("Single", 20, 0.8), ("Double Superior", 15, 1.25),
        ("Suite", 10, 1.8),
    )  # fmt: skip
    channels: tuple[tuple[str, int], ...] = (
        ("Booking.com", 45), ("Direct website", 25), ("Expedia", 15), ("Telephone", 15),
    )  # fmt: skip
    segments: tuple[tuple[str, int, float], ...] = (
        ("Leisure", 70, 1.0), ("Corporate", 15, 0.93), ("Group", 15, 0.85),
    )  # fmt: skip
    # 1 … 14 nights: mostly short, with a peak at one week and at two.
    stay_weights: tuple[int, ...] = (340, 290, 170, 75, 40, 20, 30, 8, 5, 5, 4, 3, 2, 8)
    # Of each of `room_types`; empty: types are not counted, only the rooms of the hotel are.
    rooms_by_type: tuple[int, ...] = ()
    special_nights: tuple[SpecialNights, ...] = ()
    closed: tuple[tuple[date, date], ...] = ()  # first and last night of seasons without guests

    def demand(self, night: date) -> float:
        """Return the relative demand for arrivals on a day; 1 is an average day.

        The season is interpolated linearly between the middles of the months.
        """
        from_middle = (night.day - 15) / 30
        this_month = self.season[night.month - 1]
        nearest_month = self.season[(night.month - 1 + (1 if from_middle > 0 else -1)) % 12]
        season = this_month + abs(from_middle) * (nearest_month - this_month)
        demand = season * self.weekdays[night.weekday()]
        for special in self.special_nights:
            if special.first <= night <= special.last:
                demand *= special.factor
        return demand

    def is_closed(self, night: date) -> bool:
        """Return whether the hotel has no guests in a night."""
        return any(first <= night <= last for first, last in self.closed)

    def lead_weights(self) -> Iterator[float]:
        """Yield the weight of a booking 0, 1, … MAX_LEAD_DAYS days ahead: geometric decay."""
        # By multiplication: a logarithm, or sum() of floats, is not the same bits on every Python.
        yield self.same_day_share
        weight = (1 - self.same_day_share) / self.mean_lead_days
        for _ in range(MAX_LEAD_DAYS):
            yield weight
            weight *= 1 - 1 / self.mean_lead_days


_PROFILES = (
    HotelProfile(  # by the sea: summer, weekends, booked early
        hotel_id=1,
        rooms=10,
        season=(0.45, 0.5, 0.65, 0.9, 1.1, 1.35, 1.7, 1.75, 1.3, 0.9, 0.5, 0.65),
        weekdays=(0.75, 0.7, 0.8, 1.0, 1.6, 1.5, 0.65),
        mean_lead_days=38,
    ),
    HotelProfile(  # in town: trade fairs in spring and autumn, working days, booked late
        hotel_id=2,
        rooms=6,
        season=(0.75, 0.9, 1.1, 1.1, 1.2, 1.1, 0.75, 0.7, 1.25, 1.25, 1.1, 0.8),
        weekdays=(1.35, 1.35, 1.25, 1.0, 0.8, 0.65, 0.6),
        mean_lead_days=16,
        base_rate=95,
        segments=(("Corporate", 55, 0.95), ("Leisure", 35, 1.0), ("Group", 10, 0.85)),
        cancellation_share=0.25,
    ),
)


def hotel_profile(hotel_id: int, rooms: int | None = None) -> HotelProfile:
    """Return the profile of a hotel: odd ids are by the sea, even ids in town.

    Args:
        rooms: number of rooms; None takes the profile's.
    """
    profile = _PROFILES[(hotel_id - 1) % len(_PROFILES)]
    return replace(profile, hotel_id=hotel_id, rooms=rooms or profile.rooms)
