"""Compare a hotel's stored reservations, performance and pace with what they must be.

Reservations are compared with the ledger's events, by a number for each that depends on all of its
events. Performance and pace are compared with what the stored reservations add up to.
"""

from collections.abc import Iterator
from datetime import date

from dashboard_service.counting.check_differences import Findings, RevenueDifference
from dashboard_service.counting.compact_rows import (
    DAY_TABLES,
    MAX_PART_ROWS,
    PACE,
    CompactHistories,
    CompactSums,
    Part,
    TooManyRows,
    content,
    ordinal,
    packed,
    unpacked,
)
from dashboard_service.counting.revenue_counts import RevenueCounts
from dashboard_service.counting.stored_rows import StoredRows
from dashboard_service.encoded_reservations import booked_minute, decode

OTHER_EVENTS = "other events, see GET /events/?room_reservation_id=…"
BASES = {number: basis for basis, number in DAY_TABLES.items()}


def compare_histories(
    stored: StoredRows, part: Part, expected: CompactHistories, found: Findings
) -> bool:
    """Compare the reservations of a part; what is expected is used up.

    Returns: whether all of them have the events that they must have.
    """
    hotel, are_right = stored.hotel_id, True
    for name, text, minute in stored.read("histories"):
        if not part.has_reservation(name):
            continue
        found.compared += 1
        events = expected.take(name)
        if events is None or events != _content(text):
            are_right = False
            right = OTHER_EVENTS if events is not None else None
            found.add(RevenueDifference(hotel, f"reservation {name}", text, right))
        elif minute != (booked := booked_minute(text)):
            found.add(RevenueDifference(hotel, f"minute of reservation {name}", minute, booked))
    found.compared += len(expected.rows)
    for name in expected.names():
        found.add(RevenueDifference(hotel, f"reservation {name}", None, OTHER_EVENTS))
    return are_right and not expected.rows


def _content(text: str) -> int | None:
    """Return the number of an encoded history; None if it cannot be read."""
    try:
        return content(decode(text))
    except (ValueError, TypeError, IndexError):
        return None


def compare_sums(stored: StoredRows, part: Part) -> Findings:
    """Return what differs in a part of performance and pace, of right reservations.

    Raises: TooManyRows.
    """
    expected = CompactSums(part)
    for chunk in stored.chunks("histories"):
        counts = RevenueCounts(stored.time_zones)
        for _, text, _ in chunk:
            counts.count_history(stored.hotel_id, decode(text))
        expected.add(counts)
        if len(expected.rows) > 2 * MAX_PART_ROWS:
            raise TooManyRows
    found = Findings()
    for table, first, second, words, sums in _stored_sums(stored):
        right = expected.take(table, first, second, words)
        if right is None:
            continue
        found.compared += 1
        if right != sums:
            found.add(_difference(stored, (table, first, second, words), sums, right))
    for key, right in sorted(expected.rows.items()):
        if right:
            found.compared += 1
            found.add(_difference(stored, expected.place(key), None, right))
    return found


def unexpected_sums(stored: StoredRows) -> Findings:
    """Return every row of performance and pace as different: the hotel is to have none."""
    found = Findings()
    for table, first, second, words, sums in _stored_sums(stored):
        found.compared += 1
        if sums:
            found.add(_difference(stored, (table, first, second, words), sums, 0))
    return found


def _stored_sums(stored: StoredRows) -> Iterator[tuple[int, int, int, tuple[str, ...], int]]:
    """Yield table, dates, words and packed sums of each row that is not zero."""
    for basis, day, *words, room_nights, with_rate, revenue in stored.read("performance"):
        if sums := packed((room_nights, with_rate, revenue)):
            yield DAY_TABLES[basis], ordinal(day), 0, tuple(words), sums
    for night, day, currency, *values in stored.read("pace"):
        if sums := packed(values):
            yield PACE, ordinal(night), ordinal(day), (currency,), sums


def _difference(
    stored: StoredRows,
    place: tuple[int, int, int, tuple[str, ...]],
    row: int | None,
    expected: int,
) -> RevenueDifference:
    table, first, second, words = place
    dates = [_date(first), _date(second)] if table == PACE else [BASES[table], _date(first)]
    name = " ".join(part or "-" for part in (*dates, *words))
    return RevenueDifference(stored.hotel_id, name, _in_words(row), _in_words(expected))


def _date(number: int) -> str:
    return date.fromordinal(number).isoformat()


def _in_words(number: int | None) -> str | None:
    if not number:
        return None
    room_nights, with_rate, revenue = unpacked(number)
    return f"{room_nights} room-nights, {with_rate} with a rate, {revenue} thousandths"
