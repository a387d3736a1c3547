"""How a hotel's coming nights stand: on the books, what is usual by now, and the forecast.

Read from the dashboard through `dashboard_service.on_the_books` alone. A hotel's nights are looked
at as of today in its time zone. One whose newest event is older than STALE_DAYS is history that
somebody loaded: it is looked at as of that event, so that its prices can be tried out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from dashboard_service import on_the_books
from pricing_service.forecast import Bookings, Floats, Ints, Known, NightForecast, coming
from pricing_service.forecast import usual_shares as shares_of
from pricing_service.models import PricingProfile, RoomsForSale
from pricing_service.price import Situation
from pricing_service.proposals import Proposal, propose

NIGHTS: Final = 365
STALE_DAYS: Final = 35  # no open hotel sells nothing for so long
WINDOW_DAYS: Final = 21  # median booking window of a hotel without history, unless told


@dataclass(frozen=True)
class Outlook:
    """A hotel's coming nights, the first one tomorrow."""

    hotel: on_the_books.Hotel
    as_of: date
    bookings: Bookings
    proposal: Proposal
    situations: list[Situation]
    forecasts: list[NightForecast]

    @property
    def is_history(self) -> bool:
        return self.as_of < self.hotel.today


def look(hotel_id: int, profile: PricingProfile | None) -> Outlook:
    """How the coming nights stand. Raises: django.db.Error."""
    hotel = on_the_books.hotel(hotel_id)
    bookings = bookings_of(hotel_id)
    as_of = day_of(hotel)
    proposal = propose(bookings, as_of, hotel.rooms)
    usual_rooms = hotel.rooms or proposal.rooms or 0
    known = Known(bookings, as_of, NIGHTS, usual_rooms or None)
    rooms = _rooms(profile, as_of, usual_rooms)
    shares = usual_shares(known, profile, np.arange(1, NIGHTS + 1))
    forecasts = coming(known, as_of, NIGHTS)
    situations = [
        Situation(one.night, ahead, rooms[ahead - 1], one.on_the_books, share)
        for ahead, (one, share) in enumerate(zip(forecasts, shares, strict=True), start=1)
    ]
    return Outlook(hotel, as_of, bookings, proposal, situations, forecasts)


def bookings_of(hotel_id: int) -> Bookings:
    """Every booking and cancellation of a hotel."""
    rows = on_the_books.booked(hotel_id)
    return Bookings(*np.array(rows, dtype=np.int64).reshape(-1, 3).T)


def day_of(hotel: on_the_books.Hotel) -> date:
    """The day as of which a hotel is looked at."""
    newest = hotel.newest_day
    if newest is None or hotel.today - newest <= timedelta(days=STALE_DAYS):
        return hotel.today
    return newest


def usual_shares(known: Known, profile: PricingProfile | None, leads: Ints) -> list[float]:
    """What is usual on the books, as a share of the final, of the nights so many days ahead.

    As the hotel's history shows it. Where there is none, or the hotel told its median booking
    window: half of the guests by then, half of the rest by twice as long before, and so on.
    """
    told = profile.booking_window_days if profile else None
    return _with_window(shares_of(known, leads, leads), leads, told)


def usual_curve(known: Known, profile: PricingProfile | None, ahead: int) -> list[float]:
    """The same of one night, which lies so many days ahead, k = 0 … NIGHTS days before."""
    leads = np.arange(NIGHTS + 1)
    told = profile.booking_window_days if profile else None
    return _with_window(shares_of(known, np.full_like(leads, ahead), leads), leads, told)


def _with_window(seen: Floats, leads: Ints, told: int | None) -> list[float]:
    by_window = 0.5 ** (leads / (told or WINDOW_DAYS))
    shares = np.where(np.isnan(seen) | (told is not None), by_window, seen)
    values: list[float] = np.clip(shares, 0.0, 1.5).round(4).tolist()
    return values


def _rooms(profile: PricingProfile | None, as_of: date, usual: int) -> list[int]:
    """Rooms to sell of each coming night; where two spans meet, the one that begins later."""
    rooms = [usual] * NIGHTS
    if profile is None:
        return rooms
    for span in RoomsForSale.objects.filter(profile=profile).order_by("first", "id"):
        first = max((span.first - as_of).days - 1, 0)
        for place in range(first, min((span.last - as_of).days, NIGHTS)):
            rooms[place] = span.rooms
    return rooms
