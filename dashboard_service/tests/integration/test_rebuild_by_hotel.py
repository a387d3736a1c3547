"""A recount of all hotels takes one after the other: exact whoever writes, restores or is killed."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dashboard_service.counting import figure_hotels, hotel_claims, recount
from dashboard_service.counting.consistency_check import check
from dashboard_service.counting.feed_updater import update
from dashboard_service.counting.recount import rebuild, rebuild_outdated, request_all
from dashboard_service.data_provider_client import Provider, ProviderError
from dashboard_service.figures.freshness import incomplete_hotels, is_incomplete
from dashboard_service.models import (
    DashboardData,
    FeedPosition,
    HotelFigures,
    HotelRecount,
    PaceData,
)
from dashboard_service.tests.fake_provider import (
    BASE,
    FakeProvider,
    expected_counts,
    make_event,
    stored_counts,
)

pytestmark = pytest.mark.django_db(databases=["dashboard_service"])

HOTELS = 4
EUR = {"rate": "120.00", "currency": "EUR"}


class Killed(BaseException):
    """A worker's process was killed."""


def event_of(hotel: int, number: int, **fields: Any) -> dict[str, Any]:
    return {**make_event(number), "hotel_id": hotel, **fields}


def fake_hotels(requests_mock: Any, **fields: Any) -> FakeProvider:
    events = [event_of((n - 1) % HOTELS + 1, n, **fields) for n in range(1, 3 * HOTELS + 1)]
    fake = FakeProvider(requests_mock, events)
    update(Provider(BASE))
    return fake


def times(number: int) -> Callable[[], bool]:
    left = itertools.count(number, -1)
    return lambda: next(left) > 0


def restore_ledger(fake: FakeProvider) -> None:
    """Another ledger with the same ids: hotel 1 is gone, hotel 9 is new."""
    fake.epoch = "second"
    fake.events = [
        event_of((2, 3, 4, 9)[n % 4], n, night_of_stay="2025-01-01") for n in range(1, 30)
    ]


@pytest.mark.parametrize("done", range(HOTELS + 2))
def test_it_goes_on_after_a_kill_between_any_two_hotels(
    requests_mock: Any, client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch, done: int
) -> None:
    settings.EVENTS_API_BASE_URL = BASE
    fake = fake_hotels(requests_mock)
    restore_ledger(fake)
    old, new = stored_counts(), expected_counts(fake.events)
    original = recount.rebuild_hotel
    recounted = itertools.count()

    def killed(*arguments: Any) -> int:
        if next(recounted) == done:
            raise Killed
        return original(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(recount, "rebuild_hotel", killed)
        patch.setattr(hotel_claims.Claim, "put_back", lambda *_: None)  # a kill leaves no time
        if done < HOTELS + 1:
            with pytest.raises(Killed):
                rebuild_outdated(Provider(BASE))
        else:
            rebuild_outdated(Provider(BASE))
    waiting = set(HotelRecount.objects.values_list("hotel_id", flat=True))
    assert len(waiting) == HOTELS + 1 - done
    assert incomplete_hotels() == waiting
    assert client.get("/dashboard/status").json()["events_behind"] == len(waiting)
    for hotel in (1, 2, 3, 4, 9):
        assert is_incomplete(hotel) is (hotel in waiting)
        right = old if hotel in waiting else new
        assert of_hotel(stored_counts(), hotel) == of_hotel(right, hotel)
    fake.events.append(event_of(2, 30))
    update(Provider(BASE))  # it goes on while hotels wait
    past = timezone.now() - timedelta(seconds=1)
    HotelRecount.objects.update(claimed_until=past)
    rebuild_outdated(Provider(BASE))
    assert stored_counts() == expected_counts(fake.events)
    assert client.get("/dashboard/status").json()["events_behind"] == 0
    assert not HotelFigures.objects.filter(pk=1).exists(), "the ledger does not have it any more"
    assert check(Provider(BASE)).differences == []


def of_hotel(counts: dict[Any, Any], hotel: int) -> dict[Any, Any]:
    return {key: value for key, value in counts.items() if key[0] == hotel}


def test_what_updaters_add_meanwhile_counts_once(requests_mock: Any) -> None:
    fake = fake_hotels(requests_mock, **EUR)
    provider = Provider(BASE)
    request_all(provider)
    for number in range(13, 25):
        fake.events.append(event_of(number % HOTELS + 1, number, **EUR))
        update(provider)
        rebuild_outdated(provider, times(number % 2))
    rebuild_outdated(provider)
    assert stored_counts() == expected_counts(fake.events)
    assert check(provider).differences == []


def test_what_is_counted_during_a_request_of_all_stays_counted(
    requests_mock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would be added again, and shown twice until the hotel's recount."""
    fake = fake_hotels(requests_mock)
    ask_for_hotels = figure_hotels.hotels_of_ledger

    def count_another_event(provider: Provider) -> set[int]:
        fake.events.append(event_of(1, 3 * HOTELS + 1))
        update(provider)
        return ask_for_hotels(provider)

    monkeypatch.setattr(recount, "hotels_of_ledger", count_another_event)
    request_all(Provider(BASE))
    assert FeedPosition.current().position == 3 * HOTELS + 1
    update(Provider(BASE))
    assert stored_counts() == expected_counts(fake.events)


def test_a_recount_that_was_begun_before_a_restore_does_not_count(
    requests_mock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An SQLite file was copied back: the epoch is the same, and ids were given again."""
    fake = fake_hotels(requests_mock)
    provider = Provider(BASE)
    original = Provider.events

    def events_and_a_restore(self: Provider, hotel_id: int | None = None) -> Any:
        yield from original(self, hotel_id)
        monkeypatch.setattr(Provider, "events", original)
        fake.events = fake.events[:2]
        rebuild_outdated(Provider(BASE))
        fake.events += [event_of(1, n, night_of_stay="2026-01-01") for n in range(3, 20)]
        update(Provider(BASE))

    monkeypatch.setattr(Provider, "events", events_and_a_restore)
    recount.rebuild_hotel(provider, 1)
    assert stored_counts() == expected_counts(fake.events)


def test_a_request_during_a_recount_is_not_lost(
    requests_mock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two rebuilds at once: both end, and nothing waits for ever."""
    fake = fake_hotels(requests_mock)
    DashboardData.objects.update(gross_booking_count=99)
    original = Provider.events

    def events_and_a_rebuild(self: Provider, hotel_id: int | None = None) -> Any:
        yield from original(self, hotel_id)
        monkeypatch.setattr(Provider, "events", original)
        request_all(Provider(BASE))
        rebuild_outdated(Provider(BASE))

    monkeypatch.setattr(Provider, "events", events_and_a_rebuild)
    rebuild(Provider(BASE))
    assert not HotelRecount.objects.exists()
    assert stored_counts() == expected_counts(fake.events)


def test_two_workers_request_it_once(requests_mock: Any) -> None:
    fake = fake_hotels(requests_mock)
    fake.epoch = "second"
    provider = Provider(BASE)
    request_all(provider, only_if_needed=True)
    rebuild_outdated(provider, times(2))
    waiting = HotelRecount.objects.count()
    request_all(provider, only_if_needed=True)  # by one that had found it necessary, too
    assert HotelRecount.objects.count() == waiting == HOTELS - 2


def test_a_hotel_that_cannot_be_recounted_keeps_no_other_waiting(requests_mock: Any) -> None:
    fake = fake_hotels(requests_mock)
    wrong = fake.events[0]
    fake.events[0] = {**wrong, "night_of_stay": "no date"}
    DashboardData.objects.update(gross_booking_count=99)
    with pytest.raises(ProviderError, match="no date"):
        rebuild(Provider(BASE))
    assert [*HotelRecount.objects.values_list("hotel_id", flat=True)] == [1]
    fake.events[0] = wrong
    HotelRecount.objects.update(claimed_until=None)
    rebuild_outdated(Provider(BASE))
    assert stored_counts() == expected_counts(fake.events)


def test_an_open_writer_holds_the_position_back(requests_mock: Any) -> None:
    """A position that is not the feed's would skip what the writer commits later."""
    fake = fake_hotels(requests_mock)
    fake.epoch = "second"
    committed = event_of(1, 20)
    fake.events.append(event_of(2, 22))
    is_committed = False

    def feed(request: Any, context: Any) -> Any:
        nonlocal is_committed
        if not is_committed:  # id 20: the feed ends before it
            is_committed = True
            fake.events.insert(-1, committed)
            return {"events": [], "position": 21, "has_more": False, "epoch": "second"}
        return fake.feed(request, context)

    requests_mock.get(f"{BASE}/events/feed/", json=feed)
    rebuild_outdated(Provider(BASE))
    update(Provider(BASE))
    assert stored_counts() == expected_counts(fake.events)
    assert FeedPosition.current().position == 22


def test_money_of_a_hotel_that_is_gone(requests_mock: Any) -> None:
    fake = fake_hotels(requests_mock, **EUR)
    fake.events = [event for event in fake.events if event["hotel_id"] != 1]
    rebuild(Provider(BASE))
    assert set(PaceData.objects.values_list("hotel_id", flat=True)) == {2, 3, 4}
    assert check(Provider(BASE)).differences == []
