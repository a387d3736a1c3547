"""The sentence of a price: its numbers are the engine's, and it names what limits the price."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from common.translatable_text import render_all
from pricing_service.engine import NightPrice, recommend
from pricing_service.engine.event_combination import PRODUCT, Occasion
from pricing_service.engine.price_bounds import SeasonalBounds
from pricing_service.engine.price_sentence import outcomes, price_amount, price_sentence
from pricing_service.engine.revenue_curve import expected_sales
from pricing_service.engine.seasons import Season
from pricing_service.tests.unit.engine_hotels import (
    AS_OF,
    SATURDAY,
    hotel_rules,
    past_year,
    past_year_belief,
)

SUMMER = Season(first=date(2026, 6, 1), last=date(2026, 8, 31), every_year=True)
AHEAD = (SATURDAY - AS_OF).days


def night_of(rules: Any) -> NightPrice:
    return recommend(rules, past_year(), AS_OF, AHEAD + 1, belief=past_year_belief())[-1]


def sentence(
    usual: float = 24.0, groups: int = 0, night: dict[str, Any] | None = None, **rules: Any
) -> str:
    """Return the sentence of a Saturday in July."""
    told = hotel_rules(**rules)
    found = replace(night_of(told), **(night or {}))
    [outcome] = outcomes(told, past_year_belief(), [found])
    return render_all(price_sentence(told, found, outcome, usual, groups))


def test_its_numbers_are_those_of_the_revenue_curve() -> None:
    rules = hotel_rules()
    night = night_of(rules)
    text = sentence()
    here, bookings, revenue, there, fewer, less = (
        float(number.replace(",", ""))
        for number in re.match(  # type: ignore[union-attr]
            r"At ([\d.,]+) we expect ([\d.]+) more bookings? for the \d+ free rooms, "
            r"([\d,]+) in all until the night; at ([\d.,]+) it would be ([\d.]+), and ([\d,]+)\.",
            text,
        ).groups()
    )
    assert here == float(night.price)
    assert there == pytest.approx(0.92 * here, abs=0.51)
    sales = expected_sales(past_year_belief(), [night], np.array([[here, there]]))
    assert (bookings, fewer) == pytest.approx(sales.bookings[0].tolist(), abs=0.5)
    assert (revenue, less) == pytest.approx(sales.revenue[0].tolist(), abs=0.5)
    assert f"{night.on_the_books} of 12 rooms are booked 17 days before, where 24 are usual" in text


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"usual": 5.2, "night": {"on_the_books": 5}},
            "5 of 12 rooms are booked 17 days before, as",
        ),
        ({"night": {"days_before": 1}}, "1 day before"),
        ({"night": {"on_the_books": 11}}, "for the 1 free room,"),
        ({"night": {"on_the_books": 12}}, "No room is free; one that is given back costs"),
        ({"night": {"rooms": 0}}, "No room is for sale on this night: it is closed."),
        ({"groups": 3}, ", 3 of them in groups, where 24 are usual"),
        ({"night": {"trial": 0.0408}}, "Tried 4 % higher to learn how guests respond."),
        ({"night": {"trial": -0.0494}}, "Tried 5 % lower to learn how guests respond."),
        ({"months": [1.0] * 6 + [1.12] + [1.0] * 5}, "July +12 %."),
        ({"weekdays": [1.0] * 5 + [0.9, 1.0]}, "Saturday −10 %."),
        ({"fixed": {SATURDAY: Decimal(80)}}, "The price of this night is fixed."),
        ({"maximum": 101, "minimum": 100}, "at 10"),
        (
            {"bounds": [SeasonalBounds(SUMMER, None, Decimal(70))]},
            "Held at the maximum of 1 Jun to 31 Aug of every year.",
        ),
    ],
)
def test_its_parts(changes: dict[str, Any], text: str) -> None:
    assert text in sentence(**changes)


@pytest.mark.parametrize(
    ("changes", "text"),
    [({}, "Event 1.5 +50 %."), ({"event_combination": PRODUCT}, "Event 1.2 and event 1.5 +80 %.")],
)
def test_it_names_the_events_that_count(changes: dict[str, Any], text: str) -> None:
    events = [Occasion(SATURDAY, SATURDAY, factor, f"event {factor}") for factor in (1.2, 1.5)]
    assert text in sentence(occasions=events, **changes)


def test_without_another_price_inside_the_bounds_none_is_compared() -> None:
    text = sentence(minimum=100, maximum=100)
    assert text.startswith("At 100 we expect")
    assert "it would be" not in text


def test_the_neighbour_is_dearer_at_the_minimum() -> None:
    text = sentence(minimum=210, maximum=250, base=210, rooms=60)
    assert "At 210 we expect" in text
    assert "; at 227 it would be" in text
    assert text.endswith("Held at the minimum.")


def test_few_bookings_are_told_apart() -> None:
    text = sentence(night={"demand": 0.6, "on_the_books": 0})
    [here, there] = re.findall(r"expect ([\d.]+) more|would be ([\d.]+),", text)
    assert 0 < float(here[0]) < float(there[1]) < 1


def test_amounts_have_decimals_where_they_need_them() -> None:
    texts = [price_amount(Decimal(text)).render() for text in ("126.00", "126.50", "1512", "1.250")]
    assert texts == ["126", "126.50", "1,512", "1.250"]
