"""The simulated hotel sells while price and rooms allow, and sees bookings and cancellations."""

from datetime import date, timedelta

import numpy as np

from pricing_service.laboratory.pricing_policies import fixed_price
from pricing_service.laboratory.simulated_guests import Guests, Nights
from pricing_service.laboratory.simulated_sales import sell

NIGHT = date(2026, 1, 1)


def guests_of_one_night(
    days_before: list[int], willingness: list[float], cancels: list[int]
) -> Guests:
    return Guests(
        Nights(NIGHT, 1),
        np.array(days_before),
        np.zeros(len(days_before), dtype=np.int64),
        np.array(willingness),
        np.array(cancels),
    )


def test_a_guest_books_where_price_and_rooms_allow_and_a_cancelled_room_is_sold_again() -> None:
    guests = guests_of_one_night(
        [9, 9, 5, 3, 2], [100.0, 99.0, 150.0, 150.0, 150.0], [3, -1, -1, -1, -1]
    )
    sales = sell(guests, 2, fixed_price)
    booked = [True, False, True, True, False]
    assert (~np.isnan(sales.paid)).tolist() == booked, "the first guest's room is free again"
    assert sales.revenue == 200, "what was cancelled earns nothing"
    assert (sales.occupancy, sales.average_rate, sales.revpar) == (1.0, 100.0, 100.0)


def test_the_hotel_sees_bookings_and_cancellations_when_they_come() -> None:
    sales = sell(guests_of_one_night([9, 5], [100.0, 150.0], [3, -1]), 2, fixed_price)
    books = [
        int(sales.bookings.on_the_books(NIGHT - timedelta(days=days_before), NIGHT, 1)[0])
        for days_before in (10, 9, 5, 4, 3, 0)
    ]
    assert books == [0, 1, 2, 2, 1, 1]
