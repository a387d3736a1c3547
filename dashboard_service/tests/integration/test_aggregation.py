"""Feed to figures: exactly once, in any order, equal to a recount."""

import random
from collections import Counter
from typing import Any

import pytest
import requests_mock
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from dashboard_service import aggregation
from dashboard_service.data_provider_client import Provider, ProviderError
from dashboard_service.models import DashboardData, FeedPosition

BASE = "http://provider.test"
DATABASES = ["dashboard_service"]


class FakeProvider:
    """The Data Provider's contract over `requests-mock`, for a list of events in feed order."""

    def __init__(self, mock: requests_mock.Mocker, events: list[dict[str, Any]], page: int = 3):
        self.events = events
        self.page = page
        mock.get(f"{BASE}/events/feed/", json=self.feed)
        mock.get(f"{BASE}/events/feed/status/", json=self.status)
        mock.get(f"{BASE}/events/", json=lambda *_: self.events)

    def feed(self, request: Any, _: Any) -> dict[str, Any]:
        after = int(request.qs["after"][0])
        rest = [event for event in self.events if event["id"] > after]
        page = rest[: self.page]
        position = page[-1]["id"] if page else after
        return {"events": page, "position": position, "has_more": len(rest) > len(page)}

    def status(self, request: Any, _: Any) -> dict[str, Any]:
        after = int(request.qs["after"][0])
        behind = [event for event in self.events if event["id"] > after]
        oldest = "2024-01-01T00:00:00+00:00" if behind else None
        return {
            "events_after": len(behind),
            "oldest_recorded_at": oldest,
            "newest_position": self.events[-1]["id"] if self.events else None,
        }


def event(
    number: int, status: int = 1, day: str = "2024-03-01", night: str = "2024-05-01"
) -> dict[str, Any]:
    return {
        "id": number, "hotel_id": number % 2 + 1, "event_timestamp": f"{day}T10:00:00Z",
        "status": status, "room_reservation_id": str(number), "night_of_stay": night,
    }  # fmt: skip


def shown() -> dict[tuple[int, str, str], tuple[int, int]]:
    return {
        (row.hotel_id, row.basis, str(row.day)): (row.gross_booking_count, row.cancellation_count)
        for row in DashboardData.objects.all()
    }


def recounted(events: list[dict[str, Any]]) -> dict[tuple[int, str, str], tuple[int, int]]:
    keys: Counter[tuple[int, str, str, int]] = Counter()
    for one in events:
        keys[one["hotel_id"], "booked", one["event_timestamp"][:10], one["status"]] += 1
        keys[one["hotel_id"], "stay", one["night_of_stay"], one["status"]] += 1
    return {key[:3]: (keys[*key[:3], 1], keys[*key[:3], 2]) for key in keys}


@pytest.mark.django_db(databases=DATABASES)
class TestUpdate:
    def test_it_works(self, requests_mock: Any) -> None:
        fake = FakeProvider(requests_mock, [event(n, (n % 3 and 1) or 2) for n in range(1, 12)])
        assert aggregation.update(Provider(BASE)) == 11
        assert shown() == recounted(fake.events)
        assert aggregation.update(Provider(BASE)) == 0
        assert shown() == recounted(fake.events)

    def test_a_late_event_counts(self, requests_mock: Any) -> None:
        fake = FakeProvider(requests_mock, [event(1), event(2, day="2024-03-02")])
        aggregation.update(Provider(BASE))
        fake.events.append(event(9, day="2019-12-31", night="2020-02-29"))
        aggregation.update(Provider(BASE))
        assert shown() == recounted(fake.events)

    def test_a_page_that_another_updater_applied_is_not_counted_again(
        self, requests_mock: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fake = FakeProvider(requests_mock, [event(n) for n in range(1, 8)])
        honest = Provider.feed

        def feed_and_be_overtaken(self: Provider, after: int, limit: int = 10_000) -> Any:
            page = honest(self, after, limit)
            monkeypatch.setattr(Provider, "feed", honest)
            aggregation.update(Provider(BASE))
            return page

        monkeypatch.setattr(Provider, "feed", feed_and_be_overtaken)
        aggregation.update(Provider(BASE))
        assert shown() == recounted(fake.events)

    @pytest.mark.parametrize(
        "answer",
        [
            {"status_code": 500},
            {"text": "<html>"},
            {"json": []},
            {"json": {"events": [{"id": 1}], "position": 1, "has_more": False}},
            {"json": {"events": [event(2), event(1)], "position": 1, "has_more": False}},
            {"json": {"events": [event(1, status=3)], "position": 1, "has_more": False}},
            {"json": {"events": [event(1, night="x")], "position": 1, "has_more": False}},
            {"json": {"events": [], "position": 7, "has_more": False}},
        ],
    )
    def test_a_broken_answer_counts_nothing(
        self, requests_mock: Any, answer: dict[str, Any]
    ) -> None:
        requests_mock.get(f"{BASE}/events/feed/", **answer)
        with pytest.raises(ProviderError):
            aggregation.update(Provider(BASE))
        assert (shown(), aggregation.position().position) == ({}, 0)

    def test_rebuild_and_check(self, requests_mock: Any) -> None:
        fake = FakeProvider(requests_mock, [event(n) for n in range(1, 10)])
        provider = Provider(BASE)
        aggregation.update(provider)
        assert aggregation.check(provider).differences == []
        DashboardData.objects.filter(hotel_id=1, basis="stay").update(gross_booking_count=99)
        found = aggregation.check(provider, repair=True)
        assert [(d.hotel_id, d.basis) for d in found.differences] == [(1, "stay")]
        assert found.rebuilt == [1]
        assert shown() == recounted(fake.events)

    def test_a_check_leaves_out_what_is_not_counted_yet(self, requests_mock: Any) -> None:
        fake = FakeProvider(requests_mock, [event(1)])
        aggregation.update(Provider(BASE))
        fake.events.append(event(2))
        assert aggregation.check(Provider(BASE)).differences == []

    def test_a_rebuild_of_one_hotel_leaves_the_position(self, requests_mock: Any) -> None:
        fake = FakeProvider(requests_mock, [event(n) for n in range(1, 10)])
        aggregation.update(Provider(BASE), keep_going=lambda: False)
        aggregation.rebuild(Provider(BASE), 1)
        assert aggregation.position().position == 3
        aggregation.update(Provider(BASE))
        assert shown() == recounted(fake.events)

    def test_a_rebuild_after_the_ledger_was_restored_to_less(self, requests_mock: Any) -> None:
        fake = FakeProvider(requests_mock, [event(n) for n in range(1, 10)])
        aggregation.update(Provider(BASE))
        del fake.events[4:]
        aggregation.rebuild(Provider(BASE))
        assert (shown(), aggregation.position().position) == (recounted(fake.events), 4)

    def test_a_ledger_that_was_restored_to_less_is_noticed_and_recounted(
        self, client: Client, settings: Any, requests_mock: Any
    ) -> None:
        settings.EVENTS_API_BASE_URL = BASE
        fake = FakeProvider(requests_mock, [event(n) for n in range(1, 10)])
        aggregation.update(Provider(BASE))
        del fake.events[4:]
        assert client.get("/dashboard/status").json()["events_behind"] is None
        assert aggregation.recount_what_changed(Provider(BASE)) is None
        assert (shown(), aggregation.position().position) == (recounted(fake.events), 4)
        fake.events.append(event(5))
        aggregation.update(Provider(BASE))
        assert shown() == recounted(fake.events)

    def test_one_hotel_is_not_rebuilt_from_a_feed_that_ends_too_soon(
        self, requests_mock: Any
    ) -> None:
        fake = FakeProvider(requests_mock, [event(n) for n in range(1, 10)])
        aggregation.update(Provider(BASE))
        right = shown()
        honest = Provider.events

        def events_before_others_came(self: Provider, hotel_id: int | None = None) -> Any:
            yield from honest(self, hotel_id)
            FeedPosition.objects.update(position=20)

        requests_mock.get(
            f"{BASE}/events/feed/", json=lambda *_: {"events": [], "position": 9, "has_more": False}
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Provider, "events", events_before_others_came)
            patch.setattr(aggregation, "LOCKED_READ_EVENTS", 0)
            with pytest.raises(ProviderError, match="rebuild all hotels"):
                aggregation.rebuild(Provider(BASE), 1)
        assert shown() == right
        assert fake.events

    def test_status(self, client: Client, settings: Any, requests_mock: Any) -> None:
        settings.EVENTS_API_BASE_URL = BASE
        fake = FakeProvider(requests_mock, [event(1), event(2)])
        assert client.get("/dashboard/status").json()["events_behind"] == 2
        aggregation.update(Provider(BASE))
        status = client.get("/dashboard/status/").json()
        assert (status["position"], status["events_behind"], status["seconds_behind"]) == (2, 0, 0)
        fake.events.append(event(3))
        requests_mock.get(f"{BASE}/events/feed/status/", status_code=503)
        assert client.get("/dashboard/status/").json()["events_behind"] is None


EVENTS = st.lists(
    st.tuples(
        st.sampled_from([1, 2]),
        st.sampled_from(["2023-12-31", "2024-01-01", "2024-02-29"]),
        st.sampled_from(["2024-02-28", "2024-02-29", "2024-12-31", "2025-01-01"]),
    ),
    max_size=30,
)


class TestAnyFeed(TestCase):
    databases = set(DATABASES)

    @given(EVENTS, st.integers(1, 7), st.randoms())
    def test_any_events_in_any_pages_equal_the_recount(
        self, specs: list[tuple[int, str, str]], page: int, rng: random.Random
    ) -> None:
        events = [event(n, *spec) for n, spec in enumerate(specs, start=1)]
        with requests_mock.Mocker() as mock:
            fake = FakeProvider(mock, [], page)
            provider = Provider(BASE)
            while len(fake.events) < len(events):
                fake.events = events[: len(fake.events) + rng.randint(1, 9)]
                keep = rng.random() < 0.5
                aggregation.update(provider, [False, True][keep].__bool__)
            aggregation.update(provider)
            assert shown() == recounted(events)
            assert aggregation.check(provider).differences == []
