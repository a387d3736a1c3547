"""What a hotelier may rely on once the engine has learned a year (more: `test_recommended_prices`)."""

from decimal import Decimal
from typing import Any

import pytest

from pricing_service.engine import History, NightPrice, recommend
from pricing_service.engine.event_combination import Occasion
from pricing_service.engine.hotel_rules import LeadStep
from pricing_service.tests.unit.engine_hotels import (
    AS_OF,
    SATURDAY,
    hotel_rules,
    past_year,
    past_year_belief,
    sold,
)

NIGHTS = 60


def priced(history: History | None = None, seed: int = 0, **rules: Any) -> list[NightPrice]:
    """Return the prices of the coming nights, by what was learned from the past year."""
    chosen = past_year() if history is None else history
    belief = past_year_belief()
    return recommend(hotel_rules(**rules), chosen, AS_OF, nights=NIGHTS, seed=seed, belief=belief)


@pytest.mark.parametrize("step", ["0.05", "1", "7"])
@pytest.mark.parametrize(("low", "high"), [(95, 105), (60, 250), (30, 77), (150, 400)])
def test_no_price_is_outside_its_bounds_or_off_the_step(step: str, low: int, high: int) -> None:
    base = min(max(100, low), high)
    for night in priced(minimum=low, maximum=high, base=base, step=step, try_prices=True):
        assert low <= night.price <= high
        assert night.price % Decimal(step) == 0


def test_prices_are_tried_by_a_few_per_cent_and_only_if_they_may_be() -> None:
    tried, quiet = priced(try_prices=True), priced()
    assert {night.trial for night in quiet} == {0.0}
    assert all(abs(night.trial) <= 0.0625 for night in tried)
    assert sum(night.trial > 0 for night in tried) > NIGHTS // 4
    for one, other in zip(tried, quiet, strict=True):
        expected = other.amount * (1 + one.trial)
        assert one.bound or float(one.price) == pytest.approx(expected, abs=0.51)


def test_told_factors_move_the_price_by_as_much() -> None:
    fair = Occasion(SATURDAY, SATURDAY, 1.5, "trade fair")
    for rules in ({"occasions": [fair]}, {"months": [1.0] * 6 + [1.5] + [1.0] * 5}):
        plain, told = priced(minimum=10, maximum=900), priced(minimum=10, maximum=900, **rules)
        index = (SATURDAY - AS_OF).days
        ratio = float(told[index].price / plain[index].price)
        assert ratio == pytest.approx(1.5, rel=0.05)


def test_the_shortest_lead_span_counts() -> None:
    rules = hotel_rules(lead=[LeadStep(14, 0.95), LeadStep(3, 0.9)])
    assert [rules.lead_factor(days) for days in (15, 14, 4, 3, 0)] == [1.0, 0.95, 0.95, 0.9, 0.9]


def test_a_hotel_without_history_has_prices_that_rise_as_it_fills() -> None:
    prices = [recommend(hotel_rules(), sold(books), AS_OF, nights=20)[17].price
              for books in (0, 4, 8, 11)]  # fmt: skip
    assert prices == sorted(prices)
    assert prices[0] < prices[-1]
