"""The candidate forecasts of a night's final room-nights: fifteen pickup methods.

Each adds to what is on the books what past nights still gained from the same number of days before
on; they differ in the past nights that they take (Weatherford and Kimes 2003; Zakhary, El Gayar
and Atiya 2008; Pereira and others 2023). What recent nights gained counts in the ratio of the
seasons (`season_ratios`). Which of them to trust is learned in
`forecast_combination`. No candidate uses anything booked after the day on which it is made.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from pricing_service.demand.bookings import WEEK, YEAR, Floats, Ints
from pricing_service.demand.on_the_books_history import (
    RECENT_DAYS,
    SEASON_DAYS,
    OnTheBooksHistory,
)
from pricing_service.demand.season_ratios import SeasonRatios, season_ratios

# In order of the history that they need: weeks, then a year, then a year whose nights were
# observed from their first booking on.
METHODS: Final = (
    *("books", "recent", "weekday", "advanced", "fill", "fill_weekday", "year", "share"),
    *("season", "season_weekday", "season_fill", "season_growth"),
    *("level", "pace", "pace_share"),
)
STAGES: Final = (8, 12, 15)  # the number of METHODS available at each of these stages
BOOKS, ADVANCED, LEVEL = (METHODS.index(name) for name in ("books", "advanced", "level"))


def candidate_forecasts(history: OnTheBooksHistory, row: Ints, lead: Ints) -> Floats:
    """Return each method's forecast of final room-nights [method, …]; nan where it has no data.

    Args:
        row: rows of history, one for each night to forecast.
        lead: days before the night on which the forecast is made; an array of the same shape.
    """
    day, past = row - lead, row - YEAR
    books = history.books[row, lead]
    room = history.assumed_rooms[np.maximum(day, 0)]
    recent = history.mean(day - RECENT_DAYS + 1, day, lead)
    last_season = history.mean(past - SEASON_DAYS, np.minimum(past + SEASON_DAYS, day), lead)
    ratios = season_ratios(history, row, lead, recent, last_season)
    forecasts = (
        *_of_recent_weeks(history, row, lead, books, room, recent, ratios),
        *_of_last_season(history, row, lead, books, room, last_season),
        *_of_last_year_level(history, row, lead, room),
    )
    table = np.stack([np.broadcast_to(forecast, books.shape) for forecast in forecasts])
    not_observed = past < history.first_observed_row(lead)
    table[STAGES[0] : STAGES[1], not_observed] = np.nan
    table[LEVEL + 1 :, not_observed] = np.nan
    table[BOOKS + 1 :, day < 0] = np.nan
    return table


def _of_recent_weeks(
    history: OnTheBooksHistory,
    row: Ints,
    lead: Ints,
    books: Floats,
    room: Floats,
    recent: tuple[Floats, Floats],
    ratios: SeasonRatios,
) -> tuple[Floats, ...]:
    """Return the methods that need weeks of history: the last 8 weeks, all or the same weekday."""
    day = row - lead
    final, before = recent
    same_weekday = row - WEEK * -(-lead // WEEK)
    final_w, before_w = history.mean_weekly(same_weekday, RECENT_DAYS // WEEK, lead)
    final_y, before_y = history.mean_weekly(same_weekday, YEAR // WEEK, lead)
    share = np.minimum(books * final / np.maximum(before, 1.0), 1.1 * room)
    pickup, pickup_w = ratios.recent * (final - before), ratios.recent * (final_w - before_w)
    return (
        books,
        books + pickup,
        books + pickup_w,
        books + ratios.under_way * history.advanced_pickup(day, lead),
        _fill(room, books, before + pickup, before),
        _fill(room, books, before_w + pickup_w, before_w),
        books + ratios.year * (final_y - before_y),
        np.where(before < 1.0, books + pickup, share),
    )


def _of_last_season(
    history: OnTheBooksHistory,
    row: Ints,
    lead: Ints,
    books: Floats,
    room: Floats,
    last_season: tuple[Floats, Floats],
) -> tuple[Floats, ...]:
    """Return the methods that need a year of history: the pickup of the nights a year earlier."""
    day = row - lead
    final_s, before_s = last_season
    last, weeks = _weeks_around_last_year(row, lead)
    final_l, before_l = history.mean_weekly(last, weeks, lead)
    pickup_a_year_ago = history.advanced_pickup(day - YEAR, lead)
    growth = (history.advanced_pickup(day, lead) + 2.0) / np.maximum(pickup_a_year_ago + 2.0, 0.1)
    growth = np.where(day - YEAR - RECENT_DAYS > max(history.first_day, 0), growth, 1.0)
    return (
        books + final_s - before_s,
        books + final_l - before_l,
        _fill(room, books, final_l, before_l),
        books + (final_l - before_l) * np.clip(growth, 0.5, 2.0),
    )


def _of_last_year_level(
    history: OnTheBooksHistory, row: Ints, lead: Ints, room: Floats
) -> tuple[Floats, ...]:
    """Return the methods that start from last year's final room-nights: as is, or by the pace."""
    past = row - YEAR
    last, weeks = _weeks_around_last_year(row, lead)
    level, _ = history.mean_weekly(last, weeks, np.zeros_like(lead))
    level = np.where(past - 2 * WEEK >= history.first_complete_row, level, np.nan)
    pace, past_pace = history.pace(row, lead), history.pace(past, lead)
    return (
        level,
        level + pace - past_pace,
        np.minimum(level * np.clip((pace + 1) / (past_pace + 1), 0.3, 3.0), 1.1 * room),
    )


def _weeks_around_last_year(row: Ints, lead: Ints) -> tuple[Ints, Ints]:
    """Return the last row and the number of weeks around the same weekday a year earlier.

    Two weeks to each side, but none that had not passed lead days before the night.
    """
    past = row - YEAR
    weeks_after = np.minimum(2, (row - lead - past) // WEEK)
    return past + WEEK * weeks_after, weeks_after + 3


def _fill(room: Floats, books: Floats, final: Floats, before: Floats) -> Floats:
    """Return room-nights on the books plus the share of free rooms that past nights still sold.

    Bounds the pickup by the rooms that are left: room - (room - books) x (room - final) / (room -
    before), with the means final and before of past nights.
    """
    left = np.clip((room - final) / np.maximum(room - before, 1.0), 0.0, 1.5)
    return room - (room - books) * left
