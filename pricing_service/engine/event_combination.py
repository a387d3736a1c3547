"""Several events on one night: which of them counts.

By default the largest: two fairs in one week fill the hotel once. The largest factor is the one
that raises the price most; only where all of them lower it, it is the one that lowers it most. So
an event above 1 counts before one below 1. A hotel can have them multiplied instead (`PRODUCT`).

Pure: no database, no clock.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

LARGEST: Final = "largest"
PRODUCT: Final = "product"


@dataclass(frozen=True)
class Occasion:
    """An event that changes what a room is worth, from the first to the last night, included."""

    first: date
    last: date
    factor: float
    name: str = ""


def combine_events(
    occasions: Sequence[Occasion], night: date, combination: str
) -> tuple[float, list[Occasion]]:
    """Return the factor of a night's events, and the events that it comes from.

    Args:
        combination: LARGEST or PRODUCT.
    """
    present = [event for event in occasions if event.first <= night <= event.last]
    if combination == LARGEST and len(present) > 1:
        largest = max(present, key=lambda event: event.factor)
        if largest.factor < 1.0:
            largest = min(present, key=lambda event: event.factor)
        present = [largest]
    return math.prod(event.factor for event in present), present
