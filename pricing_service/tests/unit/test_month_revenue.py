"""What further room-nights are worth."""

import pytest

from pricing_service.month_forecast.month_revenue import (
    LAST_YEAR_ROOM_NIGHTS,
    NightToCome,
    Rates,
    forecast_revenue,
    usual_rates,
)
from pricing_service.month_forecast.total_interval import TotalForecast

RATES = Rates(on_the_books=100.0, usual=90.0)


def test_further_room_nights_are_worth_the_price_else_the_usual_rate() -> None:
    nights = [NightToCome(2, 4, 150.0), NightToCome(3, 2, None)]
    revenue = forecast_revenue(1_000, nights, TotalForecast(15, 12, 18), RATES)
    assert revenue is not None
    assert revenue.expected == 1_000 + 2 * 150 + 3 * 90
    a_room_night = (4 * 150 + 2 * 90) / 6
    assert revenue.low == pytest.approx(revenue.expected - 3 * a_room_night)
    assert revenue.high == pytest.approx(revenue.expected + 3 * a_room_night)


def test_what_is_cancelled_takes_away_the_rate_on_the_books() -> None:
    revenue = forecast_revenue(1_000, [NightToCome(-2, 1, 150.0)], TotalForecast(8, 8, 8), RATES)
    assert revenue is not None
    assert revenue.expected == 800


def test_a_month_that_is_over_is_what_it_was() -> None:
    assert forecast_revenue(1_000, [], TotalForecast(9, 9, 9), RATES) == TotalForecast(
        1_000, 1_000, 1_000
    )


def test_without_any_rate_nobody_knows() -> None:
    nothing = Rates(None, None)
    assert forecast_revenue(0, [NightToCome(1, 1, None)], TotalForecast(1, 0, 2), nothing) is None


def test_few_room_nights_on_the_books_count_less_than_last_year_s() -> None:
    assert usual_rates(0, 0, 0, 0) == Rates(None, None)
    assert usual_rates(0, 0, 800, 10) == Rates(None, 80)
    assert usual_rates(1_000, 10, 0, 0) == Rates(100, 100)
    half = LAST_YEAR_ROOM_NIGHTS
    assert usual_rates(100 * half, half, 800, 10) == Rates(100, 90)
