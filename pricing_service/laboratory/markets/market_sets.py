"""The made-up markets by name, in three sets. No market is in two of them.

*table*: the twelve of the table in docs/forecast.md, against which the engine is measured. Where a
row says nothing, the market is `Market`'s default.
*judging*: others, of which nothing is tuned. *tuning*: those to try changes of the engine on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from pricing_service.laboratory.markets.market import (
    CITY,
    LONG_WINDOW,
    SHORT_WINDOW,
    WINTER,
    Competitor,
    Market,
    Shock,
)

TABLE: Final = (
    Market(name="usual"),
    Market(name="weak-demand", demand=0.7, elasticity=0.8),
    Market(name="strong-demand", demand=1.3, elasticity=2.0),
    Market(name="lognormal", form="lognormal"),
    Market(name="lognormal-strong-demand", form="lognormal", demand=1.3),
    Market(name="logistic", form="logistic", demand=0.8, elasticity=1.6),
    Market(name="groups", form="lognormal", demand=1.1, elasticity=1.6, group_share=0.3),
    Market(name="15-rooms", rooms=15),
    Market(name="90-rooms", rooms=90, form="lognormal", demand=0.9, group_share=0.15),
    Market(name="base-too-low", form="lognormal", elasticity=1.4, base=Decimal(75)),
    Market(name="base-too-high", form="lognormal", elasticity=1.6, base=Decimal(135)),
    Market(
        name="steep-summer", form="logistic", demand=0.8, elasticity=1.4, summer_steeper=1.5
    ),
)  # fmt: skip

JUDGING: Final = (
    Market(name="8-rooms", rooms=8, form="weibull", demand=1.1, elasticity=1.0, calendar=WINTER),
    Market(
        name="200-rooms", rooms=200, form="lognormal", elasticity=1.5, calendar=CITY,
        group_share=0.2, past_offers_known=True,
    ),
    Market(
        name="stays", form="logistic", demand=1.1, elasticity=1.4,
        stays=(0.35, 0.3, 0.2, 0.1, 0.05), start=date(2026, 5, 1),
    ),
    Market(
        name="stays-and-groups", rooms=60, form="weibull", demand=0.9, elasticity=1.1,
        stays=(0.5, 0.3, 0.2), group_share=0.25, calendar=WINTER, window=LONG_WINDOW,
    ),
    Market(name="demand-falls", rooms=50, demand=1.1, elasticity=1.4, shock=Shock(182, 0.7)),
    Market(
        name="demand-rises", rooms=30, form="lognormal", demand=0.85, elasticity=1.1,
        shock=Shock(150, 1.25),
    ),
    Market(
        name="city-base-too-low", rooms=70, form="weibull", elasticity=1.3, calendar=CITY,
        base=Decimal(75), group_share=0.1,
    ),
    Market(
        name="small-base-too-high", rooms=25, form="logistic", demand=0.9, elasticity=1.3,
        base=Decimal(135), start=date(2026, 4, 1),
    ),
    Market(name="competitor", demand=1.2, elasticity=1.0, competitor=Competitor(120)),
    Market(name="new-hotel", rooms=35, form="lognormal", elasticity=1.3, history_nights=0),
    Market(
        name="new-hotel-base-too-high", rooms=20, demand=0.9, elasticity=1.7, history_nights=0,
        base=Decimal(135), calendar=WINTER, start=date(2026, 9, 1),
    ),
    Market(
        name="linear-steep-summer", rooms=45, form="linear", demand=1.15, summer_steeper=1.5,
        past_offers_known=True,
    ),
    Market(
        name="short-window", rooms=120, demand=0.8, elasticity=1.3, calendar=CITY,
        window=SHORT_WINDOW, late_calm=0.6, night_deviation=0.45,
    ),
    Market(
        name="long-window", rooms=30, form="lognormal", demand=1.2, elasticity=0.9,
        calendar=WINTER, window=LONG_WINDOW, night_deviation=0.2, cancelled_share=0.25,
    ),
)  # fmt: skip

TUNING: Final = (
    Market(name="tuning-usual", rooms=36, demand=0.95, elasticity=1.4),
    Market(
        name="tuning-weak", rooms=28, form="logistic", demand=0.65, elasticity=1.0,
        calendar=WINTER,
    ),
    Market(
        name="tuning-strong", rooms=55, form="weibull", demand=1.25, elasticity=1.2, calendar=CITY
    ),
    Market(
        name="tuning-groups", rooms=80, form="lognormal", elasticity=1.3, group_share=0.25,
        past_offers_known=True,
    ),
    Market(name="tuning-small", rooms=12, demand=1.05, elasticity=1.5, stays=(0.6, 0.3, 0.1)),
    Market(
        name="tuning-base-too-high", form="linear", demand=0.9, elasticity=1.1, base=Decimal(125)
    ),
    Market(
        name="tuning-base-too-low", rooms=65, form="lognormal", demand=1.1, elasticity=1.5,
        base=Decimal(80), window=LONG_WINDOW,
    ),
    Market(
        name="tuning-shock", rooms=45, form="logistic", elasticity=1.2, shock=Shock(200, 0.75),
        summer_steeper=1.3, start=date(2026, 3, 1),
    ),
    Market(
        name="tuning-new", rooms=32, form="weibull", demand=0.9, elasticity=0.9, history_nights=0
    ),
    Market(
        name="tuning-competitor", rooms=40, form="lognormal", demand=1.1, elasticity=1.1,
        competitor=Competitor(160, price=95.0, share=0.5),
    ),
)  # fmt: skip

SETS: Final = {"table": TABLE, "judging": JUDGING, "tuning": TUNING}
BY_NAME: Final = {market.name: market for markets in SETS.values() for market in markets}


def find_markets(names: Sequence[str]) -> list[Market]:
    """Return the markets of these sets and names, in their order, each once.

    Raises:
        KeyError: neither a set nor a market has the name.
    """
    found: dict[str, Market] = {}
    for name in names:
        for market in SETS[name] if name in SETS else (BY_NAME[name],):
            found.setdefault(market.name, market)
    return list(found.values())
