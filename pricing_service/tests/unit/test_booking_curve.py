"""The booking curve: the usual share of the final on the books, by days before."""

import numpy as np
import pytest

from pricing_service.demand.booking_curve import expected_curve
from pricing_service.tests.unit.constructed_bookings import (
    AS_OF,
    bookings_of_events,
    constant_bookings,
)


def test_the_share_of_the_final_that_is_on_the_books() -> None:
    curve = expected_curve(constant_bookings(range(-800, 500), {100: 10, 30: 6, 2: 4}), AS_OF)
    assert curve[[0, 2, 3, 30, 31, 100, 101, 365]] == pytest.approx(
        [1.0, 1.0, 0.8, 0.8, 0.5, 0.5, 0.0, 0.0]
    )


def test_nan_without_a_past() -> None:
    assert np.isnan(expected_curve(bookings_of_events([]), AS_OF, days=30)).all()
