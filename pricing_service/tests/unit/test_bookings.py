"""Bookings: net room-nights by night of stay and booking day."""

from datetime import timedelta

import pytest

from pricing_service.demand.bookings import Bookings
from pricing_service.tests.unit.constructed_bookings import AS_OF, bookings_of_events


def test_on_the_books_is_the_net_of_the_days_until_then() -> None:
    bookings = bookings_of_events([(3, -5, 4), (3, 0, -1), (3, 1, 7), (4, -2, 2), (9, -1, 5)])
    assert bookings.on_the_books(AS_OF, AS_OF + timedelta(days=3), 2).tolist() == [3, 2]


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="equal length"):
        Bookings([1, 2], [1], [1])
