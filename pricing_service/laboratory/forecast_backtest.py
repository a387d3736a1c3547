"""The forecast against what came, replayed day by day, beside the forecasts that cost nothing.

On every day the forecast is made anew from what was known at the end of it: the very function that
serves today's forecast, given the bookings until then. So what it learns is learned as of then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from pricing_service.demand.bookings import YEAR, Bookings, Floats, Ints
from pricing_service.demand.forecast import predict
from pricing_service.demand.on_the_books_history import (
    RECENT_DAYS,
    SEASON_DAYS,
    OnTheBooksHistory,
)

HORIZONS: Final = (1, 3, 7, 14, 28, 56, 90)  # days before
BASELINES: Final = (
    "on the books",
    "same weekday last year",
    "additive pickup 8 weeks",
    "multiplicative pickup 8 weeks",
    "half recent, half last year's pickup",
)

Progress = Callable[[int, int], None]  # days replayed, days in all


@dataclass(frozen=True)
class HorizonResult:
    """Errors of the forecasts made so many days before; room-nights, shares of the nights.

    A baseline that knew nothing of some night (no last year yet) is judged on the others; nan if
    it never knew anything.
    """

    days_before: int
    nights: int
    mean_absolute_error: float
    bias: float  # mean of forecast less outcome
    coverage: float  # share of the outcomes inside the 80 % interval
    width: float  # mean of high less low
    baselines: dict[str, float]  # their mean absolute errors


def backtest(
    bookings: Bookings,
    first: date,
    last: date,
    horizons: Sequence[int] = HORIZONS,
    capacity: int | None = None,
    progress: Progress | None = None,
) -> list[HorizonResult]:
    """Forecast each of the nights first … last, each of horizons days before.

    The outcome is what the bookings say of the night at their end; last should be past by then.
    """
    horizons = sorted({horizon for horizon in horizons if horizon > 0})
    nights = (last - first).days + 1
    if nights < 1 or not horizons:
        return []
    outcome = bookings.on_the_books(date.max, first, nights).astype(np.float64)
    made = np.full((len(horizons), 3 + len(BASELINES), nights), np.nan)
    start = -horizons[-1]
    days = nights - horizons[0] - start
    for done, day in enumerate(range(start, nights - horizons[0]), start=1):
        leads = np.array([h for h in horizons if 0 <= day + h < nights])
        if len(leads):
            history = OnTheBooksHistory(
                bookings, first + timedelta(days=day), horizons[-1], capacity
            )
            places = np.searchsorted(horizons, leads)
            made[places, :, day + leads] = _forecasts(history, leads).T
        if progress:
            progress(done, days)
    return [_judge(h, forecasts, outcome) for h, forecasts in zip(horizons, made, strict=True)]


def _forecasts(history: OnTheBooksHistory, leads: Ints) -> Floats:
    """Rows expected, low, high and BASELINES, a column per lead."""
    return np.concatenate([np.stack(predict(history, leads)), _baselines(history, leads)])


def _baselines(history: OnTheBooksHistory, leads: Ints) -> Floats:
    """BASELINES of the nights so many days ahead; nan where they know nothing."""
    row = history.as_of_row + leads
    today = np.full_like(leads, history.as_of_row)
    books = history.books[row, leads]
    final, before = history.mean(today - RECENT_DAYS + 1, today, leads)
    past = row - YEAR
    last_year = np.where(
        (past >= 0) & (past <= today), history.final[np.clip(past, 0, None)], np.nan
    )
    final_then, before_then = history.mean(
        past - SEASON_DAYS, np.minimum(past + SEASON_DAYS, today), leads
    )
    additive = books + final - before
    return np.stack(
        [
            books,
            last_year,
            additive,
            books * final / np.maximum(before, 0.5),
            (additive + books + final_then - before_then) / 2,
        ]
    )


def _judge(days_before: int, forecasts: Floats, outcome: Floats) -> HorizonResult:
    """Forecasts [expected, low, high, *BASELINES; night] against the outcome of every night."""
    expected, low, high, *baselines = forecasts
    return HorizonResult(
        days_before=days_before,
        nights=len(outcome),
        mean_absolute_error=_error(expected, outcome),
        bias=float((expected - outcome).mean()),
        coverage=float(((low <= outcome) & (outcome <= high)).mean()),
        width=float((high - low).mean()),
        baselines={
            name: _error(baseline, outcome)
            for name, baseline in zip(BASELINES, baselines, strict=True)
        },
    )


def _error(forecasts: Floats, outcome: Floats) -> float:
    """Mean absolute error where there was a forecast."""
    has_forecast = ~np.isnan(forecasts)
    return (
        float(np.abs(forecasts - outcome)[has_forecast].mean())
        if has_forecast.any()
        else float("nan")
    )


def format_table(results: Sequence[HorizonResult]) -> str:
    """The results for a terminal: a line per horizon, mean absolute errors in room-nights."""
    heads = ["days before", "forecast", "bias", "coverage", "width", *BASELINES]
    lines = [
        [
            str(result.days_before),
            f"{result.mean_absolute_error:.1f}",
            f"{result.bias:+.1f}",
            f"{result.coverage:.0%}",
            f"{result.width:.1f}",
            *("none" if np.isnan(error) else f"{error:.1f}" for error in result.baselines.values()),
        ]
        for result in results
    ]
    widths = [max(len(cell) for cell in column) for column in zip(heads, *lines, strict=True)]
    return "\n".join(
        " | ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        for line in [heads, *lines]
    )
