"""Several events on one night: the largest counts, or all of them are multiplied."""

from datetime import date

import pytest

from pricing_service.engine.event_combination import LARGEST, PRODUCT, Occasion, combine_events

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
