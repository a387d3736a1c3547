"""The events of the benchmarks: 20 hotels, four years, always the same events in order of time."""

import csv
import random
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from data_provider.event_validation import EventRow

HOTELS = 20
FIRST_TIMESTAMP = datetime(2022, 1, 1)
YEARS = 4


def rows(count: int, seed: int = 1) -> Iterator[EventRow]:
    """Yield valid events: three nights a reservation, a quarter of them cancellations."""
    rng = random.Random(seed)
    step = timedelta(days=365 * YEARS) / count
    timestamp = FIRST_TIMESTAMP
    yielded = 0
    while yielded < count:
        reservation = uuid.UUID(int=rng.getrandbits(128), version=4).hex
        hotel = rng.randint(1, HOTELS)
        night = (timestamp + timedelta(days=rng.randint(0, 180))).date()
        status = 2 if rng.random() < 0.25 else 1
        text = timestamp.isoformat(" ", "seconds")
        for number in range(min(3, count - yielded)):
            yielded += 1
            timestamp += step
            yield EventRow(
                hotel, text, reservation, str(night + timedelta(days=number)), status, yielded
            )


def write_csv(path: Path, count: int) -> None:
    """Write the same events to a file for the loader."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            ["hotel_id", "event_timestamp", "room_reservation_id", "night_of_stay", "status", "id"]
        )
        for row in rows(count):
            reservation_id = str(uuid.UUID(row.room_reservation_id))
            writer.writerow([*row[:2], reservation_id, *row[3:]])


def json_event(number: int) -> dict[str, Any]:
    """Return a booking of a new reservation for `POST /events/`; the number chooses the hotel."""
    return {
        "hotel_id": number % HOTELS + 1,
        "event_timestamp": "2026-01-01T10:00:00Z",
        "status": 1,
        "room_reservation_id": str(uuid.uuid4()),
        "night_of_stay": "2026-03-01",
    }
