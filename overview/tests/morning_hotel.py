"""A made-up hotel for the tests of the morning: prices, and events as the feed brings them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import requests_mock
from django.utils import timezone

from dashboard_service.counting.feed_updater import update
from dashboard_service.counting.recount import rebuild_outdated
from dashboard_service.data_provider_client import Provider
from dashboard_service.hotel_profiles import update_profile
from dashboard_service.models import FeedPosition
from dashboard_service.tests.fake_provider import BASE, FakeProvider
from pricing_service.tests.hotels import HOTEL, ROOMS, night

_counted: list[dict[str, Any]] = []


def hours_ago(hours: float) -> datetime:
    return timezone.now() - timedelta(hours=hours)


def sell(
    ahead: int,
    rooms: int,
    at: datetime,
    *,
    name: str = "a",
    status: int = 1,
    rate: str | None = "100.00",
    minutes_apart: int = 1,
) -> list[dict[str, Any]]:
    """Return bookings (or cancellations) of single rooms for a night, one after the other.

    Args:
        ahead: the night is so many days after today.
        name: of the reservations, so that a cancellation finds its booking.
        minutes_apart: 0 for rooms that are booked together.
    """
    money = {"rate": rate, "currency": "EUR"} if rate and status == 1 else {}
    return [
        {
            "hotel_id": HOTEL,
            "event_timestamp": (at + timedelta(minutes=number * minutes_apart))
            .astimezone(UTC)
            .strftime("%Y-%m-%dT%H:%M:%SZ"),
            "status": status,
            "room_reservation_id": f"{name} {ahead} {number}",
            "night_of_stay": night(ahead).isoformat(),
            **money,
        }
        for number in range(rooms)
    ]


def count(*events: list[dict[str, Any]]) -> None:
    """Count events of the hotel, beside those that were counted before."""
    if not FeedPosition.objects.exists():
        _counted.clear()
        update_profile(HOTEL, rooms=ROOMS, currency="EUR")
    for event in (event for some in events for event in some):
        _counted.append({"id": len(_counted) + 1, **event})
    with requests_mock.Mocker() as mock:
        FakeProvider(mock, list(_counted), page=1_000)
        update(Provider(BASE))
        rebuild_outdated(Provider(BASE))
