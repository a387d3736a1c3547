"""Repricing by many workers: each hotel by one at a time, in turn, and none kept waiting by others."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.utils import timezone

from common.row_claims import claim_first
from pricing_service.decisions import repricing_run, repricing_schedule
from pricing_service.decisions.repricing_claims import (
    CLAIM_HOLDS,
    WORKER_ENDED,
    claim_next,
    due_hotels,
    end_claim,
    end_failed_claim,
    failing_hotels,
)
from pricing_service.decisions.repricing_run import reprice_due
from pricing_service.models import NightPrice, PricingRules, PricingState
from pricing_service.signals import hotels_waiting
from pricing_service.tests.hotels import DATABASES, create_hotel, create_rules
from tests.migrated_databases import copy_migrated_databases

pytestmark = pytest.mark.django_db(databases=DATABASES)
WAIT_SECONDS = 60  # for another thread, on a machine that is busy


def due_since(*minutes: int) -> None:
    """Create hotels 1, 2 … with rules, priced an hour ago and due for so many minutes."""
    now = timezone.now()
    for hotel, ago in enumerate(minutes, start=1):
        create_rules(hotel)
        PricingState.objects.create(
            hotel_id=hotel,
            priced_at=now - timedelta(hours=1),
            due_at=now - timedelta(minutes=ago),
        )
    PricingRules.objects.update(updated_at=now - timedelta(hours=2))


def note_priced(hotel: int) -> int:
    """Note that a hotel was priced, without its prices."""
    next_time = timezone.now() + timedelta(days=1)
    PricingState.objects.filter(pk=hotel).update(
        priced_at=timezone.now(), due_at=next_time, is_urgent=False
    )
    return 1


@pytest.fixture
def priced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Have hotels priced at no cost; return which, in order."""
    hotels: list[int] = []

    def reprice(hotel: int) -> int:
        hotels.append(hotel)
        return note_priced(hotel)

    monkeypatch.setattr(repricing_run, "reprice", reprice)
    monkeypatch.setattr(repricing_schedule, "find_due", lambda **_: False)
    monkeypatch.setattr(repricing_run, "follow_priced_hotels", lambda: [])
    return hotels


@pytest.fixture
def databases_of_threads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Give threads, but not this one, SQLite files: in memory no writer waits for another."""
    if connections["pricing_service"].vendor == "sqlite":
        copy_migrated_databases(tmp_path)
        for name in DATABASES:
            file = str(tmp_path / f"{name}.sqlite3")
            monkeypatch.setitem(connections.settings[name], "NAME", file)


def in_threads(*works: Callable[[], Any]) -> list[Any]:
    """Do each work in a thread of its own, and return what they return. Raises what one raises."""

    def do(work: Callable[[], Any]) -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as threads:
        return [done.result() for done in [threads.submit(do, work) for work in works]]


@pytest.mark.django_db(databases=DATABASES, transaction=True)
@pytest.mark.usefixtures("databases_of_threads")
def test_two_workers_price_each_of_twenty_hotels_once_and_both_work(
    priced: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    in_threads(lambda: due_since(*range(20, 0, -1)))
    both_work, begun = threading.Barrier(2), threading.local()

    def price_when_both_have_begun(hotel: int) -> int:
        if not hasattr(begun, "first"):
            begun.first = hotel
            both_work.wait(WAIT_SECONDS)
        priced.append(hotel)
        return note_priced(hotel)

    monkeypatch.setattr(repricing_run, "reprice", price_when_both_have_begun)
    in_threads(*[lambda: reprice_due(lambda: True)] * 2)
    assert Counter(priced) == Counter(range(1, 21))
    free = in_threads(PricingState.objects.filter(claimed_until=None, tries=0).count)
    assert free == [20]


@contextmanager
def locked_by_a_person(hotel: int) -> Iterator[None]:
    """Hold a hotel's lock in another thread, as a decision does."""
    is_held, is_over = threading.Event(), threading.Event()

    def hold() -> None:
        with PricingState.locked(hotel):
            is_held.set()
            is_over.wait(WAIT_SECONDS)
        connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    assert is_held.wait(WAIT_SECONDS)
    try:
        yield
    finally:
        is_over.set()
        thread.join(WAIT_SECONDS)


@pytest.mark.django_db(databases=DATABASES, transaction=True)
def test_a_hotel_that_a_person_changes_just_now_holds_up_no_worker() -> None:
    if connections["pricing_service"].vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    due_since(2, 1)
    with locked_by_a_person(1):
        claimed = claim_next()
    assert claimed is not None
    assert claimed.hotel_id == 2


def claimed_hotels(count: int = 1) -> list[int | None]:
    claims = [claim_next() for _ in range(count)]
    return [None if claim is None else claim.hotel_id for claim in claims]


def test_the_one_that_waited_longest_comes_first_but_changed_rules_before_it() -> None:
    due_since(1, 3, 2, 4)
    PricingState.objects.filter(pk__in=[1, 3]).update(is_urgent=True)
    assert claimed_hotels(5) == [3, 1, 4, 2, None]


def test_a_killed_worker_s_hotel_is_taken_again_after_the_lease(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    due_since(1)
    begun = timezone.now()
    assert claimed_hotels(2) == [1, None]
    pauses = []
    for _ in range(4):  # it ends each worker that takes it
        until = PricingState.objects.get().claimed_until
        assert until
        pauses.append(round((until - begun).total_seconds() / 60))
        monkeypatch.setattr(timezone, "now", lambda until=until: until - timedelta(seconds=1))
        assert claimed_hotels() == [None]
        monkeypatch.setattr(timezone, "now", lambda until=until: until)
        assert claimed_hotels() == [1]
        begun = until
    assert pauses == [round(CLAIM_HOLDS.total_seconds() / 60), 3, 4, 8]
    assert failing_hotels().get().failure == WORKER_ENDED
    assert WORKER_ENDED in caplog.text


def test_a_claim_that_ended_meanwhile_is_not_ended_again() -> None:
    due_since(1)
    slow = claim_next()
    assert slow
    PricingState.objects.update(claimed_until=timezone.now())
    assert claimed_hotels() == [1]
    held = PricingState.objects.values().get()
    end_claim(slow)
    end_failed_claim(slow, ValueError("late"))
    assert PricingState.objects.values().get() == held, "the second worker has it"


def test_a_hotel_that_was_priced_is_due_at_its_next_time() -> None:
    due_since(1)
    claimed = claim_next()
    assert claimed
    note_priced(1)
    next_time = PricingState.objects.get().due_at
    end_claim(claimed)
    assert PricingState.objects.get().due_at == next_time


def test_a_hotel_that_another_worker_was_faster_to_claim_is_left_to_it() -> None:
    """As without locks: the other one claims it between the look and the claim."""
    due_since(2, 1)
    soon = timezone.now() + CLAIM_HOLDS

    def others_first(row: PricingState) -> dict[str, Any]:
        if row.pk == 1:
            PricingState.objects.filter(pk=1).update(claimed_until=soon)
        return {"claimed_until": soon, "tries": 1}

    claimed = claim_first(due_hotels(), others_first)
    assert claimed
    assert claimed.pk == 2
    assert list(PricingState.objects.order_by("pk").values_list("tries", flat=True)) == [0, 1]


def test_no_hotel_starves_though_others_are_due_again_all_the_time(
    priced: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    due_since(4, 3, 2, 1)
    monkeypatch.setattr(repricing_schedule, "REPRICING_INTERVAL_SECONDS", 0)

    def price_and_make_due(hotel: int) -> int:
        priced.append(hotel)
        note_priced(hotel)
        rules_are_saved = hotel in (1, 2)
        PricingState.objects.filter(pk=hotel).update(
            due_at=timezone.now(), is_urgent=rules_are_saved
        )
        return 1

    monkeypatch.setattr(repricing_run, "reprice", price_and_make_due)
    reprice_due(lambda: len(priced) < 24)
    counts = Counter(priced)
    assert set(counts) == {1, 2, 3, 4}
    assert counts[3] >= 3
    assert counts[4] >= 2


def spoil(hotel: int) -> None:
    """Give a hotel rules that no person can save."""
    PricingRules.objects.filter(pk=hotel).update(month_factors=["x"] * 12)


def test_a_failing_hotel_stops_no_other_and_pauses_longer_each_time(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for hotel in (1, 2):
        create_hotel(hotel)
        create_rules(hotel)
    spoil(1)
    reprice_due(lambda: True)
    assert set(NightPrice.objects.values_list("hotel_id", flat=True)) == {2}
    failing = failing_hotels().get()
    assert (failing.hotel_id, failing.tries, failing.claimed_until) == (1, 1, None)
    pauses = []
    for _ in range(3):
        failing = failing_hotels().get()
        assert failing.due_at
        pauses.append(round((failing.due_at - timezone.now()).total_seconds() / 60))
        now = failing.due_at
        monkeypatch.setattr(timezone, "now", lambda now=now: now - timedelta(seconds=1))
        reprice_due(lambda: True)
        assert failing_hotels().get().tries == failing.tries, "not before its time"
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        reprice_due(lambda: True)
        assert failing_hotels().get().tries == failing.tries + 1
    assert pauses == [1, 2, 4]
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(errors) == 1
    assert errors[0].exc_info

    monkeypatch.setattr(timezone, "now", lambda now=now: now + timedelta(seconds=1))
    rules = PricingRules.objects.get(pk=1)
    rules.month_factors = [1] * 12
    rules.save()  # a person mends it: it need not wait
    reprice_due(lambda: True)
    assert not failing_hotels().exists()
    assert NightPrice.objects.filter(hotel_id=1).exists()
    assert "hotel 1: priced again, after 5 tries" in caplog.text


def test_without_a_database_a_run_ends_and_its_hotel_waits(
    priced: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    due_since(2, 1)

    def fail(hotel: int) -> int:
        priced.append(hotel)
        raise OperationalError("no connection")

    monkeypatch.setattr(repricing_run, "reprice", fail)
    with pytest.raises(OperationalError):
        reprice_due(lambda: True)
    assert priced == [1]
    assert claimed_hotels(2) == [2, None]


@pytest.fixture
def calls() -> Iterator[list[object]]:
    """How often other workers were called for help."""
    made: list[object] = []

    def call(**_: object) -> None:
        made.append(1)

    hotels_waiting.connect(call)
    yield made
    hotels_waiting.disconnect(call)


@pytest.mark.parametrize(
    ("hotels", "keep_going", "call_others", "expected"),
    [
        (1, lambda: True, True, 0),
        (5, lambda: True, True, 1),
        (5, lambda: True, False, 0),
        (5, lambda: False, True, 2),
        (5, lambda: False, False, 1),
    ],
)
def test_others_are_called_while_hotels_wait(
    priced: list[int],
    calls: list[object],
    hotels: int,
    keep_going: Callable[[], bool],
    call_others: bool,
    expected: int,
) -> None:
    due_since(*range(1, hotels + 1))
    reprice_due(keep_going, call_others=call_others)
    assert len(calls) == expected
