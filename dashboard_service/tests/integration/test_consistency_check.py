"""The check against a recount finds, reports and repairs differences, and only real ones."""

from typing import Any

import pytest
from django.db.models import F

from dashboard_service.counting.consistency_check import check
from dashboard_service.counting.feed_updater import update
from dashboard_service.data_provider_client import Provider
from dashboard_service.models import DashboardData, PaceData, PerformanceData, ReservationState
from dashboard_service.tests.fake_provider import (
    BASE,
    FakeProvider,
    expected_counts,
    make_event,
    stored_counts,
)

pytestmark = pytest.mark.django_db(databases=["dashboard_service"])


def test_a_check_finds_and_repairs_a_wrong_count(requests_mock: Any) -> None:
    fake = FakeProvider(requests_mock, [make_event(n) for n in range(1, 10)])
    provider = Provider(BASE)
    update(provider)
    assert check(provider).differences == []
    DashboardData.objects.filter(hotel_id=1, basis="stay").update(gross_booking_count=99)
    result = check(provider, repair=True)
    assert [(d[0], d[1]) for d in result.differences] == [(1, "stay")]
    assert result.rebuilt == [1]
    assert stored_counts() == expected_counts(fake.events)


def test_events_after_the_position_are_not_compared(requests_mock: Any) -> None:
    fake = FakeProvider(requests_mock, [make_event(1)])
    update(Provider(BASE))
    fake.events.append(make_event(2))
    assert check(Provider(BASE)).differences == []


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (PerformanceData, {"revenue": F("revenue") + 10}),  # a cent
        (PerformanceData, {"room_nights_with_rate": 0}),
        (PerformanceData, {"segment": "other"}),
        (PaceData, {"revenue": F("revenue") - 10}),
        (PaceData, {"room_nights": 7}),
        (ReservationState, {"events": "[]"}),
        (ReservationState, {"events": "no history"}),
        (ReservationState, {"reservation": "other"}),
    ],
)
def test_a_check_finds_and_repairs_a_changed_cent(
    requests_mock: Any, model: Any, change: dict[str, Any]
) -> None:
    money = {"rate": "99.99", "currency": "EUR"}
    FakeProvider(requests_mock, [{**make_event(n), **money} for n in range(2, 9)])
    provider = Provider(BASE)
    update(provider)
    assert check(provider).differences == []
    first = model.objects.filter(hotel_id=1).order_by("pk").first()
    before = sorted(model.objects.filter(hotel_id=1).values_list(*change))
    model.objects.filter(pk=first.pk).update(**change)
    result = check(provider, repair=True)
    assert {difference.hotel_id for difference in result.differences} == {1}
    assert all(str(difference).startswith("hotel 1, ") for difference in result.differences)
    assert result.rebuilt == [1]
    assert sorted(model.objects.filter(hotel_id=1).values_list(*change)) == before
    assert check(provider).differences == []


def test_a_check_finds_a_row_of_a_hotel_without_money(requests_mock: Any) -> None:
    FakeProvider(requests_mock, [make_event(2)])
    update(Provider(BASE))
    PaceData.objects.create(
        hotel_id=5, night_of_stay="2024-05-01", day="2024-03-01", currency="EUR",
        room_nights=1, room_nights_with_rate=1, revenue=10,
    )  # fmt: skip
    [difference] = check(Provider(BASE), repair=True).differences
    assert str(difference) == (
        "hotel 5, 2024-05-01 2024-03-01 EUR: stored 1 room-nights, 1 with a rate, "
        "10 thousandths, expected nothing"
    )
    assert not PaceData.objects.exists()
