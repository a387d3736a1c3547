"""A reservation's snapshot in the form of `POST /reservations/`."""

from typing import Any

from common.currencies import format_thousandths
from data_provider.ledger.rest_format import rest_timestamp
from data_provider.reservations.snapshot import ReservationSnapshot


def as_json(snapshot: ReservationSnapshot) -> dict[str, Any]:
    """Return a snapshot in the form that `parse_reservation` reads."""
    currency = snapshot.currency or ""
    return {
        **snapshot._asdict(),
        "booked_at": rest_timestamp(snapshot.booked_at),
        "updated_at": rest_timestamp(snapshot.updated_at),
        "cancelled_at": snapshot.cancelled_at and rest_timestamp(snapshot.cancelled_at),
        "rooms": [
            {
                "room_id": room.room_id,
                "room_type": room.room_type,
                "nights": [
                    {
                        "night": night,
                        "rate": None if rate is None else format_thousandths(rate, currency),
                    }
                    for night, rate in room.nights
                ],
            }
            for room in snapshot.rooms
        ],
    }
