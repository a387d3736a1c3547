"""What the parts of the page have in common: a hotel's days, its rooms for sale, its money.

Room-nights of the cards and the table are events, as `GET /dashboard/` counts them. Everything that
money or rooms divide is what was sold, as `GET /dashboard/performance/` counts it.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from common.currencies import CURRENCY_DECIMALS
from dashboard_service.figures.rooms_for_sale import RoomsForSaleByNight
from dashboard_service.figures.sold_room_nights import Sold, SoldByDay, SoldRoomNights, figures
from dashboard_service.models import Basis
from dashboard_service.room_nights import RoomNightsByDay


@dataclass(frozen=True, kw_only=True)
class HotelData:
    """A hotel's figures of the chosen basis by day, and what they are divided by."""

    basis: str
    books: SoldRoomNights
    rooms: RoomsForSaleByNight
    first_day: date  # with data on the basis
    first_night: date | None  # with data by night of stay
    today: date  # the newest day with data
    days: RoomNightsByDay  # by events; of the chosen year and the year before
    sold: SoldByDay  # of the same days; of all years where the page shows years

    @property
    def is_stay(self) -> bool:
        return self.basis == Basis.STAY

    @property
    def has_occupancy(self) -> bool:
        """Whether the basis' periods have occupancy: a night has rooms, a day of booking none."""
        return self.is_stay and self.rooms.is_known

    @cached_property
    def has_money(self) -> bool:
        return self.books.has_money

    @property
    def decimals(self) -> int:
        """Decimals of the hotel's currency."""
        return CURRENCY_DECIMALS.get(self.books.currency or "", 2)

    def figures(self, sold: Sold, first: date, last: date) -> dict[str, Any]:
        """Return the figures of days of the basis, with the names of performance."""
        for_sale = self.rooms.total(first, last, self.first_day) if self.has_occupancy else None
        return figures(sold, self.books.currency, for_sale)

    def night_figures(self, sold: Sold, first: date, last: date) -> dict[str, Any]:
        """Return the figures of nights of stay, whatever the basis."""
        for_sale = self.rooms.total(first, last, self.first_night or first)
        return figures(sold, self.books.currency, for_sale)
