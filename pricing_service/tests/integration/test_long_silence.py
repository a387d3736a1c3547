"""A hotel that is silent for long has prices, at the usual cost, and every night can be opened."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from dashboard_service.models import DashboardData, PickupData
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.demand import demand_outlook
from pricing_service.demand.demand_outlook import load_outlook
from pricing_service.demand.on_the_books_history import MAX_DAYS_BEFORE, OnTheBooksHistory
from pricing_service.models import NightPrice
from pricing_service.rules.pricing_rules import load_rules
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    book,
    create_hotel,
    create_rules,
    night,
)

pytestmark = [
    pytest.mark.one_database,
    pytest.mark.django_db(databases=DATABASES),
    pytest.mark.usefixtures("a_year_of_nights"),
]


def silent_hotel(days: int) -> None:
    """Create a hotel whose newest event is so many days ago, and its prices."""
    create_hotel()
    PickupData.objects.all().delete()
    DashboardData.objects.all().delete()
    for back in range(40):
        newest = night(-days - back)
        for ahead in (3, 20):
            book(newest + timedelta(days=ahead), 2, day=newest)
    create_rules(mode="automatic", month_factors=[1.2] * 12)
    reprice(HOTEL)


@pytest.mark.parametrize("days", [15, 300, 4_000])
def test_every_night_can_be_opened(days: int, client: Client, settings: Any) -> None:
    settings.API_AUTH = "open"
    silent_hotel(days)
    rows = client.get(f"/prices/?hotel_id={HOTEL}").json()
    assert [row["night"] for row in rows] == [str(night(ahead)) for ahead in range(365)]
    for row in (rows[0], rows[30], rows[-1]):
        address = f"hotel_id={HOTEL}&night={row['night']}"
        assert client.get(f"/pricing/?{address}").status_code == 200
        details = client.get(f"/prices/night/?{address}").json()
        as_of = date.fromisoformat(row["figures_as_of"])
        lead = min((date.fromisoformat(row["night"]) - as_of).days, MAX_DAYS_BEFORE)
        point = next(point for point in details["curve"] if point["days_before"] == lead)
        assert point["on_the_books"] == row["on_the_books"]


def test_nights_of_which_nothing_is_known_have_the_calendar_s_price() -> None:
    silent_hotel(4_000)
    book(night(200), 3, day=night(-4_000))
    reprice(HOTEL)
    rows = NightPrice.objects.order_by("night")
    assert {row.price for row in rows} == {120}
    assert {row.recommended for row in rows if row.night != night(200)} == {120}
    assert rows.get(night=night(200)).on_the_books == 3
    assert rows.get(night=night(199)).forecast == 0


def test_the_history_does_not_grow_with_the_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []

    class Measured(OnTheBooksHistory):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            sizes.append(self.books.size)

    monkeypatch.setattr(demand_outlook, "OnTheBooksHistory", Measured)
    silent_hotel(4_000)
    load_outlook(HOTEL, load_rules(HOTEL))
    assert max(sizes) < 1_000_000
