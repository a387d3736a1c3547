"""The price formula: monotone, inside the bounds, on the step, and explained by its factors."""

import math
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing_service.laboratory.old_formula import (
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


def rules(**changes: Any) -> Rules:
    fields: dict[str, Any] = {"base": 100, "minimum": 60, "maximum": 250, **changes}
    for name in {"base", "minimum", "maximum", "step"} & fields.keys():
        fields[name] = Decimal(fields[name])
    return Rules(**fields)


def situation(**changes: Any) -> Situation:
    return Situation(**{"night": NIGHT, "days_before": 20, "rooms": 50, "on_the_books": 20,
                        "usual_share": 0.5, **changes})  # fmt: skip


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


def test_a_night_on_the_booking_curve_costs_the_base_price() -> None:
    assert price(rules(), situation(on_the_books=20)).amount == 100


@given(any_rules, any_situation, st.integers(1, 100))
def test_a_fuller_night_is_never_cheaper(rules: Rules, night: Situation, more: int) -> None:
    fuller = Situation(night.night, night.days_before, night.rooms, night.on_the_books + more,
                       night.usual_share)  # fmt: skip
    assert price(rules, fuller).amount >= price(rules, night).amount


@given(any_rules, any_situation)
def test_no_price_outside_its_bounds(rules: Rules, night: Situation) -> None:
    assert rules.minimum <= price(rules, night).amount <= rules.maximum
    assert rules.minimum <= list_price(rules, night.night) <= rules.maximum


@given(any_rules, any_situation)
def test_a_price_is_a_whole_number_of_steps(rules: Rules, night: Situation) -> None:
    has_multiple = math.floor(rules.maximum / rules.step) * rules.step >= rules.minimum
    if has_multiple:
        assert price(rules, night).amount % rules.step == 0


@given(any_rules, any_situation)
def test_the_factors_explain_the_price(rules: Rules, night: Situation) -> None:
    """Their product with the base price is the price, up to the step and the bounds."""
    result = price(rules, night)
    assert tuple(result.factors) == FACTORS
    product = float(rules.base) * math.prod(result.factors.values())
    inside = min(max(product, float(rules.minimum)), float(rules.maximum))
    width = min(float(rules.step), float(rules.maximum - rules.minimum))
    assert abs(float(result.amount) - inside) <= width + 1e-6
    assert result.sentence.endswith(".")


@given(any_rules, any_situation)
def test_a_fixed_price_overrides_the_bounds(rules: Rules, night: Situation) -> None:
    fixed = Rules(base=rules.base, minimum=rules.minimum, maximum=rules.maximum,
                  fixed={night.night: Decimal("77.70")})  # fmt: skip
    assert price(fixed, night).amount == Decimal("77.70")
    assert price(fixed, night).sentence == "The price of this night is fixed."


@pytest.mark.parametrize("aggressiveness", [1, 2, 3, 4])
def test_aggressiveness_moves_the_price_farther(aggressiveness: int) -> None:
    for books, sign in ((45, 1), (5, -1)):
        night = situation(on_the_books=books)
        moved = [
            sign * (price(rules(aggressiveness=step), night).factors["occupancy"] - 1)
            for step in (aggressiveness, aggressiveness + 1)
        ]
        assert 0 < moved[0] < moved[1]


def test_a_point_ahead_of_the_curve_is_worth_the_strength_in_percent() -> None:
    """As the module's docstring says; below 60 % occupancy."""
    for step, strength in enumerate(STRENGTHS, start=1):
        ahead = price(rules(aggressiveness=step), situation(rooms=100, on_the_books=41))
        assert ahead.factors["occupancy"] == pytest.approx(1 + strength / 100, abs=1e-3)


def test_the_last_rooms_cost_more_even_on_the_curve() -> None:
    full = situation(on_the_books=50, usual_share=1.25)
    assert price(rules(), full).factors["occupancy"] > 1


def test_a_few_bookings_long_before_change_the_price_little() -> None:
    early = situation(days_before=300, on_the_books=1, usual_share=0.0)
    assert price(rules(), early).factors["occupancy"] == pytest.approx(1.02, abs=0.01)


def test_the_shortest_lead_span_counts() -> None:
    stepped = rules(lead=[LeadStep(14, 0.95), LeadStep(3, 0.9)])
    factors = {
        days: price(stepped, situation(days_before=days)).factors["lead time"]
        for days in (15, 14, 4, 3, 0)
    }
    assert factors == {15: 1.0, 14: 0.95, 4: 0.95, 3: 0.9, 0: 0.9}


def test_an_event_counts_on_its_dates_only() -> None:
    fair = Occasion(NIGHT, NIGHT + timedelta(days=1), 1.5, "trade fair")
    with_fair = rules(occasions=[fair])
    amounts = [
        price(with_fair, situation(night=NIGHT + timedelta(days=day))).amount
        for day in (-1, 0, 1, 2)
    ]
    assert amounts == [100, 150, 150, 100]
    assert "trade fair +50 %" in price(with_fair, situation()).sentence


def test_the_list_price_follows_the_calendar_only() -> None:
    weekdays = [1.0] * 5 + [1.2, 1.0]
    assert list_price(rules(weekdays=weekdays), NIGHT) == 120


@pytest.mark.parametrize(
    ("changes", "text"),
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
def test_the_sentence(changes: dict[str, Any], text: str) -> None:
    assert text in price(rules(), situation(**changes)).sentence


def test_the_sentence_names_the_bound_that_limits_the_price() -> None:
    limited = price(rules(maximum=105), situation(on_the_books=40))
    assert limited.amount == 105
    assert limited.sentence.endswith("; held at the maximum.")
