"""Whether a hotel's events have stopped: silence that is longer than the hotel's own rhythm.

A booking system that sends nothing looks like a hotel that nobody books. How long a hotel is
usually quiet differs: a large one never for a day, a hotel of six rooms for a week. So the limit is
learned from the hotel's own gaps, the open days without an event between two with one:

    limit = the longest usual gap × (1.5 + DOUBT / usual gaps), at least FEWEST_DAYS more

Usual are the gaps of the last half year, without at most two that are longer than all the others
explain (an outage is no rhythm; what happens three times is), and the gaps of the same weeks a year
before, up to SEASON_GAP: an autumn or a Christmas that was quiet then is not missed now. Weekends,
and an office that closes on Sunday, are in the gaps.

More than the longest gap, because that is exceeded often: where events come at random, the next gap
is longer than the longest of n once in n + 1 times; the fewer gaps, the less surely the longest one
is known. A hotel with events every day is missed on the third.

A young hotel, with fewer than FEWEST_GAPS, gets YOUNG_DAYS. Days on which the hotel is closed do
not count. Pure: no database, no clock.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

DOUBT: Final = 8  # gaps; with so many, the longest one counts once more
FEWEST_DAYS: Final = 2  # of silence more than usual: a weekend's length
YOUNG_DAYS: Final = 14
FEWEST_GAPS: Final = 10
MOST_OUTAGES: Final = 2  # in half a year
RECENT_DAYS: Final = 26 * 7
YEAR_DAYS: Final = 52 * 7
SEASON_DAYS: Final = 28  # to each side of the same days a year before
SEASON_GAP: Final = 14  # a longer gap of last year's may have been an outage
LEARNED_DAYS: Final = YEAR_DAYS + RECENT_DAYS  # whose events `silent_since` needs


def silent_since(
    event_days: Sequence[date], today: date, is_open: Callable[[date], bool]
) -> date | None:
    """Return the day of the newest event if the silence since is unusually long; else None.

    Args:
        event_days: days with an event, ascending, none after today.
        today: not yet over, so that it does not count as silent.
        is_open: whether a room is for sale in the night of a day.
    """
    if not event_days:
        return None
    newest = event_days[-1]
    quiet = _open_days(newest, today, is_open)
    # Most hotels are heard of every day: they need no learning.
    if quiet <= FEWEST_DAYS:
        return None
    return newest if quiet > _usual_limit(event_days, is_open) else None


def limit_of(longest_gap: int, gaps: float = math.inf) -> int:
    """Return how many quiet days are not unusual after the longest of so many usual gaps."""
    more = math.ceil(longest_gap * (0.5 + DOUBT / gaps))
    return longest_gap + max(FEWEST_DAYS, more)


def _usual_limit(event_days: Sequence[date], is_open: Callable[[date], bool]) -> int:
    newest = event_days[-1]
    recent, season = [], [0]
    season_begins = newest - timedelta(days=YEAR_DAYS + SEASON_DAYS)
    season_ends = newest - timedelta(days=YEAR_DAYS - SEASON_DAYS)
    for earlier, later in pairwise(event_days):
        is_recent = newest - later < timedelta(days=RECENT_DAYS)
        is_season = later > season_begins and earlier < season_ends
        if is_recent or is_season:
            gap = _open_days(earlier, later, is_open)
            if is_recent:
                recent.append(gap)
            if is_season:
                season.append(min(gap, SEASON_GAP))
    recent.sort()
    if len(recent) < FEWEST_GAPS:
        return max(YOUNG_DAYS, limit_of(recent[-1], len(recent)) if recent else 0)
    for outages in range(MOST_OUTAGES, 0, -1):
        if recent[-outages] > limit_of(recent[-outages - 1], len(recent) - outages):
            del recent[-outages:]
            break
    return max(limit_of(recent[-1], len(recent)), limit_of(max(season)))


def _open_days(earlier: date, later: date, is_open: Callable[[date], bool]) -> int:
    """Return the open days between two days, both excluded."""
    days = (earlier + timedelta(days=number) for number in range(1, (later - earlier).days))
    return sum(1 for day in days if is_open(day))
