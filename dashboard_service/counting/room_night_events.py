"""The events of a batch of pages that belong to hotels whose room-nights are followed.

A hotel is followed from its first event with a rate or a description. If it has earlier events, it
is not counted until a recount has read these from the ledger; if it has none, it is counted at
once.
"""

from collections.abc import Callable
from typing import Any

from dashboard_service.counting.reservation_history import add_events, rich_hotels
from dashboard_service.counting.revenue_storage import RoomNightHotels
from dashboard_service.encoded_reservations import History, Reservation


class RoomNightEvents:
    """New events by reservation, and the hotels that are followed.

    Args:
        hotels: the hotels that were followed before.
    """

    def __init__(self, hotels: RoomNightHotels) -> None:
        self.hotels_before = hotels
        self.discovered: RoomNightHotels = {}
        self.histories: dict[Reservation, History] = {}
        self._counted = {hotel for hotel, is_counted in hotels.items() if is_counted}

    def add(
        self, events: list[dict[str, Any]], with_earlier_events: Callable[[set[int]], set[int]]
    ) -> None:
        """Take a page's events of hotels that are followed.

        Args:
            with_earlier_events: returns which of some hotels have events before this page.
        Raises: ProviderError when such an event is invalid.
        """
        new = rich_hotels(events) - self.hotels_before.keys() - self.discovered.keys()
        if new:
            earlier = with_earlier_events(new)
            self.discovered |= {hotel: hotel not in earlier for hotel in new}
            self._counted |= new - earlier
        if self._counted:
            add_events(self.histories, events, self._counted)
