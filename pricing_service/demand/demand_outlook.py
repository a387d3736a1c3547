"""How a hotel's coming nights stand: on the books, what is usual by now, and the forecast.

Read from the dashboard through `dashboard_service.figures_for_pricing` alone. A hotel's nights are
looked at as of today in its time zone. One whose newest event is older than STALE_DAYS is history
that
somebody loaded: it is looked at as of that event, so that its prices can be tried out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import numpy as np

from dashboard_service import figures_for_pricing
from pricing_service.demand.booking_curve import usual_shares as shares_of
from pricing_service.demand.bookings import Bookings, Ints
from pricing_service.demand.forecast import NightForecast, coming
from pricing_service.demand.on_the_books_history import OnTheBooksHistory
from pricing_service.engine.price_formula import Situation
from pricing_service.rules.pricing_rules import Told
from pricing_service.rules.rule_proposals import Proposal, propose

NIGHTS: Final = 365
STALE_DAYS: Final = 35  # no open hotel sells nothing for so long
WINDOW_DAYS: Final = 21  # median booking window of a hotel without history, unless told


@dataclass(frozen=True)
class Outlook:
    """A hotel's coming nights, the first one tomorrow."""

    hotel: figures_for_pricing.Hotel
    as_of: date
    bookings: Bookings
    proposal: Proposal
    situations: list[Situation]
    forecasts: list[NightForecast]

    @property
    def is_history(self) -> bool:
        return self.as_of < self.hotel.today


def look(hotel_id: int, told: Told | None) -> Outlook:
    """How the coming nights stand. Raises: django.db.Error."""
    hotel = figures_for_pricing.hotel(hotel_id)
    bookings = bookings_of(hotel_id)
    as_of = day_of(hotel)
    proposal = propose(bookings, as_of, hotel.rooms)
    usual_rooms = hotel.rooms or proposal.rooms or 0
    known = OnTheBooksHistory(bookings, as_of, NIGHTS, usual_rooms or None)
    forecasts = coming(known, as_of, NIGHTS)
    nights = [one.night for one in forecasts]
    rooms = told.rooms(nights, usual_rooms) if told else [usual_rooms] * NIGHTS
    forecasts = [_within(one, count) for one, count in zip(forecasts, rooms, strict=True)]
    leads = np.arange(1, NIGHTS + 1)
    shares = usual_shares(known, told, leads, leads)
    situations = [
        Situation(one.night, ahead, rooms[ahead - 1], one.on_the_books, share)
        for ahead, (one, share) in enumerate(zip(forecasts, shares, strict=True), start=1)
    ]
    return Outlook(hotel, as_of, bookings, proposal, situations, forecasts)


def _within(forecast: NightForecast, rooms: int) -> NightForecast:
    """What can be sold of a night on which a wing is closed."""
    most = max(rooms, forecast.on_the_books)
    expected, low, high = (
        min(value, most) for value in (forecast.expected, forecast.low, forecast.high)
    )
    return replace(forecast, expected=expected, low=low, high=high)


def bookings_of(hotel_id: int) -> Bookings:
    """Every booking and cancellation of a hotel."""
    rows = figures_for_pricing.booked(hotel_id)
    return Bookings(*np.array(rows, dtype=np.int64).reshape(-1, 3).T)


def day_of(hotel: figures_for_pricing.Hotel) -> date:
    """The day as of which a hotel is looked at."""
    newest = hotel.newest_day
    if newest is None or hotel.today - newest <= timedelta(days=STALE_DAYS):
        return hotel.today
    return newest


def usual_shares(
    known: OnTheBooksHistory, told: Told | None, ahead: Ints, leads: Ints
) -> list[float]:
    """What is usual on the books, as a share of the final, of nights so many days ahead.

    As the hotel's history shows it, so many days before the night. Where there is none, or the
    hotel told its median booking window: half of the guests by then, half of the rest by twice as
    long before, and so on.
    """
    window = told.profile.booking_window_days if told else None
    by_window = 0.5 ** (leads / (window or WINDOW_DAYS))
    seen = shares_of(known, ahead, leads)
    shares = np.where(np.isnan(seen) | (window is not None), by_window, seen)
    values: list[float] = np.clip(shares, 0.0, 1.5).round(4).tolist()
    return values
