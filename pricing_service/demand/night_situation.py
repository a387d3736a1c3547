"""A coming night as pricing sees it: its rooms, and what is on the books."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Situation:
    """A night's sales so far, in room-nights.

    Attributes:
        days_before: of the day whose figures these are.
        rooms: for sale; 0 on a closed night.
        group_rooms: of those on the books, booked as groups.
        figures_as_of: the day that the figures are of, where it is not today.
    """

    night: date
    days_before: int
    rooms: int
    on_the_books: int
    group_rooms: int = 0
    figures_as_of: date | None = None
