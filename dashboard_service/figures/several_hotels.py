"""Figures of several hotels at once, in a number of statements that does not grow with them.

They are the same as those that a hotel's own pages show: of a hotel whose room-nights are followed
one by one its room-nights, of another one the net of its events.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from django.db.models import F, Sum

from dashboard_service.figures.rooms_for_sale import RoomsForSaleByNight
from dashboard_service.models import (
    Basis,
    DashboardData,
    HotelProfile,
    PaceData,
    PerformanceData,
    PickupData,
    RoomNightHotel,
    RoomsForSale,
)

Nights = dict[int, dict[date, int]]  # by hotel and night (or day)
Changes = dict[int, dict[tuple[date, date], int]]  # by hotel, night and day of the events

_NET = F("gross_booking_count") - F("cancellation_count")


def split_by_counting(hotels: Collection[int]) -> tuple[list[int], list[int]]:
    """Return the hotels whose room-nights are followed, and the others. Raises: django.db.Error."""
    followed = set(
        RoomNightHotel.objects.filter(hotel_id__in=hotels, is_counted=True).values_list(
            "hotel_id", flat=True
        )
    )
    return sorted(followed), sorted(set(hotels) - followed)


def on_the_books(hotels: Collection[int], first: date, last: date) -> Nights:
    """Return the room-nights on the books for the nights first … last; nights without any are left
    out. Three statements. Raises: django.db.Error."""
    followed, others = split_by_counting(hotels)
    span = {"basis": Basis.STAY, "day__range": (first, last)}
    counted = PerformanceData.objects.filter(hotel_id__in=followed, **span).order_by()
    nights: Nights = defaultdict(dict)
    for hotel, night, number in counted.values_list("hotel_id", "day").annotate(Sum("room_nights")):
        nights[hotel][night] = number
    for hotel, night, number in DashboardData.objects.filter(
        hotel_id__in=others, **span
    ).values_list("hotel_id", "day", _NET):
        nights[hotel][night] = number
    return nights


def changes_of_nights(hotels: Collection[int], first_night: date, first_day: date) -> Changes:
    """Return by how many room-nights the events of each day changed each night; 0 is left out.

    Three statements. Raises: django.db.Error.

    Args:
        first_night: earlier nights are left out.
        first_day: of the events.
    """
    followed, others = split_by_counting(hotels)
    span = {"night_of_stay__gte": first_night, "day__gte": first_day}
    key = ("hotel_id", "night_of_stay", "day")
    counted = PaceData.objects.filter(hotel_id__in=followed, **span).order_by().values_list(*key)
    rows = [
        *counted.annotate(Sum("room_nights")),
        *PickupData.objects.filter(hotel_id__in=others, **span).values_list(*key, _NET),
    ]
    changes: Changes = defaultdict(dict)
    for hotel, night, day, number in rows:
        if number:
            changes[hotel][night, day] = number
    return changes


def cancelled_on_days(hotels: Collection[int], first_day: date) -> Nights:
    """Return the room-nights cancelled on each day from a day on, as the dashboard counts them.

    One statement. Raises: django.db.Error.
    """
    rows = DashboardData.objects.filter(
        hotel_id__in=hotels, basis=Basis.BOOKED, day__gte=first_day, cancellation_count__gt=0
    )
    days: Nights = defaultdict(dict)
    for hotel, day, number in rows.values_list("hotel_id", "day", "cancellation_count"):
        days[hotel][day] = number
    return days


def profiles_and_rooms(
    hotels: Collection[int],
) -> dict[int, tuple[HotelProfile, RoomsForSaleByNight]]:
    """Return the profile and the rooms for sale of each hotel. Two statements.

    Raises: django.db.Error.
    """
    saved = HotelProfile.objects.in_bulk(sorted(hotels))
    spans: dict[int, list[tuple[date, date, int]]] = defaultdict(list)
    for hotel, first, last, rooms in RoomsForSale.objects.filter(hotel_id__in=hotels).values_list(
        "hotel_id", "first", "last", "rooms"
    ):
        spans[hotel].append((first, last, rooms))
    profiles = {hotel: saved.get(hotel) or HotelProfile(hotel_id=hotel) for hotel in hotels}
    return {
        hotel: (profile, RoomsForSaleByNight(profile.rooms, spans[hotel]))
        for hotel, profile in profiles.items()
    }
