"""What a check finds: rows that differ from the recount, in words, and how many there are."""

from datetime import date, datetime
from typing import NamedTuple

from dashboard_service.room_nights import NO_ROOM_NIGHTS, RoomNights

KEPT_DIFFERENCES = 1_000  # of a check, with their words; further ones are counted


class Difference(NamedTuple):
    """A stored count that does not equal the recount; None where there is no row."""

    hotel_id: int
    basis: str
    day: date | datetime  # the hour of hourly rows
    night_of_stay: date | None
    stored: RoomNights | None
    expected: RoomNights | None

    def __str__(self) -> str:
        stored, expected = (
            f"{counts.gross} booked {counts.cancelled} cancelled" if counts else "nothing"
            for counts in (self.stored, self.expected)
        )
        night = f" of night {self.night_of_stay}" if self.night_of_stay else ""
        return (
            f"hotel {self.hotel_id}, {self.basis} {self.day}{night}: "
            f"stored {stored}, expected {expected}"
        )


class RevenueDifference(NamedTuple):
    """A stored row that does not equal the recount, in words; for a row that is missing None."""

    hotel_id: int
    row: str
    stored: str | None
    expected: str | None

    def __str__(self) -> str:
        return (
            f"hotel {self.hotel_id}, {self.row}: "
            f"stored {self.stored or 'nothing'}, expected {self.expected or 'nothing'}"
        )


class Findings:
    """Rows that were compared and those that differ; memory is bounded however many differ."""

    def __init__(self) -> None:
        self.compared = 0
        self.different = 0
        self.named: list[Difference | RevenueDifference] = []

    def add(self, difference: Difference | RevenueDifference) -> None:
        """Add a row that differs."""
        self.different += 1
        if len(self.named) < KEPT_DIFFERENCES:
            self.named.append(difference)

    def add_all(self, other: "Findings") -> None:
        """Add what was found elsewhere."""
        self.compared += other.compared
        self.different += other.different
        self.named += other.named[: KEPT_DIFFERENCES - len(self.named)]


def no_row_if_zero(counts: RoomNights) -> RoomNights | None:
    """Return None for zeros: a row of zeros equals no row."""
    return None if counts == NO_ROOM_NIGHTS else counts
