"""The comparison of the pricing policies as text, for a terminal or a pipe."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Final

from pricing_service.laboratory.confidence_interval import confidence_interval
from pricing_service.laboratory.markets.market import (
    HISTORY_NIGHTS,
    MAXIMUM_PRICE,
    MINIMUM_PRICE,
    PRICE_STEP,
    YEAR_NIGHTS,
)
from pricing_service.laboratory.policy_comparison import LIMIT, POLICIES, SINGLE_PRICE, MarketResult
from pricing_service.laboratory.text_table import text_table

INTRODUCTION: Final = f"""\
This is a simulation: hotels, guests and their response to price are made up. It shows how policies
compare, not what your hotel will earn.

{YEAR_NIGHTS} days, prices from {MINIMUM_PRICE} to {MAXIMUM_PRICE} in steps of {PRICE_STEP}, set \
every morning from what a hotel knows then. The
{HISTORY_NIGHTS} nights before were sold at the base price told (a new hotel has none). Every \
policy meets the same
guests and begins with the same books. A share is revenue over the limit's: a dynamic program that
is told each night's true demand and the true response to price. The second limit is told the
response, and not the nights' demand. The best single price, named behind its share, is the one that
earns the most in the mean over the seeds.
"""


def format_report(
    results: Sequence[MarketResult], seeds: Sequence[int], minutes: float, *, details: bool = False
) -> str:
    """Format the shares of the limit by market, and what was sold if details are requested."""
    parts = [INTRODUCTION, f"{_seeds(seeds)}\n{_shares(results)}"]
    if details:
        parts.append(_details(results))
    parts.append(f"It took {minutes:.1f} minutes.")
    return "\n\n".join(part.rstrip("\n") for part in parts)


def _seeds(seeds: Sequence[int]) -> str:
    named = ", ".join(map(str, seeds))
    if len(seeds) == 1:
        return f"Seed {named} (one seed gives no interval); shares of the limit's revenue"
    return (
        f"Seeds {named}; shares of the limit's revenue ± half the 95 % interval, Student's t over "
        "seeds"
    )


def _policies(result: MarketResult) -> list[str]:
    return [name for name in POLICIES if name in result.policies]


def _shares(results: Sequence[MarketResult]) -> str:
    """Format a line per market, and the mean over the markets."""
    policies = _policies(results[0])
    lines = [["market", *(POLICIES[name] for name in policies)]]
    for result in results:
        cells = []
        for name in policies:
            cell = _interval(result.shares(name))
            cells.append(f"{cell} at {result.single_price}" if name == SINGLE_PRICE else cell)
        lines.append([result.market.name, *cells])
    if len(results) > 1:
        means = [fmean(fmean(one.shares(name)) for one in results) for name in policies]
        lines.append([f"mean of {len(results)} markets", *(f"{mean:.3f}" for mean in means)])
    return text_table(lines, left_columns=len(policies) + 1)


def _interval(shares: Sequence[float]) -> str:
    if len(shares) == 1:
        return f"{shares[0]:.3f}"
    interval = confidence_interval(shares)
    return f"{interval.mean:.3f} ± {interval.high - interval.mean:.3f}"


def _details(results: Sequence[MarketResult]) -> str:
    """Format what each policy sold, means over the seeds."""
    lines = [["market", "policy", "revenue", "occupancy", "ADR"]]
    for result in results:
        for name in [*_policies(result), LIMIT]:
            figures = result.policies[name]
            lines.append(
                [
                    result.market.name,
                    POLICIES.get(name, name),
                    f"{fmean(one.revenue for one in figures):,.0f}",
                    f"{fmean(one.occupancy for one in figures):.1%}",
                    f"{fmean(one.average_rate for one in figures):.2f}",
                ]
            )
    return text_table(lines, left_columns=2)
