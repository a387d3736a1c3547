"""What a person tells about a hotel: its name, its rooms, its time zone.

A changed time zone changes no figure by itself: it asks for a recount, which swaps them at once.
"""

from typing import Any

from django.db import router, transaction

from dashboard_service.models import HotelProfile
from dashboard_service.signals import time_zone_changed


def shown(hotel: HotelProfile) -> dict[str, Any]:
    """What is told about a hotel; `recounting` while its figures are still in another time zone."""
    return {
        "hotel_id": hotel.hotel_id,
        "name": str(hotel),
        "time_zone": hotel.time_zone,
        "rooms": hotel.rooms,
        "recounting": hotel.time_zone != hotel.counted_time_zone,
    }


def tell(hotel_id: int, **told: Any) -> HotelProfile:
    """Keep what was told of a hotel; a changed time zone recounts it soon after."""
    with transaction.atomic(using=router.db_for_write(HotelProfile)):
        hotel, _ = HotelProfile.objects.get_or_create(hotel_id=hotel_id)
        for name, value in told.items():
            setattr(hotel, name, value)
        if told:
            hotel.save(update_fields=list(told))  # not what a recount may change meanwhile
    announce(hotel)
    return hotel


def announce(hotel: HotelProfile) -> bool:
    """Ask for a recount when a hotel's figures are cut in another time zone than it wants."""
    if hotel.time_zone == hotel.counted_time_zone:
        return False
    time_zone_changed.send(sender=None)
    return True
