"""Which hotel a page is about: the one of its address, else the first that its reader may see."""

from typing import Any

from common.access_rights import Access
from dashboard_service.figures.hotel_list import LISTED_HOTELS, first_hotel, hotels_with_figures
from dashboard_service.hotel_profiles import get_profile


def chosen_hotel(asked: int | None, access: Access) -> int | None:
    """Return the hotel's number; None where there is none yet. Raises: django.db.Error."""
    if asked is not None:
        return asked
    found = first_hotel(access.hotels)
    return min(access.hotels) if found is None and access.hotels else found


def hotel_context(hotel_id: int | None, access: Access) -> dict[str, Any]:
    """Return what a page's template needs of the hotels to choose from, the shown one among them.

    Raises: django.db.Error.
    """
    hotels = hotels_with_figures(access.hotels)
    if hotel_id is not None and hotel_id not in {hotel.hotel_id for hotel in hotels}:
        hotels.append(get_profile(hotel_id))
    return {"hotel_id": hotel_id, "hotels": hotels, "listed_hotels": LISTED_HOTELS}
