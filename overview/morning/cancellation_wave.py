"""Whether more was cancelled in a span than the hotel is used to.

The rule: more room-nights than in any of the 56 spans of the same length, at the same hours of the
day, before it (eight weeks for a span of a day; at most half a year), and at least FEWEST. Where
nothing changes, the newest of n + 1 such numbers is the largest once in n + 1 times, whatever their
distribution is (they are exchangeable: Vovk, Gammerman and Shafer, Algorithmic Learning in a Random
World, 2005, chapter 2). So a hotel of which eight weeks are known is told so by chance on one
morning in 57; with fewer than FEWEST_SPANS known nothing is said.

Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

COMPARED_SPANS: Final = 56  # eight weeks of days
LONGEST_LOOK_BACK_DAYS: Final = 182
FEWEST_SPANS: Final = 20
FEWEST: Final = 5  # room-nights: two rooms for a weekend are no wave
HOUR: Final = timedelta(hours=1)


class CancellationWave(NamedTuple):
    """What was cancelled in a span, and the most in the spans it is compared with."""

    cancelled: int
    most_before: int
    compared_spans: int


def earliest_hour(since: datetime) -> datetime:
    """Return the first hour that `find_wave` looks at."""
    return _full_hour(since) - timedelta(days=LONGEST_LOOK_BACK_DAYS)


def find_wave(
    newest: int,
    cancelled: Mapping[datetime, int],
    since: datetime,
    now: datetime,
    known_from: datetime,
) -> CancellationWave | None:
    """Return the wave of cancellations since a moment; None if there is none, or nobody can tell.

    Args:
        newest: room-nights cancelled since the moment.
        cancelled: room-nights by hour (UTC), from `earliest_hour` on.
        known_from: the hotel's first event; spans before it are not known.
    """
    if newest < FEWEST:
        return None
    begin = _full_hour(since)
    length = max(HOUR, _full_hour(now) + HOUR - begin)
    step = timedelta(days=max(1, round(length / timedelta(days=1))))
    before = []
    for number in range(1, COMPARED_SPANS + 1):
        start = begin - number * step
        if start < known_from or begin - start > timedelta(days=LONGEST_LOOK_BACK_DAYS):
            break
        before.append(
            sum(many for hour, many in cancelled.items() if start <= hour < start + length)
        )
    if len(before) < FEWEST_SPANS or newest <= max(before):
        return None
    return CancellationWave(newest, max(before), len(before))


def _full_hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
