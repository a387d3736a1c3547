"""The price of a night: monotone, inside its bounds, on its step, and explained."""

import math
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_service.engine.price_formula import (
    FACTORS,
    STRENGTHS,
    LeadStep,
    Occasion,
    Rules,
    Situation,
    list_price,
    price,
)

NIGHT = date(2026, 7, 4)  # a Saturday


def rules(**more: Any) -> Rules:
    given: dict[str, Any] = {"base": 100, "minimum": 60, "maximum": 250, **more}
    for name in {"base", "minimum", "maximum", "step"} & given.keys():
        given[name] = Decimal(given[name])
    return Rules(**given)


def situation(**more: Any) -> Situation:
    return Situation(**{"night": NIGHT, "days_before": 20, "rooms": 50, "on_the_books": 20,
                        "usual_share": 0.5, **more})  # fmt: skip


money = st.decimals("1", "2000", places=2)
factor = st.floats(0.2, 5)
any_rules = st.builds(
    lambda base, bounds, step, aggressiveness, months, weekdays, target: Rules(
        base=base, minimum=min(bounds), maximum=max(bounds), step=step,
        aggressiveness=aggressiveness, months=months, weekdays=weekdays, targets=[target] * 12,
    ),
    money, st.tuples(money, money), st.sampled_from([Decimal("0.05"), Decimal(1), Decimal(5)]),
    st.integers(1, 5), st.lists(factor, min_size=12, max_size=12),
    st.lists(factor, min_size=7, max_size=7), st.floats(0.05, 1),
)  # fmt: skip
any_situation = st.builds(
    Situation, st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.integers(0, 365),
    st.integers(0, 500), st.integers(-5, 600), st.floats(0, 1.5),
)  # fmt: skip


def test_on_the_curve_the_base_is_the_price() -> None:
    assert price(rules(), situation(on_the_books=20)).amount == 100


@given(any_rules, any_situation, st.integers(1, 100))
def test_a_fuller_night_is_never_cheaper(rules: Rules, here: Situation, more: int) -> None:
    fuller = Situation(here.night, here.days_before, here.rooms, here.on_the_books + more,
                       here.usual_share)  # fmt: skip
    assert price(rules, fuller).amount >= price(rules, here).amount


@given(any_rules, any_situation)
def test_no_price_outside_its_bounds(rules: Rules, here: Situation) -> None:
    assert rules.minimum <= price(rules, here).amount <= rules.maximum
    assert rules.minimum <= list_price(rules, here.night) <= rules.maximum


@given(any_rules, any_situation)
def test_a_price_is_a_whole_number_of_steps(rules: Rules, here: Situation) -> None:
    there_is_one = math.floor(rules.maximum / rules.step) * rules.step >= rules.minimum
    if there_is_one:
        assert price(rules, here).amount % rules.step == 0


@given(any_rules, any_situation)
def test_the_factors_explain_the_price(rules: Rules, here: Situation) -> None:
    """Who multiplies them gets the price, up to the step and the bounds."""
    made = price(rules, here)
    assert tuple(made.factors) == FACTORS
    product = float(rules.base) * math.prod(made.factors.values())
    inside = min(max(product, float(rules.minimum)), float(rules.maximum))
    width = min(float(rules.step), float(rules.maximum - rules.minimum))
    assert abs(float(made.amount) - inside) <= width + 1e-6
    assert made.sentence.endswith(".")


@given(any_rules, any_situation)
def test_a_fixed_price_stands(rules: Rules, here: Situation) -> None:
    fixed = Rules(base=rules.base, minimum=rules.minimum, maximum=rules.maximum,
                  fixed={here.night: Decimal("77.70")})  # fmt: skip
    assert price(fixed, here).amount == Decimal("77.70")
    assert price(fixed, here).sentence == "The price of this night is fixed."


@pytest.mark.parametrize("aggressiveness", [1, 2, 3, 4])
def test_aggressiveness_moves_the_price_farther(aggressiveness: int) -> None:
    for books, sign in ((45, 1), (5, -1)):
        here = situation(on_the_books=books)
        moved = [
            sign * (price(rules(aggressiveness=step), here).factors["occupancy"] - 1)
            for step in (aggressiveness, aggressiveness + 1)
        ]
        assert 0 < moved[0] < moved[1]


def test_a_point_ahead_of_the_curve_is_worth_the_strength_in_percent() -> None:
    """As the docstring says; below the last two fifths of the rooms."""
    for step, strength in enumerate(STRENGTHS, start=1):
        ahead = price(rules(aggressiveness=step), situation(rooms=100, on_the_books=41))
        assert ahead.factors["occupancy"] == pytest.approx(1 + strength / 100, abs=1e-3)


def test_the_last_rooms_cost_more_even_on_the_curve() -> None:
    full = situation(on_the_books=50, usual_share=1.25)
    assert price(rules(), full).factors["occupancy"] > 1


def test_few_bookings_long_before_move_little() -> None:
    early = situation(days_before=300, on_the_books=1, usual_share=0.0)
    assert price(rules(), early).factors["occupancy"] == pytest.approx(1.02, abs=0.01)


def test_the_shortest_lead_span_counts() -> None:
    told = rules(lead=[LeadStep(14, 0.95), LeadStep(3, 0.9)])
    found = {
        days: price(told, situation(days_before=days)).factors["lead time"]
        for days in (15, 14, 4, 3, 0)
    }
    assert found == {15: 1.0, 14: 0.95, 4: 0.95, 3: 0.9, 0: 0.9}


def test_an_event_counts_on_its_dates_only() -> None:
    fair = Occasion(NIGHT, NIGHT + timedelta(days=1), 1.5, "trade fair")
    told = rules(occasions=[fair])
    amounts = [
        price(told, situation(night=NIGHT + timedelta(days=day))).amount for day in (-1, 0, 1, 2)
    ]
    assert amounts == [100, 150, 150, 100]
    assert "trade fair +50 %" in price(told, situation()).sentence


def test_the_list_price_knows_the_calendar_only() -> None:
    weekdays = [1.0] * 5 + [1.2, 1.0]
    assert list_price(rules(weekdays=weekdays), NIGHT) == 120


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"on_the_books": 20}, "20 of 50 rooms are booked 20 days before, as usual: ±0 %."),
        (
            {"on_the_books": 30},
            "30 of 50 rooms are booked 20 days before, where 20 would be on course for the "
            "target: +22 %.",
        ),
        ({"days_before": 1, "on_the_books": 20}, "1 day before"),
        ({"rooms": 0}, "No room is for sale"),
    ],
)
def test_the_sentence(more: dict[str, Any], said: str) -> None:
    assert said in price(rules(), situation(**more)).sentence


def test_the_sentence_says_what_held_the_price() -> None:
    held = price(rules(maximum=105), situation(on_the_books=40))
    assert held.amount == 105
    assert held.sentence.endswith("; held at the maximum.")
