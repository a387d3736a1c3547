"""Compare the stored figures of one hotel with a recount of its events, in bounded memory.

The hotel's rows and the feed position are read in one short transaction, and the recount takes the
events up to that position: a check is exact while events are being loaded. One pass over the events
serves counts and reservations; revenue is compared with what the reservations add up to, once these
are known to be right. A hotel with more rows than fit is compared in parts, with a pass for each.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from dashboard_service.counting import check_differences, revenue_check
from dashboard_service.counting.check_differences import Difference, Findings
from dashboard_service.counting.compact_rows import (
    DAY_TABLES,
    HOURS,
    MAX_PART_ROWS,
    NIGHTS,
    CompactCounts,
    CompactHistories,
    Part,
    TooManyRows,
    count_place,
    ordinal,
)
from dashboard_service.counting.event_counts import HOURS as HOURS_BASIS
from dashboard_service.counting.event_counts import ONE_CANCELLED, EventCounts
from dashboard_service.counting.event_counts import PICKUP as PICKUP_BASIS
from dashboard_service.counting.reservation_history import add_events
from dashboard_service.counting.stored_rows import StoredRows
from dashboard_service.data_provider_client import Provider
from dashboard_service.encoded_reservations import History, Reservation
from dashboard_service.room_nights import RoomNights

BASES = {number: basis for basis, number in DAY_TABLES.items()}


class HotelResult(NamedTuple):
    """The position up to which events were recounted, how many, and what was found."""

    position: int
    events: int
    findings: Findings


def check_hotel(
    provider: Provider, hotel_id: int, progress: Callable[[int], None] = lambda _: None
) -> HotelResult | None:
    """Compare a hotel's figures; None, and nothing is compared, while it waits for a recount.

    Args:
        progress: is called with the number of events of each page that was read.
    Raises: ProviderError; LedgerRestored when the figures are those of a former ledger.
    """
    with StoredRows(hotel_id) as stored:
        if stored.awaits_recount:
            return None
        provider.feed_status(stored.position, stored.epoch)  # else figures and events differ
        comparison = _EventComparison(provider, stored, progress)
        found = in_parts(stored.rows, comparison.compare)
        if not stored.is_counted:
            found.add_all(revenue_check.unexpected_sums(stored))
        elif comparison.are_reservations_right:  # else everything is to be rebuilt in any case
            found.add_all(
                in_parts(stored.rows, lambda part: revenue_check.compare_sums(stored, part))
            )
        return HotelResult(stored.position, comparison.events, found)


def in_parts(rows: int, compare: Callable[[Part], Findings]) -> Findings:
    """Compare a hotel's rows in as many parts as its memory needs."""
    parts = max(1, -(-rows // MAX_PART_ROWS))
    while True:
        found = Findings()
        try:
            for number in range(parts):
                found.add_all(compare(Part(number, parts)))
            return found
        except TooManyRows:  # more events than stored rows: the figures lack them
            parts *= 2


class _EventComparison:
    """Compares the counts and reservations of a part with the hotel's events."""

    def __init__(
        self, provider: Provider, stored: StoredRows, progress: Callable[[int], None]
    ) -> None:
        self.events = 0  # that the figures must count
        self.are_reservations_right = True
        self._provider = provider
        self._stored = stored
        self._progress = progress

    def compare(self, part: Part) -> Findings:
        """Return what differs. Raises: ProviderError, TooManyRows."""
        expected, reservations = CompactCounts(part), CompactHistories(part)
        self.events = 0
        for events in self._pages():
            counts = EventCounts(self._stored.time_zones)
            counts.add(events)
            expected.add(counts.table_rows())
            if self._stored.is_counted:
                histories: dict[Reservation, History] = {}
                add_events(histories, events, {self._stored.hotel_id})
                reservations.add(histories)
            if len(expected.rows) + len(reservations.rows) > 2 * MAX_PART_ROWS:
                raise TooManyRows
            self.events += len(events)
        found = Findings()
        _compare_counts(self._stored, expected, found)
        expected.rows.clear()  # its memory is needed
        if not revenue_check.compare_histories(self._stored, part, reservations, found):
            self.are_reservations_right = False
        return found

    def _pages(self) -> Iterator[list[dict[str, Any]]]:
        """Yield the hotel's events up to the position. Raises: ProviderError."""
        hotel, position = self._stored.hotel_id, self._stored.position
        for page in self._provider.events(hotel):
            yield [
                event for event in page if event["id"] <= position and event["hotel_id"] == hotel
            ]
            self._progress(len(page))


def _compare_counts(stored: StoredRows, expected: CompactCounts, found: Findings) -> None:
    for table, first, second, gross, cancelled in _stored_counts(stored):
        both = expected.take(table, first, second)
        if both is None:
            continue
        found.compared += 1
        counts = RoomNights(both % ONE_CANCELLED, both // ONE_CANCELLED)
        if counts != (gross, cancelled):
            row = RoomNights(gross, cancelled)
            found.add(_difference(stored.hotel_id, table, first, second, row, counts))
    found.compared += len(expected.rows)
    for key, both in sorted(expected.rows.items()):
        counts = RoomNights(both % ONE_CANCELLED, both // ONE_CANCELLED)
        found.add(_difference(stored.hotel_id, *count_place(key), None, counts))


def _stored_counts(stored: StoredRows) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield table, the two numbers of its key, bookings and cancellations of each row."""
    for basis, day, *counts in stored.read("days"):
        yield DAY_TABLES[basis], ordinal(day), 0, *counts
    for night, day, *counts in stored.read("nights"):
        yield NIGHTS, ordinal(night), ordinal(day), *counts
    for hour, *counts in stored.read("hours"):
        yield HOURS, ordinal(hour[:10]), int(hour[11:13]), *counts


def _difference(
    hotel: int,
    table: int,
    first: int,
    second: int,
    stored: RoomNights | None,
    expected: RoomNights,
) -> Difference:
    counts: tuple[Any, Any] = stored, check_differences.no_row_if_zero(expected)
    one = date.fromordinal(first)
    if table == NIGHTS:
        return Difference(hotel, PICKUP_BASIS, date.fromordinal(second), one, *counts)
    if table == HOURS:
        hour = datetime(one.year, one.month, one.day, tzinfo=UTC) + timedelta(hours=second)
        return Difference(hotel, HOURS_BASIS, hour, None, *counts)
    return Difference(hotel, BASES[table], one, None, *counts)
