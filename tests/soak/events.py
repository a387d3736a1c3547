"""The events of the soak test: rows of files, random events, and identities packed as bytes.

Packed, the millions of an hour need only some tens of megabytes.
"""

import csv
import gzip
import random
import struct
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from tests.soak.services import ROOT

Identity = tuple[int, str, str, str, int]  # hotel, time, reservation, night, status, as in REST
# An identity as bytes. The last byte is never 0, because numpy strips trailing zeros.
PACKED = struct.Struct(">Iq16sIB")
Event = dict[str, Any]

REAL_EVENTS = ROOT.parent / "shared" / "data" / "resort_hotel_events.csv.gz"
SAMPLE = ROOT / "data_provider" / "sample" / "events.csv"
COLUMNS = ["hotel_id", "status", "event_timestamp", "night_of_stay", "room_reservation_id"]


class Identities:
    """Identities of events as packed bytes; may contain the same identity several times."""

    def __init__(self) -> None:
        self._rows = bytearray()

    def add(self, identities: Iterable[Identity]) -> None:
        for hotel, timestamp, reservation, night, status in identities:
            microseconds = (datetime.fromisoformat(timestamp) - EPOCH) // timedelta(microseconds=1)
            day = date.fromisoformat(night).toordinal()
            self._rows += PACKED.pack(
                hotel, microseconds, uuid.UUID(reservation).bytes, day, status
            )

    def __len__(self) -> int:
        """The number of identities, including repetitions."""
        return len(self._rows) // PACKED.size

    def sorted(self) -> Any:
        """Return all packed identities as a sorted numpy array."""
        return np.sort(np.frombuffer(bytes(self._rows), dtype=f"S{PACKED.size}"))


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def unpack_identity(row: bytes) -> Identity:
    """Return the identity of an element of `Identities.sorted`."""
    hotel, microseconds, reservation, day, status = PACKED.unpack(row)
    timestamp = (EPOCH + timedelta(microseconds=microseconds)).isoformat().replace("+00:00", "Z")
    return hotel, timestamp, str(uuid.UUID(bytes=reservation)), str(date.fromordinal(day)), status


def real_rows() -> Iterator[list[str]]:
    """Yield valid rows without their hotel: a real hotel's if available, else the sample's."""
    with gzip.open(REAL_EVENTS, "rt") if REAL_EVENTS.exists() else SAMPLE.open() as file:
        for row in csv.DictReader(file):
            values = [row.get(name) or "" for name in COLUMNS[1:]]
            with suppress(ValueError):
                uuid.UUID(values[3])
                datetime.fromisoformat(values[1])
                date.fromisoformat(values[2])
                if values[0] in ("1", "2"):
                    yield values


def identity_of_row(hotel: int, row: list[str]) -> Identity:
    status, timestamp, night, reservation = row
    return (
        hotel,
        f"{timestamp[:10]}T{timestamp[11:]}Z",
        str(uuid.UUID(reservation)),
        night,
        int(status),
    )


def random_event(rng: random.Random, hotel: int, serial: int) -> Event:
    timestamp = datetime(2024, 1, 1) + timedelta(seconds=serial * 600 + rng.randrange(600))
    return {
        "hotel_id": hotel,
        "event_timestamp": f"{timestamp.isoformat()}Z",
        "status": rng.choice([1, 1, 1, 2]),
        "room_reservation_id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "night_of_stay": str((timestamp + timedelta(days=rng.randrange(200))).date()),
    }


def identity(event: Event) -> Identity:
    """Return the identity of an event in REST format; equal identities are the same event."""
    return (
        event["hotel_id"], event["event_timestamp"], event["room_reservation_id"],
        event["night_of_stay"], event["status"],
    )  # fmt: skip
