"""What of a hotel needs a person, and how much: the order of the portfolio.

Each reason has a weight; a hotel's attention is the sum of its reasons' weights. So a hotel with
two small things to do may come before one with a larger one, and none that has nothing to do comes
before one that has. Pure: no database, no clock.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from overview.portfolio.stored_lines import Line
from pricing_service.prices_of_many_hotels import BOUND_NIGHTS

#: By reason, what weighs most first: what costs money now and repairs itself least.
WEIGHTS: Final = {
    "failing": 100,  # prices do not reach the booking system
    "stale": 90,  # no bookings come from it
    "no_rooms": 60,  # without rooms there is no occupancy and no price
    "behind": 50,  # far behind last year at the same time
    "waiting": 40,  # prices wait for a person
    "no_prices": 30,  # no rules, or prices turned off
    "at_bound": 20,  # many prices at the minimum or the maximum
}
BEHIND_SHARE: Final = -0.15  # of last year's room-nights at the same time
FEWEST_ROOM_NIGHTS: Final = 20  # last year; of fewer, a share says little
BOUND_SHARE: Final = 1 / 3  # of the nights that are looked at
ABOUT_PRICES: Final = {"failing", "waiting", "no_prices", "at_bound"}


@dataclass(frozen=True)
class Reason:
    """One thing that needs a person; `value` is what the page says of it."""

    key: str  # of WEIGHTS
    value: int | float | date | datetime | None = None


def reasons(line: Line, *, with_prices: bool = True) -> list[Reason]:
    """Return what needs a person, what weighs most first.

    Args:
        with_prices: whether the reader may see prices.
    """
    figures, prices, to_look_at = line.figures, line.prices, line.to_look_at
    pace = figures.pace
    change = pace.change if pace and pace.earlier >= FEWEST_ROOM_NIGHTS else None
    is_often_at_bound = to_look_at.at_bound >= BOUND_NIGHTS * BOUND_SHARE
    found: dict[str, Any] = {
        "failing": prices.failing_since,
        "stale": figures.stale_since,
        "no_rooms": not line.has_rooms,
        "behind": change if change is not None and change <= BEHIND_SHARE else None,
        "waiting": to_look_at.waiting,
        "no_prices": not prices.has_prices,
        "at_bound": to_look_at.at_bound if is_often_at_bound else None,
    }
    return [
        Reason(key, value)
        for key in WEIGHTS
        if (value := found[key]) and (with_prices or key not in ABOUT_PRICES)
    ]


def score(needs: list[Reason]) -> int:
    """Return how much attention reasons need together."""
    return sum(WEIGHTS[reason.key] for reason in needs)
