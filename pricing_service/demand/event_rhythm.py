"""Whether a hotel's events have stopped: silence that is longer than the hotel's own rhythm.

A booking system that sends nothing looks like a hotel that nobody books. How long a hotel is
usually quiet differs: a large one never for a day, a hotel of six rooms for a week. So the limit is
learned from the hotel's own gaps, days without an event, of the last year:

    limit = twice the second longest gap, and at least FEWEST_DAYS

The second longest, because one earlier outage, or one holiday, is no rhythm. Where events come at
random with a mean gap of m days, the second longest of a year's gaps is about 4 m, so that a false
alarm needs a gap of 8 m, which a year brings with a chance of some per cent. A young hotel, with
fewer than FEWEST_GAPS, gets YOUNG_DAYS. Days on which the hotel is closed do not count.

Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

FEWEST_DAYS: Final = 3  # of silence that is said of any hotel
YOUNG_DAYS: Final = 14
FEWEST_GAPS: Final = 10
LEARNED_DAYS: Final = 365


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
    learned = [day for day in event_days if newest - day <= timedelta(days=LEARNED_DAYS)]
    gaps = sorted(_open_days(earlier, later, is_open) for earlier, later in pairwise(learned))
    usual = 2 * gaps[-2] if len(gaps) >= FEWEST_GAPS else YOUNG_DAYS
    return newest if quiet > max(usual, FEWEST_DAYS) else None


def _open_days(earlier: date, later: date, is_open: Callable[[date], bool]) -> int:
    """Return the open days between two days, both excluded."""
    days = (earlier + timedelta(days=number) for number in range(1, (later - earlier).days))
    return sum(1 for day in days if is_open(day))
