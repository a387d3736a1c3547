"""The check against a recount finds, reports and repairs differences, and only real ones."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from dashboard_service.counting import compact_rows, hotel_check, revenue_check
from dashboard_service.counting.compact_rows import packed, unpacked
from dashboard_service.counting.consistency_check import check
from dashboard_service.counting.feed_updater import update
from dashboard_service.counting.stored_rows import StoredRows
from dashboard_service.data_provider_client import LedgerRestored, Provider
from dashboard_service.models import (
    CheckReport,
    DashboardData,
    FeedPosition,
    HourlyData,
    PaceData,
    PerformanceData,
    PickupData,
    ReservationState,
)
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
    assert [(d[0], d[1]) for d in result.differences] == [(1, "stay")]
    assert result.rebuilt == [1]
    assert stored_counts() == expected_counts(fake.events)


def test_events_after_the_position_are_not_compared(requests_mock: Any) -> None:
    fake = FakeProvider(requests_mock, [make_event(1)])
    update(Provider(BASE))
    fake.events.append(make_event(2))
    assert check(Provider(BASE)).differences == []


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (PerformanceData, {"revenue": F("revenue") + 10}),  # a cent
        (PerformanceData, {"room_nights_with_rate": 0}),
        (PerformanceData, {"segment": "other"}),
        (PaceData, {"revenue": F("revenue") - 10}),
        (PaceData, {"room_nights": 7}),
        (ReservationState, {"events": "[]"}),
        (ReservationState, {"events": "no history"}),
        (ReservationState, {"reservation": "other"}),
    ],
)
def test_a_check_finds_and_repairs_a_changed_cent(
    requests_mock: Any, model: Any, change: dict[str, Any]
) -> None:
    money = {"rate": "99.99", "currency": "EUR"}
    FakeProvider(requests_mock, [{**make_event(n), **money} for n in range(2, 9)])
    provider = Provider(BASE)
    update(provider)
    assert check(provider).differences == []
    first = model.objects.filter(hotel_id=1).order_by("pk").first()
    before = sorted(model.objects.filter(hotel_id=1).values_list(*change))
    model.objects.filter(pk=first.pk).update(**change)
    result = check(provider, repair=True)
    assert {difference.hotel_id for difference in result.differences} == {1}
    assert all(str(difference).startswith("hotel 1, ") for difference in result.differences)
    assert result.rebuilt == [1]
    assert sorted(model.objects.filter(hotel_id=1).values_list(*change)) == before
    assert check(provider).differences == []


def test_a_check_finds_a_row_of_a_hotel_without_money(requests_mock: Any) -> None:
    FakeProvider(requests_mock, [make_event(2)])
    update(Provider(BASE))
    PaceData.objects.create(
        hotel_id=5, night_of_stay="2024-05-01", day="2024-03-01", currency="EUR",
        room_nights=1, room_nights_with_rate=1, revenue=10,
    )  # fmt: skip
    [difference] = check(Provider(BASE), repair=True).differences
    assert str(difference) == (
        "hotel 5, 2024-05-01 2024-03-01 EUR: stored 1 room-nights, 1 with a rate, "
        "10 thousandths, expected nothing"
    )
    assert not PaceData.objects.exists()


@pytest.mark.parametrize("model", [DashboardData, PickupData, HourlyData])
@pytest.mark.parametrize("change", ["another count", "a missing row", "a row too many"])
def test_a_check_finds_and_repairs_each_table_of_counts(
    requests_mock: Any, model: Any, change: str
) -> None:
    FakeProvider(requests_mock, [make_event(n) for n in range(1, 9)])
    provider = Provider(BASE)
    update(provider)
    columns = [field.name for field in model._meta.fields if field.name != "id"]
    before = sorted(model.objects.values_list(*columns))
    first = model.objects.filter(hotel_id=2).order_by("pk").first()
    if change == "another count":
        model.objects.filter(pk=first.pk).update(cancellation_count=1)
    elif change == "a missing row":
        first.delete()
    else:
        first.pk = None
        if model is HourlyData:
            first.hour += timedelta(hours=3)
        else:
            first.day += timedelta(days=3)
        first.save(force_insert=True)
    result = check(provider, repair=True)
    assert (result.different, result.rebuilt) == (1, [2])
    assert str(result.differences[0]).startswith("hotel 2, ")
    assert sorted(model.objects.values_list(*columns)) == before


def test_events_that_come_in_during_a_check_make_no_difference(
    requests_mock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    money = {"rate": "99.99", "currency": "EUR"}
    fake = FakeProvider(requests_mock, [{**make_event(n), **money} for n in range(1, 9)])
    update(Provider(BASE))
    original = Provider.events

    def events_and_more(self: Provider, hotel_id: int | None = None) -> Any:
        number = fake.events[-1]["id"]
        fake.events += [{**make_event(number + more), **money} for more in (1, 2, 3)]
        update(Provider(BASE))
        yield from original(self, hotel_id)

    monkeypatch.setattr(Provider, "events", events_and_more)
    result = check(Provider(BASE))
    assert (result.differences, result.events) == ([], 4 + 6), "up to event 8, and 11"
    assert FeedPosition.current().position == 14


def test_hotels_that_only_one_side_has_are_found_and_repaired(requests_mock: Any) -> None:
    fake = FakeProvider(requests_mock, [make_event(n) for n in range(1, 5)])
    update(Provider(BASE))
    for model in (DashboardData, PickupData, HourlyData):
        model.objects.filter(hotel_id=1).delete()
        model.objects.filter(hotel_id=2).update(hotel_id=7)
    result = check(Provider(BASE), repair=True)
    assert result.rebuilt == [1, 2, 7]
    assert stored_counts() == expected_counts(fake.events)
    assert CheckReport.objects.get().repaired_hotels == 3
    assert check(Provider(BASE)).differences == []


def test_figures_of_a_former_ledger_are_not_compared(requests_mock: Any) -> None:
    fake = FakeProvider(requests_mock, [make_event(n) for n in range(1, 5)])
    update(Provider(BASE))
    fake.epoch = "second"
    with pytest.raises(LedgerRestored):
        check(Provider(BASE), repair=True)


@pytest.mark.parametrize("wrong", [False, True])
def test_a_large_hotel_is_compared_in_parts(
    requests_mock: Any, monkeypatch: pytest.MonkeyPatch, wrong: bool
) -> None:
    """With the same result; also where the figures lack what the ledger has."""
    money = {"rate": "99.99", "currency": "EUR"}
    nights = [f"2024-05-{day:02}" for day in range(1, 29)]
    events = [
        {**make_event(2 * n, night=night), **money} for n, night in enumerate(nights, start=1)
    ]
    FakeProvider(requests_mock, events)
    update(Provider(BASE))
    if wrong:
        PickupData.objects.all().delete()
        PaceData.objects.filter(night_of_stay="2024-05-03").delete()
    whole = check(Provider(BASE), 1)
    for module in (compact_rows, hotel_check, revenue_check):
        monkeypatch.setattr(module, "MAX_PART_ROWS", 12, raising=False)
    held: list[int] = []
    take = compact_rows.CompactCounts.take

    def take_and_note(self: Any, *place: int) -> Any:
        held.append(len(self.rows))
        return take(self, *place)

    monkeypatch.setattr(compact_rows.CompactCounts, "take", take_and_note)
    parts = check(Provider(BASE), 1)
    assert sorted(map(str, parts.differences)) == sorted(map(str, whole.differences))
    assert (parts.counts, parts.events) == (whole.counts, whole.events)
    assert max(held) <= 2 * 12
    assert len(whole.differences) == (29 if wrong else 0)


@pytest.mark.parametrize("hotels", [5, 50])
def test_memory_does_not_grow_with_the_hotels(
    requests_mock: Any, monkeypatch: pytest.MonkeyPatch, hotels: int
) -> None:
    """Stored rows are held of one hotel at a time, and differences are named up to a limit."""
    events = [{**make_event(n), "hotel_id": n} for n in range(1, hotels + 1)]
    FakeProvider(requests_mock, events)
    update(Provider(BASE))
    DashboardData.objects.update(gross_booking_count=7)
    held, most = 0, 0
    original_init, original_exit = StoredRows.__init__, StoredRows.__exit__

    def load(self: StoredRows, hotel_id: int) -> None:
        nonlocal held, most
        original_init(self, hotel_id)
        held += self.rows
        most = max(most, held)

    def close(self: StoredRows, *error: object) -> None:
        nonlocal held
        held -= self.rows
        original_exit(self, *error)

    monkeypatch.setattr(StoredRows, "__init__", load)
    monkeypatch.setattr(StoredRows, "__exit__", close)
    monkeypatch.setattr("dashboard_service.counting.check_differences.KEPT_DIFFERENCES", 8)
    result = check(Provider(BASE))
    assert (held, most) == (0, 4)
    assert (result.different, len(result.differences)) == (2 * hotels, 8)


@pytest.mark.parametrize("sums", [(0, 0, 0), (3, 2, 10**12), (-1, -1, -5), (-2, 3, -1), (4, -7, 9)])
def test_packed_sums(sums: tuple[int, int, int]) -> None:
    assert unpacked(packed(sums)) == sums
    assert unpacked(packed(sums) + packed((-3, 1, -11))) == (sums[0] - 3, sums[1] + 1, sums[2] - 11)
