"""Demand outlook of a hotel's coming nights: on the books, usual by now, and the forecast.

Reads the dashboard through `dashboard_service.figures_for_pricing` only. The outlook is as of today
in the hotel's time zone. If the hotel's newest event is older than STALE_DAYS, its data are loaded
history: the outlook is then as of that event, so that prices can be tried out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Final

import numpy as np

from dashboard_service import figures_for_pricing
from pricing_service.demand.booking_curve import usual_shares
from pricing_service.demand.bookings import Bookings, Ints
from pricing_service.demand.forecast import NightForecast, coming
from pricing_service.demand.on_the_books_history import OnTheBooksHistory
from pricing_service.engine.price_formula import Situation
from pricing_service.rules.pricing_rules import HotelPricingRules, rooms_by_night
from pricing_service.rules.rule_proposals import Proposal, propose

NIGHTS: Final = 365
STALE_DAYS: Final = 35  # no open hotel goes so long without a booking
# Median booking window of a hotel without history and without one in its rules.
DEFAULT_WINDOW_DAYS: Final = 21


@dataclass(frozen=True)
class Outlook:
    """A hotel's next NIGHTS nights; the first one is the night after `as_of`."""

    as_of: date
    proposal: Proposal
    situations: list[Situation]
    forecasts: list[NightForecast]


def load_outlook(hotel_id: int, hotel_rules: HotelPricingRules | None) -> Outlook:
    """Return the outlook of a hotel, with or without pricing rules. Raises: django.db.Error."""
    hotel = figures_for_pricing.hotel(hotel_id)
    as_of = as_of_day(hotel)
    bookings = load_bookings(hotel_id, hotel.today, as_of)
    spans = hotel_rules.rooms_for_sale if hotel_rules else hotel.rooms_by_date
    for_sale = partial(rooms_by_night, spans)
    proposal = propose(bookings, as_of, hotel.rooms, for_sale)
    usual_rooms = hotel.rooms or proposal.rooms or 0
    rooms = for_sale([as_of + timedelta(days=ahead) for ahead in range(1, NIGHTS + 1)], usual_rooms)
    # Of a hotel that grows, the most rooms of a coming night: each night is limited to its own.
    history = OnTheBooksHistory(bookings, as_of, NIGHTS, max(usual_rooms, *rooms) or None)
    forecasts = coming(history, as_of, NIGHTS)
    forecasts = [
        limited_to_rooms(forecast, count) for forecast, count in zip(forecasts, rooms, strict=True)
    ]
    leads = np.arange(1, NIGHTS + 1)
    shares = usual_booked_shares(history, hotel_rules, leads, leads)
    situations = [
        Situation(forecast.night, ahead, rooms[ahead - 1], forecast.on_the_books, share)
        for ahead, (forecast, share) in enumerate(zip(forecasts, shares, strict=True), start=1)
    ]
    return Outlook(as_of, proposal, situations, forecasts)


def load_bookings(hotel_id: int, today: date, as_of: date) -> Bookings:
    """Return every booking and cancellation of a hotel, those of the future as made on a day.

    Events dated in the future (local times without offset, a wrong year) are on the books at once.

    Args:
        today: in the hotel's time zone; what is dated later is in the future.
        as_of: the day on which events in the future count.
    Raises: django.db.Error.
    """
    rows = figures_for_pricing.booked(hotel_id)
    nights, days, net = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    days = np.where(days > today.toordinal(), as_of.toordinal(), days)
    return Bookings(nights, days, net)


def as_of_day(hotel: figures_for_pricing.Hotel) -> date:
    """Return today, or the day of the newest event if that is older than STALE_DAYS."""
    newest = hotel.newest_day
    if newest is None or hotel.today - newest <= timedelta(days=STALE_DAYS):
        return hotel.today
    return newest


def usual_booked_shares(
    history: OnTheBooksHistory,
    hotel_rules: HotelPricingRules | None,
    nights_ahead: Ints,
    leads: Ints,
) -> list[float]:
    """Return which share of the final room-nights is usually on the books.

    The shares come from the hotel's history. Without history, or if the rules give a median booking
    window, they come from the window: one half of the guests have booked by then, one half of the
    rest by twice as many days before, and so on.

    Args:
        nights_ahead: for each share, how many days after the history's last day the night is.
        leads: for each share, the number of days before the night.
    """
    window = hotel_rules.rules.booking_window_days if hotel_rules else None
    by_window = 0.5 ** (leads / (window or DEFAULT_WINDOW_DAYS))
    learned = usual_shares(history, nights_ahead, leads)
    shares = np.where(np.isnan(learned) | (window is not None), by_window, learned)
    values: list[float] = np.clip(shares, 0.0, 1.5).round(4).tolist()
    return values


def limited_to_rooms(forecast: NightForecast, rooms: int) -> NightForecast:
    """Return the forecast of a night that has fewer rooms to sell than usual, as a closed wing."""
    most = max(rooms, forecast.on_the_books)
    expected, low, high = (
        min(value, most) for value in (forecast.expected, forecast.low, forecast.high)
    )
    return replace(forecast, expected=expected, low=low, high=high)
