"""The simulated hotel sells while price and rooms allow, and tells a policy what a hotel knows."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from pricing_service.demand.bookings import Floats
from pricing_service.laboratory.markets.market import SHORT_WINDOW, Market
from pricing_service.laboratory.markets.simulated_guests import (
    Guests,
    SimulatedGuests,
    draw_guests,
    timeline,
)
from pricing_service.laboratory.markets.simulated_sales import (
    Morning,
    SimulatedHotel,
    sell_history,
    sell_year,
)

SMALL = Market(name="small", rooms=6, demand=1.3, window=SHORT_WINDOW, group_share=0.2,
               stays=(0.6, 0.3, 0.1))  # fmt: skip
TWO_ROOMS = Market(name="two rooms", rooms=2, stays=(0.5, 0.5))


def parties(*rows: tuple[int, int, int, int, float, list[int]]) -> SimulatedGuests:
    """Build guests from booking day, arrival, nights, rooms, willingness, cancellation days."""
    day, arrival, nights, rooms, willingness, cancelled = zip(*rows, strict=True)
    count = np.array([len(days) for days in cancelled])
    guests = Guests(
        np.array(day), np.array(arrival), np.array(nights), np.array(rooms),
        np.array(willingness), np.array(rooms) - count, np.concatenate([[0], np.cumsum(count)]),
        np.array([one for days in cancelled for one in days], dtype=np.int64),
    )  # fmt: skip
    line = timeline(TWO_ROOMS)
    return SimulatedGuests(TWO_ROOMS, 0, line, np.ones(line.size), guests)


def sold(simulated: SimulatedGuests, prices: dict[int, float], last: int = 20) -> SimulatedHotel:
    hotel = SimulatedHotel(simulated)
    by_night = np.full(simulated.timeline.size, 100.0)
    for night, price in prices.items():
        by_night[night] = price
    for day in range(last):
        hotel.sell_day(day, by_night)
    return hotel


def test_first_come_first_served_where_the_price_is_right() -> None:
    hotel = sold(
        parties(
            (3, 9, 1, 1, 100.0, []),
            (3, 9, 1, 1, 99.0, []),  # too dear
            (3, 9, 1, 1, 150.0, []),
            (3, 9, 1, 1, 200.0, []),  # full
            (4, 9, 1, 1, 200.0, []),  # still full
        ),
        {},
    )
    assert hotel.books[9] == 2


def test_a_group_gets_all_its_rooms_or_none_and_leaves_them_to_those_after_it() -> None:
    hotel = sold(parties((3, 9, 1, 1, 150.0, []), (3, 9, 1, 2, 150.0, []),
                         (3, 9, 1, 1, 150.0, []), (4, 10, 1, 2, 150.0, [])), {})  # fmt: skip
    assert hotel.books[9:11].tolist() == [2, 2]


def test_a_stay_is_bought_at_its_mean_price_and_needs_a_room_on_every_night() -> None:
    prices = {9: 80.0, 10: 120.0, 11: 120.0}
    hotel = sold(parties((3, 9, 2, 1, 100.0, []), (3, 10, 2, 1, 100.0, [])), prices)
    assert hotel.books[9:12].tolist() == [1, 1, 0], "100 in the mean of two nights, not 120"
    full = sold(parties((3, 10, 1, 2, 200.0, []), (3, 9, 2, 1, 200.0, [])), prices)
    assert full.books[9:12].tolist() == [0, 2, 0]


def test_a_cancelled_room_is_sold_again_from_the_next_day_on() -> None:
    hotel = sold(
        parties(
            (3, 9, 2, 2, 150.0, [5]),
            (5, 9, 1, 1, 150.0, []),
            (6, 10, 1, 1, 150.0, []),
            (7, 9, 1, 1, 150.0, []),
        ),
        {},
    )
    assert hotel.books[9:11].tolist() == [2, 2]
    night, day, booked, cancelled = (column.tolist() for column in hotel.history.bookings())
    origin = hotel.simulated.timeline.origin
    rows = [
        (one - origin, when - origin, *counts)
        for one, when, *counts in zip(night, day, booked, cancelled, strict=True)
    ]
    assert rows == [
        (9, 3, 2, 0), (10, 3, 2, 0), (9, 5, 0, 1), (10, 5, 0, 1), (10, 6, 1, 0), (9, 7, 1, 0),
    ]  # fmt: skip


def test_revenue_is_of_kept_room_nights_of_the_year_booked_from_the_start_on() -> None:
    start, end = timeline(TWO_ROOMS).start, timeline(TWO_ROOMS).end
    simulated = parties(
        (start - 1, start + 5, 1, 1, 300.0, []),  # before the start
        (start, start + 5, 1, 1, 300.0, []),
        (start + 1, start + 6, 1, 2, 300.0, [start + 4]),  # one of two is cancelled
        (start + 2, end - 1, 2, 1, 300.0, []),  # one night in the year
        (start + 3, end, 1, 1, 300.0, []),  # after the year
    )
    sales = sell_year(
        sell_history(simulated), lambda morning: np.full(365, min(90.0 + morning.day, 220))
    )
    assert sales.revenue == 90 + 91 + 92
    assert sales.room_nights == 3
    assert sales.average_rate == 91
    assert sales.occupancy == 3 / (2 * 365)


def test_no_night_has_more_guests_than_rooms_on_any_day() -> None:
    hotel = sell_history(draw_guests(SMALL, 1))
    most: list[int] = []

    def policy(morning: Morning) -> Floats:
        most.append(int(morning.books.max()))
        return np.full(365, 90.0)

    sell_year(hotel, policy)
    assert max(most) == SMALL.rooms, "the test needs a full night"


def test_a_policy_is_told_what_a_hotel_knows_in_the_morning() -> None:
    last_days: list[int] = []

    def policy(morning: Morning) -> Floats:
        today = SMALL.start.toordinal() + morning.day
        assert morning.as_of == date.fromordinal(today)
        night, day, booked, cancelled = morning.history.bookings()
        last_days.append(today - int(day.max()))
        assert min(booked.min(), cancelled.min()) >= 0
        coming = night >= today
        net = np.bincount((night - today)[coming], (booked - cancelled)[coming], 365)
        np.testing.assert_array_equal(net[:365], morning.books)
        if morning.day % 50 == 0:
            night, day, price = morning.history.offers()
            assert len(night) == 365 * morning.day, "what was offered in the history is not known"
            if morning.day:
                np.testing.assert_array_equal(night[-365:], today - 1 + np.arange(365))
                np.testing.assert_array_equal(day[-365:], np.full(365, today - 1))
                np.testing.assert_array_equal(price[-365:], np.full(365, price_on(morning.day - 1)))
        return np.full(365, price_on(morning.day))

    def price_on(day: int) -> float:
        return 80.0 + day % 60

    sell_year(sell_history(draw_guests(SMALL, 1)), policy)
    assert min(last_days) == 1, "nothing of today, and everything of yesterday"
    assert np.mean(np.array(last_days) == 1) > 0.9


def test_every_policy_begins_with_the_books_that_the_base_price_sold() -> None:
    hotel = sell_history(draw_guests(SMALL, 1))
    first: list[Morning] = []
    for price in (60.0, 220.0):

        def policy(morning: Morning, price: float = price) -> Floats:
            if morning.day == 0:
                first.append(morning)
            return np.full(365, price)

        sell_year(hotel, policy)
    np.testing.assert_array_equal(first[0].books, first[1].books)
    assert first[0].books[:10].sum() > 0
    low, high = (
        sell_history(draw_guests(replace(SMALL, base=Decimal(base)), 1)).books for base in (75, 135)
    )
    assert low.sum() > high.sum(), "the history is sold at the base price told"


def test_a_new_hotel_has_no_history_and_past_offers_are_known_where_the_market_says() -> None:
    new = sell_history(draw_guests(replace(SMALL, history_nights=0), 1))
    assert not new.books.any()
    assert not len(new.history.bookings()[0])
    known = sell_history(draw_guests(replace(SMALL, past_offers_known=True), 1))
    night, day, price = known.history.offers()
    assert day.max() == SMALL.start.toordinal() - 1
    assert set(price) == {100.0}
    assert (night >= day).all()
    assert len(night) == SMALL.history_nights * 365


@pytest.mark.parametrize("price", [59.0, 221.0, 100.5, float("nan")])
def test_a_price_outside_the_bounds_or_off_the_step_is_an_error(price: float) -> None:
    hotel = sell_history(draw_guests(SMALL, 1))
    with pytest.raises(ValueError, match="outside the bounds or the steps"):
        sell_year(hotel, lambda morning: np.full(365, price))
