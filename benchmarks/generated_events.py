"""The events of the benchmarks: 20 hotels, four years, always the same events in order of time."""

import csv
import random
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from common.currencies import format_thousandths
from data_provider.csv_loading.csv_columns import CSV_HEADER, PLAIN_CSV_HEADER
from data_provider.event_validation import EventRow, optional_values

HOTELS = 20
FIRST_TIMESTAMP = datetime(2022, 1, 1)
YEARS = 4


ROOM_TYPES = ("Double Standard", "Double Superior", "Single", "Suite")
CHANNELS = ("Booking.com", "Direct website", "Expedia", "Telephone")
SEGMENTS = ("Leisure", "Corporate", "Group")


def rows(count: int, seed: int = 1, *, with_money: bool = False) -> Iterator[EventRow]:
    """Yield valid events: three nights a reservation, a quarter of them cancellations.

    With money, the nights of a reservation have one description, and a rate each.
    """
    plain = _plain_rows(count, seed)
    if not with_money:
        yield from plain
        return
    rng = random.Random(f"money/{seed}")
    reservation = ""
    words = ("", "", "")
    for row in plain:
        if row.room_reservation_id != reservation:
            reservation = row.room_reservation_id
            words = (rng.choice(ROOM_TYPES), rng.choice(CHANNELS), rng.choice(SEGMENTS))
        yield row._replace(
            rate=rng.randrange(50_000, 300_000, 10),
            currency="EUR",
            room_type=words[0],
            channel=words[1],
            segment=words[2],
        )


def _plain_rows(count: int, seed: int) -> Iterator[EventRow]:
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


def write_csv(path: Path, count: int, *, with_money: bool = False) -> None:
    """Write the same events to a file for the loader."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow((CSV_HEADER if with_money else PLAIN_CSV_HEADER).split(","))
        for row in rows(count, with_money=with_money):
            reservation_id = str(uuid.UUID(row.room_reservation_id))
            values = [row.hotel_id, row.rpg_status, row.timestamp, row.night_of_stay]
            rate, currency, *words = optional_values(row)
            money = [format_thousandths(rate, currency), currency, *words] if with_money else []
            writer.writerow([*values, reservation_id, row.source_id, *money])


def json_event(number: int) -> dict[str, Any]:
    """Return a booking of a new reservation for `POST /events/`; the number chooses the hotel."""
    return {
        "hotel_id": number % HOTELS + 1,
        "event_timestamp": "2026-01-01T10:00:00Z",
        "status": 1,
        "room_reservation_id": str(uuid.uuid4()),
        "night_of_stay": "2026-03-01",
    }
