"""Made-up hotels for the tests of prices: figures as the dashboard stores them, pricing rules."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from dashboard_service.models import (
    DashboardData,
    HotelFigures,
    HotelProfile,
    PickupData,
    RoomsForSale,
)
from pricing_service.decisions import repricing_claims, repricing_schedule
from pricing_service.decisions.decision_log import new_decision, save_prices
from pricing_service.models import Action, NightPrice, PricingRules, PricingState

HOTEL = 7
ROOMS = 20
DATABASES = ["default", "dashboard_service", "pricing_service"]


def today() -> date:
    return datetime.now(UTC).date()


def night(ahead: int) -> date:
    """Return the night so many days after today."""
    return today() + timedelta(days=ahead)


def create_hotel(hotel_id: int = HOTEL, rooms: int | None = ROOMS) -> None:
    """Create a hotel with a booking of today, so that its data do not count as history."""
    HotelProfile.objects.update_or_create(hotel_id=hotel_id, defaults={"rooms": rooms})
    book(night(200), 1, hotel_id=hotel_id)


def set_rooms_by_date(first: date, last: date, rooms: int, hotel_id: int = HOTEL) -> None:
    """Make these the only rooms by date of the hotel's profile."""
    RoomsForSale.objects.filter(hotel_id=hotel_id).delete()
    RoomsForSale.objects.create(hotel_id=hotel_id, first=first, last=last, rooms=rooms)


def book(night: date, rooms: int, day: date | None = None, hotel_id: int = HOTEL) -> None:
    """Add booked room-nights (cancelled ones, if negative) to the dashboard's figures."""
    day = day or today()
    column = "gross_booking_count" if rooms > 0 else "cancellation_count"
    for model, key in (
        (PickupData, {"night_of_stay": night, "day": day}),
        (DashboardData, {"basis": "booked", "day": day}),
        (DashboardData, {"basis": "stay", "day": night}),
    ):
        row, _ = model.objects.get_or_create(hotel_id=hotel_id, **key)
        setattr(row, column, getattr(row, column) + abs(rooms))
        row.save()
    HotelFigures.objects.update_or_create(
        hotel_id=hotel_id, defaults={"changed_at": timezone.now()}
    )


def create_rules(hotel_id: int = HOTEL, **fields: Any) -> PricingRules:
    """Create pricing rules with round numbers: base 100, bounds 60 and 250, step 1.

    Tonight is on sale until midnight, so that no test depends on the time of day.
    """
    fields.setdefault("check_in_closes", time.max)
    prices = {"base_price": 100, "minimum_price": 60, "maximum_price": 250, "price_step": 1}
    for name in prices.keys() & fields.keys():
        prices[name] = fields.pop(name)
    return PricingRules.objects.create(
        hotel_id=hotel_id, **{name: Decimal(value) for name, value in prices.items()}, **fields
    )


def due_hotels() -> list[int]:
    """Look at all hotels, and return those that are due in the order of their turns."""
    repricing_schedule.find_due(all_hotels=True)
    return list(repricing_claims.due_hotels().values_list("hotel_id", flat=True))


def put_price(
    ahead: int,
    amount: int | str,
    hotel_id: int = HOTEL,
    action: Action = Action.OVERRIDE,
    **fields: Any,
) -> None:
    """Put a night's price in force as decisions do, without the figures that it is made from.

    Args:
        ahead: the night is so many days after today.
        fields: further ones of the night's row.
    """
    row = NightPrice.objects.filter(hotel_id=hotel_id, night=night(ahead)).first()
    old_price = row.price if row else None
    row = row or NightPrice(
        hotel_id=hotel_id, night=night(ahead), recommended=100, days_before=max(ahead, 0), rooms=ROOMS,
        on_the_books=0, expected_on_the_books=0, forecast=0, forecast_low=0, forecast_high=0,
        factors={}, sentence="", priced_at=timezone.now(),
    )  # fmt: skip
    for name, value in {"price": Decimal(amount), **fields}.items():
        setattr(row, name, value)
    with PricingState.locked(hotel_id):
        rules = PricingRules.objects.get(pk=hotel_id)
        save_prices(rules, [row], [new_decision(row, action, old_price, "a test", "a test")])
