"""Every policy meets the same guests, figures are shares of the limit's, and processes agree."""

from dataclasses import replace
from decimal import Decimal

import pytest

from pricing_service.laboratory import policy_comparison
from pricing_service.laboratory.comparison_report import format_report
from pricing_service.laboratory.markets.market import SHORT_WINDOW, Market
from pricing_service.laboratory.policy_comparison import (
    LIMIT,
    MAKERS,
    POLICIES,
    Figures,
    MarketResult,
    Year,
    collect,
    simulate,
    simulate_all,
)

pytestmark = pytest.mark.long

SMALL = Market(name="small", rooms=6, demand=1.2, window=SHORT_WINDOW)
OTHER = replace(SMALL, name="other", rooms=5, base=Decimal(75))


def test_every_policy_has_a_name_in_the_report() -> None:
    assert set(POLICIES) == {*MAKERS, "single"}


def test_equal_seeds_give_equal_years_whatever_else_is_simulated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(policy_comparison, "SINGLE_PRICES", (100, 120))
    alone = simulate(SMALL, 1, ["fixed"])
    beside = simulate(SMALL, 1, ["ladder", "single", "fixed"])
    assert beside.policies["fixed"] == alone.policies["fixed"]
    assert beside.policies[LIMIT] == alone.policies[LIMIT]
    assert beside.policies["fixed"] == beside.single_prices[100]
    assert simulate(SMALL, 2, ["fixed"]).policies["fixed"] != alone.policies["fixed"]


def test_processes_give_what_one_does() -> None:
    alone, pool = (
        collect(list(simulate_all([SMALL, OTHER], [1, 2], ["fixed"], jobs)), [SMALL, OTHER])
        for jobs in (1, 2)
    )
    assert pool == alone
    assert [result.market.name for result in pool] == ["small", "other"]
    assert pool[0].policies["fixed"] == [simulate(SMALL, 1, ["fixed"]).policies["fixed"],
                                         simulate(SMALL, 2, ["fixed"]).policies["fixed"]]  # fmt: skip


def figures(revenue: float) -> Figures:
    return Figures(revenue, 0.5, 100.0)


def years() -> list[Year]:
    singles = [{100: figures(90), 120: figures(60)}, {100: figures(70), 120: figures(110)}]
    return [
        Year(SMALL, seed, {LIMIT: figures(limit), "engine": figures(98)}, singles[seed - 1])
        for seed, limit in ((2, 200.0), (1, 100.0))
    ]


def test_the_best_single_price_is_the_best_in_the_mean_over_the_seeds() -> None:
    (result,) = collect(years(), [SMALL])
    assert result.single_price == 120
    assert result.shares("single") == [0.6, 0.55]
    assert result.shares("engine") == [0.98, 0.49], "seed by seed"


def test_the_report_gives_shares_with_intervals_and_the_mean_over_markets() -> None:
    (small,) = collect(years(), [SMALL])
    other = MarketResult(
        OTHER, {"engine": [figures(99), figures(99)], LIMIT: [figures(100)] * 2,
                "single": [figures(90), figures(90)]}, 140,
    )  # fmt: skip
    report = format_report([small, other], [1, 2], 2.345)
    assert report.startswith("This is a simulation: hotels, guests and their response to price are")
    assert "not what your hotel will earn" in report
    assert "Seeds 1, 2; shares of the limit's revenue ± half the 95 % interval" in report
    lines = {line.split("|")[0].strip(): line for line in report.splitlines()}
    cells = {name: [cell.strip() for cell in line.split("|")[1:]] for name, line in lines.items()}
    assert cells["market"] == ["best single price", "engine"]
    assert cells["small"] == ["0.575 ± 0.318 at 120", "0.735 ± 3.113"]
    assert cells["other"] == ["0.900 ± 0.000 at 140", "0.990 ± 0.000"]
    assert cells["mean of 2 markets"] == ["0.738", "0.863"]
    assert report.endswith("It took 2.3 minutes.")
    assert "ADR" not in report


def test_details_give_what_was_sold() -> None:
    report = format_report(collect(years(), [SMALL]), [1, 2], 1.0, details=True)
    rows = [[cell.strip() for cell in line.split("|")] for line in report.splitlines()]
    assert ["market", "policy", "revenue", "occupancy", "ADR"] in rows
    assert ["small", "best single price", "85", "50.0%", "100.00"] in rows
    assert ["small", "limit", "150", "50.0%", "100.00"] in rows


def test_one_seed_has_no_interval() -> None:
    report = format_report(collect(years()[:1], [SMALL]), [2], 1.0)
    assert "one seed gives no interval" in report
    assert "0.490" in report
    assert "±" not in report


def test_a_policy_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(KeyError, match="no-such"):
        simulate(SMALL, 1, ["no-such"])
