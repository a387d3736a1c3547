"""Has the room-nights of hotels with prices counted one by one, because events may come twice.

A booking system that sends its reservations again, with new times, sends new events: four rooms
would count as eight, and the price would rise on a half-empty night; a cancellation that comes
twice would take away a room that was never sold. A night of a reservation is sold once or not at
all: that is what the prices of every hotel with rules count. `GET /dashboard/` goes on counting
events.

A hotel whose earlier events are not counted so yet is recounted from the ledger first, which takes
seconds; its automatic prices stand still meanwhile. After an upgrade hotels take turns, so that the
recounts delay no other task; the one whose rules were saved last goes first.
"""

from typing import Final

from dashboard_service import figures_for_pricing
from pricing_service.models import Mode, PricingRules

HOTELS_AT_ONCE: Final = 3  # of the largest, a recount of each takes some seconds


def follow_priced_hotels() -> list[int]:
    """Have the next hotels with prices counted by room-nights, and return them.

    None while a recount of earlier ones goes on. Raises: django.db.Error.
    """
    followed = figures_for_pricing.room_night_hotels()
    room = HOTELS_AT_ONCE - sum(not is_counted for is_counted in followed.values())
    rules = PricingRules.objects.exclude(mode=Mode.OFF).order_by("-updated_at", "hotel_id")
    hotels = [hotel for hotel in rules.values_list("hotel_id", flat=True) if hotel not in followed][
        : max(0, room)
    ]
    if hotels:
        figures_for_pricing.follow_room_nights(hotels)
    return hotels
