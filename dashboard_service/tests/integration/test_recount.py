"""Recounts: of one hotel or all, after a changed time zone, an upgrade or a restored ledger."""

from typing import Any

import pytest
from django.test import Client

from dashboard_service.counting import recount
from dashboard_service.counting.consistency_check import check
from dashboard_service.counting.feed_updater import update
from dashboard_service.counting.recount import rebuild, rebuild_outdated
from dashboard_service.data_provider_client import LedgerRestored, Provider, ProviderError
from dashboard_service.models import FeedPosition, HotelProfile, PickupData
from dashboard_service.tasks import recount_what_changed
from dashboard_service.tests.fake_provider import (
    BASE,
    FakeProvider,
    expected_counts,
    make_event,
    stored_counts,
)

pytestmark = pytest.mark.django_db(databases=["dashboard_service"])


def test_a_rebuild_of_one_hotel_does_not_move_the_position(requests_mock: Any) -> None:
    fake = FakeProvider(requests_mock, [make_event(n) for n in range(1, 10)])
    update(Provider(BASE), keep_going=lambda: False)
    rebuild(Provider(BASE), 1)
    assert FeedPosition.current().position == 3
    update(Provider(BASE))
    assert stored_counts() == expected_counts(fake.events)


def test_a_rebuild_after_the_ledger_was_restored_to_an_earlier_state(requests_mock: Any) -> None:
    fake = FakeProvider(requests_mock, [make_event(n) for n in range(1, 10)])
    update(Provider(BASE))
    del fake.events[4:]
    rebuild(Provider(BASE))
    assert (stored_counts(), FeedPosition.current().position) == (expected_counts(fake.events), 4)


def test_a_ledger_restored_to_an_earlier_state_is_detected_and_recounted(
    client: Client, settings: Any, requests_mock: Any
) -> None:
    settings.EVENTS_API_BASE_URL = BASE
    fake = FakeProvider(requests_mock, [make_event(n) for n in range(1, 10)])
    update(Provider(BASE))
    del fake.events[4:]
    assert client.get("/dashboard/status").json()["events_behind"] is None
    assert rebuild_outdated(Provider(BASE)) is None
    assert (stored_counts(), FeedPosition.current().position) == (expected_counts(fake.events), 4)
    fake.events.append(make_event(5))
    update(Provider(BASE))
    assert stored_counts() == expected_counts(fake.events)


def test_a_restored_ledger_that_gave_the_ids_again_is_detected_by_its_epoch(
    client: Client, settings: Any, requests_mock: Any
) -> None:
    settings.EVENTS_API_BASE_URL = BASE
    fake = FakeProvider(requests_mock, [make_event(n) for n in range(1, 10)])
    update(Provider(BASE))
    assert client.get("/dashboard/status").json()["events_behind"] == 0
    fake.epoch = "second"
    fake.events = [make_event(n, night="2025-01-01") for n in range(1, 30)]
    status = client.get("/dashboard/status").json()
    assert status["events_behind"] is None
    assert "was restored" in status["unknown_because"]
    before = stored_counts()
    with pytest.raises(LedgerRestored):
        update(Provider(BASE))
    assert stored_counts() == before, "events of two ledgers are not mixed"
    assert rebuild_outdated(Provider(BASE)) is None
    update(Provider(BASE))
    assert stored_counts() == expected_counts(fake.events)
    assert FeedPosition.current().epoch == "second"
    assert rebuild_outdated(Provider(BASE)) == []


def test_figures_of_an_unknown_epoch_are_recounted_once(requests_mock: Any) -> None:
    """After an upgrade: which ledger the figures are of was never stored."""
    fake = FakeProvider(requests_mock, [make_event(n) for n in range(1, 10)])
    fake.epoch = ""
    update(Provider(BASE))
    assert rebuild_outdated(Provider(BASE)) == [], "a Data Provider of before the upgrade"
    fake.epoch = "first"
    assert update(Provider(BASE)) == 0
    assert rebuild_outdated(Provider(BASE)) is None
    assert rebuild_outdated(Provider(BASE)) == []
    assert stored_counts() == expected_counts(fake.events)


def test_one_hotel_is_not_rebuilt_from_a_feed_that_ends_before_the_position(
    requests_mock: Any,
) -> None:
    FakeProvider(requests_mock, [make_event(n) for n in range(1, 10)])
    update(Provider(BASE))
    before = stored_counts()
    original = Provider.events

    def events_and_position_moves(self: Provider, hotel_id: int | None = None) -> Any:
        yield from original(self, hotel_id)
        FeedPosition.objects.update(position=20)

    requests_mock.get(
        f"{BASE}/events/feed/", json=lambda *_: {"events": [], "position": 9, "has_more": False}
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Provider, "events", events_and_position_moves)
        patch.setattr(recount, "LOCKED_READ_EVENTS", 0)
        with pytest.raises(ProviderError, match="rebuild all hotels"):
            rebuild(Provider(BASE), 1)
    assert stored_counts() == before


def request_time_zone(client: Client, time_zone: str) -> Any:
    """Change the time zone of hotel 7 over REST."""
    return client.patch(
        "/dashboard/hotels/7", {"time_zone": time_zone}, content_type="application/json"
    ).json()


def test_a_changed_time_zone_recounts_only_that_hotel(client: Client, requests_mock: Any) -> None:
    late = {"event_timestamp": "2024-02-29T23:30:00Z", "hotel_id": 7}
    fake = FakeProvider(
        requests_mock, [{**make_event(1), **late}, {**make_event(2), **late, "hotel_id": 8}]
    )
    update(Provider(BASE))
    before = stored_counts()
    assert request_time_zone(client, "Europe/Lisbon")["recounting"] is True
    assert stored_counts() == before  # figures never mix two time zones
    request_time_zone(client, "Asia/Tokyo")
    fake.events.append({**make_event(3), **late})  # before the recount
    update(Provider(BASE))
    assert stored_counts()[7, "booked", "2024-02-29"] == (2, 0)
    assert rebuild_outdated(Provider(BASE)) == [7]
    fake.events.append({**make_event(4), **late})
    update(Provider(BASE))
    assert stored_counts() == {
        (7, "booked", "2024-03-01"): (3, 0), (7, "stay", "2024-05-01"): (3, 0),
        (8, "booked", "2024-02-29"): (1, 0), (8, "stay", "2024-05-01"): (1, 0),
    }  # fmt: skip
    assert client.get("/dashboard/hotels/7/").json()["recounting"] is False
    assert check(Provider(BASE)).differences == []
    assert rebuild_outdated(Provider(BASE)) == []


def test_a_page_counted_in_the_previous_time_zone_is_counted_again(
    requests_mock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker recounts the hotel in a new time zone after the page was read."""
    late = {"event_timestamp": "2024-02-29T23:30:00Z", "hotel_id": 7}
    FakeProvider(requests_mock, [{**make_event(1), **late}])
    original = Provider.feed

    def feed_and_another_recount(self: Provider, after: int, **options: Any) -> Any:
        page = original(self, after, **options)
        monkeypatch.setattr(Provider, "feed", original)
        HotelProfile.objects.create(hotel_id=7, time_zone="Asia/Tokyo")
        rebuild(Provider(BASE), 7)
        return page

    monkeypatch.setattr(Provider, "feed", feed_and_another_recount)
    update(Provider(BASE))
    assert stored_counts()[7, "booked", "2024-03-01"] == (1, 0)


def test_an_upgrade_that_requests_it_rebuilds_all_hotels(requests_mock: Any) -> None:
    FakeProvider(requests_mock, [make_event(1), make_event(2)])
    update(Provider(BASE))
    PickupData.objects.all().delete()  # as before the upgrade that added this table
    FeedPosition.objects.update(rebuild_needed=True)
    assert rebuild_outdated(Provider(BASE)) is None
    assert PickupData.objects.count() == 2
    assert rebuild_outdated(Provider(BASE)) == []


def test_a_recount_that_somebody_asked_for_is_no_warning(
    settings: Any, requests_mock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EVENTS_API_BASE_URL = BASE
    FakeProvider(requests_mock, [make_event(n) for n in range(1, 4)])
    update(Provider(BASE))
    HotelProfile.objects.create(hotel_id=1, time_zone="Asia/Tokyo")
    with caplog.at_level("INFO"):
        recount_what_changed()
    assert ("INFO", "recounted: [1]") in [(r.levelname, r.message) for r in caplog.records]
    own = [record for record in caplog.records if record.name.startswith("dashboard_service")]
    assert "WARNING" not in {record.levelname for record in own}
