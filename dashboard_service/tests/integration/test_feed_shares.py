"""A feed divided into shares: each event is counted exactly once, whoever counts and whenever the
number of shares is changed."""

import random
import threading
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import requests_mock
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connections, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from dashboard_service import tasks
from dashboard_service.counting import feed_updater, recount, share_claims
from dashboard_service.counting.consistency_check import check
from dashboard_service.counting.share_layout import change_layout
from dashboard_service.counting.updater_lock import all_positions_locked, locked_position
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

pytestmark = pytest.mark.django_db(databases=["dashboard_service"])

HOTELS = 7
DAYS = ["2019-12-31", "2023-12-31", "2024-01-01", "2024-02-29"]  # events come in any order of time


def any_event(number: int, rng: random.Random) -> dict[str, Any]:
    event = make_event(number, rng.choice([1, 1, 2]), rng.choice(DAYS), rng.choice(DAYS))
    event |= {"hotel_id": rng.randint(1, HOTELS), "room_reservation_id": str(rng.randint(1, 9))}
    if event["hotel_id"] % 3 == 0:
        event |= {"rate": "120.50", "currency": "EUR"}
    return event


def layout() -> list[tuple[int, int, int]]:
    return [(row.share, row.shares, row.position) for row in FeedPosition.all_shares()]


def set_positions(*positions: int) -> None:
    """Divide the feed into as many shares, at these positions."""
    FeedPosition.objects.all().delete()
    for share, position in enumerate(positions):
        row = FeedPosition.of_share(share, len(positions))
        row.position = row.room_night_position = position
        row.epoch = "first" if position else ""
        row.save()


class TestAnyInterleaving(TestCase):
    databases = {"dashboard_service"}

    @settings(max_examples=25)
    @given(st.integers(1, 5), st.integers(1, 4), st.integers(1, 9), st.randoms())
    def test_any_updaters_and_any_changes_equal_the_recount(
        self, shares: int, page: int, scanned: int, rng: random.Random
    ) -> None:
        """Updaters hold batches that they read, and add them when others have long gone on."""
        events = [any_event(number * 2, rng) for number in range(1, rng.randint(2, 30))]
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
    events = [any_event(number, rng) for number in range(1, 601)]
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


class _KilledAt:
    """Lets so many statements run and fails the next; then those of the rollback run."""

    def __init__(self, statements: int) -> None:
        self._left = statements

    def __call__(self, execute: Any, *arguments: Any) -> Any:
        self._left -= 1
        if self._left == -1:
            raise DatabaseError("killed")
        return execute(*arguments)


def test_a_command_that_is_killed_at_any_statement_changed_nothing_or_all(
    requests_mock: Any,
) -> None:
    rng = random.Random(5)
    fake = FakeProvider(requests_mock, [any_event(number, rng) for number in range(1, 20)])
    connection = connections["dashboard_service"]
    killed_at = 0
    while True:
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                if table.startswith("dashboard_service_"):
                    cursor.execute(f"DELETE FROM {table}")
        set_positions(0, 0, 0)
        feed_updater.update_share(Provider(BASE), 1, 3)  # the others are behind
        before, counts = layout(), stored_counts()
        try:
            with connection.execute_wrapper(_KilledAt(killed_at)):
                change_layout(Provider(BASE), 2)
        except DatabaseError:
            assert (layout(), stored_counts()) == (before, counts)
        else:
            assert [row[:2] for row in layout()] == [(0, 2), (1, 2)]
            break
        finally:
            killed_at += 1
        feed_updater.update(Provider(BASE))
        assert stored_counts() == expected_counts(fake.events)
    assert killed_at > 10


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


def test_a_recount_of_all_brings_all_shares_to_one_position(requests_mock: Any) -> None:
    fake = FakeProvider(requests_mock, [make_event(number) for number in range(1, 12)])
    set_positions(0, 0, 0)
    feed_updater.update_share(Provider(BASE), 1, 3)
    recount.rebuild(Provider(BASE))
    assert {position for *_, position in layout()} == {11}
    assert stored_counts() == expected_counts(fake.events)


def test_a_restored_ledger_is_noticed_by_the_share_that_is_furthest(requests_mock: Any) -> None:
    fake = FakeProvider(requests_mock, [make_event(number) for number in range(1, 12)])
    set_positions(0, 0)
    feed_updater.update_share(Provider(BASE), 1, 2)
    fake.events, fake.epoch = fake.events[:4], "second"
    assert recount.rebuild_outdated(Provider(BASE)) is None
    assert layout() == [(0, 2, 4), (1, 2, 4)]
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


def test_a_process_of_the_version_without_shares_counts_nothing() -> None:
    statement = (
        "INSERT INTO dashboard_service_feedposition (id, position, rebuild_needed, updated_at) "
        "VALUES (1, 0, %s, '2026-01-01')"
    )
    with connections["dashboard_service"].cursor() as cursor:
        set_positions(5, 5)
        with pytest.raises(IntegrityError), transaction.atomic("dashboard_service"):
            cursor.execute(statement, [False])
        FeedPosition.objects.all().delete()
        cursor.execute(statement, [False])
    assert layout() == [(0, 1, 0)]


def test_the_locks_are_those_of_the_hotels_share() -> None:
    with locked_position() as position:
        assert (position.share, position.shares) == (0, 1)
    set_positions(3, 1, 2)
    with locked_position(5) as position:
        assert (position.share, position.position) == (2, 2)
    with all_positions_locked() as positions:
        assert [position.position for position in positions] == [3, 1, 2]
    with pytest.raises(ValueError, match="divided"), locked_position():
        pass


def set_feed_shares(number: object) -> str:
    output = StringIO()
    call_command("set_feed_shares", str(number), stdout=output)
    return output.getvalue()


def test_the_command(requests_mock: Any, settings: Any) -> None:
    settings.EVENTS_API_BASE_URL = BASE
    fake = FakeProvider(requests_mock, [make_event(number) for number in range(1, 6)])
    feed_updater.update(Provider(BASE))
    assert "1 share became 4 shares at event 5" in set_feed_shares(4)
    assert "-c 4" in set_feed_shares(2) + set_feed_shares(4)
    assert "4 shares already, nothing was changed" in set_feed_shares(4)
    fake.events = [make_event(number) for number in range(1, 30)]
    feed_updater.update_share(Provider(BASE), 1, 4)
    text = set_feed_shares(1)
    assert "4 shares became 1 share at event 29" in text
    assert "12 of them while all updaters waited" in text
    assert stored_counts() == expected_counts(fake.events)
    assert layout() == [(0, 1, 29)]


def test_the_command_refuses_what_cannot_be(requests_mock: Any, settings: Any) -> None:
    settings.EVENTS_API_BASE_URL = BASE
    for number in (0, -1, 65):
        with pytest.raises(CommandError, match="1 to 64"):
            set_feed_shares(number)
    requests_mock.get(f"{BASE}/events/feed/", status_code=400)  # one that knows no shares
    with pytest.raises(CommandError, match="upgrade"):
        set_feed_shares(2)
    assert layout() == [(0, 1, 0)]


def test_far_behind_most_is_counted_without_the_locks(
    requests_mock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard_service.counting.share_layout.LOCKED_IDS", 3)
    fake = FakeProvider(requests_mock, [make_event(number) for number in range(1, 30)])
    set_positions(0, 0)
    feed_updater.update_share(Provider(BASE), 1, 2)
    change = change_layout(Provider(BASE), 3)
    assert (change.counted, change.counted_locked, change.position) == (15, 0, 29)
    assert stored_counts() == expected_counts(fake.events)
