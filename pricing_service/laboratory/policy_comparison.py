"""The pricing policies compared on simulated years, each with the same guests for all of them.

A simulation: what a policy earns here is not what a hotel will earn. Equal markets and seeds give
equal results. `manage.py simulate_market` prints `format_report(market, seeds, …)`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Final

from pricing_service.laboratory.confidence_interval import ConfidenceInterval, confidence_interval
from pricing_service.laboratory.pricing_policies import (
    FIXED_PRICE,
    LADDER,
    OCCUPANCY_LADDER,
    POLICIES,
    RECOMMENDATIONS,
    fixed_price,
    learn_recommendations,
    occupancy_ladder,
)
from pricing_service.laboratory.simulated_guests import (
    BASE_PRICE,
    CANCELLED_SHARE,
    LATE_CALM,
    MAXIMUM_PRICE,
    MINIMUM_PRICE,
    PRICE_STEP,
    Market,
    Nights,
    draw_guests,
)
from pricing_service.laboratory.simulated_sales import Policy, Sales, sell
from pricing_service.laboratory.text_table import text_table

# Learned from: the year before, and four weeks more, as `propose` leaves a hotel's first two out.
LEARNING_NIGHTS: Final = Nights(date(2024, 12, 4), 393)
COMPARED_NIGHTS: Final = Nights(date(2026, 1, 1), 365)

FIGURES: Final[tuple[tuple[str, Callable[[Sales], float], str], ...]] = (
    ("revenue", lambda sales: sales.revenue, ",.0f"),
    ("occupancy %", lambda sales: 100 * sales.occupancy, ".1f"),
    ("average rate", lambda sales: sales.average_rate, ".2f"),
    ("RevPAR", lambda sales: sales.revpar, ".2f"),
)


def simulate_year(
    market: Market, seed: int, aggressiveness: int = 3, policies: Sequence[str] = POLICIES
) -> dict[str, Sales]:
    """Sell a year under each of the policies to the same guests.

    The recommendations learn from a simulated year before, sold at the base price.
    """
    guests = draw_guests(market, COMPARED_NIGHTS, seed)
    year: dict[str, Sales] = {}
    for name in policies:
        if name == FIXED_PRICE:
            policy: Policy = fixed_price
        elif name == OCCUPANCY_LADDER:
            policy = occupancy_ladder(market.rooms)
        else:
            before = sell(draw_guests(market, LEARNING_NIGHTS, seed), market.rooms, fixed_price)
            policy = learn_recommendations(
                before.bookings, COMPARED_NIGHTS, market.rooms, aggressiveness
            )
        year[name] = sell(guests, market.rooms, policy)
    return year


def simulate_years(
    market: Market, seeds: Iterable[int], aggressiveness: int = 3
) -> dict[str, list[Sales]]:
    """Return the simulated years of every policy, one for each seed."""
    years: dict[str, list[Sales]] = {name: [] for name in POLICIES}
    for seed in seeds:
        for name, sales in simulate_year(market, seed, aggressiveness).items():
            years[name].append(sales)
    return years


def format_report(
    market: Market, seeds: range, aggressiveness: int, years: dict[str, list[Sales]]
) -> str:
    """Format the assumptions, every policy's figures, and the differences, for a terminal."""
    assumptions = _assumptions(market, seeds, aggressiveness)
    return f"{assumptions}\n{_figures(years)}\n\n{_differences(years)}"


def _assumptions(market: Market, seeds: range, aggressiveness: int) -> str:
    steps = ", ".join(
        f"below {limit:.0%} {multiple:g}" if math.isfinite(limit) else f"then {multiple:g}"
        for limit, multiple in LADDER
    )
    return (
        "This is a simulation: guests, their elasticity and the hotel are made up. It shows how "
        "the rules\nbehave, not what your hotel will earn.\n\n"
        f"{market.rooms} rooms, {COMPARED_NIGHTS.count} nights, base price {BASE_PRICE}, from "
        f"{MINIMUM_PRICE} to {MAXIMUM_PRICE} in steps of {PRICE_STEP} for every policy, renewed "
        "once a day.\n"
        f"Demand {market.demand:g} of the rooms at the base price, elasticity "
        f"{market.elasticity:g} there; the latest guests respond {LATE_CALM:.0%} less\nthan the "
        f"earliest; {CANCELLED_SHARE:.0%} cancel. Every policy meets the same guests.\n"
        f"The {OCCUPANCY_LADDER}, as multiples of the base by occupancy: {steps}.\n"
        f"The {RECOMMENDATIONS} (aggressiveness {aggressiveness}) learn from the bookings of "
        f"{LEARNING_NIGHTS.count} nights before, sold at the base price.\n\n"
        f"Seeds {seeds[0]} to {seeds[-1]}: mean of a year [95 % confidence interval over seeds, "
        "by Student's t]"
    )


def _figures(years: dict[str, list[Sales]]) -> str:
    """Format a line per policy."""
    lines = [["", *(name for name, _, _ in FIGURES)]]
    for policy, sales in years.items():
        cells = [
            _cell(confidence_interval([figure(year) for year in sales]), number_format)
            for _, figure, number_format in FIGURES
        ]
        lines.append([policy, *cells])
    return text_table(lines, left_columns=1)


def _differences(years: dict[str, list[Sales]]) -> str:
    """Format by how much the recommendations earn more than each other policy, seed by seed."""
    lines = [[f"{RECOMMENDATIONS} less", "revenue", "%"]]
    recommended = [year.revenue for year in years[RECOMMENDATIONS]]
    for policy in POLICIES:
        if policy != RECOMMENDATIONS:
            pairs = list(zip(recommended, (year.revenue for year in years[policy]), strict=True))
            more = confidence_interval([mine - other for mine, other in pairs])
            percent = confidence_interval([100 * (mine / other - 1) for mine, other in pairs])
            lines.append([policy, _cell(more, "+,.0f"), _cell(percent, "+.2f")])
    return text_table(lines, left_columns=1)


def _cell(interval: ConfidenceInterval, number_format: str) -> str:
    mean, low, high = (
        format(value, number_format) for value in (interval.mean, interval.low, interval.high)
    )
    return f"{mean} [{low}, {high}]"
