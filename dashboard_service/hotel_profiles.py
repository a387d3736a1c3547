"""Hotel profiles: name, rooms (also by date), currency and time zone, as entered by a person.

A changed time zone changes no figure by itself: it requests a recount, which replaces the hotel's
figures in one transaction. So does the wish to follow the hotel's room-nights one by one.
"""

from collections.abc import Collection
from typing import Any

from django.db import router, transaction

from dashboard_service.figures.hotel_currency import events_beyond_room_nights, hotel_currency
from dashboard_service.models import HotelProfile, RoomNightHotel, RoomsForSale
from dashboard_service.signals import recount_needed

MAX_ROOMS = 100_000  # of a hotel in a night
# Null over REST, empty in the database.
OPTIONAL_CODES = {"currency", "country", "region", "language"}
MAX_ROOM_SPANS = 1_000  # in a hotel's rooms by date


def get_profile(hotel_id: int) -> HotelProfile:
    """Return a hotel's profile, or an unsaved one with the defaults."""
    return HotelProfile.objects.filter(pk=hotel_id).first() or HotelProfile(hotel_id=hotel_id)


def get_profiles(hotels: list[int]) -> dict[int, HotelProfile]:
    """Return the profiles of hotels, by number and in their order, unsaved ones for the rest."""
    saved = HotelProfile.objects.in_bulk(hotels)
    return {number: saved.get(number) or HotelProfile(hotel_id=number) for number in hotels}


def hotel_language(hotel_id: int) -> str:
    """Return the code of a hotel's own language; empty for none. Raises: django.db.Error."""
    return get_profile(hotel_id).language


def profile_parts(hotel_id: int) -> tuple[Any, ...]:
    """Return what amounts and occupancy depend on, for ETags: currency, rooms, rooms by date."""
    spans = RoomsForSale.objects.filter(hotel_id=hotel_id)
    profile = HotelProfile.objects.filter(pk=hotel_id).values_list("currency", "rooms").first()
    return profile, *spans.values_list("first", "last", "rooms")


def serialize_profile(hotel: HotelProfile) -> dict[str, Any]:
    """Return a profile for REST; `recounting` while the figures are in the previous time zone."""
    return {
        "hotel_id": hotel.hotel_id,
        "name": str(hotel),
        "time_zone": hotel.time_zone,
        "rooms": hotel.rooms,
        "recounting": hotel.time_zone != hotel.counted_time_zone,
    }


def serialize_profile_with_figures(hotel: HotelProfile) -> dict[str, Any]:
    """Return a profile for REST with all that belongs to the hotel's revenue."""
    number = hotel.hotel_id
    currency = hotel_currency(number, hotel.currency)
    followed = RoomNightHotel.objects.filter(pk=number).first()
    profile = serialize_profile(hotel)
    profile["recounting"] |= followed is not None and not followed.is_counted
    spans = RoomsForSale.objects.filter(hotel_id=number)
    return {
        **profile,
        "rooms_by_date": list(spans.values("first", "last", "rooms")),
        "currency": hotel.currency or None,
        "country": hotel.country or None,
        "region": hotel.region or None,
        "language": hotel.language or None,
        "proposed_currency": currency.proposed,
        "counts_room_nights": followed is not None,
        "room_nights_in_other_currencies": currency.other_room_nights,
        "events_beyond_room_nights": events_beyond_room_nights(number),
    }


def update_profile(hotel_id: int, **changes: Any) -> HotelProfile:
    """Save changed fields of a profile, and request a recount where it needs one.

    Args:
        changes: fields of the profile; `rooms_by_date` replaces the list, `counts_room_nights`
            (True) follows the room-nights of a hotel whose events carry no rates.
    Raises:
        ValidationError: country and region do not go together; nothing was changed.
    """
    rooms_by_date = changes.pop("rooms_by_date", None)
    is_followed = changes.pop("counts_room_nights", False)
    for name in OPTIONAL_CODES & changes.keys():
        changes[name] = changes[name] or ""
    with transaction.atomic(using=router.db_for_write(HotelProfile)):
        hotel, _ = HotelProfile.objects.get_or_create(hotel_id=hotel_id)
        for name, value in changes.items():
            setattr(hotel, name, value)
        if {"country", "region"} & changes.keys():
            hotel.clean()
        if changes:
            # Only these fields: a recount may change `counted_time_zone` at the same time.
            hotel.save(update_fields=list(changes))
        if rooms_by_date is not None:
            hotel.rooms_by_date.all().delete()
            RoomsForSale.objects.bulk_create(
                [RoomsForSale(hotel=hotel, **span) for span in rooms_by_date]
            )
    if is_followed:
        follow_room_nights([hotel_id])
    request_recount(hotel)
    return hotel


def follow_room_nights(hotels: Collection[int]) -> None:
    """Follow the room-nights of hotels one by one, from the recount on that this requests.

    Doing it twice is doing it once. Raises: django.db.Error.
    """
    RoomNightHotel.objects.bulk_create(
        [RoomNightHotel(hotel_id=hotel) for hotel in sorted(hotels)], ignore_conflicts=True
    )
    recount_needed.send(sender=None)


def request_recount(hotel: HotelProfile) -> bool:
    """Request a recount when a hotel's figures are in another time zone than its profile.

    Returns: whether a recount was requested.
    """
    if hotel.time_zone == hotel.counted_time_zone:
        return False
    recount_needed.send(sender=None)
    return True
