"""All that the engine needs of a hotel, put together: rules, history, belief, the day.

Repricing, previews, the sheet of a night and quotes ask the engine through it, so that they speak
of the same prices.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dashboard_service import figures_for_pricing
from dashboard_service.figures_for_pricing import Hotel
from pricing_service.demand import tonight
from pricing_service.demand.demand_outlook import (
    check_in_closes,
    chosen_day,
    find_stale_since,
    usual_rooms,
)
from pricing_service.demand.engine_history import (
    BookingRows,
    load_booking_rows,
    load_offers,
    net_bookings,
)
from pricing_service.demand.stored_belief import current_belief
from pricing_service.engine.belief import Belief
from pricing_service.engine.hotel_history import History
from pricing_service.engine.hotel_rules import HotelRules
from pricing_service.engine.recommendation import NightPrice, recommend
from pricing_service.rules.pricing_rules import HotelPricingRules


@dataclass(frozen=True)
class EngineBasis:
    """What the engine is asked with.

    Attributes:
        as_of: the day whose figures count; the engine's first night.
        day_left: share of the day of arrival that is left for tonight's bookings.
        seed: of prices that are tried.
    """

    rules: HotelRules
    history: History
    belief: Belief
    as_of: date
    day_left: float
    seed: int

    def recommend(self, nights: int) -> list[NightPrice]:
        """Return the engine's prices of the nights from as_of on."""
        return recommend(
            self.rules,
            self.history,
            self.as_of,
            nights=nights,
            seed=self.seed,
            belief=self.belief,
            day_left=self.day_left,
        )


def load_engine_basis(hotel_id: int, hotel_rules: HotelPricingRules) -> EngineBasis:
    """Return the basis of a hotel's prices as they are now.

    Raises: django.db.Error.
    """
    hotel = figures_for_pricing.hotel(hotel_id)
    as_of = find_stale_since(hotel, hotel_rules) or chosen_day(hotel, hotel_rules)
    rows = load_booking_rows(hotel_id, hotel.today, as_of)
    rooms = usual_rooms(hotel, net_bookings(rows), as_of)
    return engine_basis(hotel, hotel_rules, as_of, rooms, rows)


def engine_basis(
    hotel: Hotel,
    hotel_rules: HotelPricingRules,
    as_of: date,
    rooms: int | None,
    bookings: BookingRows,
    *,
    is_kept: bool = True,
) -> EngineBasis:
    """Return the basis from what was read of a hotel.

    Args:
        rooms: the hotel's, told or proposed; None where nobody knows.
        is_kept: whether a belief that is learned now is stored; not for rules that are only tried.
    Raises:
        django.db.Error.
    """
    rules = hotel_rules.engine_rules(rooms, as_of)
    history = History(bookings, load_offers(hotel, as_of, hotel_rules.rules.currency))
    belief = current_belief(hotel.hotel_id, rules, history, as_of, is_kept=is_kept)
    day_left = 1.0
    if as_of == hotel.today:
        day_left = tonight.share_of_day_left(hotel.local_time, check_in_closes(hotel_rules))
    return EngineBasis(rules, history, belief, as_of, day_left, hotel.hotel_id)
