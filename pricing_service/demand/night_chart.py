"""The chart of one night: its booking curve so far, the expected one and last year's; its groups.

The expected curve is that of single guests, and what groups had on the books so many days before.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from dashboard_service import figures_for_pricing
from pricing_service.demand.bookings import YEAR, Bookings
from pricing_service.demand.demand_outlook import (
    closed_nights,
    load_bookings,
    load_groups,
    usual_booked_shares,
    usual_rooms,
)
from pricing_service.demand.group_bookings import room_nights_of
from pricing_service.demand.on_the_books_history import MAX_DAYS_BEFORE, OnTheBooksHistory
from pricing_service.engine.price_formula import Situation
from pricing_service.models import NightPrice
from pricing_service.rules.pricing_rules import HotelPricingRules


def booking_curve_points(hotel_rules: HotelPricingRules, row: NightPrice) -> list[dict[str, Any]]:
    """Return one point for each number of days before the night, from MAX_DAYS_BEFORE down to 0.

    A point has net room-nights on the books (None for days to come), those expected on course for
    the target occupancy, and those of the same weekday a year before (None without such history).
    """
    as_of, known_lead = row.known_until, last_known_lead(row)
    hotel = figures_for_pricing.hotel(row.hotel_id)
    bookings = load_bookings(row.hotel_id, hotel.today, as_of)
    days_before = np.arange(MAX_DAYS_BEFORE, -1, -1)
    closed = closed_nights(hotel_rules.rooms_for_sale, as_of, MAX_DAYS_BEFORE)
    groups = load_groups(row.hotel_id, hotel_rules, usual_rooms(hotel, bookings, as_of))
    group_nights = groups.room_nights(hotel.today, as_of)
    singles = bookings.without(group_nights)
    history = OnTheBooksHistory(singles, as_of, MAX_DAYS_BEFORE, None, closed)
    nights_ahead = np.full_like(days_before, known_lead)
    shares = usual_booked_shares(history, hotel_rules, nights_ahead, days_before)
    target = hotel_rules.rules.target_occupancy[row.night.month - 1]
    actual = _on_the_books_by_lead(bookings, as_of, row.night)
    in_groups = _on_the_books_by_lead(group_nights, as_of, row.night)
    year_ago = row.night - timedelta(days=YEAR)
    _, booking_days, _ = bookings.until(as_of)
    has_last_year = len(booking_days) > 0 and int(booking_days[0]) <= year_ago.toordinal()
    last_year = _on_the_books_by_lead(bookings, as_of, year_ago) if has_last_year else []
    return [
        {
            "days_before": int(lead),
            "on_the_books": actual[lead] if lead >= known_lead else None,
            "expected": round(_expected(row, target, share, int(lead), in_groups[lead]), 1),
            "last_year": last_year[lead] if last_year else None,
        }
        for lead, share in zip(days_before, shares, strict=True)
    ]


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


def _expected(row: NightPrice, target: float, share: float, lead: int, group_rooms: int) -> float:
    """Return the room-nights on course for the target, single guests and groups."""
    situation = Situation(row.night, lead, row.rooms, group_rooms, share, group_rooms)
    return group_rooms + situation.expected_single_guests(target)


def _on_the_books_by_lead(bookings: Bookings, as_of: date, night: date) -> list[int]:
    """Return a night's net room-nights on the books 0, 1, … MAX_DAYS_BEFORE days before it."""
    nights, booking_days, net = bookings.until(as_of)
    is_night = nights == night.toordinal()
    lead = np.clip(night.toordinal() - booking_days[is_night], 0, MAX_DAYS_BEFORE)
    gained = np.bincount(lead, net[is_night], minlength=MAX_DAYS_BEFORE + 1)
    total: list[int] = gained[::-1].cumsum()[::-1].astype(int).tolist()
    return total
