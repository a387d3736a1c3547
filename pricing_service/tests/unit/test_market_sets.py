"""The markets: three sets that share none, and the judging one has all that the engine may meet."""

import re
from dataclasses import replace

import pytest

from pricing_service.laboratory.markets.market import Market
from pricing_service.laboratory.markets.market_sets import (
    BY_NAME,
    JUDGING,
    SETS,
    TABLE,
    TUNING,
    find_markets,
)


def test_no_market_is_in_two_sets() -> None:
    markets = [market for markets in SETS.values() for market in markets]
    assert len(BY_NAME) == len(markets) == len({replace(one, name="") for one in markets})
    assert not set(BY_NAME) & set(SETS)
    assert (len(TABLE), len(JUDGING) >= 10, len(TUNING) >= 6) == (12, True, True)


def test_the_judging_set_has_everything_in_which_markets_may_differ() -> None:
    assert {market.rooms for market in JUDGING} >= {8, 200}
    assert {market.form for market in JUDGING} >= {"lognormal", "logistic", "weibull", "linear"}
    assert {float(market.base) for market in JUDGING} >= {75.0, 135.0}
    assert {market.shock.factor for market in JUDGING if market.shock} == {0.7, 1.25}
    assert len({market.calendar for market in JUDGING}) == 3
    assert len({market.window for market in JUDGING}) == 3
    for has in (
        lambda market: market.group_share,
        lambda market: len(market.stays) > 1,
        lambda market: market.competitor,
        lambda market: not market.history_nights,
        lambda market: market.summer_steeper > 1,
    ):
        assert any(map(has, JUDGING))


def test_markets_are_found_by_set_and_by_name_each_once() -> None:
    assert find_markets(["usual", "table"]) == list(TABLE)
    assert find_markets(["8-rooms", "usual"]) == [BY_NAME["8-rooms"], BY_NAME["usual"]]
    with pytest.raises(KeyError, match="no-such"):
        find_markets(["table", "no-such"])


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"form": "cubic"}, "no form of willingness to pay is called 'cubic'"),
        ({"stays": (0.5, 0.4)}, "the shares of the stays must add up to 1"),
        ({"stays": (1.0,) + (0.0,) * 190}, "guests book less than 365 days before"),
    ],
)
def test_a_market_that_makes_no_sense_is_refused(wrong: dict, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        Market(name="wrong", **wrong)
