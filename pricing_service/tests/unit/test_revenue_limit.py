"""The limit is what a full enumeration gives, what its own policy earns, and what none passes."""

import itertools
import math
from dataclasses import replace
from decimal import Decimal
from functools import cache

import numpy as np
import pytest

from pricing_service.laboratory.confidence_interval import confidence_interval
from pricing_service.laboratory.markets.market import BookingWindow, Competitor, Market, Shock
from pricing_service.laboratory.markets.simulated_guests import draw_guests, timeline
from pricing_service.laboratory.markets.simulated_sales import sell_history, sell_year
from pricing_service.laboratory.markets.willingness_to_pay import relative_demand
from pricing_service.laboratory.policies.revenue_limit import (
    PRICES,
    cancellation_hazards,
    expected_revenue,
    limit_policy,
    party_rates,
    responses,
    solve,
)
from pricing_service.laboratory.policies.simple_policies import (
    SINGLE_PRICES,
    fixed_price,
    occupancy_ladder,
)

pytestmark = pytest.mark.long

SHORT = BookingWindow(2.0, 8.0, 0.5, 25)
TINY = Market(name="tiny", rooms=3, window=BookingWindow(1.0, 2.0, 0.5, 3), form="lognormal")
SMALL = Market(name="small", rooms=6, demand=1.2, window=SHORT, history_nights=60)


def enumerated(market: Market, rates: list[float], most: int = 6) -> list[float]:
    """Return the value by books of one night, by enumerating every order of parties of each day.

    Written from the model's description alone, without the program's powers.
    """
    kept, hazards = market.kept_shares(), cancellation_hazards(market)
    sizes = [size for size, share in enumerate(market.party_sizes) if share]
    future = [0.0] * (market.rooms + 1)
    for lead, rate in enumerate(rates):
        elasticity = market.elasticities(False)[lead]
        after = [
            sum(
                math.comb(books, gone) * hazards[lead] ** gone * (1 - hazards[lead]) ** (books - gone)
                * future[books - gone] for gone in range(books + 1)
            ) for books in range(market.rooms + 1)
        ]  # fmt: skip
        today = []
        for books in range(market.rooms + 1):
            best = 0.0
            for price in PRICES:
                mean = rate * float(relative_demand(market.form, elasticity, price))
                value = 0.0
                for parties in range(most + 1):
                    chance = math.exp(-mean) * mean**parties / math.factorial(parties)
                    for order in itertools.product(sizes, repeat=parties):
                        likely = math.prod(market.party_sizes[size] for size in order)
                        now = books
                        for size in order:
                            now += size if now + size <= market.rooms else 0
                        value += chance * likely * (price * kept[lead] * (now - books) + after[now])
                best = max(best, value)
            today.append(best)
        future = today
    return future


@pytest.mark.parametrize("changes", [{}, {"cancelled_share": 0.4}, {"rooms": 1}])
def test_a_tiny_market_has_the_value_of_a_full_enumeration(changes: dict) -> None:
    market = replace(TINY, **changes)
    rates = [0.5, 0.4, 0.2, 0.1]
    program = solve(market, np.array(rates)[:, None], np.zeros((2, 4, 1), int), every_lead=True)
    np.testing.assert_allclose(program.value[3, 0], enumerated(market, rates), rtol=1e-5)


def test_so_has_one_with_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pricing_service.laboratory.markets.market.GROUP_SIZES", (2, 4))
    market = replace(TINY, group_share=0.5)
    assert market.party_sizes.tolist() == pytest.approx([0, 0.75, 0.125, 0, 0.125])
    rates = [0.1, 0.08]
    program = solve(market, np.array(rates)[:, None], np.zeros((2, 2, 1), int), every_lead=True)
    np.testing.assert_allclose(program.value[1, 0], enumerated(market, rates, 4), rtol=1e-4)


@cache
def shares_of_expected(name: str) -> list[float]:
    """Return what the limit's policy sold over what its program expected, by seed."""
    market = {
        "usual": SMALL,
        "no cancellations": replace(SMALL, cancelled_share=0.0, form="logistic"),
        "groups": replace(SMALL, rooms=12, group_share=0.4),
        "shock, new hotel": replace(SMALL, shock=Shock(100, 0.7), history_nights=0),
        "competitor": replace(SMALL, competitor=Competitor(100), summer_steeper=1.5),
    }[name]
    shares = []
    for seed in range(8):
        simulated = draw_guests(market, seed)
        hotel, line = sell_history(simulated), simulated.timeline
        policy, program = limit_policy(simulated)
        expected = expected_revenue(program, hotel.books[line.start : line.end]).sum()
        shares.append(sell_year(hotel, policy).revenue / expected)
    return shares


@pytest.mark.parametrize(
    "name",
    [
        "usual",
        "no cancellations",
        "shock, new hotel",
        pytest.param("groups", marks=[pytest.mark.long, pytest.mark.thorough]),
        pytest.param("competitor", marks=[pytest.mark.long, pytest.mark.thorough]),
    ],
)
def test_its_policy_earns_what_the_program_expects(name: str) -> None:
    interval = confidence_interval(shares_of_expected(name))
    half = interval.high - interval.mean
    assert abs(interval.mean - 1.0) < 1.5 * half + 0.002, interval
    assert half < 0.03


def test_no_simple_policy_earns_more() -> None:
    differences: dict[str, list[float]] = {"ladder": [], "single": []}
    for seed in range(4):
        simulated = draw_guests(SMALL, seed)
        hotel = sell_history(simulated)
        limit = sell_year(hotel, limit_policy(simulated)[0]).revenue
        ladder = sell_year(hotel, occupancy_ladder(SMALL)).revenue
        singles = [
            sell_year(hotel, fixed_price(Decimal(price))).revenue for price in SINGLE_PRICES[7:16:2]
        ]
        differences["ladder"].append(ladder / limit - 1)
        differences["single"].append(max(singles) / limit - 1)
    for name, values in differences.items():
        assert confidence_interval(values).high < 0, name


def test_it_is_told_everything() -> None:
    start = timeline(SMALL).start
    shocked = replace(SMALL, shock=Shock(50, 0.5))
    effects = np.ones(timeline(SMALL).size)
    before, after = (party_rates(one, effects)[10] for one in (SMALL, shocked))
    assert (after[start : start + 60] == before[start : start + 60]).all()
    assert after[start + 60] == pytest.approx(before[start + 60] / 2)
    doubled = party_rates(SMALL, 2 * effects)
    np.testing.assert_allclose(doubled, 2 * party_rates(SMALL, effects))


def test_stays_count_on_each_of_their_nights() -> None:
    stays = replace(SMALL, stays=(0.5, 0.3, 0.2))
    effects = 1.0 / SMALL.calendar.factors(timeline(stays).ordinals)
    rates = party_rates(stays, effects)[:, 80]
    singles = party_rates(SMALL, effects[: timeline(SMALL).size])[:, 80]
    assert rates.sum() == pytest.approx(singles.sum(), rel=0.03)


def test_hazards_cancel_the_market_s_share() -> None:
    hazards = cancellation_hazards(SMALL)
    booked = SMALL.window.shares() / SMALL.kept_shares()
    books = 0.0
    for lead in range(SMALL.window.longest, -1, -1):
        books = (books + booked[lead]) * (1 - hazards[lead])
    assert books == pytest.approx(1.0, abs=1e-3), "demand is of rooms that are kept"


def test_responses_fall_with_price_and_beside_a_competitor() -> None:
    market = replace(SMALL, competitor=Competitor(0), summer_steeper=1.5)
    by_price = responses(market, 5)
    assert (np.diff(by_price, axis=2) < 0).all()
    assert (by_price[:, 1] < by_price[:, 0]).all()
    assert by_price[1, 0, -1] < by_price[0, 0, -1], "summer"
