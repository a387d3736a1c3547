"""Minimum stays: how many nights a stay that includes a night must have at least.

The count is what booking systems call *minimum stay through*: it holds for every stay that
includes the night, whatever its arrival, because it is there to fill the nights beside it. Where
several rules apply to a night, the narrowest counts (`engine.seasons`), so that a single night can
be let off a season's rule with 1.

Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pricing_service.engine.seasons import Season, narrowest


@dataclass(frozen=True)
class MinimumStayRule:
    """The nights that a stay must have which includes a night of the season."""

    season: Season
    nights: int


def minimum_stay(rules: Sequence[MinimumStayRule], night: date) -> int:
    """Return the fewest nights of a stay that includes a night; 1 where no rule applies."""
    rule = narrowest(rules, night)
    return rule.nights if rule else 1
