"""Following the feed: each event is counted exactly once, in any order, equal to a recount."""

import random
from itertools import repeat
from typing import Any

import pytest
import requests_mock
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from dashboard_service.counting.consistency_check import check
from dashboard_service.counting.feed_updater import update
from dashboard_service.data_provider_client import Provider, ProviderError
from dashboard_service.models import FeedPosition
from dashboard_service.tests.fake_provider import (
    BASE,
    FakeProvider,
    expected_counts,
    make_event,
    stored_counts,
)

pytestmark = pytest.mark.django_db(databases=["dashboard_service"])


def test_it_works(requests_mock: Any) -> None:
    fake = FakeProvider(requests_mock, [make_event(n, (n % 3 and 1) or 2) for n in range(1, 12)])
    assert update(Provider(BASE)) == 11
    assert stored_counts() == expected_counts(fake.events)
    assert update(Provider(BASE)) == 0
    assert stored_counts() == expected_counts(fake.events)


def test_a_change_adds_and_takes_no_room_night(requests_mock: Any) -> None:
    money = {"rate": "120.50", "currency": "EUR", "room_type": "Double", "new_field": 1}
    booked = [{**make_event(number), **money} for number in (1, 2)]
    changes = [
        {**make_event(number, status=3, day="2024-04-01"), **money} for number in range(3, 9)
    ]
    FakeProvider(requests_mock, booked + changes)
    assert update(Provider(BASE)) == 8
    assert stored_counts() == expected_counts(booked), "no row for a day that only has changes"
    assert FeedPosition.objects.get().position == 8
    assert update(Provider(BASE)) == 0
    assert not check(Provider(BASE)).differences


def test_a_late_event_is_counted(requests_mock: Any) -> None:
    fake = FakeProvider(requests_mock, [make_event(1), make_event(2, day="2024-03-02")])
    update(Provider(BASE))
    fake.events.append(make_event(9, day="2019-12-31", night="2020-02-29"))
    update(Provider(BASE))
    assert stored_counts() == expected_counts(fake.events)


def test_a_page_that_another_updater_applied_is_not_counted_again(
    requests_mock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = FakeProvider(requests_mock, [make_event(n) for n in range(1, 8)])
    original = Provider.feed

    def feed_and_another_update(self: Provider, after: int, **options: Any) -> Any:
        page = original(self, after, **options)
        monkeypatch.setattr(Provider, "feed", original)
        update(Provider(BASE))
        return page

    monkeypatch.setattr(Provider, "feed", feed_and_another_update)
    update(Provider(BASE))
    assert stored_counts() == expected_counts(fake.events)


@pytest.mark.parametrize(
    "answer",
    [
        {"status_code": 500},
        {"text": "<html>"},
        {"json": []},
        {"json": {"events": [{"id": 1}], "position": 1, "has_more": False}},
        {"json": {"events": [make_event(2), make_event(1)], "position": 1, "has_more": False}},
        {"json": {"events": [make_event(1, status=4)], "position": 1, "has_more": False}},
        {"json": {"events": [make_event(1, night="x")], "position": 1, "has_more": False}},
        {"json": {"events": [], "position": 7, "has_more": False}},
    ],
)
def test_an_invalid_answer_counts_nothing(requests_mock: Any, answer: dict[str, Any]) -> None:
    requests_mock.get(f"{BASE}/events/feed/", **answer)
    with pytest.raises(ProviderError):
        update(Provider(BASE))
    assert (stored_counts(), FeedPosition.current().position) == ({}, 0)


EVENTS = st.lists(
    st.tuples(
        st.sampled_from([1, 2]),
        st.sampled_from(["2023-12-31", "2024-01-01", "2024-02-29"]),
        st.sampled_from(["2024-02-28", "2024-02-29", "2024-12-31", "2025-01-01"]),
    ),
    max_size=30,
)


class TestAnyFeed(TestCase):
    databases = {"dashboard_service"}

    @given(EVENTS, st.integers(1, 7), st.randoms())
    def test_any_events_in_any_pages_equal_the_recount(
        self, specs: list[tuple[int, str, str]], page: int, rng: random.Random
    ) -> None:
        events = [make_event(n, *spec) for n, spec in enumerate(specs, start=1)]
        with requests_mock.Mocker() as mock:
            fake = FakeProvider(mock, [], page)
            provider = Provider(BASE)
            while len(fake.events) < len(events):
                fake.events = events[: len(fake.events) + rng.randint(1, 9)]
                update(provider, keep_going=repeat(rng.random() < 0.5).__next__)
            update(provider)
            assert stored_counts() == expected_counts(events)
            assert check(provider).differences == []
