"""Demand outlook of a hotel's coming nights: on the books, and the forecast.

Reads the dashboard through `dashboard_service.figures_for_pricing` only. The outlook is as of today
in the hotel's time zone and begins with tonight, until check-in closes. If the hotel's events have
stopped, time stands still for it: the outlook of its nights is as of its newest
event, so that silence does not read as a lack of demand. To try prices on loaded history, a person
chooses the day as of which a hotel is looked at.

Groups (`group_bookings`) are no pace of single guests: the forecast is that of single guests, and
what groups have on the books is added to it.

A night whose rooms for sale nobody knows is not in the outlook: without rooms there is no price. A
closed night (no room for sale) is in it, without any demand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from django.conf import settings

from dashboard_service import figures_for_pricing
from dashboard_service.figures_for_pricing import Hotel, RoomsForSaleByNight, RoomSpan
from pricing_service.demand import tonight
from pricing_service.demand.bookings import Bookings
from pricing_service.demand.engine_history import BookingRows, load_booking_rows, net_bookings
from pricing_service.demand.forecast import NightForecast, coming
from pricing_service.demand.group_bookings import Groups, find_groups, learned_threshold
from pricing_service.demand.night_situation import Situation
from pricing_service.demand.on_the_books_history import (
    MAX_DAYS_BEFORE,
    MAX_NIGHTS,
    OnTheBooksHistory,
)
from pricing_service.models import CHECK_IN_CLOSES
from pricing_service.rules.pricing_rules import HotelPricingRules
from pricing_service.rules.rule_proposals import Proposal, RoomsByNight, propose


@dataclass(frozen=True)
class Outlook:
    """A hotel's next PRICED_NIGHTS nights, from the first night on sale on, whose rooms are known.

    Attributes:
        today: the hotel's, or the day as of which a person tries prices.
        as_of: the day up to whose end events count, and to which the situations' days before are
            counted: today, or `stale_since`.
        stale_since: the day of the newest event, where the silence since is unusually long.
        is_being_recounted: whether events count until the hotel's room-nights are counted.
        groups: the hotel's groups.
        usual_rooms: the hotel's, told or proposed; None where nobody knows.
        bookings: every booking and cancellation, as the engine's history takes them.
        history: of single guests, which the forecasts come from; None without forecasts.
        has_told_rooms: for each situation, whether a person told the rooms; else they are proposed
            from the hotel's history.
    """

    today: date
    as_of: date
    stale_since: date | None
    is_being_recounted: bool
    proposal: Proposal
    situations: list[Situation]
    forecasts: list[NightForecast]
    has_told_rooms: list[bool]
    groups: Groups
    usual_rooms: int | None
    bookings: BookingRows
    history: OnTheBooksHistory | None = None

    @property
    def lets_prices_move(self) -> bool:
        """Whether the figures are sound enough for prices to change by themselves."""
        return self.stale_since is None and not self.is_being_recounted


def load_outlook(
    hotel_id: int, hotel_rules: HotelPricingRules | None, *, has_forecasts: bool = True
) -> Outlook:
    """Return the outlook of a hotel, with or without pricing rules.

    Args:
        has_forecasts: whether forecasts are made; else each is what is on the books, where only
            prices are wanted: no price depends on a forecast.
    Raises:
        django.db.Error.
    """
    hotel = figures_for_pricing.hotel(hotel_id)
    stale_since = find_stale_since(hotel, hotel_rules)
    # Before the figures themselves: what is counted in between is looked at the next time.
    is_being_recounted = figures_for_pricing.is_being_recounted(hotel_id)
    today = chosen_day(hotel, hotel_rules)
    as_of = stale_since or today
    rows = load_booking_rows(hotel_id, hotel.today, as_of)
    bookings = net_bookings(rows)
    spans = hotel_rules.rooms_for_sale if hotel_rules else list(hotel.rooms_by_date)
    proposal = propose(bookings, as_of, hotel.rooms, _rooms_for_sale(spans))
    told = RoomsForSaleByNight(hotel.rooms, spans)
    known = RoomsForSaleByNight(hotel.rooms or proposal.rooms, spans)
    groups = load_groups(hotel_id, hotel_rules, hotel.rooms or proposal.rooms)
    group_nights = groups.room_nights(hotel.today, as_of)
    first = first_coming_night(hotel, hotel_rules)
    nights = [first + timedelta(days=number) for number in range(settings.PRICED_NIGHTS)]
    rooms = [known(night) for night in nights]
    singles = bookings.without(group_nights)
    # Of a hotel that grows, the most rooms of a coming night: each night is limited to its own.
    capacity = max([hotel.rooms or 0, *(count or 0 for count in rooms)]) or None
    # Of a hotel that is silent for long, nobody knows anything of the nights beyond: they have
    # their calendar's price, and the history does not grow with the silence.
    days = min((nights[-1] - as_of).days, settings.PRICED_NIGHTS)
    books = singles.on_the_books(as_of, first, settings.PRICED_NIGHTS).tolist()
    forecasts = {
        night: NightForecast(night, count, count, count, count)
        for night, count in zip(nights, books, strict=True)
    }
    history = None
    if has_forecasts:
        closed = closed_nights(spans, as_of, days)
        history = OnTheBooksHistory(singles, as_of, days, capacity, closed)
        forecasts |= {forecast.night: forecast for forecast in coming(history, as_of, days)}
        if first == as_of:
            day_left = tonight.share_of_day_left(hotel.local_time, check_in_closes(hotel_rules))
            forecasts[first] = tonight.forecast_tonight(history, first, day_left)
    leads = [min((night - as_of).days, MAX_DAYS_BEFORE) for night in nights]
    in_groups = group_nights.on_the_books(as_of, first, settings.PRICED_NIGHTS).tolist()
    coming_nights = [
        (
            Situation(
                night,
                lead,
                count,
                forecasts[night].on_the_books + grouped,
                grouped,
                stale_since,
            ),
            with_groups(forecasts[night], count, grouped),
            told(night) is not None,
        )
        for night, lead, count, grouped in zip(nights, leads, rooms, in_groups, strict=True)
        if count is not None
    ]
    situations, limited, has_told_rooms = (
        (list(column) for column in zip(*coming_nights, strict=True))
        if coming_nights
        else ([], [], [])
    )
    return Outlook(
        today,
        as_of,
        stale_since,
        is_being_recounted,
        proposal,
        situations,
        limited,
        has_told_rooms,
        groups,
        hotel.rooms or proposal.rooms,
        rows,
        history,
    )


def proposed_rooms(hotel: Hotel) -> int | None:
    """Return the rooms that a hotel's bookings propose; None with too few.

    Raises: django.db.Error.
    """
    as_of = find_stale_since(hotel, None) or hotel.today
    return propose(load_bookings(hotel.hotel_id, hotel.today, as_of), as_of).rooms


def first_coming_night(hotel: Hotel, hotel_rules: HotelPricingRules | None) -> date:
    """Return the first night that can be priced and decided: tonight until check-in closes.

    Where prices are tried as of a day, it is the night after that day.
    """
    if is_tried(hotel_rules):
        return chosen_day(hotel, hotel_rules) + timedelta(days=1)
    return tonight.first_night_on_sale(hotel.local_time, check_in_closes(hotel_rules))


def is_tried(hotel_rules: HotelPricingRules | None) -> bool:
    """Return whether prices are tried as of a day that a person chose."""
    return hotel_rules is not None and hotel_rules.rules.try_as_of is not None


def chosen_day(hotel: Hotel, hotel_rules: HotelPricingRules | None) -> date:
    """Return the day as of which a person wants prices: today, unless another one is chosen."""
    chosen: date | None = hotel_rules.rules.try_as_of if hotel_rules else None
    return chosen or hotel.today


def find_stale_since(hotel: Hotel, hotel_rules: HotelPricingRules | None) -> date | None:
    """Return the day of a hotel's newest event if its events have stopped; else None.

    Where prices are tried as of a day, nothing is stale. Raises: django.db.Error.
    """
    if is_tried(hotel_rules):
        return None
    spans = hotel_rules.rooms_for_sale if hotel_rules else hotel.rooms_by_date
    return figures_for_pricing.stale_since(hotel.hotel_id, hotel.newest_day, hotel.today, spans)


def check_in_closes(hotel_rules: HotelPricingRules | None) -> time:
    """Return the local time until which tonight is on sale."""
    return hotel_rules.rules.check_in_closes if hotel_rules else CHECK_IN_CLOSES


def closed_nights(spans: Sequence[RoomSpan], as_of: date, days: int) -> set[int]:
    """Return the ordinals of the nights without a room for sale, as far as a history reaches.

    Args:
        days: coming nights after as_of that count.
    """
    if all(span.rooms for span in spans):
        return set()
    rooms = RoomsForSaleByNight(None, spans)
    first, last = as_of.toordinal() - MAX_NIGHTS, as_of.toordinal() + days
    return {night for night in range(first, last + 1) if rooms(date.fromordinal(night)) == 0}


def _rooms_for_sale(spans: Sequence[RoomSpan]) -> RoomsByNight:
    """Return the rooms for sale by night, as proposals take them."""

    def rooms_by_night(nights: Sequence[date], usual: int) -> list[int]:
        rooms = RoomsForSaleByNight(usual, spans)
        return [rooms(night) or 0 for night in nights]

    return rooms_by_night


def load_bookings(hotel_id: int, today: date, as_of: date) -> Bookings:
    """Return every booking and cancellation of a hotel, those of the future as made on a day.

    Events dated in the future (local times without offset, a wrong year) are on the books at once.

    Args:
        today: in the hotel's time zone; what is dated later is in the future.
        as_of: the day on which events in the future count.
    Raises: django.db.Error.
    """
    return net_bookings(load_booking_rows(hotel_id, today, as_of))


def usual_rooms(hotel: Hotel, bookings: Bookings, as_of: date) -> int | None:
    """Return a hotel's rooms, or those that its bookings propose; None where nobody knows."""
    return hotel.rooms or propose(bookings, as_of).rooms


def load_groups(hotel_id: int, hotel_rules: HotelPricingRules | None, rooms: int | None) -> Groups:
    """Return a hotel's groups, by the threshold of its rules or by the learned one.

    Args:
        rooms: the hotel's; None where nobody knows.
    Raises: django.db.Error.
    """
    told = hotel_rules.rules.group_rooms if hotel_rules else None
    threshold = told or learned_threshold(rooms)
    together = figures_for_pricing.rooms_booked_together(hotel_id, threshold)
    return find_groups(together, threshold, is_learned=told is None)


def with_groups(forecast: NightForecast, rooms: int, group_rooms: int) -> NightForecast:
    """Return a forecast of single guests with what groups have, limited to the night's rooms.

    The rooms may be fewer than usual, as where a wing is closed.
    """
    most = max(rooms - group_rooms, forecast.on_the_books)
    expected, low, high = (
        min(value, most) + group_rooms for value in (forecast.expected, forecast.low, forecast.high)
    )
    on_the_books = forecast.on_the_books + group_rooms
    return NightForecast(forecast.night, on_the_books, expected, low, high)
