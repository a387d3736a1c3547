"""The events of the benchmarks: always the same ones, in order of time, of twenty hotels."""

import csv
import random
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from data_provider.event_validation import EventRow

HOTELS = 20
FIRST = datetime(2022, 1, 1)
YEARS = 4


def rows(count: int, seed: int = 1) -> Iterator[EventRow]:
    """Valid events: three nights a reservation, a quarter of them cancelled later."""
    rng = random.Random(seed)
    step = timedelta(days=365 * YEARS) / count
    moment = FIRST
    made = 0
    while made < count:
        reservation = uuid.UUID(int=rng.getrandbits(128), version=4).hex
        hotel = rng.randint(1, HOTELS)
        night = (moment + timedelta(days=rng.randint(0, 180))).date()
        status = 2 if rng.random() < 0.25 else 1
        stamp = moment.isoformat(" ", "seconds")
        for number in range(min(3, count - made)):
            made += 1
            moment += step
            yield EventRow(
                hotel, stamp, reservation, str(night + timedelta(days=number)), status, made
            )


def write_csv(path: Path, count: int) -> None:
    """The same events as a file for the loader."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["hotel_id", "event_timestamp", "room_reservation_id", "night_of_stay", "status", "id"]
        )
        for row in rows(count):
            shown = str(uuid.UUID(row.room_reservation_id))
            writer.writerow([*row[:2], shown, *row[3:]])
