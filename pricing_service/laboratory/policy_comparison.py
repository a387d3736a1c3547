"""The pricing policies compared on simulated years: each as a share of what the limit earns.

Every policy, and the program that is told everything (`revenue_limit`), meets the same guests and
begins with the same books. Equal markets and seeds give equal results. A simulation: what a policy
earns here is not what a hotel will earn.

The best single price in hindsight is one price for a market: that of SINGLE_PRICES which earns the
most in the mean over the seeds.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pricing_service.laboratory.markets.market import Market
from pricing_service.laboratory.markets.simulated_guests import draw_guests
from pricing_service.laboratory.markets.simulated_sales import (
    Policy,
    Sales,
    sell_history,
    sell_year,
)
from pricing_service.laboratory.policies.engine_policy import engine
from pricing_service.laboratory.policies.former_formula import former_recommendations
from pricing_service.laboratory.policies.limit_without_night_demand import (
    limit_without_night_demand,
)
from pricing_service.laboratory.policies.revenue_limit import limit_policy
from pricing_service.laboratory.policies.simple_policies import (
    SINGLE_PRICES,
    calendar_and_ladder,
    calendar_factors,
    fixed_price,
    occupancy_ladder,
)

LIMIT: Final = "limit"
SINGLE_PRICE: Final = "single"

MAKERS: Final[dict[str, Callable[[Market, int], Policy]]] = {
    "fixed": lambda market, seed: fixed_price(market.base),
    "ladder": lambda market, seed: occupancy_ladder(market),
    "calendar": lambda market, seed: calendar_factors(market),
    "calendar-ladder": lambda market, seed: calendar_and_ladder(market),
    "former": lambda market, seed: former_recommendations(market),
    "engine-unlearned": lambda market, seed: engine(market, seed, learns=False),
    "engine": engine,
    "second-limit": lambda market, seed: limit_without_night_demand(market),
}
# In the order of the report, with the heads of its columns.
POLICIES: Final = {
    "fixed": "fixed base price",
    SINGLE_PRICE: "best single price",
    "ladder": "occupancy ladder",
    "calendar": "calendar",
    "calendar-ladder": "calendar × ladder",
    "former": "former formula",
    "engine-unlearned": "engine, not learning",
    "engine": "engine",
    "second-limit": "second limit",
}


@dataclass(frozen=True)
class Figures:
    """What a policy sold in a year."""

    revenue: float
    occupancy: float
    average_rate: float


@dataclass(frozen=True)
class Year:
    """A market's year with the guests of one seed.

    Attributes:
        policies: by name, LIMIT among them.
        single_prices: by price; empty if not requested.
    """

    market: Market
    seed: int
    policies: dict[str, Figures]
    single_prices: dict[int, Figures]

    def shares(self) -> dict[str, float]:
        """Return the revenue of each policy but the best single price over the limit's."""
        limit = self.policies[LIMIT].revenue
        return {
            name: figures.revenue / limit
            for name, figures in self.policies.items()
            if name != LIMIT
        }


@dataclass(frozen=True)
class MarketResult:
    """A market's years under the policies, a figure per seed.

    Attributes:
        single_price: the best in hindsight; None if not requested.
    """

    market: Market
    policies: dict[str, list[Figures]]
    single_price: int | None

    def shares(self, policy: str) -> list[float]:
        """Return a policy's revenue over the limit's, by seed."""
        pairs = zip(self.policies[policy], self.policies[LIMIT], strict=True)
        return [mine.revenue / limit.revenue for mine, limit in pairs]


def simulate(market: Market, seed: int, policies: Sequence[str]) -> Year:
    """Sell a market's year under the limit's policy and the named ones, to the same guests.

    Raises:
        KeyError: no policy has the name.
    """
    simulated = draw_guests(market, seed)
    hotel = sell_history(simulated)
    sold = {LIMIT: _figures(sell_year(hotel, limit_policy(simulated)[0]))}
    single_prices = {}
    for name in policies:
        if name == SINGLE_PRICE:
            single_prices = {
                price: _figures(sell_year(hotel, fixed_price(Decimal(price))))
                for price in SINGLE_PRICES
            }
        else:
            sold[name] = _figures(sell_year(hotel, MAKERS[name](market, seed)))
    return Year(market, seed, sold, single_prices)


def _figures(sales: Sales) -> Figures:
    return Figures(sales.revenue, sales.occupancy, sales.average_rate)


def simulate_all(
    markets: Sequence[Market], seeds: Sequence[int], policies: Sequence[str], jobs: int
) -> Iterator[Year]:
    """Yield the years of all markets and seeds as they are done, in so many processes."""
    tasks = [(market, seed) for market in markets for seed in seeds]
    if jobs == 1 or len(tasks) == 1:
        for market, seed in tasks:
            yield simulate(market, seed, policies)
        return
    # Processes of their own, not forks: those would copy locks and connections of this one.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(jobs, len(tasks)), mp_context=context)
    try:
        # The largest hotels first, so that the last process does not run on alone.
        tasks.sort(key=lambda task: -task[0].rooms)
        futures = [pool.submit(simulate, market, seed, policies) for market, seed in tasks]
        for future in as_completed(futures):
            yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def collect(years: Sequence[Year], markets: Sequence[Market]) -> list[MarketResult]:
    """Return the results by market, in the order of the markets and of their seeds."""
    results = []
    for market in markets:
        own = sorted((year for year in years if year.market == market), key=lambda year: year.seed)
        policies = {name: [year.policies[name] for year in own] for name in own[0].policies}
        best = None
        if own[0].single_prices:
            best = max(
                own[0].single_prices,
                key=lambda price: sum(year.single_prices[price].revenue for year in own),
            )
            policies[SINGLE_PRICE] = [year.single_prices[best] for year in own]
        results.append(MarketResult(market, policies, best))
    return results
