"""All that the morning of a hotel is made of, read once: figures, prices and rules of its nights.

Every number on the page is one of these or a sum of them, so that no two contradict each other.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from common.access_rights import Ability
from common.night_marks import Marks, night_marks
from dashboard_service import figures_for_pricing
from dashboard_service.figures.activity_since import ActivitySince, activity_since
from dashboard_service.figures.pace import Pace, night_paces
from dashboard_service.figures.rooms_for_sale import RoomsForSaleByNight
from dashboard_service.figures.sold_room_nights import SoldByDay, SoldRoomNights
from dashboard_service.figures_for_pricing import Hotel
from pricing_service import price_listing
from pricing_service.decisions.change_limits import start_of_day
from pricing_service.demand.demand_outlook import (
    chosen_day,
    find_stale_since,
    first_coming_night,
    is_tried,
)
from pricing_service.models import Action, Mode, NightPrice, PriceDecision
from pricing_service.rules.pricing_rules import HotelPricingRules, load_rules

NIGHTS: Final = 90
LOOKED_AHEAD: Final = timedelta(days=731)  # beyond, bookings are mistyped years


@dataclass(frozen=True, kw_only=True)
class HotelMorning:
    """A hotel's coming nights and what happened since a moment."""

    hotel: Hotel
    first: date  # of the nights: today, or the day as of which prices are tried
    last: date
    first_on_sale: date  # tonight until check-in closes
    hotel_rules: HotelPricingRules | None
    stale_since: date | None
    is_being_recounted: bool
    activity: ActivitySince
    currency: str | None  # of revenue
    books: SoldByDay  # on the books now
    rooms: RoomsForSaleByNight
    paces: dict[date, Pace]
    prices: dict[date, NightPrice]  # of these nights
    # As `GET /prices/` shows them, also of later nights that moved.
    price_rows: dict[date, dict[str, Any]]
    marks: Marks
    decided_today: frozenset[date]  # nights whose price a person decided on since midnight

    @property
    def nights(self) -> list[date]:
        """The coming nights, in order of time."""
        return [self.first + timedelta(days=number) for number in range(NIGHTS)]

    @property
    def has_prices(self) -> bool:
        """Whether the hotel's prices are on."""
        return self.hotel_rules is not None and self.hotel_rules.rules.mode != Mode.OFF

    @property
    def moves_by_itself(self) -> bool:
        """Whether recommended prices come into force by themselves."""
        return (
            self.hotel_rules is not None
            and self.hotel_rules.rules.mode == Mode.AUTOMATIC
            and self.stale_since is None
            and not self.is_being_recounted
            and (self.hotel.rooms is not None or bool(self.hotel.rooms_by_date))
        )

    def on_the_books(self, night: date) -> int:
        """Return the room-nights of a night that are booked and not cancelled."""
        sold = self.books.get(night)
        return sold.room_nights if sold else 0

    def rooms_of(self, night: date) -> int | None:
        """Return the rooms for sale in a night; those that prices are made with where nobody told.

        None where nobody knows.
        """
        told = self.rooms(night)
        if told is not None:
            return told
        price = self.prices.get(night)
        return price.rooms if price else None

    def occupancy(self, night: date) -> float | None:
        """Return the share of the rooms that are booked; None without known rooms, or closed."""
        rooms = self.rooms_of(night)
        return self.on_the_books(night) / rooms if rooms else None

    def pace_difference(self, night: date) -> int | None:
        """Return room-nights more than the same time last year; None where that is not known."""
        pace = self.paces.get(night)
        if pace is None or pace.earlier is None or not pace.is_comparable:
            return None
        return pace.now.room_nights - pace.earlier.room_nights


def load_morning(hotel_id: int, moment: datetime, abilities: Collection[Ability]) -> HotelMorning:
    """Return a hotel's morning.

    Args:
        moment: since when activity counts.
        abilities: of the reader, for the marks of nights.
    Raises:
        django.db.Error.
    """
    hotel = figures_for_pricing.hotel(hotel_id)
    hotel_rules = load_rules(hotel_id)
    first = chosen_day(hotel, hotel_rules)
    last = first + timedelta(days=NIGHTS - 1)
    books = SoldRoomNights(hotel_id)
    activity = activity_since(hotel_id, moment)
    moved = [night for night in activity.nights if night - first < LOOKED_AHEAD]
    farthest = max([last, *moved])
    prices = price_listing.price_rows(hotel_rules, first, farthest) if hotel_rules else []
    as_of = first if is_tried(hotel_rules) else None
    return HotelMorning(
        hotel=hotel,
        first=first,
        last=last,
        first_on_sale=first_coming_night(hotel, hotel_rules),
        hotel_rules=hotel_rules,
        stale_since=find_stale_since(hotel, hotel_rules),
        is_being_recounted=figures_for_pricing.is_being_recounted(hotel_id),
        activity=activity,
        currency=books.currency if books.is_followed else None,
        books=books.by_night(first, farthest, as_of),
        rooms=RoomsForSaleByNight(hotel.rooms, hotel.rooms_by_date),
        paces={pace.first: pace for pace in night_paces(books, first, last, as_of)},
        prices={row.night: row for row in prices if row.night <= last},
        price_rows={
            row.night: price_listing.serialize_price(hotel_rules, row, has_sentence=False)
            for row in prices
            if hotel_rules and (row.night <= last or row.night in activity.nights)
        },
        marks=night_marks(hotel_id, first, last, abilities),
        decided_today=frozenset(
            PriceDecision.objects.filter(
                hotel_id=hotel_id,
                night__range=(first, last),
                action__in=(Action.ACCEPT, Action.OVERRIDE, Action.LOCK),
                made_at__gte=start_of_day(hotel.local_time),
            ).values_list("night", flat=True)
        ),
    )
