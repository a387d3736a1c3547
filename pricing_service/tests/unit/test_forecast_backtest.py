"""The backtest of the forecast, and how good the forecast is by it."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from pricing_service.demand.forecast import forecast
from pricing_service.laboratory.forecast_backtest import (
    BASELINES,
    HorizonResult,
    backtest,
    format_table,
)
from pricing_service.tests.unit.constructed_bookings import (
    AS_OF,
    bookings_of_events,
    constant_bookings,
    random_bookings,
    real_bookings,
)


def test_the_backtest_uses_the_forecast_of_that_day() -> None:
    bookings = random_bookings(2, 500)
    night = AS_OF + timedelta(days=40)
    for result in backtest(bookings, night, night, (1, 9, 28)):
        forecasts = forecast(bookings, night - timedelta(days=result.days_before))
        of_night = forecasts[result.days_before - 1]
        outcome = bookings.on_the_books(date.max, night, 1)[0]
        assert result.bias == pytest.approx(of_night.expected - outcome)
        assert result.width == pytest.approx(of_night.high - of_night.low)


def test_progress_is_reported_for_every_day() -> None:
    reported: list[tuple[int, int]] = []
    bookings = constant_bookings(range(-100, 100), {20: 3})
    backtest(
        bookings, AS_OF, AS_OF + timedelta(days=9), (1, 7), progress=lambda *at: reported.append(at)
    )
    assert reported == [(day, 16) for day in range(1, 17)]


def test_no_nights_or_no_horizons_give_no_results() -> None:
    assert backtest(bookings_of_events([]), AS_OF, AS_OF - timedelta(days=1)) == []
    assert backtest(bookings_of_events([]), AS_OF, AS_OF, ()) == []


def test_the_table_names_every_baseline_and_writes_none_for_nan() -> None:
    result = HorizonResult(7, 10, 1.25, -0.5, 0.8, 4.0, dict.fromkeys(BASELINES, float("nan")))
    head, line = format_table([result]).splitlines()
    assert all(name in head for name in BASELINES)
    assert "80%" in line
    assert line.count("none") == len(BASELINES)


@pytest.mark.long
def test_the_forecast_beats_the_baselines_and_the_interval_has_its_coverage() -> None:
    results = backtest(random_bookings(8, 900), AS_OF - timedelta(days=200), AS_OF, (7, 28, 56))
    for result in results:
        assert result.mean_absolute_error < 1.03 * min(result.baselines.values())
        assert 0.7 <= result.coverage <= 0.9


@pytest.mark.long
def test_on_a_real_hotel(shared_data: Path) -> None:
    """No larger errors than before the seasons' ratios, and every interval holds its share."""
    bookings = real_bookings(shared_data)
    results = backtest(bookings, date(2016, 9, 1), date(2017, 8, 31), (7, 14, 28, 56, 90))
    bounds = {7: 4.8, 14: 7.2, 28: 10.0, 56: 13.6, 90: 14.7}
    for result in results:
        assert result.mean_absolute_error < bounds[result.days_before]
        assert result.mean_absolute_error < min(result.baselines.values())
        assert 0.75 <= result.coverage <= 0.85
