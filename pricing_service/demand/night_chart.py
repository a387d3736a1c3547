"""The chart of one night: its booking curve so far, the usual one and last year's; its
expected revenue by price; its groups.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import numpy as np

from dashboard_service import figures_for_pricing
from pricing_service.demand.bookings import YEAR, Bookings
from pricing_service.demand.demand_outlook import load_bookings, load_groups, usual_rooms
from pricing_service.demand.engine_basis import EngineBasis
from pricing_service.demand.group_bookings import room_nights_of
from pricing_service.demand.on_the_books_history import MAX_DAYS_BEFORE
from pricing_service.engine.hotel_rules import HotelRules
from pricing_service.engine.recommendation import believed_night
from pricing_service.engine.revenue_curve import expected_on_the_books, expected_sales
from pricing_service.models import NightPrice
from pricing_service.rules.pricing_rules import HotelPricingRules

CURVE_PRICES: Final = 15  # of the chart of expected revenue
LOWEST_SHOWN, HIGHEST_SHOWN = 0.6, 1.7  # over the recommended price


def booking_curve_points(basis: EngineBasis, row: NightPrice) -> list[dict[str, Any]]:
    """Return one point for each number of days before the night, from MAX_DAYS_BEFORE down to 0.

    A point has net room-nights on the books (None for days to come), those that are usual on such a
    night by what the engine believes today, and those of the same weekday a year before (None
    without such history).
    """
    as_of, known_lead = row.known_until, last_known_lead(row)
    hotel = figures_for_pricing.hotel(row.hotel_id)
    # As of the night's own last day, so that events dated in the future are in it.
    bookings = load_bookings(row.hotel_id, hotel.today, as_of)
    days_before = list(range(MAX_DAYS_BEFORE, -1, -1))
    night = np.full(len(days_before), row.night.toordinal())
    usual = expected_on_the_books(basis.belief, night, np.array(days_before))
    expected = np.minimum(usual, row.rooms).round(1).tolist()
    actual = _on_the_books_by_lead(bookings, as_of, row.night)
    year_ago = row.night - timedelta(days=YEAR)
    _, booking_days, _ = bookings.until(as_of)
    has_last_year = len(booking_days) > 0 and int(booking_days[0]) <= year_ago.toordinal()
    last_year = _on_the_books_by_lead(bookings, as_of, year_ago) if has_last_year else []
    return [
        {
            "days_before": lead,
            "on_the_books": actual[lead] if lead >= known_lead else None,
            "expected": count,
            "last_year": last_year[lead] if last_year else None,
        }
        for lead, count in zip(days_before, expected, strict=True)
    ]


def revenue_curve_points(basis: EngineBasis, row: NightPrice) -> list[dict[str, Any]]:
    """Return what a coming night is expected to sell and earn at prices that stay until it.

    About 15 prices inside the night's bounds, the one in force and the recommended one among them;
    none where no room is free, or where the night has begun. Each with the further bookings that
    are expected to stay, and their revenue.
    """
    ahead = (row.night - basis.as_of).days
    if not 0 <= ahead <= MAX_DAYS_BEFORE or row.rooms <= row.on_the_books:
        return []
    night = believed_night(basis.rules, basis.belief, basis.history, basis.as_of, row.night)
    night = replace(night, rooms=row.rooms, on_the_books=row.on_the_books)
    prices = _prices_around(basis.rules, row)
    amounts = np.array([[float(price) for price in prices]])
    sales = expected_sales(basis.belief, [night], amounts, basis.day_left)
    return [
        {"price": price, "bookings": round(float(bookings), 2), "revenue": round(float(revenue), 2)}
        for price, bookings, revenue in zip(
            prices, sales.bookings[0], sales.revenue[0], strict=True
        )
    ]


def _prices_around(rules: HotelRules, row: NightPrice) -> list[Decimal]:
    """Return prices on steps inside the bounds, in order, and the night's own two."""
    lowest, highest = (float(price) for price in rules.price_range(row.night))
    middle = float(row.recommended)
    low, high = max(lowest, LOWEST_SHOWN * middle), min(highest, HIGHEST_SHOWN * middle)
    spread = np.linspace(low, max(low, high), CURVE_PRICES)
    inside = (rules.inside_bounds(float(amount), row.night)[0] for amount in spread)
    return sorted({*inside, row.price, row.recommended})


def groups_of_night(hotel_rules: HotelPricingRules, row: NightPrice) -> list[dict[str, Any]]:
    """Return the groups that booked a night, in order of time.

    Each with its minute (UTC), the rooms that were booked, and those that are on the books.
    """
    as_of = row.known_until
    hotel = figures_for_pricing.hotel(row.hotel_id)
    rooms = hotel.rooms
    if rooms is None:
        rooms = usual_rooms(hotel, load_bookings(row.hotel_id, hotel.today, as_of), as_of)
    rows = []
    for group in load_groups(row.hotel_id, hotel_rules, rooms).bookings:
        booked = group.rooms_booked(row.night)
        if booked:
            room_nights = room_nights_of(group.rooms, hotel.today, as_of)
            [left] = room_nights.on_the_books(as_of, row.night, 1).tolist()
            rows.append({"booked_at": group.booked_at, "rooms_booked": booked, "rooms": left})
    return rows


def last_known_lead(row: NightPrice) -> int:
    """Return the days before the night of the curve's last known point."""
    return min((row.night - row.known_until).days, MAX_DAYS_BEFORE)


def _on_the_books_by_lead(bookings: Bookings, as_of: date, night: date) -> list[int]:
    """Return a night's net room-nights on the books 0, 1, … MAX_DAYS_BEFORE days before it."""
    nights, booking_days, net = bookings.until(as_of)
    is_night = nights == night.toordinal()
    lead = np.clip(night.toordinal() - booking_days[is_night], 0, MAX_DAYS_BEFORE)
    gained = np.bincount(lead, net[is_night], minlength=MAX_DAYS_BEFORE + 1)
    total: list[int] = gained[::-1].cumsum()[::-1].astype(int).tolist()
    return total
