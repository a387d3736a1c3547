"""Bookings for the tests of demand: constructed, random, and those of a real hotel."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from pricing_service.demand.bookings import Bookings

AS_OF = date(2024, 6, 30)
AS_OF_ORDINAL = AS_OF.toordinal()

# Night and booking day relative to AS_OF, net room-nights.
Event = tuple[int, int, int]


def bookings_of_events(events: list[Event]) -> Bookings:
    rows = np.array(events, dtype=np.int64).reshape(-1, 3)
    return Bookings(AS_OF_ORDINAL + rows[:, 0], AS_OF_ORDINAL + rows[:, 1], rows[:, 2])


def constant_bookings(nights: range, gains: dict[int, int], first_day: int = -10_000) -> Bookings:
    """Every night gains the same room-nights at the same days before.

    Args:
        gains: room-nights by days before.
        first_day: the hotel's first booking day, relative to AS_OF.
    """
    return bookings_of_events(
        [
            (night, night - lead, gain)
            for night in nights
            for lead, gain in gains.items()
            if night - lead >= first_day
        ]
    )


def random_bookings(
    seed: int,
    nights: int,
    rooms: float = 60,
    is_open: Callable[[date], bool] | None = None,
    weekend: float = 1.4,
) -> Bookings:
    """Poisson bookings, a third of them cancelled, with a weekly and a yearly shape.

    From so many nights before AS_OF to 400 nights after it.
    """
    rng = np.random.default_rng(seed)
    events: list[Event] = []
    for night in range(-nights, 400):
        day = AS_OF + timedelta(days=night)
        if is_open and not is_open(day):
            continue
        season = 1 + 0.3 * np.cos(2 * np.pi * (day.timetuple().tm_yday - 200) / 365)
        shape = weekend if day.weekday() in (4, 5) else 1.0
        own_factor = rng.gamma(20, 1 / 20)
        count = rng.poisson(rooms * season * shape * own_factor)
        for lead in rng.exponential(25, count).astype(int):
            events.append((night, night - int(lead), 1))
            if rng.random() < 0.33:
                events.append((night, night - int(lead * rng.random()), -1))
    return bookings_of_events(events)


def joined(*parts: Bookings) -> Bookings:
    columns = zip(*(part.until(date.max) for part in parts), strict=True)
    return Bookings(*(np.concatenate(column) for column in columns))


def real_bookings(folder: Path) -> Bookings:
    """The resort hotel of the shared data."""
    net: Counter[tuple[str, str]] = Counter()
    with gzip.open(folder / "resort_hotel_events.csv.gz", "rt", newline="") as lines:
        for row in csv.DictReader(lines):
            key = row["night_of_stay"], row["event_timestamp"][:10]
            net[key] += 1 if row["status"] == "1" else -1
    ordinals = [[date.fromisoformat(day).toordinal() for day in key] for key in net]
    nights, days = np.array(ordinals).T
    return Bookings(nights, days, list(net.values()))
