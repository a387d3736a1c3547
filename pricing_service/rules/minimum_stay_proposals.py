"""Proposals for minimum stays: strong nights whose neighbours would stay empty.

A night that fills while the nights beside it do not sells its rooms to guests of one night, and
turns away those who would have taken a neighbour as well. Length-of-stay controls pay where demand
exceeds the rooms on single nights, and cost guests where it does not (Weatherford 1995, "Length of
stay heuristics: do they really make a difference?", Cornell Hotel and Restaurant Administration
Quarterly 36). So the rule is narrow:

- a *peak* is one or two nights in a row with a forecast of at least 90 % of the rooms: there are
  about as many guests as rooms then, so that those who are lost to a longer stay are replaced;
- both neighbours are open and have a forecast of at most 70 %: three rooms in ten would stay empty.
  A peak beside one more strong night fills it without a rule;
- a tenth of the peak's rooms is unsold: a rule for a sold night changes nothing;
- it is 7 to 120 days ahead: within a week guests of one night are what is left to sell to, and
  farther ahead a forecast says little about a single night.

The stay proposed is one night longer than the peak, so that each one takes a neighbour. It is a
proposal: a person accepts it. The thresholds are chosen, not learned.

Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from common.translatable_text import Text, day, plural
from pricing_service.texts.text_parts import all_joined_with_and

STRONG_SHARE: Final = 0.9  # forecast divided by rooms
WEAK_SHARE: Final = 0.7
UNSOLD_SHARE: Final = 0.1  # of the rooms of each night of the peak
LONGEST_PEAK: Final = 2  # nights
EARLIEST_DAYS_BEFORE, LATEST_DAYS_BEFORE = 120, 7


@dataclass(frozen=True)
class NightDemand:
    """A night's sales and its forecast, in room-nights."""

    night: date
    days_before: int
    rooms: int
    on_the_books: int
    forecast: float

    @property
    def forecast_share(self) -> float | None:
        """Forecast divided by rooms; None for a closed night."""
        return self.forecast / self.rooms if self.rooms > 0 else None

    @property
    def is_strong(self) -> bool:
        return self.forecast_share is not None and self.forecast_share >= STRONG_SHARE

    @property
    def is_weak(self) -> bool:
        return self.forecast_share is not None and self.forecast_share <= WEAK_SHARE

    @property
    def unsold(self) -> int:
        return self.rooms - self.on_the_books


@dataclass(frozen=True)
class ProposedStay:
    """The fewest nights of a stay that includes a night first … last, and why."""

    first: date
    last: date
    nights: int
    reason: Text


def propose_minimum_stays(
    demand: Sequence[NightDemand], minimum_stay: Callable[[date], int]
) -> list[ProposedStay]:
    """Return proposals for peaks that have no minimum stay as long already, in order of time.

    Args:
        demand: coming nights without a gap, in order of time.
        minimum_stay: the fewest nights of a stay that the rules have for a night now.
    """
    proposals = []
    for start in range(1, len(demand) - 1):
        if not demand[start].is_strong or demand[start - 1].is_strong:
            continue
        end = start
        while end + 1 < len(demand) and demand[end + 1].is_strong:
            end += 1
        if end + 1 >= len(demand):
            break
        before, peak, after = demand[start - 1], demand[start : end + 1], demand[end + 1]
        nights = len(peak) + 1
        if (
            len(peak) <= LONGEST_PEAK
            and before.is_weak
            and after.is_weak
            and all(_can_still_change(night) for night in peak)
            and any(minimum_stay(night.night) < nights for night in peak)
        ):
            reason = _reason(before, peak, after)
            proposals.append(ProposedStay(peak[0].night, peak[-1].night, nights, reason))
    return proposals


def _can_still_change(night: NightDemand) -> bool:
    is_in_time = LATEST_DAYS_BEFORE <= night.days_before <= EARLIEST_DAYS_BEFORE
    return is_in_time and night.unsold >= UNSOLD_SHARE * night.rooms


def _reason(before: NightDemand, peak: Sequence[NightDemand], after: NightDemand) -> Text:
    unsold = min(night.unsold for night in peak)
    return plural(
        "The forecast is %(peak)s, but %(before)s and %(after)s; %(rooms)d room can still be sold "
        "to longer stays.",
        "The forecast is %(peak)s, but %(before)s and %(after)s; %(rooms)d rooms can still be sold "
        "to longer stays.",
        unsold,
        {
            "peak": all_joined_with_and([_share(night) for night in peak]),
            "before": _share(before),
            "after": _share(after),
            "rooms": unsold,
        },
    )


def _share(night: NightDemand) -> Text:
    return Text(
        "%(percent)d %% on %(weekday)s",
        {
            "percent": round(100 * (night.forecast_share or 0)),
            "weekday": day(night.night, "long-weekday"),
        },
    )
