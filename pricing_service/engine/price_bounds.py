"""Bounds of prices by season and weekday: the lowest and the highest price of each night.

A rule gives a minimum, a maximum or both for the nights of a season; what it does not give is the
hotel's. Where several apply, minimum and maximum each come from the narrowest rule that gives one
(`engine.seasons`). `wrong_bounds` finds rules that leave a night without a possible price; where
one is left all the same, the minimum counts.

Pure: no database, no clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from common.translatable_text import Text
from pricing_service.engine.price_steps import on_step
from pricing_service.engine.seasons import Season, is_narrower, narrowest


@dataclass(frozen=True)
class SeasonalBounds:
    """The lowest and the highest price of a season's nights; None: the hotel's."""

    season: Season
    minimum: Decimal | None = None
    maximum: Decimal | None = None


class NightBounds(NamedTuple):
    """The bounds of one night, and the season whose rule gave each; None: the hotel's own."""

    minimum: Decimal
    maximum: Decimal
    minimum_season: Season | None
    maximum_season: Season | None

    def season(self, bound: str) -> Season | None:
        """Return the season that a bound comes from; None: it is the hotel's own.

        Args:
            bound: "minimum", "maximum", or anything else, which comes from none.
        """
        return {"minimum": self.minimum_season, "maximum": self.maximum_season}.get(bound)

    def origin(self, bound: str) -> str:
        """Return where a bound comes from as text to go after its name; empty: the hotel's own.

        Args: as `season` takes it.
        """
        season = self.season(bound)
        return f" of {season}" if season else ""


def night_bounds(
    rules: Sequence[SeasonalBounds], night: date, minimum: Decimal, maximum: Decimal
) -> NightBounds:
    """Return the bounds of a night.

    Args:
        minimum, maximum: the hotel's, for nights for which no rule gives one.
    """
    low = narrowest((rule for rule in rules if rule.minimum is not None), night)
    high = narrowest((rule for rule in rules if rule.maximum is not None), night)
    return NightBounds(
        minimum if low is None or low.minimum is None else low.minimum,
        maximum if high is None or high.maximum is None else high.maximum,
        low.season if low else None,
        high.season if high else None,
    )


def wrong_bounds(
    rules: Sequence[SeasonalBounds], minimum: Decimal, maximum: Decimal, step: Decimal
) -> dict[int, Text]:
    """Return why rules leave a night without a price between its bounds, by the rule's index.

    Args:
        minimum, maximum, step: the hotel's.
    """
    wrong: dict[int, Text] = {}
    for index, rule in enumerate(rules):
        low = minimum if rule.minimum is None else rule.minimum
        high = maximum if rule.maximum is None else rule.maximum
        if rule.minimum is None and rule.maximum is None:
            wrong[index] = Text("give a minimum or a maximum price")
        elif reason := why_no_price(low, high, step):
            wrong[index] = reason
            if rule.maximum is None:
                wrong[index] = Text("%(reason)s; that maximum is the hotel's", {"reason": reason})
            elif rule.minimum is None:
                wrong[index] = Text("%(reason)s; that minimum is the hotel's", {"reason": reason})
    for lower, upper in _crossed_pairs(rules, step):
        index, other = max(lower, upper), min(lower, upper)
        if not {index, other} & wrong.keys() and _both_count(rules[lower], rules[upper]):
            wrong[index] = Text(
                "no price is possible where row %(row)d applies, too: the minimum is %(minimum)s, "
                "the maximum %(maximum)s",
                {"row": other, "minimum": rules[lower].minimum, "maximum": rules[upper].maximum},
            )
    return wrong


def _crossed_pairs(rules: Sequence[SeasonalBounds], step: Decimal) -> Iterator[tuple[int, int]]:
    """Yield indexes of a minimum's and a maximum's rule between which no price is possible."""
    lowest = [
        (index, on_step(rule.minimum, step, ROUND_CEILING))
        for index, rule in enumerate(rules)
        if rule.minimum is not None
    ]
    highest = [
        (index, on_step(rule.maximum, step, ROUND_FLOOR))
        for index, rule in enumerate(rules)
        if rule.maximum is not None
    ]
    for low, minimum in lowest:
        for high, maximum in highest:
            if minimum > maximum and low != high:
                yield low, high


def _both_count(low: SeasonalBounds, high: SeasonalBounds) -> bool:
    """Return whether, on some night, one rule's minimum may meet the other one's maximum."""
    # The narrower rule counts for both where it gives both.
    if low.maximum is not None and is_narrower(low, high):
        return False
    if high.minimum is not None and is_narrower(high, low):
        return False
    return low.season.meets(high.season)


def why_no_price(minimum: Decimal, maximum: Decimal, step: Decimal) -> Text | None:
    """Return why no multiple of the step is between two bounds; None if one is."""
    values = {"minimum": minimum, "maximum": maximum}
    if minimum > maximum:
        return Text("the minimum %(minimum)s is above the maximum %(maximum)s", values)
    if on_step(minimum, step, ROUND_CEILING) > on_step(maximum, step, ROUND_FLOOR):
        return Text(
            "no multiple of the price step %(step)s is from %(minimum)s to %(maximum)s",
            {"step": step, **values},
        )
    return None
