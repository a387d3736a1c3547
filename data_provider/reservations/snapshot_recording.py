"""Compare snapshots of reservations with the ledger and append what is missing.

Promises: all snapshots of a call are recorded in one transaction, or none. Snapshots of one
reservation, whatever the number of processes and the order of arrival, end as if they had come one
after the other in the order of their `updated_at`: an older one than known appends nothing, and
neither does one that was recorded before. Of two different ones with the same `updated_at` the one
that comes later counts.

On SQLite a writer has the database for itself. On PostgreSQL writers of the same hotel's
reservations wait for one another; other writers and all readers go on.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

import orjson
from django.db import transaction

from data_provider.event_validation import EventRow, identity
from data_provider.ledger.ledger_connection import database_alias, ledger_connection
from data_provider.ledger.recording import append
from data_provider.models import Event, Reservation
from data_provider.reservations.recorded_room_nights import MovesOfRooms, read_room_nights
from data_provider.reservations.snapshot import (
    CANCELLED,
    ReservationSnapshot,
    room_reservation_id,
)
from data_provider.reservations.snapshot_difference import RecordedMoves, missing_events
from data_provider.reservations.snapshot_format import as_json
from data_provider.signals import events_recorded

# The first of the two keys of a hotel's lock; the feed's locks have one key of 64 bits.
HOTEL_LOCK_NAMESPACE = 0x5248
SNAPSHOTS_PER_QUERY = 500  # SQLite's limit of parameters; ten columns a row
WRITTEN_FIELDS = [
    "status", "booked_at", "updated_at", "cancelled_at", "arrival", "rooms", "digests",
]  # fmt: skip

Key = tuple[int, str]  # hotel, the sender's number


class Appended(NamedTuple):
    """What became of one snapshot: the appended events by kind."""

    bookings: int = 0
    cancellations: int = 0
    changes: int = 0
    is_outdated: bool = False  # a newer snapshot was known

    @property
    def events(self) -> int:
        return self.bookings + self.cancellations + self.changes


def record_snapshots(snapshots: Sequence[ReservationSnapshot]) -> list[Appended]:
    """Commit the events that the ledger lacks of some reservations, all of them or none.

    Must not be called inside a transaction: the events are committed when it returns.

    Returns:
        What was appended, in the order of the snapshots.
    Raises:
        django.db.Error: nothing was recorded.
    """
    if not snapshots:
        return []
    with transaction.atomic(using=database_alias(), durable=True):
        _lock_hotels({snapshot.hotel_id for snapshot in snapshots})
        batch = _Batch(snapshots)
        outcomes = batch.compare()
        batch.write()
    if any(outcome.events for outcome in outcomes):
        events_recorded.send(sender=None)
    return outcomes


def count_outcomes(outcomes: Sequence[Appended]) -> dict[str, int]:
    """Return the events of many snapshots by kind, and how many snapshots changed
    something, changed nothing, or were outdated."""
    return {
        "bookings": sum(outcome.bookings for outcome in outcomes),
        "cancellations": sum(outcome.cancellations for outcome in outcomes),
        "changes": sum(outcome.changes for outcome in outcomes),
        "reservations_changed": sum(outcome.events > 0 for outcome in outcomes),
        "reservations_outdated": sum(outcome.is_outdated for outcome in outcomes),
        "reservations_unchanged": sum(
            not outcome.events and not outcome.is_outdated for outcome in outcomes
        ),
    }


def _lock_hotels(hotels: set[int]) -> None:
    connection = ledger_connection()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for hotel in sorted(hotels):  # in one order, so that two writers cannot deadlock
                cursor.execute(
                    "SELECT pg_advisory_xact_lock(%s, %s)", [HOTEL_LOCK_NAMESPACE, hotel]
                )


class _Batch:
    """Snapshots, and what the ledger holds of their reservations."""

    def __init__(self, snapshots: Sequence[ReservationSnapshot]) -> None:
        self.snapshots = snapshots
        self.known = _read_known(snapshots)
        self.moves = self._read_moves()
        self.changed: dict[Key, Reservation] = {}
        self.events: list[EventRow] = []

    def _read_moves(self) -> MovesOfRooms:
        ids = {room for known in self.known.values() for room in known.rooms.values()}
        for snapshot in self.snapshots:
            ids.update(_rooms(snapshot).values())
        return read_room_nights(ids)

    def compare(self) -> list[Appended]:
        """Find the missing events of all snapshots, the oldest first."""
        outcomes = [Appended()] * len(self.snapshots)
        for index in sorted(
            range(len(self.snapshots)), key=lambda index: self.snapshots[index].updated_at
        ):
            outcomes[index] = self._compare(self.snapshots[index])
        return outcomes

    def _compare(self, snapshot: ReservationSnapshot) -> Appended:
        key = (snapshot.hotel_id, snapshot.reservation_id)
        known = self.known.get(key)
        digest = _digest(snapshot)
        updated_at = _moment(snapshot.updated_at)
        if known is not None:
            if updated_at < known.updated_at:
                return Appended(is_outdated=True)
            if updated_at == known.updated_at and digest in known.digests:
                return Appended()
        rooms = (known.rooms if known else {}) | _rooms(snapshot)
        recorded: RecordedMoves = {
            room_night: moves
            for room in rooms.values()
            for room_night, moves in self.moves.get((snapshot.hotel_id, room), {}).items()
        }
        events = missing_events(snapshot, recorded, is_new=known is None and not recorded)
        self._add(events)
        is_tie = known is not None and updated_at == known.updated_at
        reservation = known or Reservation(
            hotel_id=snapshot.hotel_id, reservation_id=snapshot.reservation_id
        )
        reservation.status = snapshot.status
        reservation.booked_at = _moment(snapshot.booked_at)
        reservation.updated_at = updated_at
        reservation.cancelled_at = snapshot.cancelled_at and _moment(snapshot.cancelled_at)
        reservation.arrival = _arrival(snapshot)
        reservation.rooms = rooms
        reservation.digests = [*reservation.digests, digest] if is_tie else [digest]
        self.known[key] = self.changed[key] = reservation
        statuses = [event.rpg_status for event in events]
        return Appended(
            statuses.count(Event.Status.BOOKING),
            statuses.count(Event.Status.CANCELLATION),
            statuses.count(Event.Status.CHANGE),
        )

    def _add(self, events: list[EventRow]) -> None:
        """Take events, also for later snapshots of the same reservation in this batch."""
        self.events += events
        for row in events:
            room = row.room_reservation_id
            nights = self.moves.setdefault((row.hotel_id, room), {})
            texts = (row.currency, row.room_type, row.channel, row.segment)
            currency, room_type, channel, segment = (text or "" for text in texts)
            nights.setdefault((room, row.night_of_stay), []).append(
                (row.timestamp, row.rpg_status, row.rate, currency, room_type, channel, segment)
            )

    def write(self) -> None:
        """Append the missing events, and store what is known from now on."""
        if self.events:
            append(sorted(self.events, key=identity))
        Reservation.objects.using(database_alias()).bulk_create(
            self.changed.values(),
            batch_size=SNAPSHOTS_PER_QUERY,
            update_conflicts=True,
            unique_fields=["hotel_id", "reservation_id"],
            update_fields=WRITTEN_FIELDS,
        )


def _read_known(snapshots: Sequence[ReservationSnapshot]) -> dict[Key, Reservation]:
    ids_by_hotel: dict[int, list[str]] = {}
    for snapshot in snapshots:
        ids_by_hotel.setdefault(snapshot.hotel_id, []).append(snapshot.reservation_id)
    table = Reservation.objects.using(database_alias())
    return {
        (hotel, row.reservation_id): row
        for hotel, ids in ids_by_hotel.items()
        for start in range(0, len(ids), SNAPSHOTS_PER_QUERY)
        for row in table.filter(
            hotel_id=hotel, reservation_id__in=ids[start : start + SNAPSHOTS_PER_QUERY]
        )
    }


def _rooms(snapshot: ReservationSnapshot) -> dict[str, str]:
    """Return the ledger's ids of a snapshot's rooms, by their room_id."""
    return {
        room.room_id: room_reservation_id(snapshot.hotel_id, snapshot.reservation_id, room.room_id)
        for room in snapshot.rooms
    }


def _arrival(snapshot: ReservationSnapshot) -> date | None:
    if snapshot.status == CANCELLED:
        return None
    nights = [night for room in snapshot.rooms for night, _ in room.nights]
    return date.fromisoformat(min(nights)) if nights else None


def _digest(snapshot: ReservationSnapshot) -> str:
    return hashlib.blake2b(orjson.dumps(as_json(snapshot)), digest_size=8).hexdigest()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
