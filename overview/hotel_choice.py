"""Which hotel a page is about: the one of its address, else the first that its reader may see."""

from common.access_rights import Access
from dashboard_service.figures.hotel_list import first_hotel, hotels_with_figures
from dashboard_service.hotel_profiles import get_profile
from dashboard_service.models import HotelProfile


def chosen_hotel(asked: int | None, access: Access) -> int | None:
    """Return the hotel's number; None where there is none yet. Raises: django.db.Error."""
    if asked is not None:
        return asked
    found = first_hotel(access.hotels)
    return min(access.hotels) if found is None and access.hotels else found


def hotel_choices(hotel_id: int | None, access: Access) -> list[HotelProfile]:
    """Return the hotels to choose from, the shown one among them. Raises: django.db.Error."""
    hotels = hotels_with_figures(access.hotels)
    if hotel_id is not None and hotel_id not in {hotel.hotel_id for hotel in hotels}:
        hotels.append(get_profile(hotel_id))
    return hotels
