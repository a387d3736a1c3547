"""Addresses of the pricing page within the page: the query string of a month and a night."""

from datetime import date
from urllib.parse import urlencode


def page_address(
    hotel_id: int, month: date, night: date | None = None, *, room_type: str | None = None
) -> str:
    """Return the query string that shows a hotel's month, and opens the night if one is given.

    Args:
        room_type: whose prices the calendar shows; None for the reference's.
    """
    parameters = {"hotel_id": str(hotel_id), "month": f"{month:%Y-%m}"}
    if night:
        parameters["night"] = night.isoformat()
    if room_type:
        parameters["room_type"] = room_type
    return "?" + urlencode(parameters)


def night_address(hotel_id: int, night: date, room_type: str | None = None) -> str:
    """Return the query string that opens a night in its month."""
    return page_address(hotel_id, night.replace(day=1), night, room_type=room_type)
