"""The minute of a reservation's first booking: filled in by the upgrade, checked, and repaired."""

from importlib import import_module
from typing import Any

import pytest
from django.db import connections

from dashboard_service.counting.consistency_check import check
from dashboard_service.counting.feed_updater import update
from dashboard_service.data_provider_client import Provider
from dashboard_service.figures.rooms_booked_together import rooms_booked_together
from dashboard_service.models import ReservationState
from dashboard_service.tests.fake_provider import BASE, FakeProvider

pytestmark = pytest.mark.django_db(databases=["default", "dashboard_service"])
HOTEL = 1
TIMES = [  # room, status, time
    ("a", 1, "2026-03-01T10:15:59Z"),
    ("a", 1, "2026-03-01T10:15:00.5Z"),
    ("a", 2, "2026-03-01T09:00:00Z"),
    ("b", 1, "2026-03-01T10:15:30Z"),
    ("c", 2, "2026-03-01T10:15:30Z"),  # whose booking never came
    ("a", 1, "2026-03-01T10:20:00Z"),
    ("d", 1, "2026-03-01T10:16:00Z"),
]


@pytest.fixture
def provider(requests_mock: Any) -> Provider:
    events = [
        {
            "id": number, "hotel_id": HOTEL, "event_timestamp": time, "status": status,
            "room_reservation_id": room, "night_of_stay": "2026-05-01", "room_type": "Double",
        }
        for number, (room, status, time) in enumerate(TIMES, start=1)
    ]  # fmt: skip
    FakeProvider(requests_mock, events, page=2)
    provider = Provider(BASE)
    update(provider)
    return provider


def minutes() -> dict[str, str | None]:
    return dict(ReservationState.objects.values_list("reservation", "booked_minute"))


RIGHT = {"a": "2026-03-01T10:15", "b": "2026-03-01T10:15", "c": "", "d": "2026-03-01T10:16"}


def together() -> list[tuple[str, int]]:
    return [
        (f"{minute:%H:%M}", len(rooms))
        for minute, rooms in rooms_booked_together(HOTEL, at_least=2)
    ]


def test_the_upgrade_fills_them_in(provider: Provider) -> None:
    assert minutes() == RIGHT
    ReservationState.objects.update(booked_minute=None)
    migration = import_module("dashboard_service.migrations.0009_booked_minutes")
    connection = connections["dashboard_service"]
    with connection.cursor() as cursor:
        cursor.execute(migration.FILL_MINUTES[connection.vendor])
    assert minutes() == RIGHT


def test_rows_of_the_old_version_count_and_are_repaired(provider: Provider) -> None:
    assert together() == [("10:15", 2)]
    ReservationState.objects.filter(reservation="a").update(booked_minute=None)
    assert together() == [("10:15", 2)]
    ReservationState.objects.filter(reservation="b").update(booked_minute="2026-03-01T11:00")
    assert together() == []
    found = check(provider, repair=True).differences
    assert sorted(str(difference) for difference in found) == [
        "hotel 1, minute of reservation a: stored nothing, expected 2026-03-01T10:15",
        "hotel 1, minute of reservation b: stored 2026-03-01T11:00, expected 2026-03-01T10:15",
    ]
    assert minutes() == RIGHT
    assert together() == [("10:15", 2)]
