"""Room-nights by night of stay and room type, as pricing needs them.

Only of hotels whose room-nights are followed one by one: of others nobody knows the types.
"""

from datetime import date
from typing import NamedTuple

from dashboard_service.figures.sold_room_nights import SoldRoomNights
from dashboard_service.models import Basis


class SoldByRoomType(NamedTuple):
    """What is on the books of one room type in one night."""

    night: date
    room_type: str  # the sender's word; "" where an event had none
    room_nights: int
    with_rate: int  # room-nights with a rate in the hotel's currency
    revenue: int  # of these; thousandths of the currency's unit


def sold_by_room_type(hotel_id: int, first: date, last: date) -> list[SoldByRoomType] | None:
    """Return what is on the books for the nights first … last, in no order.

    None for a hotel whose room-nights are not followed. Raises: django.db.Error.
    """
    books = SoldRoomNights(hotel_id)
    if not books.is_followed:
        return None
    return [
        SoldByRoomType(night, room_type, sold.room_nights, sold.with_rate, sold.revenue)
        for (night, room_type), sold in books.by_day_and_word(Basis.STAY, "room_type", first, last)
    ]
