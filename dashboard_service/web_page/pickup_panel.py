"""The page's pickup table: the coming nights, their occupancy and their sum."""

from typing import Any

from dashboard_service.figures.pickup import PICKUP_DAYS, pickup_rows

PICKUP_NIGHTS = 90


def pickup_panel(hotel_id: int, rooms: int | None) -> dict[str, Any]:
    """Return the coming nights and their total, with occupancy where the rooms are known."""
    nights = pickup_rows(hotel_id, None, PICKUP_NIGHTS)
    names = ("on_the_books", *(f"pickup_{days}" for days in PICKUP_DAYS))
    total: dict[str, Any] = {name: sum(night[name] for night in nights) for name in names}
    if rooms:
        for night in nights:
            night["occupancy"] = night["on_the_books"] / rooms
        total["occupancy"] = total["on_the_books"] / (rooms * PICKUP_NIGHTS)
    return {"pickup": nights, "pickup_total": total, "pickup_rooms": rooms}
