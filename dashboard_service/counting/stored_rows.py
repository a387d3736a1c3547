"""A hotel's stored figures as they were at one feed position, spooled so that memory stays small.

All rows are read in one short transaction that holds the position's lock; they go to a temporary
file (small ones stay in memory), from which the check reads them as often as it needs.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import Any

import orjson

from dashboard_service.counting.updater_lock import locked_position
from dashboard_service.models import (
    DashboardData,
    HotelProfile,
    HotelRecount,
    HourlyData,
    PaceData,
    PerformanceData,
    PickupData,
    ReservationState,
    RoomNightHotel,
)

IN_MEMORY_BYTES = 4_000_000
CHUNK_ROWS = 2_000

COUNTS = ("gross_booking_count", "cancellation_count")
SUMS = ("room_nights", "room_nights_with_rate", "revenue")
# What is read of each table, by the name under which the rows are spooled.
TABLES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "days": (DashboardData, ("basis", "day", *COUNTS)),
    "nights": (PickupData, ("night_of_stay", "day", *COUNTS)),
    "hours": (HourlyData, ("hour", *COUNTS)),
    "histories": (ReservationState, ("reservation", "events", "booked_minute")),
    "performance": (
        PerformanceData,
        ("basis", "day", "currency", "room_type", "channel", "segment", *SUMS),
    ),
    "pace": (PaceData, ("night_of_stay", "day", "currency", *SUMS)),
}


class StoredRows:
    """The rows of a hotel, and the position, epoch and time zone that they were counted in.

    Use it as a context manager: the file is deleted at the end.
    """

    def __init__(self, hotel_id: int) -> None:
        self.hotel_id = hotel_id
        self.rows = 0
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115
        self._places: dict[str, tuple[int, int]] = {}
        with locked_position(hotel_id) as position:
            self.position = position.position
            self.epoch = position.epoch
            profile = HotelProfile.objects.filter(pk=hotel_id).first()
            self.time_zones = {hotel_id: profile.counted_time_zone} if profile else {}
            followed = RoomNightHotel.objects.filter(pk=hotel_id).first()
            self.is_counted = followed is not None and followed.is_counted
            self.awaits_recount = HotelRecount.objects.filter(pk=hotel_id).exists()
            if not self.awaits_recount:
                for name, (model, columns) in TABLES.items():
                    rows = model.objects.filter(hotel_id=hotel_id).order_by()
                    self._write(name, rows.values_list(*columns).iterator(CHUNK_ROWS))

    def __enter__(self) -> "StoredRows":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _write(self, name: str, rows: Iterable[tuple[Any, ...]]) -> None:
        start, iterator = self._file.tell(), iter(rows)
        while chunk := list(islice(iterator, CHUNK_ROWS)):
            self._file.write(orjson.dumps(chunk) + b"\n")
            self.rows += len(chunk)
        self._places[name] = start, self._file.tell()

    def chunks(self, name: str) -> Iterator[list[list[Any]]]:
        """Yield a table's rows in chunks, dates and times as ISO 8601."""
        place, end = self._places[name]
        while place < end:
            self._file.seek(place)  # another table may have been read meanwhile
            line = self._file.readline()
            place = self._file.tell()
            yield orjson.loads(line)

    def read(self, name: str) -> Iterator[list[Any]]:
        """Yield a table's rows, dates and times as ISO 8601."""
        for chunk in self.chunks(name):
            yield from chunk
