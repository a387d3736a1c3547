"""The page's pickup table: the coming nights, what is on the books for them, and how it changed."""

from datetime import date, timedelta
from typing import Any

from dashboard_service.figures.pickup import PICKUP_DAYS, pickup_rows
from dashboard_service.figures.sold_room_nights import Sold, SoldByDay, total
from dashboard_service.web_page.hotel_data import HotelData
from dashboard_service.web_page.measures import Measure

PICKUP_NIGHTS = 90


def pickup_panel(data: HotelData, measure: Measure) -> dict[str, Any]:
    """Return the coming nights and their total; the change is that of the measure.

    Room-nights are events, as `GET /dashboard/pickup/` counts them.
    """
    nights = pickup_rows(data.books.hotel_id, None, PICKUP_NIGHTS)
    first, last = nights[0]["night_of_stay"], nights[-1]["night_of_stay"]
    now = data.books.by_night(first, last)
    added = {
        days: data.books.since(first, last, data.today - timedelta(days=days))
        for days in PICKUP_DAYS
        if not measure.is_room_nights
    }
    names = ("on_the_books", *(f"pickup_{days}" for days in PICKUP_DAYS))
    sums: dict[str, Any] = {name: sum(night[name] for night in nights) for name in names}
    for night in nights:
        day = night["night_of_stay"]
        night |= _figures(data, measure, day, day, now.get(day, Sold()), _of(added, day))
    sold = total(now.values())
    every = {days: total(changes.values()) for days, changes in added.items()}
    return {
        "pickup": nights,
        "pickup_total": sums | _figures(data, measure, first, last, sold, every),
        "pickup_sold": sold,
    }


def _of(added: dict[int, SoldByDay], night: date) -> dict[int, Sold]:
    return {days: changes.get(night, Sold()) for days, changes in added.items()}


def _figures(
    data: HotelData, measure: Measure, first: date, last: date, now: Sold, added: dict[int, Sold]
) -> dict[str, Any]:
    """Return the figures of nights, and by how much the measure changed since some days before."""
    figures = data.night_figures(now, first, last)
    changes = {}
    for days, more in added.items():
        before = data.night_figures(_less(now, more), first, last)
        changes[f"pickup_{days}"] = measure.difference(
            measure.value(figures), measure.value(before)
        )
    return {name: figures[name] for name in ("occupancy", "revenue", "average_rate")} | changes


def _less(now: Sold, more: Sold) -> Sold:
    """Return what was sold before something was added."""
    return Sold(
        room_nights=now.room_nights - more.room_nights,
        with_rate=now.with_rate - more.with_rate,
        revenue=now.revenue - more.revenue,
        in_other_currencies=now.in_other_currencies - more.in_other_currencies,
    )
