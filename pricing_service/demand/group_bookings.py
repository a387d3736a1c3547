"""Groups: rooms that were booked together, which say nothing of how single guests book.

Rooms whose first booking came in one minute (a reservation of several rooms has one time) are a
group when, for at least one night, they are as many as the threshold. The rooms that share such a
night belong to it, with all nights that they ever had; a single guest who booked another week in
that minute does not. A room that is cancelled leaves the group's room-nights on the books and stays
a member: what was booked together was no pace of single guests, however it ends.

The threshold is told by a person, or learned: a tenth of the rooms, but at least LEARNED_LEAST,
since families and friends book up to four rooms, and at most LEARNED_MOST, where the contracts of
hotels and agencies begin to speak of a group. Learned groups are trusted only where times of
booking mean something. Some booking systems send dates without times, or what came in at the full
hour or in a nightly run; then strangers share their minutes. So where more than half of
FEWEST_GROUPS_TO_JUDGE or more groups have the same minute of the hour, a clock made them, and the
hotel has no groups unless a person tells a threshold.

Group-ness depends on what was booked alone, not on the order in which events arrive. Pure: no
database, no clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import numpy as np

from dashboard_service.figures_for_pricing import BookedRoom, BookedTogether
from pricing_service.demand.bookings import Bookings

LEARNED_LEAST: Final = 5  # rooms
LEARNED_MOST: Final = 10  # rooms
LEARNED_SHARE: Final = 0.1  # of the hotel's rooms
FEWEST_GROUPS_TO_JUDGE: Final = 4


@dataclass(frozen=True)
class GroupBooking:
    """The rooms of one group."""

    booked_at: datetime  # the minute, UTC
    rooms: Sequence[BookedRoom]

    def rooms_booked(self, night: date) -> int:
        """Return for how many rooms the night was ever booked."""
        return sum(night.toordinal() in room.nights for room in self.rooms)


@dataclass(frozen=True)
class Groups:
    """A hotel's groups, in order of time.

    Attributes:
        threshold: rooms from which on a booking is a group.
        is_clocked: whether groups were left out because a clock made them.
    """

    threshold: int
    bookings: Sequence[GroupBooking] = ()
    is_clocked: bool = False

    def room_nights(self, today: date, as_of: date) -> Bookings:
        """Return the room-nights of all groups; see `room_nights_of`."""
        return room_nights_of(
            [room for group in self.bookings for room in group.rooms], today, as_of
        )


def learned_threshold(rooms: int | None) -> int:
    """Return how many rooms make a group in a hotel of so many rooms; None where nobody knows."""
    share = int(np.ceil(LEARNED_SHARE * rooms)) if rooms else LEARNED_MOST
    return min(max(share, LEARNED_LEAST), LEARNED_MOST)


def find_groups(together: Sequence[BookedTogether], threshold: int, *, is_learned: bool) -> Groups:
    """Return the groups among rooms that were booked together."""
    found = [
        GroupBooking(minute, members)
        for minute, rooms in together
        if (members := _members(rooms, threshold))
    ]
    is_clocked = is_learned and _are_clocked(found)
    return Groups(threshold, () if is_clocked else found, is_clocked)


def room_nights_of(rooms: Sequence[BookedRoom], today: date, as_of: date) -> Bookings:
    """Return the room-nights of rooms; what is dated in the future counts as on as_of.

    Args:
        today: in the hotel's time zone.
    """
    changes = [change for room in rooms for change in room.changes]
    nights, days, net = np.array(changes, dtype=np.int64).reshape(-1, 3).T
    days = np.where(days > today.toordinal(), as_of.toordinal(), days)
    return Bookings(nights, days, net)


def _members(rooms: Sequence[BookedRoom], threshold: int) -> list[BookedRoom]:
    """Return the rooms that share a night with at least a threshold of them; empty if none do."""
    count = Counter(night for room in rooms for night in room.nights)
    shared = {night for night, number in count.items() if number >= threshold}
    return [room for room in rooms if not shared.isdisjoint(room.nights)]


def _are_clocked(groups: Sequence[GroupBooking]) -> bool:
    if len(groups) < FEWEST_GROUPS_TO_JUDGE:
        return False
    minutes = Counter(group.booked_at.minute for group in groups)
    return minutes.most_common(1)[0][1] > len(groups) / 2
