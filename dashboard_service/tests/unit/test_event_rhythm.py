"""Whether a hotel's events have stopped: learned from its own gaps, without false alarms."""

import csv
import random
from bisect import bisect_left
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard_service.figures.event_rhythm import FEWEST_DAYS, YOUNG_DAYS, silent_since

START = date(2026, 1, 1)


def always_open(_: date) -> bool:
    return True


def days_at(numbers: list[int]) -> list[date]:
    return [START + timedelta(days=number) for number in numbers]


def stale_after(numbers: list[int], is_open: Callable[[date], bool] = always_open) -> int:
    """Return after how many quiet days a hotel is said to be stale."""
    days = days_at(numbers)
    return next(
        quiet
        for quiet in range(1_000)
        if silent_since(days, days[-1] + timedelta(days=quiet + 1), is_open)
    )


def test_a_hotel_with_an_event_every_day_is_stale_after_three_quiet_days() -> None:
    assert stale_after(list(range(200))) == FEWEST_DAYS + 1
    assert silent_since(days_at([*range(200)]), START + timedelta(days=201), always_open) is None


def test_a_small_hotel_may_be_quiet_for_days() -> None:
    """Six rooms, a booking every four days: five quiet days say nothing, two weeks do."""
    assert 5 < stale_after(list(range(0, 365, 4))) <= 14


def test_one_earlier_outage_is_no_rhythm() -> None:
    numbers = [*range(100), *range(130, 230)]
    assert stale_after(numbers) == FEWEST_DAYS + 1


def test_a_young_hotel_gets_two_weeks() -> None:
    assert stale_after([0, 1, 2]) == YOUNG_DAYS + 1
    assert silent_since([], START, always_open) is None


def test_closed_days_are_no_silence() -> None:
    closed_from = START + timedelta(days=200)
    reopened = closed_from + timedelta(days=90)
    quiet = stale_after(list(range(200)), lambda day: not closed_from <= day < reopened)
    assert quiet == 90 + FEWEST_DAYS + 1


@pytest.mark.parametrize(
    "mean_gap", [1.1, 2, 4, pytest.param(8, marks=[pytest.mark.long, pytest.mark.thorough])]
)
def test_random_hotels_are_seldom_stale_by_chance(mean_gap: float) -> None:
    """Fifty hotels with events at random, each replayed for a year after a year of learning."""
    chance = random.Random(int(mean_gap * 10))
    alarms = 0
    for _ in range(50):
        numbers = [day for day in range(730) if chance.random() < 1 / mean_gap]
        days = days_at(numbers)
        for number in range(365, 730):
            today = START + timedelta(days=number)
            known = days[: bisect_left(days, today)]
            alarms += silent_since(known, today, always_open) is not None
    assert alarms / 50 < 4  # days a year on which a hotel is called stale without reason


@settings(max_examples=50)
@given(st.sets(st.integers(0, 500), min_size=1), st.integers(1, 400))
def test_more_silence_never_ends_it(numbers: set[int], quiet: int) -> None:
    days = days_at(sorted(numbers))
    today = days[-1] + timedelta(days=quiet)
    if silent_since(days, today, always_open):
        assert silent_since(days, today + timedelta(days=1), always_open) == days[-1]


def test_two_outages_are_no_rhythm_and_three_are() -> None:
    outages = [*range(60), *range(80, 100), *range(120, 180)]
    assert stale_after(outages) == FEWEST_DAYS + 1
    outages = [*range(40), *range(60, 80), *range(100, 120), *range(140, 180)]
    assert stale_after(outages) > 19


def test_a_quiet_christmas_is_not_missed_a_year_later() -> None:
    numbers = [*range(400 - 364), *range(411 - 364, 401)]
    assert stale_after(numbers) > 10
    assert stale_after([*range(500)]) == FEWEST_DAYS + 1


@pytest.fixture
def resort_days(shared_data: Path) -> list[date]:
    """Days with events of the real resort hotel."""
    with (shared_data / "resort_hotel_daily.csv").open() as lines:
        days = {
            row["date"]
            for row in csv.DictReader(lines)
            if row["basis"] == "booked"
            and int(row["gross_booking_count"]) + int(row["cancellation_count"])
        }
    return [date.fromisoformat(day) for day in sorted(days)]


def test_the_resort_hotel_is_never_stale_in_two_years(resort_days: list[date]) -> None:
    day = date(2015, 9, 1)
    while day <= resort_days[-1]:
        known = resort_days[: bisect_left(resort_days, day)]
        assert silent_since(known, day, always_open) is None, day
        day += timedelta(days=1)


def test_the_resort_hotel_is_missed_within_days(resort_days: list[date]) -> None:
    """It is cut off at every tenth day; from its second full year on it is heard every day."""
    slowest = {2015: 0, 2016: 0, 2017: 0}
    for index in range(resort_days.index(date(2015, 10, 1)), len(resort_days), 10):
        known = resort_days[: index + 1]
        quiet = next(
            count
            for count in range(100)
            if silent_since(known, known[-1] + timedelta(days=count + 1), always_open)
        )
        slowest[known[-1].year] = max(slowest[known[-1].year], quiet)
    # Its first year has gaps of five weeks, from before its history is complete.
    assert slowest[2015] <= 22
    assert slowest[2016] <= 22
    assert slowest[2017] <= 4
