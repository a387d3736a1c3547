"""The check against a recount finds, reports and repairs differences, and only real ones."""

from typing import Any

import pytest

from dashboard_service.counting.consistency_check import check
from dashboard_service.counting.feed_updater import update
from dashboard_service.data_provider_client import Provider
from dashboard_service.models import DashboardData
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
    assert [(d.hotel_id, d.basis) for d in result.differences] == [(1, "stay")]
    assert result.rebuilt == [1]
    assert stored_counts() == expected_counts(fake.events)


def test_events_after_the_position_are_not_compared(requests_mock: Any) -> None:
    fake = FakeProvider(requests_mock, [make_event(1)])
    update(Provider(BASE))
    fake.events.append(make_event(2))
    assert check(Provider(BASE)).differences == []
