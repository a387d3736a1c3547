"""Hotels of every kind with random bookings, counted as of a fixed moment.

The same seed gives the same hotels. Tests compare figures of many hotels with each hotel's own.
"""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import requests_mock
from django.utils import timezone

from dashboard_service.counting.feed_updater import update
from dashboard_service.data_provider_client import Provider
from dashboard_service.models import HotelProfile, RoomsForSale
from dashboard_service.tests.fake_provider import BASE, FakeProvider

NOW = datetime(2026, 6, 15, 11, 30, tzinfo=UTC)
TODAY = NOW.date()
# Two currencies with rates and closed nights; events only; another currency than its rates have;
# silent for months; young; with events in the future and a zone that is a day ahead; without rooms.
MONEY, PLAIN, FOREIGN, SILENT, YOUNG, AHEAD, ROOMLESS = HOTELS = (11, 12, 13, 14, 15, 16, 17)


def stop_time(monkeypatch: pytest.MonkeyPatch, moment: datetime = NOW) -> None:
    """Let `timezone.now()` be a fixed moment."""
    monkeypatch.setattr(timezone, "now", lambda: moment)


def count_random_hotels() -> None:
    """Create the hotels and count their events; the clock should be stopped."""
    profiles: dict[int, dict[str, Any]] = {
        MONEY: {"name": "Zum Löwen", "rooms": 6},
        PLAIN: {"name": "Anker", "rooms": 8, "currency": "EUR"},
        FOREIGN: {"rooms": 5, "currency": "USD"},
        SILENT: {"rooms": 4},
        YOUNG: {"rooms": 9},
        AHEAD: {"rooms": 7, "counted_time_zone": "Pacific/Kiritimati"},
    }
    profiles[AHEAD]["time_zone"] = profiles[AHEAD]["counted_time_zone"]
    for number, fields in profiles.items():
        HotelProfile.objects.create(hotel_id=number, **fields)
    for first, last, rooms in ((20, 24, 0), (22, 40, 9), (-5, 1, 3)):
        RoomsForSale.objects.create(
            hotel_id=MONEY,
            first=TODAY + timedelta(days=first),
            last=TODAY + timedelta(days=last),
            rooms=rooms,
        )
    events = [event for hotel in HOTELS for event in _events(hotel)]
    events.sort(key=lambda event: str(event["event_timestamp"]))
    for number, event in enumerate(events, start=1):
        event["id"] = number
    with requests_mock.Mocker() as mock:
        FakeProvider(mock, events, page=5_000)
        update(Provider(BASE))


def _events(hotel: int) -> list[dict[str, Any]]:
    rng = random.Random(hotel)
    begins = TODAY - timedelta(days=60 if hotel == YOUNG else 500)
    ends = TODAY - timedelta(days=70) if hotel == SILENT else TODAY
    events: list[dict[str, Any]] = []
    for number in range(260):
        booked = begins + timedelta(days=rng.randint(0, (ends - begins).days))
        night = booked + timedelta(days=rng.randint(0, 120))
        money: dict[str, str] = {}
        if hotel != PLAIN and rng.random() < 0.9:
            currency = "CHF" if hotel == MONEY and rng.random() < 0.1 else "EUR"
            money = {
                "rate": f"{rng.randint(50, 200)}.{rng.randint(0, 99):02}",
                "currency": currency,
            }
        if hotel == AHEAD and number < 5:
            booked = TODAY + timedelta(days=3)
        events.append(_event(hotel, number, 1, booked, night, **money))
        if rng.random() < 0.2:
            cancelled = min(booked + timedelta(days=rng.randint(0, 20)), ends)
            events.append(_event(hotel, number, 2, max(cancelled, booked), night))
    return events


def _event(hotel: int, number: int, status: int, day: date, night: date, **more: str) -> Any:
    return {
        "hotel_id": hotel, "event_timestamp": f"{day}T0{status}:00:00Z", "status": status,
        "room_reservation_id": f"{hotel}-{number}", "night_of_stay": str(night), **more,
    }  # fmt: skip
