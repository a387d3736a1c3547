"""Which rooms of a simulated hotel are free: by night, and by room type where types are counted.

A guest whose room type is full in one of the nights gets the first other type that is free in all
of them, so that a hotel sells its last rooms. Nothing is free while the hotel is closed.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from simulator.hotel_demand import HotelProfile


class FreeRooms:
    """The rooms of one hotel, and how many of them are taken in each night."""

    def __init__(self, profile: HotelProfile) -> None:
        self._profile = profile
        self._taken: Counter[date] = Counter()
        self._taken_of_type: Counter[tuple[date, str]] = Counter()
        names = [name for name, _, _ in profile.room_types]
        # Without counted types `zip` is not strict, and there is no room of any.
        self._rooms_of_type = dict(zip(names, profile.rooms_by_type, strict=False))

    @property
    def counts_types(self) -> bool:
        """Whether no type is sold more often than it has rooms."""
        return bool(self._rooms_of_type)

    def room_type_for(self, wanted: str, nights: Sequence[date]) -> str | None:
        """Return a room type that is free in all nights, the wanted one first; None if full."""
        profile = self._profile
        if any(profile.is_closed(night) or self._taken[night] >= profile.rooms for night in nights):
            return None
        if not self.counts_types:
            return wanted
        for name in (wanted, *self._rooms_of_type):
            rooms = self._rooms_of_type[name]
            if all(self._taken_of_type[night, name] < rooms for night in nights):
                return name
        return None

    def take(self, room_type: str, nights: Sequence[date], rooms: int) -> None:
        """Take rooms of a type in nights; a negative number gives them back."""
        for night in nights:
            self._taken[night] += rooms
            self._taken_of_type[night, room_type] += rooms
