"""The forecast and its backtest: on constructed hotels, on any hotel, and on a real one."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing_service.demand.booking_curve import expected_curve
from pricing_service.demand.bookings import Bookings
from pricing_service.demand.forecast import NightForecast, forecast
from pricing_service.laboratory.forecast_backtest import (
    BASELINES,
    HorizonResult,
    backtest,
    format_table,
)

AS_OF = date(2024, 6, 30)
TODAY = AS_OF.toordinal()
# A booking: night and booking day relative to AS_OF, net room-nights.
EVENTS = st.lists(
    st.tuples(st.integers(-500, 400), st.integers(-600, 60), st.integers(-4, 6)), max_size=150
)


def hotel(events: list[tuple[int, int, int]]) -> Bookings:
    rows = np.array(events, dtype=np.int64).reshape(-1, 3)
    return Bookings(TODAY + rows[:, 0], TODAY + rows[:, 1], rows[:, 2])


def constant(nights: range, gains: dict[int, int], first_day: int = -10_000) -> Bookings:
    """Every night gains the same room-nights at the same days before."""
    return hotel(
        [
            (night, night - lead, gain)
            for night in nights
            for lead, gain in gains.items()
            if night - lead >= first_day
        ]
    )


def random_hotel(
    seed: int, nights: int, rooms: float = 60, open_on: object = None, weekend: float = 1.4
) -> Bookings:
    """Poisson bookings, a third of them cancelled, a weekly and a yearly shape; ends 400 after."""
    rng = np.random.default_rng(seed)
    events: list[tuple[int, int, int]] = []
    for night in range(-nights, 400):
        day = AS_OF + timedelta(days=night)
        if callable(open_on) and not open_on(day):
            continue
        season = 1 + 0.3 * np.cos(2 * np.pi * (day.timetuple().tm_yday - 200) / 365)
        shape = weekend if day.weekday() in (4, 5) else 1.0
        luck = rng.gamma(20, 1 / 20)
        for lead in rng.exponential(25, rng.poisson(rooms * season * shape * luck)).astype(int):
            events.append((night, night - int(lead), 1))
            if rng.random() < 0.33:
                events.append((night, night - int(lead * rng.random()), -1))
    return hotel(events)


def values(forecasts: list[NightForecast]) -> np.ndarray:
    return np.array([[f.on_the_books, f.expected, f.low, f.high] for f in forecasts])


class TestBookings:
    def test_on_the_books_is_the_net_of_the_days_until_then(self) -> None:
        bookings = hotel([(3, -5, 4), (3, 0, -1), (3, 1, 7), (4, -2, 2), (9, -1, 5)])
        assert bookings.on_the_books(AS_OF, AS_OF + timedelta(days=3), 2).tolist() == [3, 2]

    def test_columns_of_unequal_length_are_refused(self) -> None:
        with pytest.raises(ValueError, match="equal length"):
            Bookings([1, 2], [1], [1])

    @given(EVENTS)
    @settings(max_examples=50)
    def test_the_order_of_the_rows_does_not_matter(
        self, events: list[tuple[int, int, int]]
    ) -> None:
        assert forecast(hotel(events), AS_OF, 40) == forecast(hotel(events[::-1]), AS_OF, 40)


class TestNothingOfTheFuture:
    @given(EVENTS, EVENTS)
    @settings(max_examples=50)
    def test_events_after_as_of_change_nothing(
        self, events: list[tuple[int, int, int]], other: list[tuple[int, int, int]]
    ) -> None:
        past = [event for event in events if event[1] <= 0]
        future = [(night, 1 + abs(day), net) for night, day, net in other]
        assert forecast(hotel(past + future), AS_OF, 120) == forecast(hotel(past), AS_OF, 120)

    def test_nor_on_a_hotel_with_years_of_history(self) -> None:
        bookings = random_hotel(1, 800)
        nights, days, net = bookings.until(AS_OF)
        known = Bookings(nights, days, net)
        other = Bookings(
            np.append(nights, nights), np.append(days, days + 9000), np.append(net, 9 - net)
        )
        assert forecast(bookings, AS_OF) == forecast(known, AS_OF) == forecast(other, AS_OF)

    def test_the_backtest_forecasts_what_the_forecast_did(self) -> None:
        bookings = random_hotel(2, 500)
        night = AS_OF + timedelta(days=40)
        for result in backtest(bookings, night, night, (1, 9, 28)):
            made = forecast(bookings, night - timedelta(days=result.days_before))
            that = made[result.days_before - 1]
            outcome = bookings.on_the_books(date.max, night, 1)[0]
            assert result.bias == pytest.approx(that.expected - outcome)
            assert result.width == pytest.approx(that.high - that.low)


class TestAnyHotel:
    @given(EVENTS, st.integers(1, 400), st.none() | st.integers(1, 50))
    @settings(max_examples=100)
    def test_one_forecast_a_night_in_order_and_within_bounds(
        self, events: list[tuple[int, int, int]], days: int, capacity: int | None
    ) -> None:
        bookings = hotel(events)
        made = forecast(bookings, AS_OF, days, capacity)
        assert [f.night for f in made] == [AS_OF + timedelta(days=d + 1) for d in range(days)]
        books = bookings.on_the_books(AS_OF, AS_OF + timedelta(days=1), days)
        assert [f.on_the_books for f in made] == books.tolist()
        table = values(made)
        assert np.isfinite(table).all()
        _, expected, low, high = table.T
        assert ((low >= 0) & (low <= expected) & (expected <= high)).all()

    def test_the_same_twice(self) -> None:
        bookings = random_hotel(3, 400)
        assert forecast(bookings, AS_OF) == forecast(bookings, AS_OF)

    def test_no_days_no_forecast(self) -> None:
        assert forecast(hotel([]), AS_OF, 0) == []


class TestLittleHistory:
    def test_none_at_all(self) -> None:
        made = forecast(hotel([]), AS_OF, capacity=30)
        assert len(made) == 365
        assert {(f.expected, f.low, f.high) for f in made} == {(0.0, 0.0, 30.0)}
        assert {f.high for f in forecast(hotel([]), AS_OF)} == {0.0}

    def test_before_the_first_night_what_is_on_the_books_with_a_wide_interval(self) -> None:
        made = forecast(hotel([(5, 0, 8), (6, 0, 3)]), AS_OF, 10, capacity=30)
        assert (made[4].expected, made[4].low, made[4].high) == (8.0, 0.0, 30.0)

    def test_a_month_knows_the_pickup_of_leads_longer_than_itself(self) -> None:
        bookings = constant(range(-30, 400), {90: 4, 45: 6, 20: 5, 3: 5}, first_day=-30)
        at = dict(enumerate(forecast(bookings, AS_OF), start=1))
        # what was booked before the first day nobody can know of
        assert at[2].expected == pytest.approx(10, abs=0.5)
        assert at[10].expected == pytest.approx(at[10].on_the_books + 5, abs=0.5)
        assert at[30].expected == pytest.approx(at[30].on_the_books + 10, abs=1)
        assert at[60].expected == pytest.approx(at[60].on_the_books + 16, abs=1)
        assert at[200].expected == pytest.approx(20, abs=1)

    def test_the_interval_of_a_month_holds_most_outcomes(self) -> None:
        held = []
        for seed in range(4):
            bookings = random_hotel(seed, 30)
            outcome = bookings.on_the_books(date.max, AS_OF + timedelta(days=1), 90)
            _, _, low, high = values(forecast(bookings, AS_OF, 90)).T
            held.append(((low <= outcome) & (outcome <= high)).mean())
        assert np.mean(held) >= 0.75


class TestConstructedHotels:
    def test_a_constant_pickup_is_forecast_exactly(self) -> None:
        made = forecast(constant(range(-800, 500), {100: 10, 30: 6, 10: -4, 2: 5}), AS_OF)
        assert [f.expected for f in made] == pytest.approx([17.0] * 365)
        assert [f.low for f in made] == pytest.approx([17.0] * 365)
        assert [f.high for f in made] == pytest.approx([17.0] * 365)

    def test_a_closed_winter_stays_empty(self) -> None:
        bookings = random_hotel(5, 800, open_on=lambda day: 4 <= day.month <= 10)
        made = forecast(bookings, date(2024, 10, 1))
        closed = [f for f in made if f.night.month in (12, 1, 2)]
        summer = [f for f in made if f.night.month in (5, 6, 7)]
        assert np.mean([f.expected for f in closed]) < 2
        assert np.mean([f.expected for f in summer]) > 30

    def test_a_weekday_shape_is_learned(self) -> None:
        made = forecast(random_hotel(6, 500, weekend=2.0), AS_OF, 84)
        weekend = np.mean([f.expected for f in made if f.night.weekday() in (4, 5)])
        week = np.mean([f.expected for f in made if f.night.weekday() not in (4, 5)])
        assert 1.7 < weekend / week < 2.3

    def test_capacity_bounds_what_a_hotel_may_sell(self) -> None:
        bookings = constant(range(-300, 300), {40: 10, 5: 10})
        busy = hotel([(50, -1, 28)])
        parts = [
            np.concatenate(column)
            for column in zip(bookings.until(date.max), busy.until(AS_OF), strict=True)
        ]
        made = forecast(Bookings(*parts), AS_OF, 60, capacity=30)
        assert max(f.high for f in made) <= 30
        assert made[49].on_the_books == 28

    def test_a_group_that_cancels_leaves_no_trace(self) -> None:
        bookings = random_hotel(7, 500)
        group = hotel([(-60, -300, 40), (-60, -70, -40)])
        parts = [
            np.concatenate(column)
            for column in zip(bookings.until(date.max), group.until(AS_OF), strict=True)
        ]
        plain = values(forecast(bookings, AS_OF, 90))[:, 1]
        with_group = values(forecast(Bookings(*parts), AS_OF, 90))[:, 1]
        assert np.abs(plain - with_group).mean() < 0.05 * plain.mean()

    def test_better_than_the_baselines_with_a_true_interval(self) -> None:
        results = backtest(random_hotel(8, 900), AS_OF - timedelta(days=200), AS_OF, (7, 28, 56))
        for result in results:
            assert result.mean_absolute_error < 1.03 * min(result.baselines.values())
            assert 0.7 <= result.coverage <= 0.9


class TestExpectedCurve:
    def test_the_share_of_the_final_that_is_on_the_books(self) -> None:
        curve = expected_curve(constant(range(-800, 500), {100: 10, 30: 6, 2: 4}), AS_OF)
        assert curve[[0, 2, 3, 30, 31, 100, 101, 365]] == pytest.approx(
            [1.0, 1.0, 0.8, 0.8, 0.5, 0.5, 0.0, 0.0]
        )

    def test_unknown_without_a_past(self) -> None:
        assert np.isnan(expected_curve(hotel([]), AS_OF, days=30)).all()


class TestBacktest:
    def test_reports_its_progress(self) -> None:
        told: list[tuple[int, int]] = []
        bookings = constant(range(-100, 100), {20: 3})
        backtest(
            bookings, AS_OF, AS_OF + timedelta(days=9), (1, 7), progress=lambda *at: told.append(at)
        )
        assert told == [(day, 16) for day in range(1, 17)]

    def test_nothing_to_judge(self) -> None:
        assert backtest(hotel([]), AS_OF, AS_OF - timedelta(days=1)) == []
        assert backtest(hotel([]), AS_OF, AS_OF, ()) == []

    def test_the_table_names_every_baseline_and_what_is_unknown(self) -> None:
        result = HorizonResult(7, 10, 1.25, -0.5, 0.8, 4.0, dict.fromkeys(BASELINES, float("nan")))
        head, line = format_table([result]).splitlines()
        assert all(name in head for name in BASELINES)
        assert "80%" in line
        assert line.count("none") == len(BASELINES)


def real_bookings(folder: Path) -> Bookings:
    net: Counter[tuple[str, str]] = Counter()
    with gzip.open(folder / "resort_hotel_events.csv.gz", "rt", newline="") as lines:
        for row in csv.DictReader(lines):
            key = row["night_of_stay"], row["event_timestamp"][:10]
            net[key] += 1 if row["status"] == "1" else -1
    ordinals = [[date.fromisoformat(day).toordinal() for day in key] for key in net]
    nights, days = np.array(ordinals).T
    return Bookings(nights, days, list(net.values()))


def test_a_real_hotel(shared_data: Path) -> None:
    """Better than half recent, half last year's pickup of an independent run; a true interval."""
    bookings = real_bookings(shared_data)
    results = backtest(bookings, date(2016, 9, 1), date(2017, 8, 31), (7, 14, 28, 56))
    bounds = {7: 6.6, 14: 10.3, 28: 0.9 * 13.9, 56: 0.9 * 19.3}
    for result in results:
        assert result.mean_absolute_error < bounds[result.days_before]
        assert result.mean_absolute_error < min(result.baselines.values())
        assert 0.75 <= result.coverage <= 0.85
