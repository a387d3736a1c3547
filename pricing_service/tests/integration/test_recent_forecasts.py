"""Forecasts are made again as soon as anything that they are made of changes, and not before."""

from datetime import timedelta

import pytest
from django.utils import timezone

from dashboard_service.models import HotelFigures, HotelProfile
from pricing_service.month_forecast import recent_forecasts
from pricing_service.tests.hotels import DATABASES, HOTEL, create_hotel, create_rules

pytestmark = pytest.mark.django_db(databases=DATABASES)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    made: list[int] = []
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    monkeypatch.setattr(recent_forecasts, "_forecasts", type(recent_forecasts._forecasts)())

    def make(hotel_id: int, *_: object) -> list[object]:
        made.append(hotel_id)
        return []

    monkeypatch.setattr(recent_forecasts, "forecast_months", make)
    return made


def test_the_same_is_made_once_and_what_changed_again(made: list[int]) -> None:
    create_hotel()
    rules = create_rules(mode="suggest")

    def count() -> int:
        recent_forecasts.recent_forecast_months(HOTEL)
        return len(made)

    assert (count(), count()) == (1, 1)
    HotelFigures.objects.update(changed_at=timezone.now() + timedelta(seconds=1))
    assert (count(), count()) == (2, 2)
    HotelProfile.objects.update(rooms=9)
    assert (count(), count()) == (3, 3)
    rules.mode = "automatic"
    rules.save()
    assert (count(), count()) == (4, 4)


def test_the_oldest_are_forgotten(made: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent_forecasts, "MOST_FORECASTS", 2)
    for hotel in (1, 2, 3, 3, 2, 1):
        recent_forecasts.recent_forecast_months(hotel)
    assert made == [1, 2, 3, 1]
