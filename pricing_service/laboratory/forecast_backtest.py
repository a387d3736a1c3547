"""Backtest of the forecast: a hotel's history replayed day by day, beside simple baselines.

On every day the forecast is made anew from what was known at the end of it, by the same function
that serves today's forecast. So whatever it learns is learned from the past of that day alone.
Groups, by the learned threshold, are left out: what they have on the books is added to a forecast,
and not forecast.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from dashboard_service import figures_for_pricing
from pricing_service.demand.bookings import YEAR, Bookings, Floats, Ints
from pricing_service.demand.demand_outlook import (
    closed_nights,
    load_bookings,
    load_groups,
    usual_rooms,
)
from pricing_service.demand.forecast import predict
from pricing_service.demand.on_the_books_history import (
    RECENT_DAYS,
    SEASON_DAYS,
    OnTheBooksHistory,
)
from pricing_service.laboratory.text_table import text_table

HORIZONS: Final = (1, 3, 7, 14, 28, 56, 90)  # days before
NIGHTS = 365  # replayed by default
BASELINES: Final = (
    "on the books",
    "same weekday last year",
    "additive pickup 8 weeks",
    "multiplicative pickup 8 weeks",
    "half recent, half last year's pickup",
)

Progress = Callable[[int, int], None]  # days replayed, days in all


class BacktestImpossible(ValueError):
    """The hotel's history cannot be replayed as requested; the message says why."""


@dataclass(frozen=True)
class HorizonResult:
    """Errors of the forecasts made so many days before; room-nights, shares of the nights.

    A baseline without a forecast for some nights (no last year yet) is measured on the others; nan
    if it never had one.
    """

    days_before: int
    nights: int
    mean_absolute_error: float
    bias: float  # mean of forecast less outcome
    coverage: float  # share of the outcomes inside the 80 % interval
    width: float  # mean of high less low
    baselines: dict[str, float]  # their mean absolute errors


@dataclass(frozen=True)
class HotelBacktest:
    """The backtest of a hotel's nights first … last."""

    hotel_name: str
    first: date
    last: date
    results: list[HorizonResult]


def backtest_hotel(
    hotel_id: int,
    first: date | None = None,
    last: date | None = None,
    horizons: Sequence[int] = HORIZONS,
    progress: Progress | None = None,
) -> HotelBacktest:
    """Backtest the forecast on a hotel of the dashboard service.

    Args:
        first: first night; by default NIGHTS nights up to the last.
        last: last night; by default the last day with data.
        horizons: days before, from 1 up.

    Raises:
        BacktestImpossible: no data, or nights or horizons that make no sense.
        django.db.Error: the dashboard's database does not answer.
    """
    hotel = figures_for_pricing.hotel(hotel_id)
    if hotel.newest_day is None:
        raise BacktestImpossible(
            f"hotel {hotel_id} has no figures; load its events first "
            f"(`manage.py trigger_load_events FILE --wait`)"
        )
    if min(horizons) < 1:
        raise BacktestImpossible(
            f"days before {min(horizons)}: a forecast is made at least 1 day before its night"
        )
    last = last or hotel.newest_day
    first = first or last - timedelta(days=NIGHTS - 1)
    if not first <= last <= hotel.newest_day:
        raise BacktestImpossible(
            f"nights {first} to {last}: the first must not come after the last, and outcomes are "
            f"known up to {hotel.newest_day}"
        )
    bookings = load_bookings(hotel_id, hotel.today, hotel.newest_day)
    groups = load_groups(hotel_id, None, usual_rooms(hotel, bookings, last))
    bookings = bookings.without(groups.room_nights(hotel.today, hotel.newest_day))
    rooms = _rooms_for_sale(hotel, first, last)
    most = int(rooms.max()) if hotel.rooms else None
    closed = closed_nights(hotel.rooms_by_date, last, 0)
    results = backtest(bookings, first, last, horizons, most, progress, rooms, closed)
    return HotelBacktest(hotel.name, first, last, results)


def _rooms_for_sale(hotel: figures_for_pricing.Hotel, first: date, last: date) -> Floats:
    """Return the rooms for sale of each night first … last; infinite where they are not known."""
    for_sale = figures_for_pricing.RoomsForSaleByNight(hotel.rooms, hotel.rooms_by_date)
    nights = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
    return np.array([np.inf if (rooms := for_sale(night)) is None else rooms for night in nights])


def backtest(
    bookings: Bookings,
    first: date,
    last: date,
    horizons: Sequence[int] = HORIZONS,
    capacity: int | None = None,
    progress: Progress | None = None,
    rooms: Floats | None = None,
    closed_nights: Collection[int] = (),
) -> list[HorizonResult]:
    """Forecast each of the nights first … last, each of horizons days before.

    Args:
        capacity: the most rooms of a night, None if unknown.
        rooms: for sale in each of the nights, which limit its forecast; default: no limit.
        closed_nights: ordinals of the nights on which the hotel was closed, past ones too.

    The outcome of a night is what the bookings contain in the end, so that last should be past.
    """
    horizons = sorted({horizon for horizon in horizons if horizon > 0})
    nights = (last - first).days + 1
    if nights < 1 or not horizons:
        return []
    outcome = bookings.on_the_books(date.max, first, nights).astype(np.float64)
    forecasts = np.full((len(horizons), 3 + len(BASELINES), nights), np.nan)
    start = -horizons[-1]
    days = nights - horizons[0] - start
    for done, day in enumerate(range(start, nights - horizons[0]), start=1):
        leads = np.array([h for h in horizons if 0 <= day + h < nights])
        if len(leads):
            as_of = first + timedelta(days=day)
            history = OnTheBooksHistory(bookings, as_of, horizons[-1], capacity, closed_nights)
            places = np.searchsorted(horizons, leads)
            found = _forecasts(history, leads)
            if rooms is not None:
                books = history.books[history.as_of_row + leads, leads]
                found[:3] = np.minimum(found[:3], np.maximum(rooms[day + leads], books))
            forecasts[places, :, day + leads] = found.T
        if progress:
            progress(done, days)
    return [
        _result(horizon, of_horizon, outcome)
        for horizon, of_horizon in zip(horizons, forecasts, strict=True)
    ]


def _forecasts(history: OnTheBooksHistory, leads: Ints) -> Floats:
    """Return rows expected, low, high and BASELINES, with a column per lead."""
    return np.concatenate([np.stack(predict(history, leads)), _baselines(history, leads)])


def _baselines(history: OnTheBooksHistory, leads: Ints) -> Floats:
    """Return the BASELINES of the nights leads days ahead; nan where they have no data."""
    row = history.as_of_row + leads
    as_of_row = np.full_like(leads, history.as_of_row)
    books = history.books[row, leads]
    final, before = history.mean(as_of_row - RECENT_DAYS + 1, as_of_row, leads)
    past = row - YEAR
    has_past = (past >= 0) & (past <= as_of_row)
    last_year = np.where(has_past, history.final[np.clip(past, 0, None)], np.nan)
    season_end = np.minimum(past + SEASON_DAYS, as_of_row)
    final_last_year, before_last_year = history.mean(past - SEASON_DAYS, season_end, leads)
    additive = books + final - before
    return np.stack(
        [
            books,
            last_year,
            additive,
            books * final / np.maximum(before, 0.5),
            (additive + books + final_last_year - before_last_year) / 2,
        ]
    )


def _result(days_before: int, forecasts: Floats, outcome: Floats) -> HorizonResult:
    """Measure forecasts [expected, low, high, *BASELINES; night] against every night's outcome."""
    expected, low, high, *baselines = forecasts
    return HorizonResult(
        days_before=days_before,
        nights=len(outcome),
        mean_absolute_error=_mean_absolute_error(expected, outcome),
        bias=float((expected - outcome).mean()),
        coverage=float(((low <= outcome) & (outcome <= high)).mean()),
        width=float((high - low).mean()),
        baselines={
            name: _mean_absolute_error(baseline, outcome)
            for name, baseline in zip(BASELINES, baselines, strict=True)
        },
    )


def _mean_absolute_error(forecasts: Floats, outcome: Floats) -> float:
    """Return the error over the nights that have a forecast; nan if none has."""
    errors = np.abs(forecasts - outcome)
    errors = errors[~np.isnan(errors)]
    return float(errors.mean()) if len(errors) else float("nan")


def format_table(results: Sequence[HorizonResult]) -> str:
    """Format the results for a terminal: a line per horizon, errors in room-nights."""
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
    return text_table([heads, *lines])
