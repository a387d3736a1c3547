"""Whole hotels made of guests, to which nobody fitted the forecast: small, resort, city, growing.

Guests arrive by season, weekday, slow swings of demand and events, stay some nights, book some time
before, cancel now and then, and are turned away when the hotel is full. Nothing in it follows the
forecast's own assumptions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from pricing_service.demand.bookings import Bookings

BURN_IN_DAYS = 60  # of arrivals before the first night, so that it is as full as any other
EVENT_DAYS = (45, 46, 133, 134, 135, 250, 251, 310)  # of the year: fairs, concerts


@dataclass(frozen=True)
class ConstructedHotel:
    """What makes a hotel's guests.

    Attributes:
        rooms: guests beyond are turned away.
        load: mean room-nights asked for, as a share of the rooms.
        season: amplitude of the yearly wave.
        weekdays: factors of the arrivals from Monday to Sunday.
        leads: mean days before, and share, of each kind of guest.
        stay: mean nights.
        cancelled: share of the reservations.
        swing: standard deviation of the slow swings of demand (logarithm).
        spread: shape of the gamma factor of each day of arrival; the lower, the wilder.
        growth: of demand per year.
        event: factor of the arrivals on EVENT_DAYS.
    """

    rooms: int
    load: float = 0.7
    season: float = 0.3
    weekdays: Sequence[float] = (1.0, 1.0, 1.0, 1.0, 1.3, 1.3, 0.8)
    leads: Sequence[tuple[float, float]] = ((20.0, 0.7), (70.0, 0.3))
    stay: float = 2.0
    cancelled: float = 0.2
    swing: float = 0.1
    spread: float = 15.0
    growth: float = 0.0
    event: float = 1.0


SMALL = ConstructedHotel(rooms=15, spread=8.0, cancelled=0.15)
RESORT = ConstructedHotel(
    rooms=60,
    season=0.5,
    weekdays=(0.8, 0.7, 0.7, 0.9, 1.6, 1.7, 0.9),
    leads=((15.0, 0.3), (90.0, 0.7)),
    stay=4.0,
    cancelled=0.3,
)
CITY = ConstructedHotel(
    rooms=200,
    season=0.15,
    weekdays=(1.2, 1.4, 1.4, 1.2, 0.7, 0.6, 0.7),
    leads=((6.0, 0.6), (40.0, 0.4)),
    stay=1.6,
    swing=0.15,
    spread=25.0,
    event=1.5,
)
GROWING = ConstructedHotel(
    rooms=100, load=0.6, season=0.35, growth=0.2, cancelled=0.25, swing=0.2, event=1.3
)


def hotel_bookings(hotel: ConstructedHotel, first: date, nights: int, seed: int) -> Bookings:
    """Return every booking of a constructed hotel for the nights first … first + nights - 1."""
    rng = np.random.default_rng(seed)
    days = np.arange(-BURN_IN_DAYS, nights)
    of_year = np.array([(first + timedelta(days=int(day))).timetuple().tm_yday for day in days])
    weekday = np.array([(first + timedelta(days=int(day))).weekday() for day in days])
    swing = np.zeros(len(days))
    for day in range(1, len(days)):
        swing[day] = 0.97 * swing[day - 1] + rng.normal(0.0, hotel.swing * np.sqrt(1 - 0.97**2))
    weekly = np.array(hotel.weekdays) / np.mean(hotel.weekdays)
    arrivals = rng.poisson(
        hotel.rooms
        * hotel.load
        / (hotel.stay * (1 - hotel.cancelled))
        * (1 + hotel.season * np.cos(2 * np.pi * (of_year - 200) / 365))
        * weekly[weekday]
        * np.exp(swing + hotel.growth * days / 365)
        * np.where(np.isin(of_year, EVENT_DAYS), hotel.event, 1.0)
        * rng.gamma(hotel.spread, 1 / hotel.spread, len(days))
    )
    arrival = np.repeat(days, arrivals)
    count = len(arrival)
    kind = rng.choice(len(hotel.leads), count, p=[share for _, share in hotel.leads])
    lead = rng.exponential(np.array([mean for mean, _ in hotel.leads])[kind]).astype(int)
    stay = rng.geometric(1 / hotel.stay, count)
    is_cancelled = rng.random(count) < hotel.cancelled
    kept = (lead * rng.random(count)).astype(int)  # days from the cancellation to the arrival
    changes = [(day, 1, guest) for guest, day in enumerate((arrival - lead).tolist())]
    ends = (arrival - kept).tolist()
    changes += [(ends[guest], 0, guest) for guest in np.flatnonzero(is_cancelled).tolist()]
    sold = np.zeros(nights + 60 * int(hotel.stay), dtype=int)
    booked: dict[int, range] = {}
    rows: list[tuple[int, int, int]] = []
    for day, is_booking, guest in sorted(changes, key=lambda change: (change[0], -change[1])):
        if is_booking:
            stays = range(max(arrival[guest], 0), min(arrival[guest] + stay[guest], nights))
            if not len(stays) or sold[stays.start : stays.stop].max() >= hotel.rooms:
                continue
            booked[guest] = stays
        elif guest not in booked:
            continue
        net = 1 if is_booking else -1
        sold[booked[guest].start : booked[guest].stop] += net
        rows += [(night, day, net) for night in booked[guest]]
    night, day, net = np.array(rows, dtype=np.int64).T
    return Bookings(night + first.toordinal(), day + first.toordinal(), net)
