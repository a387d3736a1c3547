"""Nights as people name them: runs of nights in a row, and seasons with weekdays.

Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from pricing_service.engine.seasons import Season


def runs(nights: Sequence[date]) -> list[tuple[date, date]]:
    """Return the first and the last night of each run of nights in a row, in order of time."""
    found: list[tuple[date, date]] = []
    for night in sorted(set(nights)):
        if found and night - found[-1][1] == timedelta(days=1):
            found[-1] = (found[-1][0], night)
        else:
            found.append((night, night))
    return found


def seasons(nights: Sequence[date]) -> list[Season]:
    """Return the seasons that have exactly these nights.

    It is one if they are in a row, or all nights of some weekdays between the first and the last;
    else one for each run.
    """
    in_runs = runs(nights)
    if len(in_runs) > 1:
        weekdays = frozenset(night.weekday() for night in nights)
        whole = Season(first=in_runs[0][0], last=in_runs[-1][1], weekdays=weekdays)
        days = range((whole.last - whole.first).days + 1)
        if sum(whole.has(whole.first + timedelta(days=day)) for day in days) == len(set(nights)):
            return [whole]
    return [Season(first=first, last=last) for first, last in in_runs]
