"""Return the events of the former archive to the event table.

Earlier versions had a command, `archive_events`, that moved old events into packed segments
(`data_provider_archivesegment`). A segment is zlib-compressed and holds seven integer columns and
the reservations. Each integer column is stored as differences from row to row (64 bit, little
endian), grouped by the weight of their bytes; nights are stored as distances from the event's day.
Reservations are stored as 16 bytes each.
"""

import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

NUMBERS = 7  # id, hotel, timestamp, night, status, source, recorded_at
NO_SOURCE = -1
DAY_MICROSECONDS = 86_400_000_000

SQL_SEGMENTS = "SELECT id FROM data_provider_archivesegment ORDER BY first_id"
SQL_SEGMENT = "SELECT packed FROM data_provider_archivesegment WHERE id = %s"
SQL_DELETE_SEGMENT = "DELETE FROM data_provider_archivesegment WHERE id = %s"
SQL_DELETE_HOTELS = "DELETE FROM data_provider_archivedhotel"
# An explicit id leaves PostgreSQL's sequence as it is. An event that was recorded again in the
# meantime stays as it is; any other conflict is an error.
SQL_INSERT = """
    INSERT INTO data_provider_event (id, hotel_id, timestamp, night_of_stay, rpg_status, source_id,
      recorded_at, room_reservation_id)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (hotel_id, timestamp, room_reservation_id, night_of_stay, rpg_status) DO NOTHING"""


def return_events(connection: Any) -> None:
    """Move the events of all segments to the event table, with memory for one segment.

    Ids, recording times and senders' numbers stay the same. The caller provides the transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(SQL_SEGMENTS)
        for (key,) in cursor.fetchall():
            cursor.execute(SQL_SEGMENT, [key])
            [packed] = cursor.fetchone()
            cursor.executemany(SQL_INSERT, list(_rows(bytes(packed), connection.vendor)))
            cursor.execute(SQL_DELETE_SEGMENT, [key])
        cursor.execute(SQL_DELETE_HOTELS)


def _rows(packed: bytes, vendor: str) -> Iterator[tuple[Any, ...]]:
    """Yield a segment's events in the column order of SQL_INSERT, spelled for the database."""
    content = zlib.decompress(packed)
    events = len(content) // (8 * NUMBERS + 16)
    planes = np.frombuffer(content, np.uint8, 8 * NUMBERS * events).reshape(NUMBERS, 8, events)
    differences = np.ascontiguousarray(planes.transpose(0, 2, 1)).view("<i8")[..., 0]
    ids, hotels, moments, nights, statuses, sources, recorded = np.cumsum(
        differences, axis=1, dtype=np.int64
    )
    nights += moments // DAY_MICROSECONDS
    reservations = content[8 * NUMBERS * events :].hex()
    zone = "+00" if vendor == "postgresql" else ""  # SQLite's table has UTC without an offset
    return zip(
        ids.tolist(),
        hotels.tolist(),
        _texts(moments, "datetime64[us]", zone),
        _texts(nights, "datetime64[D]", ""),
        statuses.tolist(),
        (None if source == NO_SOURCE else source for source in sources.tolist()),
        _texts(recorded, "datetime64[us]", zone),
        (reservations[start : start + 32] for start in range(0, len(reservations), 32)),
        strict=True,
    )


def _texts(numbers: Any, kind: str, zone: str) -> Iterator[str]:
    """Yield timestamps or dates since 1970 as text."""
    return (f"{value}{zone}" for value in numbers.astype(kind).tolist())
