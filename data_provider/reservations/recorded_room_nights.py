"""Read the events of reservations, by room and night, for a comparison with a snapshot."""

from collections.abc import Collection, Iterator
from typing import Any

from common.room_night_value import Move
from data_provider.ledger.ledger_connection import ledger_connection
from data_provider.reservations.snapshot_difference import RoomNight

IDS_PER_QUERY = 1_000

SQL_READ = """
    SELECT hotel_id, CAST(room_reservation_id AS text), CAST(night_of_stay AS text),
      CAST(timestamp AS text), rpg_status, rate, currency, room_type, channel, segment
    FROM data_provider_event WHERE room_reservation_id """
SQL_READ_POSTGRESQL = f"{SQL_READ} = ANY(%s::uuid[])"

#: Events by hotel and the ledger's id of the reserved room.
MovesOfRooms = dict[tuple[int, str], dict[RoomNight, list[Move]]]


def read_room_nights(ids: Collection[str]) -> MovesOfRooms:
    """Return the events of reserved rooms.

    Args:
        ids: the ledger's reservations, as 32 hexadecimal digits.
    """
    found: MovesOfRooms = {}
    for hotel, reservation, night, time, status, rate, *texts in _rows(list(ids)):
        room = reservation.replace("-", "")
        moves = found.setdefault((hotel, room), {}).setdefault((room, night), [])
        currency, room_type, channel, segment = (text or "" for text in texts)
        moves.append((_canonical(time), status, rate, currency, room_type, channel, segment))
    return found


def _rows(ids: list[str]) -> Iterator[tuple[Any, ...]]:
    connection = ledger_connection()
    with connection.cursor() as cursor:
        for start in range(0, len(ids), IDS_PER_QUERY):
            part = ids[start : start + IDS_PER_QUERY]
            if connection.vendor == "postgresql":
                cursor.execute(SQL_READ_POSTGRESQL, [part])
            else:
                cursor.execute(f"{SQL_READ} IN ({', '.join(['%s'] * len(part))})", part)
            yield from cursor.fetchall()


def _canonical(time: str) -> str:
    """Return a database's text of a time as `EventRow` holds it."""
    time = time.removesuffix("+00")
    return time if len(time) == 19 else time.ljust(26, "0")
