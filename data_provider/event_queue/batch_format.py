"""How a batch of events is written to and read from an entry of the Redis stream.

Promise: every event that a worker reads obeys the rules of `event_validation`. A loader with the
same rules and the same SECRET_KEY seals the rows it has validated; a batch without a valid seal is
validated event by event.

A row is a list of the first six values of `EventRow`, followed by the five optional ones where the
event has any. So versions before the optional values read every batch without them, and their
batches are read here. A batch with them is unreadable to a worker of such a version: it becomes a
dead letter, with nothing lost, and is resent when the worker has been replaced.

A batch of reservations has them as JSON in the form of `POST /reservations/`, under another name,
so that a worker of a version before reservations treats it in the same way.
"""

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
from django.conf import settings

from common.currencies import format_thousandths
from data_provider.event_validation import (
    REQUIRED,
    EventRow,
    optional_values,
    parse_event,
    plain_values,
)
from data_provider.ledger import rest_uuid
from data_provider.rate_and_words import NO_OPTIONAL_VALUES, OPTIONAL
from data_provider.reservations.snapshot import (
    ReservationSnapshot,
    parse_reservation,
)
from data_provider.reservations.snapshot_format import as_json

RULES_VERSION = "1"  # of `event_validation`; raise it when the rules become stricter


class UnreadableBatch(ValueError):
    """The content of a batch is not valid; the batch belongs to the dead letters."""


class Batch(NamedTuple):
    """One entry of the stream as a worker sees it."""

    id: bytes
    fields: dict[bytes, bytes]
    claimed: bool  # delivered before: a worker that died may have recorded it already
    deliveries: int  # with this one

    def rows(self) -> list[EventRow]:
        """Return the events of the batch. Raises: UnreadableBatch."""
        try:
            content = self.fields[b"rows"]
            sealed = self.fields.get(b"seal") == _seal(content)
            if sealed:
                return [EventRow(*values) for values in orjson.loads(content)]
            return [_validated_row(values) for values in orjson.loads(content)]
        except (KeyError, ValueError, TypeError) as error:
            raise UnreadableBatch(f"{type(error).__name__}: {error}") from error

    @property
    def holds_reservations(self) -> bool:
        """Whether the batch holds reservations instead of events."""
        return b"reservations" in self.fields

    def snapshots(self) -> list[ReservationSnapshot]:
        """Return the reservations of the batch. Raises: UnreadableBatch."""
        try:
            values = orjson.loads(self.fields[b"reservations"])
            return [parse_reservation(value) for value in values]
        except (KeyError, ValueError, TypeError) as error:
            raise UnreadableBatch(f"{type(error).__name__}: {error}") from error

    @property
    def events(self) -> int:
        """The number of events in the batch, of room-nights in one of reservations."""
        return count_events(self.fields)

    @property
    def load(self) -> str:
        """The id of the load that queued the batch, empty without one."""
        return self.fields.get(b"load", b"").decode("ascii", "replace")


def encode_batch(rows: Sequence[EventRow], load: str) -> dict[str, Any]:
    """Return the fields of a stream entry that holds valid events."""
    content = orjson.dumps(
        [
            plain_values(row) if optional_values(row) == NO_OPTIONAL_VALUES else tuple(row)
            for row in rows
        ]
    )
    return {"rows": content, "seal": _seal(content), "events": len(rows), "load": load}


def encode_reservations(snapshots: Sequence[ReservationSnapshot], load: str) -> dict[str, Any]:
    """Return the fields of a stream entry that holds reservations."""
    return {
        "reservations": orjson.dumps([as_json(snapshot) for snapshot in snapshots]),
        "events": sum(snapshot.room_nights for snapshot in snapshots),
        "load": load,
    }


def count_events(fields: dict[bytes, bytes]) -> int:
    """Return the number of events that an entry states, 0 when it states none."""
    count = fields.get(b"events", b"0")
    return int(count) if count.isdigit() else 0


def _seal(content: bytes) -> bytes:
    """Return a keyed hash that only a loader with the same rules and secret can compute."""
    key = hashlib.sha256(f"{RULES_VERSION} {settings.SECRET_KEY}".encode()).digest()
    return hashlib.blake2b(content, key=key, digest_size=16).hexdigest().encode()


def _validated_row(stored: list[Any]) -> EventRow:
    """Apply the rules for events from REST to a stored row. Raises: UnreadableBatch."""
    hotel_id, timestamp, reservation, night, status, source_id, *optional = stored
    named = dict(zip(OPTIONAL, optional, strict=True)) if optional else {}
    if type(named.get("rate")) is int:
        named["rate"] = format_thousandths(named["rate"], "")
    values = (hotel_id, timestamp, status, reservation, night)
    row, errors = parse_event(
        {**dict(zip(REQUIRED, values, strict=True)), "source_id": source_id, **named}
    )
    if row is None:
        raise UnreadableBatch(f"{errors} in {rest_uuid(str(reservation))}")
    return row
