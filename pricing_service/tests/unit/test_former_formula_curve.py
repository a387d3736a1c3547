"""The former formula's booking curve: the usual share of the final on the books, by days before."""

import numpy as np
import pytest

from pricing_service.demand.bookings import Bookings, Floats
from pricing_service.demand.on_the_books_history import OnTheBooksHistory
from pricing_service.laboratory.policies.former_formula import usual_shares
from pricing_service.tests.unit.constructed_bookings import (
    AS_OF,
    bookings_of_events,
    constant_bookings,
)


def curve_of(bookings: Bookings, days: int) -> Floats:
    lead = np.arange(days + 1)
    return usual_shares(OnTheBooksHistory(bookings, AS_OF, days, None), np.ones_like(lead), lead)


def test_the_share_of_the_final_that_is_on_the_books() -> None:
    curve = curve_of(constant_bookings(range(-800, 500), {100: 10, 30: 6, 2: 4}), 365)
    assert curve[[0, 2, 3, 30, 31, 100, 101, 365]] == pytest.approx(
        [1.0, 1.0, 0.8, 0.8, 0.5, 0.5, 0.0, 0.0]
    )


def test_nan_without_a_past() -> None:
    assert np.isnan(curve_of(bookings_of_events([]), 30)).all()
