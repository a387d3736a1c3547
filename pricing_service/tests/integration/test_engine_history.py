"""What the engine is told of a hotel's past: bookings, and the prices that guests were offered."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from dashboard_service import figures_for_pricing
from dashboard_service.models import HotelProfile, PaceData, RoomNightHotel
from pricing_service.demand.bookings import WEEK
from pricing_service.demand.engine_history import load_booking_rows, load_offers
from pricing_service.engine import History
from pricing_service.engine.belief import last_cut_off
from pricing_service.engine.observations import PAST_NIGHTS
from pricing_service.models import Action, PriceDecision
from pricing_service.rules.pricing_rules import currency_of
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    book,
    create_hotel,
    create_rules,
    night,
    today,
)

pytestmark = pytest.mark.django_db(databases=DATABASES)
NIGHT = 5  # days ahead


@pytest.fixture(autouse=True)
def open_hotel() -> None:
    create_hotel()
    create_rules()


def decided(
    back: int, price: int | str, action: Action = Action.AUTOMATIC, ahead: int = NIGHT,
    hour: int = 12, **fields: Any,
) -> None:  # fmt: skip
    """Record a decision of so many days ago, at an hour of UTC."""
    made_at = datetime.combine(today() - timedelta(days=back), time(hour), UTC)
    PriceDecision.objects.create(
        hotel_id=HOTEL, night=night(ahead), made_at=made_at, action=action,
        new_price=Decimal(price), recommended=Decimal(price), on_the_books=0, reason="", who="",
        **fields,
    )  # fmt: skip


def load_history(as_of: date) -> History:
    """Return the hotel's history as the engine is told it."""
    hotel = figures_for_pricing.hotel(HOTEL)
    rows = load_booking_rows(HOTEL, hotel.today, as_of)
    return History(rows, load_offers(hotel, as_of, currency_of(HOTEL)))


def offers(ahead: int = NIGHT, as_of: date | None = None) -> dict[int, float]:
    """Return the prices of a night by how many days ago they were in force."""
    history = load_history(as_of or today())
    return {
        today().toordinal() - int(day): float(price)
        for at, day, price in zip(
            history.offer_night, history.offer_day, history.offer_price, strict=True
        )
        if at == night(ahead).toordinal()
    }


def test_a_price_is_offered_from_its_decision_until_the_next() -> None:
    decided(9, 100, Action.START)
    decided(6, 120)
    decided(2, "90.50", Action.OVERRIDE)
    assert offers() == {9: 100, 8: 100, 7: 100, 6: 120, 5: 120, 4: 120, 3: 120,
                        2: 90.5, 1: 90.5, 0: 90.5}  # fmt: skip
    assert offers(as_of=today() - timedelta(days=8)) == {9: 100, 8: 100}


def test_the_last_decision_of_a_day_counts_and_nothing_is_offered_after_the_night() -> None:
    decided(5, 100, Action.START, ahead=-3)
    decided(4, 110, ahead=-3, hour=1)
    decided(4, 130, ahead=-3, hour=20)
    assert offers(-3) == {5: 100, 4: 130, 3: 130}
    assert offers() == {}


def test_days_are_the_hotels_own() -> None:
    HotelProfile.objects.update(time_zone="Pacific/Auckland", counted_time_zone="Pacific/Auckland")
    decided(3, 100, Action.START, hour=14)  # the next day, there
    assert max(offers(as_of=today() + timedelta(days=1))) == 2


def test_a_closed_night_offers_no_price() -> None:
    decided(9, 100, Action.START)
    decided(7, 100, Action.CLOSE)
    decided(6, 100, Action.RELEASE)
    decided(4, 100, Action.OPEN)
    decided(3, 100, Action.CLOSE)
    decided(2, 140, Action.AUTOMATIC)  # opened again with another price
    assert offers() == {9: 100, 8: 100, 4: 100, 2: 140, 1: 140, 0: 140}


def test_prices_in_another_currency_are_left_out() -> None:
    decided(5, 100, Action.START, currency="CHF")
    decided(3, 100, currency="EUR")
    decided(2, 110, currency="")
    assert offers() == {3: 100, 2: 110, 1: 110, 0: 110}


def test_nights_of_two_years_ago_are_left_out() -> None:
    decided(760, 100, Action.START, ahead=-740)
    assert offers(-740) == {}


def test_bookings_and_cancellations_are_told_apart_and_future_ones_are_of_today() -> None:
    book(night(3), 4)
    book(night(3), -1)
    book(night(3), 2, day=night(2))  # dated the day after tomorrow
    history = load_history(today())
    is_night = history.night == night(3).toordinal()
    assert (history.booked[is_night].sum(), history.cancelled[is_night].sum()) == (6, 1)
    assert set(history.day[is_night]) == {today().toordinal()}


def test_a_hotel_that_counts_room_nights_tells_these() -> None:
    RoomNightHotel.objects.create(hotel_id=HOTEL, is_counted=True)
    for day, room_nights in ((-4, 3), (-2, -1)):
        PaceData.objects.create(
            hotel_id=HOTEL,
            night_of_stay=night(3),
            day=night(day),
            room_nights=room_nights,
            room_nights_with_rate=0,
            revenue=0,
        )
    history = load_history(today())
    is_night = history.night == night(3).toordinal()
    rows = zip(history.day[is_night], history.booked[is_night], history.cancelled[is_night],
               strict=True)  # fmt: skip
    assert sorted((int(day) - today().toordinal(), int(b), int(c)) for day, b, c in rows) == [
        (-4, 3, 0),
        (-2, 0, 1),
    ]


def test_offers_that_are_learned_from_stay_the_same_for_a_week() -> None:
    """Otherwise a hotel with two years of prices would be learned anew each day."""
    sunday = date.fromordinal(last_cut_off(today()) - WEEK)
    for back in range(-3, 10):
        ahead = (sunday - today()).days - PAST_NIGHTS + back
        decided(back=20 - ahead, price=100 + back, ahead=ahead)
    histories = [load_history(sunday + timedelta(days=days)) for days in (0, 6)]
    learned = [
        sorted(
            zip(h.offer_night.tolist(), h.offer_day.tolist(), h.offer_price.tolist(), strict=True)
        )
        for h in (history.until(sunday.toordinal() - 1) for history in histories)
    ]
    assert learned[0] == learned[1] != []
