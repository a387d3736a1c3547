"""Which events are missing between the ledger and a snapshot of a reservation. Pure.

Promise: after the returned events, the events of each room and night fold (by the rule in
`common.room_night_value`) to what the snapshot says: sold for its rate with its description, or not
sold. No event is returned for a room-night that already is as the snapshot says.

A new reservation is booked at its `booked_at`. What changes later happens at `updated_at`, a
cancellation of the whole reservation at `cancelled_at`. A cancelled reservation that is new is
booked and cancelled, so that both figures have it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from common.room_night_value import (
    BOOKING,
    CANCELLATION,
    CHANGE,
    Description,
    Move,
    Sale,
    last_sale,
)
from data_provider.event_validation import EventRow
from data_provider.reservations.snapshot import (
    CANCELLED,
    ReservationSnapshot,
    room_reservation_id,
)

RoomNight = tuple[str, str]  # the ledger's id of the reserved room, the night
RecordedMoves = Mapping[RoomNight, list[Move]]


def missing_events(
    snapshot: ReservationSnapshot, recorded: RecordedMoves, is_new: bool
) -> list[EventRow]:
    """Return the events that make the ledger equal to a snapshot.

    Args:
        recorded: the ledger's events of all rooms that the reservation ever had.
        is_new: the ledger knows neither the reservation nor an event of it.
    """
    stated = {
        (room_reservation_id(snapshot.hotel_id, snapshot.reservation_id, room.room_id), night): (
            rate,
            Description(
                (rate is not None and snapshot.currency) or "",
                room.room_type or "",
                snapshot.channel or "",
                snapshot.segment or "",
            ),
        )
        for room in snapshot.rooms
        for night, rate in room.nights
    }
    if is_new:
        return list(_first_events(snapshot, stated))
    wanted: Mapping[RoomNight, Sale] = {} if snapshot.status == CANCELLED else stated
    time = snapshot.updated_at
    if snapshot.status == CANCELLED and snapshot.cancelled_at is not None:
        time = snapshot.cancelled_at
    events: list[EventRow] = []
    for room_night in sorted(recorded.keys() | wanted.keys()):
        moves = _moves_to(wanted.get(room_night), recorded.get(room_night, []), time)
        events += [_event(snapshot.hotel_id, room_night, move) for move in moves]
    return events


def _first_events(
    snapshot: ReservationSnapshot, stated: Mapping[RoomNight, Sale]
) -> Iterator[EventRow]:
    for room_night, sale in stated.items():
        booking = _sale_move(snapshot.booked_at, BOOKING, sale)
        yield _event(snapshot.hotel_id, room_night, booking)
        if snapshot.status == CANCELLED:
            cancelled_at = snapshot.cancelled_at or snapshot.updated_at
            # Many systems know only the day of one of the two.
            time = max(snapshot.booked_at, cancelled_at)
            yield _event(snapshot.hotel_id, room_night, _cancellation(time))


def _moves_to(wanted: Sale | None, moves: list[Move], time: str) -> list[Move]:
    """Return the moves after which a room-night is sold as wanted: at `time`, or just after the
    last recorded one where an earlier or equal time would not do."""
    present = last_sale(moves)
    if present == wanted:
        return []
    needed = _moves_between(present, wanted, time)
    taken = {move[:2] for move in moves}
    if not any(move[:2] in taken for move in needed) and last_sale([*moves, *needed]) == wanted:
        return needed
    last = datetime.fromisoformat(max(time, *(move[0] for move in moves)))
    after = (last + timedelta(microseconds=1)).isoformat(" ")
    return _moves_between(present, wanted, after)


def _moves_between(present: Sale | None, wanted: Sale | None, time: str) -> list[Move]:
    if wanted is None:
        return [_cancellation(time)]
    if present is None:
        return [_sale_move(time, BOOKING, wanted)]
    if change := _change(present, wanted, time):
        return [change]
    return [_cancellation(time), _sale_move(time, BOOKING, wanted)]


def _change(present: Sale, wanted: Sale, time: str) -> Move | None:
    """Return the change that names what is different; None where something is taken away, which
    no change can say."""
    (old_rate, old), (rate, new) = present, wanted
    if (rate is None and old_rate is not None) or any(
        kept and not word for kept, word in zip(old[1:], new[1:], strict=True)
    ):
        return None
    words = [word if word != kept else "" for kept, word in zip(old[1:], new[1:], strict=True)]
    if (rate, new.currency) == (old_rate, old.currency):
        return (time, CHANGE, None, "", *words)  # type: ignore[return-value]  # three words
    return (time, CHANGE, rate, new.currency, *words)  # type: ignore[return-value]


def _sale_move(time: str, status: int, sale: Sale) -> Move:
    rate, description = sale
    return (time, status, rate, *description)


def _cancellation(time: str) -> Move:
    return (time, CANCELLATION, None, "", "", "", "")


def _event(hotel_id: int, room_night: RoomNight, move: Move) -> EventRow:
    reservation, night = room_night
    time, status, rate, *texts = move
    currency, room_type, channel, segment = (text or None for text in texts)
    return EventRow(
        hotel_id, time, reservation, night, status, None,
        rate, currency, room_type, channel, segment,
    )  # fmt: skip
