"""Names and time zones of hotels, for apps that do not know where these are kept.

The dashboard service keeps them, and registers what answers here when it starts.
"""

from collections.abc import Collection
from typing import Protocol


class HotelDirectory(Protocol):
    """What an app that keeps hotels' profiles offers."""

    def names(self, hotels: Collection[int]) -> dict[int, str]:
        """Return the name of each hotel, by number; "Hotel 7" for one without a name."""

    def with_figures(self, limit: int) -> list[int]:
        """Return the numbers of the first hotels that have figures, in order."""

    def time_zone(self, hotel_id: int) -> str:
        """Return the name of a hotel's time zone."""


_registered: list[HotelDirectory] = []


def register(directory: HotelDirectory) -> None:
    """Set what answers `hotels()`."""
    _registered[:] = [directory]


def hotels() -> HotelDirectory:
    """Return the directory. Its methods raise: django.db.Error."""
    return _registered[0]
