"""A feed divided into shares: each event is counted exactly once, whoever counts and whenever the
number of shares is changed."""

import random
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests_mock
from django.db import connections
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from dashboard_service import tasks
from dashboard_service.counting import feed_updater, recount, share_claims
from dashboard_service.counting.consistency_check import check
from dashboard_service.counting.share_layout import change_layout
from dashboard_service.data_provider_client import Provider, ProviderError
from dashboard_service.feed_lag import feed_lag
from dashboard_service.models import FeedPosition, HotelProfile
from dashboard_service.signals import share_waiting
from dashboard_service.tests.fake_provider import (
    BASE,
    FakeProvider,
    expected_counts,
    make_event,
    stored_counts,
)
from dashboard_service.tests.feed_shares import HOTELS, any_events, layout, set_positions

pytestmark = pytest.mark.django_db(databases=["dashboard_service"])


class TestAnyInterleaving(TestCase):
    databases = {"dashboard_service"}

    @given(st.integers(1, 5), st.integers(1, 4), st.integers(1, 9), st.randoms())
    def test_any_updaters_and_any_changes_equal_the_recount(
        self, shares: int, page: int, scanned: int, rng: random.Random
    ) -> None:
        """Updaters hold batches that they read, and add them when others have long gone on."""
        events = any_events(range(2, 2 * rng.randint(2, 30), 2), rng)
        held: list[tuple[feed_updater.Batch, FeedPosition]] = []
        with requests_mock.Mocker() as mock:
            fake = FakeProvider(mock, [], page)
            fake.scanned = scanned
            provider = Provider(BASE)
            change_layout(provider, shares)
            for _ in range(16):
                what = rng.random()
                row = rng.choice(FeedPosition.all_shares())
                if what < 0.3:
                    fake.events = events[: len(fake.events) + rng.randint(1, 9)]
                elif what < 0.55:
                    batches = feed_updater._batches(provider, row, lambda: False)
                    held += [(batch, row) for batch in batches]
                elif what < 0.75 and held:
                    feed_updater._apply(*held.pop(rng.randrange(len(held))))
                elif what < 0.85:
                    feed_updater.update_share(provider, row.share, row.shares)
                elif what < 0.9:
                    recount.rebuild(provider, rng.choice([None, rng.randint(1, HOTELS)]))
                else:
                    change_layout(provider, rng.randint(1, 5))
            for batch, row in held:
                feed_updater._apply(batch, row)
            fake.events = events
            feed_updater.update(provider)
            recount.rebuild_outdated(provider)
            assert stored_counts() == expected_counts(events)
            assert check(provider).differences == []
            rows = FeedPosition.all_shares()
            assert {row.position for row in rows} == {events[-1]["id"] if events else 0}
            assert [row.share for row in rows] == list(range(rows[0].shares))
            assert feed_lag(provider)["events_behind"] == 0


@pytest.mark.django_db(databases=["dashboard_service"], transaction=True)
@pytest.mark.skipif(
    connections["dashboard_service"].vendor != "postgresql",
    reason="SQLite has one writer at a time",
)
@pytest.mark.parametrize("seed", range(3))
def test_updaters_in_threads_while_the_number_of_shares_changes(
    seed: int, requests_mock: Any
) -> None:
    rng = random.Random(seed)
    events = any_events(range(1, 601), rng)
    fake = FakeProvider(requests_mock, [], page=7)
    change_layout(Provider(BASE), 4)
    is_over = threading.Event()
    failures: list[Exception] = []

    def run(work: Any) -> None:
        try:
            while not is_over.is_set():
                work()
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    def count(number: int) -> None:
        rows = FeedPosition.all_shares()
        row = rows[number % len(rows)]
        feed_updater.update_share(Provider(BASE), row.share, row.shares)

    def change() -> None:
        change_layout(Provider(BASE), rng.randint(1, 5))

    def count_hotel() -> None:
        recount.rebuild(Provider(BASE), rng.randint(1, HOTELS))

    work = [lambda n=n: count(n) for n in range(5)] + [change, count_hotel]
    threads = [threading.Thread(target=run, args=(each,)) for each in work]
    for thread in threads:
        thread.start()
    for end in range(10, 601, 10):
        fake.events = events[:end]
        is_over.wait(0.01)
    is_over.set()
    for thread in threads:
        thread.join()
    assert not failures
    feed_updater.update(Provider(BASE))
    recount.rebuild_outdated(Provider(BASE))
    assert stored_counts() == expected_counts(events)
    assert check(Provider(BASE)).differences == []


def test_a_share_that_cannot_be_read_holds_back_nobody(
    requests_mock: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.EVENTS_API_BASE_URL = BASE
    monkeypatch.setattr(tasks, "_provider", None)
    monkeypatch.setattr(tasks, "_outages", {})
    events = [make_event(number) for number in range(1, 9)]
    FakeProvider(requests_mock, [*events, make_event(9, night="no date")])  # of hotel 2
    set_positions(0, 0)
    assert tasks.update_dashboard_data(0, 2) == 0
    assert tasks.update_dashboard_data(1, 2) == 4
    assert layout() == [(0, 2, 0), (1, 2, 9)]
    assert feed_lag(Provider(BASE))["shares"] == [
        {
            "share": 0,
            "position": 0,
            "events_behind": 5,
            "seconds_behind": pytest.approx(0, abs=1e9),
        },
        {"share": 1, "position": 9, "events_behind": 0, "seconds_behind": 0},
    ]


@pytest.fixture
def requested() -> Iterator[list[tuple[int, int]]]:
    """The shares for which a run was requested."""
    found: list[tuple[int, int]] = []

    def receive(share: int, shares: int, **_: Any) -> None:
        found.append((share, shares))

    share_waiting.connect(receive)
    yield found
    share_waiting.disconnect(receive)


def test_the_task_requests_a_run_for_each_share(
    requests_mock: Any, requested: list[tuple[int, int]], settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    settings.EVENTS_API_BASE_URL = BASE
    monkeypatch.setattr(tasks, "_provider", None)
    FakeProvider(requests_mock, [make_event(number) for number in range(1, 8)])
    assert tasks.update_dashboard_data() == 7
    assert requested == []
    set_positions(7, 3, 7)
    assert tasks.update_dashboard_data() == 0
    assert requested == [(0, 3), (1, 3), (2, 3)]
    assert tasks.update_dashboard_data(2, 4) == 0, "a run of a former layout"


def test_a_share_that_somebody_follows_is_left_to_him(requests_mock: Any) -> None:
    fake = FakeProvider(requests_mock, [make_event(number) for number in range(1, 8)])
    set_positions(0, 0)
    claim = share_claims.claim_share(0, 2)
    assert claim
    run = share_claims.update_unclaimed_share
    assert run(Provider(BASE), 0, 2, lambda: True) == 0
    assert run(Provider(BASE), 1, 2, lambda: True) == 3
    share_claims.release_share(claim)
    assert run(Provider(BASE), 0, 2, lambda: True) == 4
    assert stored_counts() == expected_counts(fake.events)
    assert not FeedPosition.objects.exclude(claimed_until=None).exists()


def test_the_status_adds_up_and_asks_once_at_one_position(requests_mock: Any) -> None:
    fake = FakeProvider(requests_mock, [make_event(number) for number in range(1, 8)])
    set_positions(2, 5)
    lag = feed_lag(Provider(BASE))
    assert (lag["position"], lag["events_behind"]) == (2, 3 + 1)
    assert [share["events_behind"] for share in lag["shares"]] == [3, 1]
    feed_updater.update(Provider(BASE))
    fake.requests.clear()
    lag = feed_lag(Provider(BASE))
    assert (lag["position"], lag["events_behind"], lag["seconds_behind"]) == (7, 0, 0)
    assert [share["events_behind"] for share in lag["shares"]] == [0, 0]
    assert len(fake.requests) == 1


def test_a_recount_of_all_leaves_each_share_where_it_was(requests_mock: Any) -> None:
    fake = FakeProvider(requests_mock, [make_event(number) for number in range(1, 12)])
    set_positions(0, 0, 0)
    feed_updater.update_share(Provider(BASE), 1, 3)
    recount.rebuild(Provider(BASE))
    assert [position for *_, position in layout()] == [0, 11, 0]
    for share in range(3):
        feed_updater.update_share(Provider(BASE), share, 3)
    assert stored_counts() == expected_counts(fake.events)


def test_a_restored_ledger_is_noticed_by_the_share_that_is_furthest(requests_mock: Any) -> None:
    fake = FakeProvider(requests_mock, [make_event(number) for number in range(1, 12)])
    set_positions(0, 0)
    feed_updater.update_share(Provider(BASE), 1, 2)
    fake.events, fake.epoch = fake.events[:4], "second"
    assert recount.rebuild_outdated(Provider(BASE)) is None
    assert layout() == [(0, 2, 0), (1, 2, 4)]
    assert {row.epoch for row in FeedPosition.all_shares()} == {"second"}
    feed_updater.update_share(Provider(BASE), 0, 2)
    assert stored_counts() == expected_counts(fake.events)


def test_another_share_s_hotel_makes_nobody_drop_a_batch(requests_mock: Any) -> None:
    FakeProvider(requests_mock, [make_event(number) for number in range(1, 4)])
    set_positions(0, 0)
    start = FeedPosition.all_shares()[0]
    [batch] = feed_updater._batches(Provider(BASE), start, lambda: True)
    HotelProfile.objects.create(hotel_id=1, counted_time_zone="Asia/Tokyo", time_zone="Asia/Tokyo")
    assert feed_updater._apply(batch, start) is not None
    HotelProfile.objects.create(hotel_id=2, counted_time_zone="Asia/Tokyo", time_zone="Asia/Tokyo")
    assert feed_updater._apply(batch, start) is None


def test_an_answer_for_other_hotels_is_refused(requests_mock: Any) -> None:
    requests_mock.get(
        f"{BASE}/events/feed/",
        json={"events": [make_event(1), make_event(2)], "position": 2, "has_more": False},
    )
    with pytest.raises(ProviderError, match="not asked for"):
        Provider(BASE).feed(0, share=(0, 2))
