"""Several events on one night: the largest counts, or all of them are multiplied."""

from datetime import date
from typing import Any

import pytest

from pricing_service.engine.event_combination import LARGEST, PRODUCT, Occasion, combine_events
from pricing_service.laboratory.old_formula import price
from pricing_service.tests.unit.test_price_formula import rules, situation

NIGHT = date(2026, 7, 4)


def events(*factors: float) -> list[Occasion]:
    return [Occasion(NIGHT, NIGHT, factor, f"event {factor}") for factor in factors]


@pytest.mark.parametrize(
    ("factors", "largest", "product"),
    [
        ((), 1.0, 1.0),
        ((1.5,), 1.5, 1.5),
        ((1.2, 1.5, 1.3), 1.5, 2.34),
        ((0.5, 1.2), 1.2, 0.6),  # what raises the price counts before what lowers it
        ((0.9, 0.7), 0.7, 0.63),
        ((0.9, 1.0), 1.0, 0.9),
    ],
)
def test_the_factor(factors: tuple[float, ...], largest: float, product: float) -> None:
    found = {way: combine_events(events(*factors), NIGHT, way)[0] for way in (LARGEST, PRODUCT)}
    assert found == {LARGEST: pytest.approx(largest), PRODUCT: pytest.approx(product)}


@pytest.mark.parametrize(
    ("changes", "text"),
    [({}, "; event 1.5 +50 %."), ({"event_combination": PRODUCT}, "event 1.2 and event 1.5 +80 %")],
)
def test_the_sentence_names_the_events_that_count(changes: dict[str, Any], text: str) -> None:
    combined = rules(occasions=events(1.2, 1.5), **changes)
    assert text in price(combined, situation()).sentence
