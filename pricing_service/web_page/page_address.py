"""Addresses of the pricing page within the page: the query string of a month and a night."""

from datetime import date
from urllib.parse import urlencode


def page_address(hotel_id: int, month: date, night: date | None = None) -> str:
    """Return the query string that shows a hotel's month, and opens the night if one is given."""
    parameters = {"hotel_id": str(hotel_id), "month": f"{month:%Y-%m}"}
    if night:
        parameters["night"] = night.isoformat()
    return "?" + urlencode(parameters)


def night_address(hotel_id: int, night: date) -> str:
    """Return the query string that opens a night in its month."""
    return page_address(hotel_id, night.replace(day=1), night)
