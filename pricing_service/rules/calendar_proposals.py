"""Proposals by date for one hotel: public holidays as events, and minimum stays.

Holidays are those of the country and region of the hotel's profile; without a country none are
proposed. What the hotel has already (an event of the same name on one of the nights, a minimum stay
as long) is not proposed again.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from common.public_holidays import holidays_of, weekend_of
from dashboard_service import figures_for_pricing
from pricing_service.demand.bookings import YEAR
from pricing_service.demand.demand_outlook import Outlook, closed_nights, load_bookings
from pricing_service.demand.on_the_books_history import SETTLING_NIGHTS
from pricing_service.models import DemandEvent
from pricing_service.rules.holiday_events import (
    HolidayEvent,
    holiday_events,
    with_learned_factors,
)
from pricing_service.rules.minimum_stay_proposals import NightDemand, propose_minimum_stays
from pricing_service.rules.pricing_rules import HotelPricingRules, load_rules

YEARS_AHEAD: Final = 2
YEARS_BACK: Final = 2  # as the other proposals learn from


def propose_calendar(hotel_id: int, outlook: Outlook) -> dict[str, Any]:
    """Return proposed events and minimum stays of a hotel, as REST shows them.

    Raises: django.db.Error.
    """
    hotel_rules = load_rules(hotel_id)
    return {
        "events": [
            {"name": one.name, "first": one.first, "last": one.last, "factor": one.factor}
            for one in _events(hotel_id, outlook.as_of, hotel_rules)
        ],
        "minimum_stays": _minimum_stays(outlook, hotel_rules),
    }


def _events(
    hotel_id: int, as_of: date, hotel_rules: HotelPricingRules | None
) -> list[HolidayEvent]:
    """Return the holidays of the coming two years that are not events of the hotel yet."""
    hotel = figures_for_pricing.hotel(hotel_id)
    if not hotel.country:
        return []
    years = range(as_of.year - YEARS_BACK - 1, as_of.year + YEARS_AHEAD + 2)
    days = {
        day: names
        for year in years
        for day, names in holidays_of(hotel.country, hotel.region, year).items()
    }
    events = holiday_events(days, weekend_of(hotel.country))
    horizon = as_of + timedelta(days=365 * YEARS_AHEAD)
    known = hotel_rules.events if hotel_rules else []
    coming = [
        event
        for event in events
        if event.last > as_of and event.first <= horizon and not _is_known(event, known)
    ]
    past = [event for event in events if event.last <= as_of]
    return with_learned_factors(coming, past, sold_by_night(hotel, as_of)) if coming else []


def sold_by_night(hotel: figures_for_pricing.Hotel, as_of: date) -> dict[date, float]:
    """Return the final room-nights of past nights in which the hotel was open.

    Args:
        as_of: the last day of which everything is known.
    """
    bookings = load_bookings(hotel.hotel_id, hotel.today, as_of)
    nights, _, _ = bookings.until(as_of)
    if not len(nights):
        return {}
    start = max(int(nights.min()) + SETTLING_NIGHTS, as_of.toordinal() + 1 - YEARS_BACK * YEAR)
    count = as_of.toordinal() + 1 - start
    if count <= 0:
        return {}
    first = date.fromordinal(start)
    dates = [first + timedelta(days=number) for number in range(count)]
    final = bookings.on_the_books(as_of, first, count)
    closed = closed_nights(hotel.rooms_by_date, as_of, 0)
    return {
        night: float(max(sold, 0))
        for night, sold in zip(dates, final, strict=True)
        if night.toordinal() not in closed
    }


def _is_known(event: HolidayEvent, known: list[DemandEvent]) -> bool:
    name = event.name.casefold()
    return any(
        one.name.casefold() == name and one.first <= event.last and event.first <= one.last
        for one in known
    )


def _minimum_stays(outlook: Outlook, hotel_rules: HotelPricingRules | None) -> list[dict[str, Any]]:
    demand = [
        NightDemand(
            situation.night,
            situation.days_before,
            situation.rooms,
            situation.on_the_books,
            forecast.expected,
        )
        for situation, forecast in zip(outlook.situations, outlook.forecasts, strict=True)
    ]
    current = hotel_rules.minimum_stay if hotel_rules else lambda _: 1
    stays = propose_minimum_stays(demand, current)
    return [{**vars(stay), "reason": stay.reason.render()} for stay in stays]
