"""Repricing schedule: which changes make a hotel due, how soon, and by how many queries."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dashboard_service import figures_for_pricing
from dashboard_service.models import HotelFigures, HotelProfile
from pricing_service.decisions import repricing_claims, repricing_run, repricing_schedule
from pricing_service.decisions.automatic_pricing import reprice
from pricing_service.decisions.repricing_schedule import REPRICING_INTERVAL_SECONDS
from pricing_service.models import PricingRules, PricingState
from pricing_service.tests.hotels import (
    DATABASES,
    HOTEL,
    ROOMS,
    book,
    create_hotel,
    create_rules,
    due_hotels,
    night,
    set_rooms_by_date,
    today,
)

pytestmark = pytest.mark.django_db(databases=DATABASES)


@pytest.fixture(autouse=True)
def open_hotel() -> None:
    create_hotel()


def let_the_interval_pass() -> None:
    """Move the last repricing into the past, as if the interval were over."""
    state = PricingState.objects.get()
    assert state.priced_at
    state.priced_at -= timedelta(seconds=REPRICING_INTERVAL_SECONDS + 1)
    state.save()
    PricingRules.objects.update(updated_at=state.priced_at - timedelta(seconds=1))


def test_new_rules_are_due_and_an_unchanged_hotel_is_not() -> None:
    create_rules()
    assert due_hotels() == [HOTEL]
    reprice(HOTEL)
    let_the_interval_pass()
    assert due_hotels() == []


@pytest.mark.parametrize("all_hotels", [True, False])
def test_changed_figures_and_changed_rules_are_due(all_hotels: bool) -> None:
    rules = create_rules()
    changes: list[Callable[[], object]] = [lambda: book(night(5), 1), lambda: rules.save()]
    for change in changes:
        reprice(HOTEL)
        let_the_interval_pass()
        assert due_hotels() == []
        change()
        repricing_schedule.find_due(all_hotels=all_hotels)
        assert repricing_claims.due_hotels().get().hotel_id == HOTEL


def test_figures_that_were_committed_late_or_deleted_are_found_among_all() -> None:
    create_rules()
    changes: list[Callable[[], object]] = [
        lambda: HotelFigures.objects.update(changed_at=timezone.now() - timedelta(hours=1)),
        lambda: HotelFigures.objects.all().delete(),
    ]
    for change in changes:
        reprice(HOTEL)
        let_the_interval_pass()
        change()
        assert due_hotels() == [HOTEL]


def test_a_hotel_is_due_when_its_own_day_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    HotelProfile.objects.update(time_zone="Asia/Tokyo", counted_time_zone="Asia/Tokyo")
    create_rules()
    reprice(HOTEL)
    let_the_interval_pass()
    tokyo = ZoneInfo("Asia/Tokyo")
    tomorrow = datetime.now(tokyo).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time(), tokyo)
    assert PricingState.objects.get().due_at == midnight.astimezone(UTC)
    for seconds, due in ((-1, []), (1, [HOTEL])):
        moment = midnight + timedelta(seconds=seconds)
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        assert list(repricing_claims.due_hotels().values_list("pk", flat=True)) == due


def test_another_time_zone_makes_another_day() -> None:
    create_rules()
    reprice(HOTEL)
    let_the_interval_pass()
    assert due_hotels() == []
    other = "Pacific/Kiritimati" if datetime.now(UTC).hour >= 10 else "Pacific/Pago_Pago"
    HotelProfile.objects.update(counted_time_zone=other)
    assert due_hotels() == ([] if datetime.now(ZoneInfo(other)).date() == today() else [HOTEL])


def test_changed_figures_wait_for_the_interval() -> None:
    create_rules()
    reprice(HOTEL)
    book(night(5), 1)
    assert due_hotels() == []


def test_a_hotel_without_rules_or_with_prices_off_is_never_due() -> None:
    assert due_hotels() == []
    rules = create_rules(mode="off")
    assert due_hotels() == []
    rules.mode = "suggest"
    rules.save()
    reprice(HOTEL)
    rules.mode = "off"
    rules.save()
    PricingState.objects.update(due_at=timezone.now() - timedelta(days=1), is_urgent=True)
    assert due_hotels() == []
    assert PricingState.objects.get().due_at is None, "claims need not pass over it"


def test_hotels_that_the_version_before_priced_wait_for_the_end_of_their_day() -> None:
    """It writes no `due_at`. An upgrade does not price all hotels at once."""
    create_rules()
    reprice(HOTEL)
    due_at = PricingState.objects.get().due_at
    let_the_interval_pass()
    PricingState.objects.update(due_at=None)
    assert due_hotels() == []
    assert PricingState.objects.get().due_at == due_at
    PricingState.objects.update(due_at=None, as_of=today() - timedelta(days=1))
    assert due_hotels() == [HOTEL]


def settled_hotels(first: int, last: int) -> None:
    """Create hotels with rules, priced a minute ago; nothing changed since."""
    priced_at = timezone.now() - timedelta(minutes=1)
    changed_at = priced_at - timedelta(minutes=1)
    for hotel in range(first, last + 1):
        create_hotel(hotel)
        set_rooms_by_date(night(3), night(4), 5, hotel)
        create_rules(hotel)
        rooms = figures_for_pricing.hotel(hotel).rooms_fingerprint
        PricingState.objects.create(
            hotel_id=hotel, priced_at=priced_at, figures_changed_at=changed_at, as_of=today(),
            due_at=timezone.now() + timedelta(days=1), rooms_fingerprint=rooms,
        )  # fmt: skip
    hotels = range(first, last + 1)
    PricingRules.objects.filter(pk__in=hotels).update(updated_at=changed_at)
    HotelFigures.objects.filter(pk__in=hotels).update(changed_at=changed_at)
    figures_for_pricing.follow_room_nights(hotels)


def queries(work: Callable[[], object]) -> int:
    """Return how many queries a piece of work needs, of all databases."""
    captures = [CaptureQueriesContext(connections[name]) for name in DATABASES]
    for capture in captures:
        capture.__enter__()
    try:
        work()
    finally:
        for capture in captures:
            capture.__exit__(None, None, None)
    return sum(len(capture) for capture in captures)


@pytest.mark.parametrize("all_hotels", [True, False])
def test_a_run_with_nothing_to_do_needs_as_many_queries_for_fifty_hotels_as_for_five(
    monkeypatch: pytest.MonkeyPatch, all_hotels: bool
) -> None:
    monkeypatch.setattr(repricing_schedule, "ALL_HOTELS_SECONDS", 0 if all_hotels else 1e6)

    def run() -> None:
        monkeypatch.setattr(repricing_schedule, "_rooms_compared", ("", 0.0))
        assert repricing_run.reprice_due(lambda: True) == 0

    settled_hotels(11, 15)
    run()  # the row that says when all hotels were looked at is made once
    few = queries(run)
    settled_hotels(16, 60)
    assert queries(run) == few < 20


def test_one_of_many_workers_looks_at_all_hotels() -> None:
    turns = [repricing_schedule.is_turn_of_all_hotels() for _ in range(3)]
    assert turns == [True, False, False]


def test_changed_rooms_are_found_although_another_hotel_s_did_not_change() -> None:
    create_hotel(8)
    for hotel in (HOTEL, 8):
        create_rules(hotel)
        reprice(hotel)
    PricingState.objects.update(priced_at=timezone.now() - timedelta(minutes=1))
    PricingRules.objects.update(updated_at=timezone.now() - timedelta(minutes=2))
    assert due_hotels() == []
    HotelProfile.objects.filter(pk=8).update(rooms=ROOMS + 1)
    assert due_hotels() == [8]
