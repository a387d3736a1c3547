"""The scheduled check: each hotel once in a round, whoever is killed, and a report that adds up."""

import itertools
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dashboard_service.counting import check_rounds, hotel_check, hotel_claims
from dashboard_service.counting.check_rounds import check_due, count_due
from dashboard_service.counting.feed_updater import update
from dashboard_service.data_provider_client import Provider, ProviderError
from dashboard_service.models import (
    CheckReport,
    CheckRound,
    DashboardData,
    HotelCheck,
    HotelFigures,
    HotelRecount,
)
from dashboard_service.tests.fake_provider import BASE, FakeProvider, make_event, stored_counts

pytestmark = pytest.mark.django_db(databases=["dashboard_service"])

HOTELS = 6


class Killed(BaseException):
    """A worker's process was killed."""


def fake_hotels(requests_mock: Any, hotels: int = HOTELS) -> FakeProvider:
    """Two events of each hotel, the second one behind all the others, and all counted."""
    numbers = range(1, 2 * hotels + 1)
    events = [{**make_event(n), "hotel_id": (n - 1) % hotels + 1} for n in numbers]
    fake = FakeProvider(requests_mock, events)
    update(Provider(BASE))
    return fake


@pytest.fixture
def all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """All hotels of a round are due at once."""
    monkeypatch.setattr(check_rounds, "ROUND_HOURS", 1e-9)


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The hotels in the order in which their check was begun."""
    hotels: list[int] = []
    original = hotel_check.check_hotel

    def note_and_check(provider: Provider, hotel_id: int, *rest: Any) -> Any:
        hotels.append(hotel_id)
        return original(provider, hotel_id, *rest)

    monkeypatch.setattr(check_rounds, "check_hotel", note_and_check)
    return hotels


def later(**span: float) -> None:
    """Let time pass for the present round."""
    begun_at = CheckRound.objects.get().begun_at
    assert begun_at
    CheckRound.objects.update(begun_at=begun_at - timedelta(**span))


def times(number: int) -> Callable[[], bool]:
    """Return a `keep_going` that is True so many times."""
    left = itertools.count(number, -1)
    return lambda: next(left) > 0


def test_a_round_adds_up(
    requests_mock: Any, all_at_once: None, checked: list[int], client: Client
) -> None:
    fake = fake_hotels(requests_mock)
    before = stored_counts()
    DashboardData.objects.filter(hotel_id=2, basis="stay").update(gross_booking_count=9)
    provider = Provider(BASE)
    check_due(provider, times(4))
    assert not CheckReport.objects.exists(), "it is written when the round is complete"
    state = client.get("/dashboard/check").json()
    assert (state["checked_at"], state["round_checked"], state["round_hotels"]) == (None, 4, HOTELS)
    check_due(provider)
    report = CheckReport.objects.get()
    rows = HotelCheck.objects.all()
    assert report.events == sum(row.events for row in rows) == len(fake.events)
    assert report.counts == sum(row.counts for row in rows) == 4 * HOTELS
    assert (report.hotels, report.differences, report.repaired_hotels) == (HOTELS, 1, 1)
    assert report.repaired
    assert report.unchecked_hotels == 0
    assert sorted(checked) == list(range(1, HOTELS + 1))
    assert stored_counts() == before
    assert check_due(provider).hotels == 0, "the next round begins a day later"
    later(hours=25)
    assert check_due(provider).hotels == HOTELS
    assert [*CheckReport.objects.values_list("differences", flat=True)] == [0, 1]


@pytest.mark.parametrize("killed_at", range(HOTELS))
def test_a_round_goes_on_after_a_kill_between_any_two_hotels(
    requests_mock: Any,
    all_at_once: None,
    checked: list[int],
    monkeypatch: pytest.MonkeyPatch,
    killed_at: int,
) -> None:
    """Killed where it does most harm: the hotel was compared, and its result is not saved."""
    fake = fake_hotels(requests_mock)
    original = check_rounds._add_to_round
    saved = itertools.count()

    def killed(*arguments: Any) -> bool:
        if next(saved) == killed_at:
            raise Killed
        return original(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(check_rounds, "_add_to_round", killed)
        patch.setattr(hotel_claims.Claim, "put_back", lambda *_: None)  # a kill leaves no time
        with pytest.raises(Killed):
            check_due(Provider(BASE))
    check_due(Provider(BASE))
    assert not CheckReport.objects.exists(), "the hotel is still claimed"
    past = timezone.now() - timedelta(seconds=1)
    HotelCheck.objects.exclude(claim="").update(claimed_until=past)
    check_due(Provider(BASE))
    assert sorted(Counter(checked).values()) == [1] * (HOTELS - 1) + [2]
    report = CheckReport.objects.get()
    assert (report.hotels, report.events) == (HOTELS, len(fake.events))


def test_two_workers_share_a_round(
    requests_mock: Any, all_at_once: None, checked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one checks a hotel, the other takes all the others: none twice, none left out."""
    fake = fake_hotels(requests_mock)
    original: Any = vars(check_rounds)["check_hotel"]
    results: list[int] = []

    def others_meanwhile(provider: Provider, hotel_id: int, *rest: Any) -> Any:
        monkeypatch.setattr(check_rounds, "check_hotel", original)
        results.append(check_due(Provider(BASE)).hotels)
        assert not CheckReport.objects.exists()
        return original(provider, hotel_id, *rest)

    monkeypatch.setattr(check_rounds, "check_hotel", others_meanwhile)
    results.append(check_due(Provider(BASE)).hotels)
    assert results == [HOTELS - 1, 1]
    assert sorted(checked) == list(range(1, HOTELS + 1))
    report = CheckReport.objects.get()
    assert (report.hotels, report.events) == (HOTELS, len(fake.events))


def test_who_lost_the_claim_adds_nothing(
    requests_mock: Any, all_at_once: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_hotels(requests_mock, hotels=1)
    original: Any = vars(check_rounds)["check_hotel"]

    def slow(provider: Provider, hotel_id: int, *rest: Any) -> Any:
        monkeypatch.setattr(check_rounds, "check_hotel", original)
        HotelCheck.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
        assert check_due(Provider(BASE)).hotels == 1
        return original(provider, hotel_id, *rest)

    monkeypatch.setattr(check_rounds, "check_hotel", slow)
    assert check_due(Provider(BASE)).hotels == 0
    assert CheckReport.objects.get().hotels == 1


def test_what_changed_comes_first_then_what_waits_longest(
    requests_mock: Any, all_at_once: None, checked: list[int]
) -> None:
    fake_hotels(requests_mock)
    check_due(Provider(BASE))
    now = timezone.now()
    for hotel, hours_ago in ((1, 5), (2, 9), (3, 1), (4, 7), (5, 3), (6, 2)):
        HotelCheck.objects.filter(pk=hotel).update(checked_at=now - timedelta(hours=hours_ago))
    HotelFigures.objects.update(changed_at=now - timedelta(days=2))
    HotelFigures.objects.filter(pk__in=[3, 5]).update(changed_at=now)
    later(hours=25)
    checked.clear()
    check_due(Provider(BASE))
    assert checked == [5, 3, 2, 4, 1, 6]


def test_checks_are_spread_over_the_round(requests_mock: Any, checked: list[int]) -> None:
    fake_hotels(requests_mock)
    provider = Provider(BASE)
    seen = []
    for _ in range(9):
        check_due(provider)
        seen.append(len(checked))
        assert count_due() == 0
        later(hours=3)
    assert seen == [1, 1, 2, 3, 4, 5, 6, 6, 6 + 1], "the last one is of the next day"


def test_a_hotel_that_cannot_be_checked_keeps_no_other_waiting(
    requests_mock: Any, all_at_once: None, caplog: pytest.LogCaptureFixture
) -> None:
    fake = fake_hotels(requests_mock)
    fake.events[0] = {**fake.events[0], "night_of_stay": "no date"}
    for _ in range(check_rounds.TRIES):
        assert not CheckReport.objects.exists()
        check_due(Provider(BASE))
        HotelCheck.objects.update(claimed_until=None)
    report = CheckReport.objects.get()
    assert (report.hotels, report.unchecked_hotels) == (HOTELS - 1, 1)
    assert "hotel 1 was not checked in this round" in caplog.text


def test_while_the_provider_is_away_no_hotel_is_blamed(
    requests_mock: Any, all_at_once: None
) -> None:
    fake_hotels(requests_mock)
    check_due(Provider(BASE), times(1))
    requests_mock.get(f"{BASE}/events/", status_code=502)
    requests_mock.get(f"{BASE}/events/feed/status/", status_code=502)
    for _ in range(2):
        with pytest.raises(ProviderError):
            check_due(Provider(BASE))
    assert not HotelCheck.objects.filter(failures__gt=0).exists()
    fake_hotels(requests_mock)
    check_due(Provider(BASE))
    assert CheckReport.objects.get().hotels == HOTELS


def test_a_hotel_that_waits_for_a_recount_is_checked_after_it(
    requests_mock: Any, all_at_once: None
) -> None:
    fake_hotels(requests_mock)
    HotelRecount.objects.create(hotel_id=3, request="a")
    DashboardData.objects.filter(hotel_id=3).delete()
    assert check_due(Provider(BASE)).different == 0
    assert not CheckReport.objects.exists()
    HotelRecount.objects.all().delete()
    HotelCheck.objects.update(claimed_until=None)
    assert check_due(Provider(BASE)).different > 0
    assert CheckReport.objects.get().hotels == HOTELS


def test_before_the_first_event_no_round_begins(requests_mock: Any) -> None:
    FakeProvider(requests_mock, [])
    check_due(Provider(BASE))
    assert not CheckReport.objects.exists()
    fake_hotels(requests_mock)
    assert check_due(Provider(BASE)).hotels == 1
