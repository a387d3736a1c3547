"""Carries rooms by date that were entered for prices over to the dashboard's hotel profile.

Until this version pricing had rooms by date of its own; now they belong to the profile. They are
added once, in nights for which the profile has no rooms by date: where it has, it counts. A second
run, also after an interruption, changes nothing. The rows stay for processes of the version before,
which may still serve, and may insert more.
"""

from dashboard_service import figures_for_pricing
from dashboard_service.figures_for_pricing import RoomSpan
from pricing_service.models import PricingState, RoomsForSale


def carry_over_rooms(hotel_id: int) -> None:
    """Add a hotel's rooms by date of the version before to its profile. Raises: django.db.Error."""
    waiting = RoomsForSale.objects.filter(profile=hotel_id, is_in_profile=False)
    if not waiting.exists():
        return
    with PricingState.locked(hotel_id):
        rows = list(waiting.values_list("id", "first", "last", "rooms"))
        most = figures_for_pricing.MAX_ROOMS
        figures_for_pricing.add_rooms_by_date(
            hotel_id, [RoomSpan(first, last, min(rooms, most)) for _, first, last, rooms in rows]
        )
        # After the profile's commit: an interruption before this one repeats an addition.
        waiting.filter(id__in=[number for number, *_ in rows]).update(is_in_profile=True)


def carry_over_all_rooms() -> None:
    """Add the rooms by date of all hotels to their profiles. Raises: django.db.Error."""
    waiting = RoomsForSale.objects.filter(is_in_profile=False).order_by()
    for hotel_id in waiting.values_list("profile", flat=True).distinct():
        carry_over_rooms(hotel_id)
