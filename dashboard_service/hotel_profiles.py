"""Hotel profiles: name, rooms and time zone of each hotel, as entered by a person.

A changed time zone changes no figure by itself: it requests a recount, which replaces the hotel's
figures in one transaction.
"""

from typing import Any

from django.db import router, transaction

from dashboard_service.models import HotelProfile
from dashboard_service.signals import time_zone_changed


def get_profile(hotel_id: int) -> HotelProfile:
    """Return a hotel's profile, or an unsaved one with the defaults."""
    return HotelProfile.objects.filter(pk=hotel_id).first() or HotelProfile(hotel_id=hotel_id)


def get_profiles(hotels: list[int]) -> dict[int, HotelProfile]:
    """Return the profiles of hotels, by number and in their order, unsaved ones for the rest."""
    saved = HotelProfile.objects.in_bulk(hotels)
    return {number: saved.get(number) or HotelProfile(hotel_id=number) for number in hotels}


def serialize_profile(hotel: HotelProfile) -> dict[str, Any]:
    """Return a profile for REST; `recounting` while the figures are in the previous time zone."""
    return {
        "hotel_id": hotel.hotel_id,
        "name": str(hotel),
        "time_zone": hotel.time_zone,
        "rooms": hotel.rooms,
        "recounting": hotel.time_zone != hotel.counted_time_zone,
    }


def update_profile(hotel_id: int, **changes: Any) -> HotelProfile:
    """Save changed fields of a profile, and request a recount when the time zone changed."""
    with transaction.atomic(using=router.db_for_write(HotelProfile)):
        hotel, _ = HotelProfile.objects.get_or_create(hotel_id=hotel_id)
        for name, value in changes.items():
            setattr(hotel, name, value)
        if changes:
            # Only these fields: a recount may change `counted_time_zone` at the same time.
            hotel.save(update_fields=list(changes))
    request_recount(hotel)
    return hotel


def request_recount(hotel: HotelProfile) -> bool:
    """Request a recount when a hotel's figures are in another time zone than its profile.

    Returns: whether a recount was requested.
    """
    if hotel.time_zone == hotel.counted_time_zone:
        return False
    time_zone_changed.send(sender=None)
    return True
