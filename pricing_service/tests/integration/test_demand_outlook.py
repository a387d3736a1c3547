"""Demand outlook: the day as of which a hotel is looked at."""

from datetime import timedelta

import pytest

from pricing_service.demand.demand_outlook import STALE_DAYS, load_outlook
from pricing_service.tests.hotels import DATABASES, HOTEL, book, create_hotel, today

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]


def test_an_open_hotel_is_looked_at_as_of_today() -> None:
    create_hotel()
    assert load_outlook(HOTEL, None).as_of == today()


def test_loaded_history_is_looked_at_as_of_its_newest_day() -> None:
    long_ago = today() - timedelta(days=STALE_DAYS + 400)
    book(long_ago + timedelta(days=9), 3, day=long_ago)
    assert load_outlook(HOTEL, None).as_of == long_ago
