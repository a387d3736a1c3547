"""Demand outlook: the day as of which a hotel is looked at."""

from datetime import timedelta

import pytest

from pricing_service.demand.demand_outlook import load_outlook
from pricing_service.rules.pricing_rules import load_rules
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    book,
    create_hotel,
    create_rules,
    today,
)

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]


def test_an_open_hotel_is_looked_at_as_of_today() -> None:
    create_hotel()
    assert load_outlook(HOTEL, None).as_of == today()


def test_a_person_chooses_the_day_as_of_which_prices_are_tried() -> None:
    create_hotel()
    long_ago = today() - timedelta(days=400)
    book(long_ago + timedelta(days=9), 3, day=long_ago)
    create_rules(try_as_of=long_ago)
    outlook = load_outlook(HOTEL, load_rules(HOTEL))
    assert outlook.as_of == long_ago
    nights = [situation.night for situation in outlook.situations]
    assert nights[0] == long_ago + timedelta(days=1)
    assert [row.on_the_books for row in outlook.situations[:9]] == [0] * 8 + [3]
