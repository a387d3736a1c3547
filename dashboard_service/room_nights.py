"""Room-nights booked and cancelled, and what is calculated from them.

Pure arithmetic without a database or HTTP: the code that counts events and the code that reads
figures both use it.
"""

from datetime import date
from typing import NamedTuple


class RoomNights(NamedTuple):
    """Room-nights booked (gross) and room-nights cancelled."""

    gross: int
    cancelled: int

    @property
    def net(self) -> int:
        """Gross less cancelled; negative where more was cancelled than booked."""
        return self.gross - self.cancelled

    @property
    def cancellation_rate(self) -> float | None:
        """Cancelled room-nights by booked room-nights; None where nothing was booked."""
        return self.cancelled / self.gross if self.gross else None


NO_ROOM_NIGHTS = RoomNights(0, 0)
RoomNightsByDay = dict[date, RoomNights]


def total_between(days: RoomNightsByDay, first: date, last: date) -> RoomNights:
    """Return the sum of the days from `first` to `last`, both included."""
    selected = [counts for day, counts in days.items() if first <= day <= last]
    return RoomNights(
        sum(counts.gross for counts in selected), sum(counts.cancelled for counts in selected)
    )
