"""The forecast: on any hotel, with little history, and on constructed hotels."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing_service.demand.bookings import Bookings
from pricing_service.demand.forecast import NightForecast, forecast
from pricing_service.tests.unit.constructed_bookings import (
    AS_OF,
    Event,
    bookings_of_events,
    constant_bookings,
    joined,
    random_bookings,
)

EVENTS = st.lists(
    st.tuples(st.integers(-500, 400), st.integers(-600, 60), st.integers(-4, 6)), max_size=150
)


def values(forecasts: list[NightForecast]) -> np.ndarray:
    return np.array([[f.on_the_books, f.expected, f.low, f.high] for f in forecasts])


class TestFutureEventsAreNotUsed:
    @given(EVENTS, EVENTS)
    @settings(max_examples=20)
    def test_on_any_hotel(self, events: list[Event], other: list[Event]) -> None:
        past = [event for event in events if event[1] <= 0]
        future = [(night, 1 + abs(day), net) for night, day, net in other]
        assert forecast(bookings_of_events(past + future), AS_OF, 120) == forecast(
            bookings_of_events(past), AS_OF, 120
        )

    def test_on_a_hotel_with_years_of_history(self) -> None:
        bookings = random_bookings(1, 800)
        nights, days, net = bookings.until(AS_OF)
        until_as_of = Bookings(nights, days, net)
        other = Bookings(
            np.append(nights, nights), np.append(days, days + 9000), np.append(net, 9 - net)
        )
        assert forecast(bookings, AS_OF) == forecast(until_as_of, AS_OF) == forecast(other, AS_OF)


class TestAnyHotel:
    @given(EVENTS, st.integers(1, 400), st.none() | st.integers(1, 50))
    @settings(max_examples=40)
    def test_one_forecast_a_night_in_order_and_within_bounds(
        self, events: list[Event], days: int, capacity: int | None
    ) -> None:
        bookings = bookings_of_events(events)
        forecasts = forecast(bookings, AS_OF, days, capacity)
        assert [f.night for f in forecasts] == [AS_OF + timedelta(days=d + 1) for d in range(days)]
        books = bookings.on_the_books(AS_OF, AS_OF + timedelta(days=1), days)
        assert [f.on_the_books for f in forecasts] == books.tolist()
        table = values(forecasts)
        assert np.isfinite(table).all()
        _, expected, low, high = table.T
        assert ((low >= 0) & (low <= expected) & (expected <= high)).all()

    @given(EVENTS)
    @settings(max_examples=20)
    def test_the_order_of_the_rows_does_not_matter(self, events: list[Event]) -> None:
        assert forecast(bookings_of_events(events), AS_OF, 40) == forecast(
            bookings_of_events(events[::-1]), AS_OF, 40
        )

    def test_equal_input_gives_equal_output(self) -> None:
        bookings = random_bookings(3, 400)
        assert forecast(bookings, AS_OF) == forecast(bookings, AS_OF)

    def test_no_days_no_forecast(self) -> None:
        assert forecast(bookings_of_events([]), AS_OF, 0) == []


class TestLittleHistory:
    def test_no_bookings_at_all(self) -> None:
        forecasts = forecast(bookings_of_events([]), AS_OF, capacity=30)
        assert len(forecasts) == 365
        assert {(f.expected, f.low, f.high) for f in forecasts} == {(0.0, 0.0, 30.0)}
        assert {f.high for f in forecast(bookings_of_events([]), AS_OF)} == {0.0}

    def test_before_the_first_night_the_rooms_on_the_books_with_a_wide_interval(self) -> None:
        forecasts = forecast(bookings_of_events([(5, 0, 8), (6, 0, 3)]), AS_OF, 10, capacity=30)
        assert (forecasts[4].expected, forecasts[4].low, forecasts[4].high) == (8.0, 0.0, 30.0)

    def test_a_month_gives_the_pickup_of_leads_longer_than_itself(self) -> None:
        bookings = constant_bookings(range(-30, 400), {90: 4, 45: 6, 20: 5, 3: 5}, first_day=-30)
        by_lead = dict(enumerate(forecast(bookings, AS_OF), start=1))
        # Bookings made before the first day are not in the data.
        assert by_lead[2].expected == pytest.approx(10, abs=0.5)
        assert by_lead[10].expected == pytest.approx(by_lead[10].on_the_books + 5, abs=0.5)
        assert by_lead[30].expected == pytest.approx(by_lead[30].on_the_books + 10, abs=1)
        assert by_lead[60].expected == pytest.approx(by_lead[60].on_the_books + 16, abs=1)
        assert by_lead[200].expected == pytest.approx(20, abs=1)

    def test_the_interval_learned_from_a_month_contains_most_outcomes(self) -> None:
        contained = []
        for seed in range(4):
            bookings = random_bookings(seed, 30)
            outcome = bookings.on_the_books(date.max, AS_OF + timedelta(days=1), 90)
            _, _, low, high = values(forecast(bookings, AS_OF, 90)).T
            contained.append(((low <= outcome) & (outcome <= high)).mean())
        assert np.mean(contained) >= 0.75


class TestConstructedHotels:
    def test_a_constant_pickup_is_forecast_exactly(self) -> None:
        forecasts = forecast(
            constant_bookings(range(-800, 500), {100: 10, 30: 6, 10: -4, 2: 5}), AS_OF
        )
        assert [f.expected for f in forecasts] == pytest.approx([17.0] * 365)
        assert [f.low for f in forecasts] == pytest.approx([17.0] * 365)
        assert [f.high for f in forecasts] == pytest.approx([17.0] * 365)

    def test_a_closed_winter_stays_empty(self) -> None:
        bookings = random_bookings(5, 800, is_open=lambda day: 4 <= day.month <= 10)
        forecasts = forecast(bookings, date(2024, 10, 1))
        closed = [f for f in forecasts if f.night.month in (12, 1, 2)]
        summer = [f for f in forecasts if f.night.month in (5, 6, 7)]
        assert np.mean([f.expected for f in closed]) < 2
        assert np.mean([f.expected for f in summer]) > 30

    def test_a_weekday_shape_is_learned(self) -> None:
        forecasts = forecast(random_bookings(6, 500, weekend=2.0), AS_OF, 84)
        weekend = np.mean([f.expected for f in forecasts if f.night.weekday() in (4, 5)])
        week = np.mean([f.expected for f in forecasts if f.night.weekday() not in (4, 5)])
        assert 1.7 < weekend / week < 2.3

    def test_no_forecast_above_capacity(self) -> None:
        bookings = constant_bookings(range(-300, 300), {40: 10, 5: 10})
        busy = bookings_of_events([(50, -1, 28)])
        forecasts = forecast(joined(bookings, busy), AS_OF, 60, capacity=30)
        assert max(f.high for f in forecasts) <= 30
        assert forecasts[49].on_the_books == 28

    def test_a_cancelled_group_barely_changes_the_forecast(self) -> None:
        bookings = random_bookings(7, 500)
        group = bookings_of_events([(-60, -300, 40), (-60, -70, -40)])
        plain = values(forecast(bookings, AS_OF, 90))[:, 1]
        with_group = values(forecast(joined(bookings, group), AS_OF, 90))[:, 1]
        assert np.abs(plain - with_group).mean() < 0.05 * plain.mean()
