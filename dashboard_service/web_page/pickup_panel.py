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
    nights = pickup_rows(data.books.hotel_id, None, PICKUP_NIGHTS, data.books.dates)
    first, last = nights[0]["night_of_stay"], nights[-1]["night_of_stay"]
    spans = () if measure.is_room_nights else PICKUP_DAYS
    moments = [data.today - timedelta(days=days) for days in spans]
    now, *earlier = data.books.by_night_as_of(first, last, [None, *moments])
    before = dict(zip(spans, earlier, strict=True))
    names = ("on_the_books", *(f"pickup_{days}" for days in PICKUP_DAYS))
    sums: dict[str, Any] = {name: sum(night[name] for night in nights) for name in names}
    for night in nights:
        day = night["night_of_stay"]
        night |= _figures(data, measure, day, day, now.get(day, Sold()), _of(before, day))
    sold = total(now.values())
    every = {days: total(books.values()) for days, books in before.items()}
    return {
        "pickup": nights,
        "pickup_total": sums | _figures(data, measure, first, last, sold, every),
        "pickup_sold": sold,
    }


def _of(before: dict[int, SoldByDay], night: date) -> dict[int, Sold]:
    return {days: books.get(night, Sold()) for days, books in before.items()}


def _figures(
    data: HotelData, measure: Measure, first: date, last: date, now: Sold, before: dict[int, Sold]
) -> dict[str, Any]:
    """Return the figures of nights, and by how much the measure changed since some days before."""
    figures = data.night_figures(now, first, last)
    changes = {
        f"pickup_{days}": measure.difference(
            measure.value(figures), measure.value(data.night_figures(sold, first, last))
        )
        for days, sold in before.items()
    }
    return {name: figures[name] for name in ("occupancy", "revenue", "average_rate")} | changes
