"""Old events, packed: what `manage.py archive_events` (archiving.py) took out of the table.

Promises: a segment gives back every value of its events; it never changes once it is committed; an
event is in the table or in one segment, never in both and never in neither (archiving.py). The
ledger answers from both (ledger.py), so that nobody sees where an event lies.

A segment holds events of one calendar month in the order of their ids. Each column is packed as the
differences from row to row, their bytes sorted by weight, because zlib makes next to nothing of
what hardly changes: some 25 bytes an event, most of them the reservation's random ones.

No event younger than KEPT_DAYS is ever archived. So whoever records newer ones need not look here;
`may_hold` keeps a day of distance for clocks that differ.
"""

import operator
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import starmap
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from django.db.models import QuerySet
from django.utils.timezone import now
from numpy.typing import NDArray

from data_provider.conditions import Condition, Order, Place, Value
from data_provider.event_validation import EventRow, canonical_timestamp
from data_provider.models import ArchivedHotel, ArchiveSegment

KEPT_DAYS = 366
SEGMENT_EVENTS = 5_000
UNPACKED_SEGMENTS = 64  # kept in memory by each process, of 360 KB at most: 23 MB
NO_SOURCE = -1  # source_id without a value; senders' numbers begin at 0

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
COMPARE = {
    "=": operator.eq, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
RANGES = {"id": "id", "hotel_id": "hotel", "timestamp": "timestamp"}  # column: of a segment's range

Numbers = NDArray[np.int64]


class Columns(NamedTuple):
    """Events as one array for each column."""

    id: Numbers
    hotel_id: Numbers
    timestamp: Numbers  # microseconds since 1970, UTC
    night_of_stay: Numbers  # days since 1970
    rpg_status: Numbers
    source_id: Numbers  # NO_SOURCE for none
    recorded_at: Numbers  # microseconds since 1970, UTC
    room_reservation_id: NDArray[np.uint64]  # two columns, the upper half first

    def where(self, chosen: Any) -> "Columns":
        """The rows that a mask or an array of indexes chooses."""
        return Columns(*(column[chosen] for column in self))

    def shown(self) -> Iterator[tuple[int, int, str, int, str, str]]:
        """What the ledger reads of the table: id, hotel, time, status, reservation, night."""
        reservations = self.room_reservation_id.astype(">u8").tobytes().hex()
        return zip(
            self.id.tolist(),
            self.hotel_id.tolist(),
            (str(moment) for moment in self.timestamp.astype("datetime64[us]").tolist()),
            self.rpg_status.tolist(),
            (reservations[start : start + 32] for start in range(0, len(reservations), 32)),
            (str(night) for night in self.night_of_stay.astype("datetime64[D]").tolist()),
            strict=True,
        )


def moments_of(texts: Iterable[str]) -> Numbers:
    """Microseconds since 1970 from canonical timestamps."""
    return np.array(list(texts), dtype="datetime64[us]").astype(np.int64)


def nights_of(texts: Iterable[str]) -> Numbers:
    """Days since 1970 from `YYYY-MM-DD`."""
    return np.array(list(texts), dtype="datetime64[D]").astype(np.int64)


def reservations_of(texts: Iterable[str]) -> NDArray[np.uint64]:
    """Both halves of each UUID from its 32 hexadecimal digits."""
    content = bytes.fromhex("".join(texts))
    return np.frombuffer(content, dtype=">u8").astype(np.uint64).reshape(-1, 2)


def pack(rows: Columns) -> bytes:
    """What a segment keeps of its events; `unpack` gives them back."""
    *numbers, reservations = rows._replace(night_of_stay=rows.night_of_stay - _days(rows))
    planes = [
        np.diff(column, prepend=0).astype("<i8").view(np.uint8).reshape(-1, 8).T.tobytes()
        for column in numbers
    ]
    return zlib.compress(b"".join([*planes, reservations.astype(">u8").tobytes()]), 9)


def unpack(packed: bytes) -> Columns:
    """The events of a segment."""
    content = zlib.decompress(packed)
    count = len(Columns._fields) - 1  # of columns that are numbers
    events = len(content) // (8 * count + 16)
    planes = np.frombuffer(content, np.uint8, 8 * count * events).reshape(count, 8, events)
    differences = np.ascontiguousarray(planes.transpose(0, 2, 1)).view("<i8")[..., 0]
    numbers = np.cumsum(differences, axis=1, dtype=np.int64)
    reservations = np.frombuffer(content, ">u8", offset=8 * count * events).astype(np.uint64)
    rows = Columns._make([*numbers, reservations.reshape(-1, 2)])
    return rows._replace(night_of_stay=rows.night_of_stay + _days(rows))


def _days(rows: Columns) -> Numbers:
    """The days of the events, from which their nights are not far: small numbers pack well."""
    return rows.timestamp // 86_400_000_000


def marks_of(reservations: NDArray[np.uint64]) -> bytes:
    """A Bloom filter: which reservations a segment may hold, in 13 bits or more for each."""
    distinct = np.unique(reservations, axis=0)
    size = min(1 << 16, max(64, 1 << (13 * len(distinct) - 1).bit_length()))
    bits = np.zeros(size, dtype=bool)
    bits[_marks(distinct, size)] = True
    return np.packbits(bits).tobytes()


def _may_be_marked(marks: bytes, reservation: NDArray[np.uint64]) -> bool:
    bits = np.unpackbits(np.frombuffer(marks, dtype=np.uint8))
    return bool(bits[_marks(reservation, len(bits))].all())


def _marks(reservations: NDArray[np.uint64], size: int) -> Numbers:
    """Four bits for each reservation, from a hash; UUIDs need not be random."""
    mixed = reservations[:, 0] * np.uint64(0x9E3779B97F4A7C15) ^ reservations[:, 1]
    for _ in range(2):
        mixed ^= mixed >> np.uint64(32)
        mixed *= np.uint64(0xD6E8FEB86659FD93)
    return mixed.astype("<u8").view("<u2").astype(np.int64) % size


def may_hold(timestamps: Iterable[str]) -> bool:
    """Whether an event with one of these (canonical) times may ever have been archived by now."""
    return min(timestamps) < canonical_timestamp(now() - timedelta(days=KEPT_DAYS - 1))


def exists() -> bool:
    """Whether anything is archived."""
    return ArchiveSegment.objects.exists()


def hotels(limit: int) -> list[int]:
    """The first hotels that have archived events, by number."""
    found = ArchivedHotel.objects.order_by("hotel_id").values_list("hotel_id", flat=True)
    return list(found[:limit])


def events_after(segment: UUID, position: int) -> tuple[int, datetime]:
    """How many events of a segment follow a position (one or more), the oldest's recording."""
    rows = _unpacked(segment)
    recorded = rows.recorded_at[rows.id > position]
    return len(recorded), EPOCH + timedelta(microseconds=int(recorded.min()))


def recorded_after(position: int) -> datetime | None:
    """When the first archived event after a position was recorded, None when there is none."""
    columns = ("id", "first_id", "first_recorded_at")
    later = ArchiveSegment.objects.filter(last_id__gt=position).values_list(*columns)
    return min(
        (
            recorded if first > position else events_after(key, position)[1]
            for key, first, recorded in later
        ),
        default=None,
    )


def read(
    conditions: Sequence[Condition], limit: int, *, after: Place | None, order: Order
) -> list[tuple[int, int, str, int, str, str]]:
    """The first archived events for which all conditions hold; arguments as of `ledger.read`.

    Segments that cannot hold any are not read, nor those behind the last event of the page.
    """
    by = "id" if order == "id" else "timestamp"
    found: Columns | None = None
    segments = _segments(conditions, after).order_by(f"first_{by}")
    for key, first in segments.values_list("id", f"first_{by}"):
        if found and len(found.id) == limit and _number(first) > getattr(found, by)[-1]:
            break
        rows = _unpacked(key)
        rows = rows.where(_mask(rows, conditions, after))
        if found:
            rows = Columns(*starmap(_joined, zip(found, rows, strict=True)))
        in_order = np.argsort(rows.id) if order == "id" else np.lexsort((rows.id, rows.timestamp))
        found = rows.where(in_order[:limit])
    return list(found.shown()) if found else []


def unknown(rows: Sequence[EventRow]) -> list[EventRow]:
    """Those of the rows, one or more, that are not archived."""
    hotels, texts, reservations, nights, statuses, _ = zip(*rows, strict=True)
    numbers, moments = np.array(hotels), moments_of(texts)
    keys = _keys(
        numbers, moments, reservations_of(reservations), nights_of(nights), np.array(statuses)
    )
    wanted, known = set(keys), set[bytes]()
    segments = ArchiveSegment.objects.filter(
        first_hotel__lte=max(hotels),
        last_hotel__gte=min(hotels),
        first_timestamp__lte=moment(moments.max()),
        last_timestamp__gte=moment(moments.min()),
    )
    columns = ("id", "first_hotel", "last_hotel", "first_timestamp", "last_timestamp")
    for key, first_hotel, last_hotel, first, last in segments.values_list(*columns):
        within = (numbers >= first_hotel) & (numbers <= last_hotel)
        within &= (moments >= _number(first)) & (moments <= _number(last))
        if within.any():
            found = _unpacked(key)
            known |= wanted.intersection(
                _keys(
                    found.hotel_id,
                    found.timestamp,
                    found.room_reservation_id,
                    found.night_of_stay,
                    found.rpg_status,
                )
            )
    return [row for row, key in zip(rows, keys, strict=True) if key not in known]


def _keys(
    hotels: Numbers,
    moments: Numbers,
    reservations: NDArray[np.uint64],
    nights: Numbers,
    statuses: Numbers,
) -> list[bytes]:
    """Each event's identity in 48 bytes."""
    numbers = np.stack([hotels, moments, nights, statuses], axis=1).astype(np.int64)
    content = np.concatenate([numbers.view(np.uint64), reservations], axis=1).tobytes()
    return [content[start : start + 48] for start in range(0, len(content), 48)]


def _segments(
    conditions: Sequence[Condition], after: Place | None
) -> QuerySet[ArchiveSegment, ArchiveSegment]:
    """Those that may hold an event for which all conditions hold."""
    segments = ArchiveSegment.objects.all()
    if after:
        segments = segments.filter(last_timestamp__gte=after.timestamp)
    for column, comparison, value in conditions:
        if name := RANGES.get(column):
            low, high = (min(value), max(value)) if isinstance(value, list) else (value, value)
            if comparison not in (">", ">="):
                segments = segments.filter(**{f"first_{name}__lte": high})
            if comparison not in ("<", "<="):
                segments = segments.filter(**{f"last_{name}__gte": low})
    for column, _, value in conditions:
        if column == "room_reservation_id":
            wanted = reservations_of([_digits(value)])
            marks = segments.values_list("id", "reservations")
            marked = [key for key, bits in marks if _may_be_marked(bytes(bits), wanted)]
            segments = segments.filter(id__in=marked)
    return segments


def _mask(rows: Columns, conditions: Sequence[Condition], after: Place | None) -> NDArray[np.bool_]:
    """Which of the rows are asked for."""
    keep = np.ones(len(rows.id), dtype=bool)
    for column, comparison, value in conditions:
        found = getattr(rows, column)
        if column == "room_reservation_id":
            keep &= (found == reservations_of([_digits(value)])).all(axis=1)
        elif isinstance(value, list):
            keep &= np.isin(found, value)
        else:
            keep &= COMPARE[comparison](found, _number(value))
    if after:
        moment = _number(after.timestamp)
        later = (rows.timestamp == moment) & (rows.id > after.id)
        keep &= (rows.timestamp > moment) | later
    return keep


def _digits(value: Value) -> str:
    return UUID(str(value)).hex


def _number(value: Any) -> int:
    """A condition's value as its column holds it."""
    if isinstance(value, datetime):
        return (value - EPOCH) // timedelta(microseconds=1)
    return (value - EPOCH.date()).days if isinstance(value, date) else int(value)


def moment(number: Any) -> datetime:
    return EPOCH + timedelta(microseconds=int(number))


def _joined(one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([one, other])


@lru_cache(maxsize=UNPACKED_SEGMENTS)
def _unpacked(segment: UUID) -> Columns:
    """A segment's events. Its key is never used again, so what is kept here stays true."""
    packed = ArchiveSegment.objects.values_list("packed", flat=True).get(id=segment)
    return unpack(bytes(packed))
