"""By how much more, or less, a night's season gains than the nights that a method learns from.

In September the last weeks' pickup is that of summer: for a December night it is far too much.
Where the same season was observed a year ago, last year says how the two seasons differ, while the
recent nights say how this year differs from the last: season times recent trend.

A difference counts only as far as it stands out from chance and from what changes between any two
years; so a small hotel, whose few guests tell little, keeps its own recent pickup. Pure
computation: no database, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from pricing_service.demand.bookings import YEAR, Floats, Ints
from pricing_service.demand.on_the_books_history import (
    RECENT_DAYS,
    SEASON_DAYS,
    OnTheBooksHistory,
)

# Usual logarithm of the difference between two years, with and without last year's recent weeks.
USUAL_CHANGE: Final = 0.2
USUAL_CHANGE_WITHOUT_TREND: Final = 0.4
SPREAD: Final = 4.0  # variance of a night's room-nights, as a multiple of their mean
LARGEST: Final = 2.0  # logarithm of the largest ratio


@dataclass(frozen=True)
class SeasonRatios:
    """Factors of the pickup that past nights gained; 1.0 where last year does not tell.

    Attributes:
        recent: for the pickup of the last 8 weeks' nights.
        under_way: for bookings of the last 8 weeks, whose nights lie between those and the night.
        year: for the pickup of a whole year's nights.
    """

    recent: Floats
    under_way: Floats
    year: Floats


def season_ratios(
    history: OnTheBooksHistory,
    row: Ints,
    lead: Ints,
    recent: tuple[Floats, Floats],
    last_season: tuple[Floats, Floats],
) -> SeasonRatios:
    """Return the ratios for nights forecast lead days before.

    Args:
        recent: mean final and mean on the books, lead days before, of the last 8 weeks' nights.
        last_season: the same of the nights around the night a year earlier.
    """
    day, past = row - lead, row - YEAR
    last_day = day - YEAR
    first = np.maximum(history.first_complete_row, history.first_observed_row(lead))
    night, own = _pickup(*last_season), _pickup(*recent)
    then = _pickup(*history.mean(last_day - RECENT_DAYS + 1, last_day, lead))
    year = _pickup(*history.mean(np.maximum(last_day, history.first_complete_row), day, lead))
    # Where the bookings so many days before were not observed yet: the room-nights of the seasons.
    known = past >= history.first_complete_row
    unseen = known & (past - SEASON_DAYS < history.first_observed_row(lead))
    if unseen.any():
        at, of_day = past[unseen], day[unseen]
        start, none = history.first_complete_row, np.zeros(len(at), dtype=np.int64)
        ends = (
            (at - SEASON_DAYS, np.minimum(at + SEASON_DAYS, of_day)),
            (of_day - RECENT_DAYS + 1, of_day),
            (of_day - YEAR - RECENT_DAYS + 1, of_day - YEAR),
            (of_day - YEAR, of_day),
        )
        for means, (low, high) in zip((night, own, then, year), ends, strict=True):
            means[unseen], _ = history.mean(np.maximum(low, start), high, none)
        first = np.where(unseen, start, first)
    has_trend = last_day - SEASON_DAYS >= first
    change = np.where(has_trend, USUAL_CHANGE, USUAL_CHANGE_WITHOUT_TREND)
    to_recent = _clear_difference(night, np.where(has_trend, then, own), change)
    to_year = _clear_difference(night, year, np.full_like(change, USUAL_CHANGE))
    to_recent, to_year = (np.where(known, ratio, 0.0) for ratio in (to_recent, to_year))
    return SeasonRatios(np.exp(to_recent), np.exp(to_recent / 2.0), np.exp(to_year))


def _pickup(final: Floats, before: Floats) -> Floats:
    """Return the mean pickup; where cancellations outweigh bookings there is none to compare."""
    return np.maximum(final - before, 0.0)


def _clear_difference(night: Floats, other: Floats, change: Floats) -> Floats:
    """Return the logarithm of the ratio of two means as far as it is clear; 0.0 where unknown."""
    log = np.log((night + 1.0) / (other + 1.0))
    chance = SPREAD / (2 * SEASON_DAYS) * (1.0 / (night + 1.0) + 1.0 / (other + 1.0))
    clear = log**3 / (log**2 + change**2 + chance)
    return np.nan_to_num(np.clip(clear, -LARGEST, LARGEST))
