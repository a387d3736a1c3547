"""The coming nights of stay that gained or lost the most room-nights since a moment."""

from __future__ import annotations

from typing import Any, Final

from common.currencies import format_thousandths
from overview.morning.hotel_morning import LOOKED_AHEAD, HotelMorning

MOST_NIGHTS: Final = 8


def nights_that_moved(morning: HotelMorning) -> list[dict[str, Any]]:
    """Return at most MOST_NIGHTS nights, those that moved most first.

    By net room-nights, then by what came and went, then by revenue, then by date.
    """
    coming = {
        night: activity
        for night, activity in morning.activity.nights.items()
        if morning.first <= night < morning.first + LOOKED_AHEAD
    }
    ordered = sorted(
        coming.items(),
        key=lambda item: (
            -abs(item[1].net),
            -(item[1].booked + item[1].cancelled),
            -abs(item[1].net_revenue),
            item[0],
        ),
    )
    currency = morning.activity.currency
    return [
        {
            "night": night,
            "booked": activity.booked,
            "cancelled": activity.cancelled,
            "net": activity.net,
            "mood": "good" if activity.net > 0 else "bad" if activity.net < 0 else "",
            "net_revenue": format_thousandths(activity.net_revenue, currency) if currency else None,
            "on_the_books": morning.on_the_books(night),
            "occupancy": morning.occupancy(night),
            "price": (morning.price_rows.get(night) or {}).get("price"),
        }
        for night, activity in ordered[:MOST_NIGHTS]
    ]
