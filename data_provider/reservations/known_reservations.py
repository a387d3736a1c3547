"""Reservations folded back from the ledger's events.

A room-night is sold as `common.room_night_value` folds its events. What no event carries (the
sender's number, status and times) comes from the newest snapshot; a reservation that is known from
events alone, by its UUID, is told from these.
"""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from common.room_night_value import Description, Sale, last_sale
from data_provider.event_validation import canonical_timestamp, parse_reservation_id
from data_provider.field_errors import FieldError
from data_provider.ledger.event_query import read_events
from data_provider.ledger.ledger_connection import database_alias
from data_provider.ledger.query_conditions import Condition
from data_provider.models import Reservation
from data_provider.reservations.recorded_room_nights import MovesOfRooms, read_room_nights
from data_provider.reservations.snapshot import (
    CANCELLED,
    CONFIRMED,
    ONLY_ROOM,
    ReservationSnapshot,
    ReservedNight,
    ReservedRoom,
)

RESERVATIONS_AT_ONCE = 500
MAX_ROOMS, MAX_EVENTS = 500, 10_000  # of one reservation whose events are listed


def find_reservation(hotel_id: int, reservation_id: str) -> ReservationSnapshot | None:
    """Return a reservation with what is on the books of it; None where nobody knows it.

    A cancelled reservation has no nights, and no currency, channel and segment, which belong to
    sold nights.
    """
    table = Reservation.objects.using(database_alias())
    known = table.filter(hotel_id=hotel_id, reservation_id=reservation_id).first()
    if known is not None:
        return _folded(known, read_room_nights(known.rooms.values()))
    try:
        room = parse_reservation_id(reservation_id)
    except FieldError:
        return None
    moves = read_room_nights([room])
    if not (nights := moves.get((hotel_id, room))):
        return None
    times = sorted(move[0] for recorded in nights.values() for move in recorded)
    is_sold = any(last_sale(recorded) for recorded in nights.values())
    event_only = Reservation(
        hotel_id=hotel_id,
        reservation_id=reservation_id,
        status=CONFIRMED if is_sold else CANCELLED,
        booked_at=datetime.fromisoformat(f"{times[0]}+00:00"),
        updated_at=datetime.fromisoformat(f"{times[-1]}+00:00"),
        cancelled_at=None if is_sold else datetime.fromisoformat(f"{times[-1]}+00:00"),
        rooms={ONLY_ROOM: room},
    )
    return _folded(event_only, moves)


def events_of(hotel_id: int, reservation_id: str) -> list[dict[str, Any]]:
    """Return a reservation's events as REST shows them, in order of time."""
    table = Reservation.objects.using(database_alias())
    known = table.filter(hotel_id=hotel_id, reservation_id=reservation_id).first()
    rooms = list(known.rooms.values()) if known else []
    with suppress(FieldError):  # a UUID may be known from events alone
        rooms.append(parse_reservation_id(reservation_id))
    if not rooms:
        return []
    conditions = [
        Condition("hotel_id", "=", hotel_id),
        Condition("room_reservation_id", "IN", sorted(set(rooms))[:MAX_ROOMS]),
    ]
    return read_events(conditions, MAX_EVENTS)


def reservations_arriving(hotel_id: int, first: date, last: date) -> Iterator[ReservationSnapshot]:
    """Yield the reservations that senders stated and that arrive from `first` to `last`, in order
    of their sender's numbers, with what is on the books of them."""
    table = Reservation.objects.using(database_alias())
    query = table.filter(hotel_id=hotel_id, arrival__range=(first, last))
    after = ""
    while rows := list(
        query.filter(reservation_id__gt=after).order_by("reservation_id")[:RESERVATIONS_AT_ONCE]
    ):
        after = rows[-1].reservation_id
        moves = read_room_nights({room for row in rows for room in row.rooms.values()})
        yield from (_folded(row, moves) for row in rows)


def _folded(known: Reservation, moves: MovesOfRooms) -> ReservationSnapshot:
    sales: dict[str, dict[str, Sale]] = {}
    for room_id, room in known.rooms.items():
        recorded = moves.get((known.hotel_id, room), {})
        sales[room_id] = {
            night: sale
            for (_, night), night_moves in recorded.items()
            if (sale := last_sale(night_moves)) is not None
        }
    descriptions = [sale[1] for nights in sales.values() for sale in nights.values()]
    # Of a reservation that was changed by single events they may differ: the first night's.
    first = descriptions[0] if descriptions else Description("", "", "", "")
    currency = next((text.currency for text in descriptions if text.currency), None)
    cancelled_at = None
    if known.cancelled_at is not None:
        cancelled_at = canonical_timestamp(known.cancelled_at)
    return ReservationSnapshot(
        known.hotel_id,
        known.reservation_id,
        known.status,
        canonical_timestamp(known.booked_at),
        canonical_timestamp(known.updated_at),
        cancelled_at,
        currency,
        first.channel or None,
        first.segment or None,
        tuple(
            ReservedRoom(
                room_id,
                next((sale[1].room_type for sale in nights.values() if sale[1].room_type), None),
                tuple(ReservedNight(night, nights[night][0]) for night in sorted(nights)),
            )
            for room_id, nights in sorted(sales.items())
            if nights or known.status == CANCELLED
        ),
    )
