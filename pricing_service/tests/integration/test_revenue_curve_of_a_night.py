"""The curve of expected revenue on a night's sheet and over REST: the engine's own numbers."""

import re
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.test import Client

from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.decisions.manual_decisions import decide
from pricing_service.demand.engine_basis import load_engine_basis
from pricing_service.engine.revenue_curve import expected_sales
from pricing_service.models import Action, NightPrice
from pricing_service.rules.pricing_rules import load_rules
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    ROOMS,
    book,
    create_hotel,
    create_rules,
    night,
    set_rooms_by_date,
)

pytestmark = [pytest.mark.one_database, pytest.mark.django_db(databases=DATABASES)]
NIGHT = 12


@pytest.fixture(autouse=True)
def priced_hotel(settings: Any) -> None:
    settings.API_AUTH = "open"
    create_hotel()
    create_rules()
    book(night(NIGHT), 9)
    reprice(HOTEL)


def details(ahead: int = NIGHT) -> Any:
    return Client().get(f"/prices/night/?hotel_id={HOTEL}&night={night(ahead)}").json()


def sheet(ahead: int = NIGHT) -> str:
    return Client().get(f"/pricing/?hotel_id={HOTEL}&night={night(ahead)}").content.decode()


def test_it_is_the_engines_and_has_both_prices() -> None:
    decide(HOTEL, [night(NIGHT)], Action.OVERRIDE, "Ada", Decimal(83))
    found = details()
    curve = found["revenue_curve"]
    prices = [float(point["price"]) for point in curve]
    assert prices == sorted(prices)
    assert {"83.00", found["recommended"]} <= {point["price"] for point in curve}
    assert 60 <= prices[0] < prices[-1] <= 250
    hotel_rules = load_rules(HOTEL)
    assert hotel_rules
    basis = load_engine_basis(HOTEL, hotel_rules)
    engine_night = basis.recommend(NIGHT + 1)[NIGHT]
    sales = expected_sales(basis.belief, [engine_night], np.array([prices]), basis.day_left)
    assert [point["revenue"] for point in curve] == pytest.approx(
        sales.revenue[0].tolist(), abs=0.01
    )
    assert [point["bookings"] for point in curve] == pytest.approx(
        sales.bookings[0].tolist(), abs=0.01
    )
    # The sentence speaks of the same numbers.
    [recommended] = [point for point in curve if point["price"] == found["recommended"]]
    assert f", {recommended['revenue']:,.0f} in all until the night" in found["sentence"]


def test_the_usual_line_is_the_nights_expected_number() -> None:
    found = details()
    [now] = [point for point in found["curve"] if point["days_before"] == NIGHT]
    assert now["expected"] == pytest.approx(found["expected_on_the_books"], abs=0.06)
    expected = [point["expected"] for point in found["curve"]]
    assert expected == sorted(expected)
    assert expected[-1] <= ROOMS


def test_the_sheet_shows_it_with_text_beside_it() -> None:
    html = sheet()
    assert "Expected revenue by price" in html
    assert re.search(r'<svg class="revenue-curve"[^>]*role="img" aria-label="Expected', html)
    [line] = re.findall(r'<polyline class="line" points="([^"]*)"', html)
    assert len(line.split()) >= 15
    text = " ".join(re.sub("<[^>]*>", " ", html).split())
    assert re.search(r"In force, 100 [\d,]+ from [\d.]+ more bookings", text)
    assert "for the 11 free rooms, if the price stayed until the night" in text


def test_a_night_that_is_full_closed_or_past_has_none() -> None:
    book(night(NIGHT), ROOMS)
    set_rooms_by_date(night(20), night(20), 0)
    reprice(HOTEL)
    assert (details()["revenue_curve"], details(20)["revenue_curve"]) == ([], [])
    assert "Expected revenue by price" not in sheet() + sheet(20)
    row = NightPrice.objects.get(night=night(30))
    row.pk, row.night = None, night(-3)
    row.save()
    assert details(-3)["revenue_curve"] == []
