"""Room-nights and revenue follow the feed: any order, pages, currencies, rebookings, recounts."""

import random
from collections import Counter
from datetime import UTC, datetime
from itertools import repeat
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests_mock
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from dashboard_service.counting import revenue_storage
from dashboard_service.counting.consistency_check import check
from dashboard_service.counting.feed_updater import update
from dashboard_service.counting.recount import rebuild, rebuild_outdated
from dashboard_service.data_provider_client import Provider, ProviderError
from dashboard_service.hotel_profiles import update_profile
from dashboard_service.models import (
    FeedPosition,
    PaceData,
    PerformanceData,
    ReservationState,
    RoomNightHotel,
)
from dashboard_service.tests.fake_provider import (
    BASE,
    FakeProvider,
    expected_counts,
    make_event,
    stored_counts,
)

pytestmark = pytest.mark.django_db(databases=["dashboard_service"])

EUR = {"rate": "120.00", "currency": "EUR", "segment": "Leisure"}
Figures = dict[tuple[Any, ...], tuple[int, int, int]]


def stored_figures() -> Figures:
    """Every stored figure of room-nights and revenue that is not zero."""
    rows: list[tuple[Any, tuple[Any, ...]]] = [
        (row, (row.basis, str(row.day), row.currency, row.room_type, row.channel, row.segment))
        for row in PerformanceData.objects.all()
    ]
    rows += [
        (row, ("pace", str(row.night_of_stay), str(row.day), row.currency))
        for row in PaceData.objects.all()
    ]
    figures = {
        (row.hotel_id, *key): (row.room_nights, row.room_nights_with_rate, row.revenue)
        for row, key in rows
    }
    return {key: values for key, values in figures.items() if any(values)}


def recounted(events: list[dict[str, Any]], zones: dict[int, str] | None = None) -> Figures:
    """What a person with paper gets, event by event in the contract's order."""
    room_nights: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for event in events:
        key = (event["hotel_id"], event["room_reservation_id"], event["night_of_stay"])
        room_nights.setdefault(key, []).append(event)
    totals = [Counter[tuple[Any, ...]]() for _ in range(3)]

    def write(hotel: int, night: str, day: str, sale: Any, sign: int) -> None:
        rate = sale.get("rate")
        thousandths = round(float(rate) * 1000) if rate is not None else 0
        words = [sale.get(name, "") for name in ("currency", "room_type", "channel", "segment")]
        for key in (
            (hotel, "stay", night, *words),
            (hotel, "booked", day, *words),
            (hotel, "pace", night, day, words[0]),
        ):
            totals[0][key] += sign
            totals[1][key] += sign * (rate is not None)
            totals[2][key] += sign * thousandths

    for (hotel, _, night), its_events in room_nights.items():
        there: Any = None
        for time in sorted({event["event_timestamp"] for event in its_events}):
            by_status = {e["status"]: e for e in its_events if e["event_timestamp"] == time}
            moment = datetime.fromisoformat(time).astimezone(UTC)
            day = str(moment.astimezone(ZoneInfo((zones or {}).get(hotel, "UTC"))).date())
            for status in (1, 3, 2) if there is None else (2, 1, 3):
                move = by_status.get(status)
                if move is None or (status != 1 and there is None):
                    continue
                if there is not None:
                    write(hotel, night, day, there, -1)
                named = {
                    name: move[name]
                    for name in ("rate", "currency", "room_type", "channel", "segment")
                    if name in move
                }
                there = {1: named, 2: None, 3: (there or {}) | named}[status]
                if there is not None:
                    write(hotel, night, day, there, 1)
    figures = {
        key: (totals[0][key], totals[1][key], totals[2][key])
        for key in totals[0].keys() | totals[1].keys() | totals[2].keys()
    }
    return {key: values for key, values in figures.items() if any(values)}


def test_it_works(requests_mock: Any) -> None:
    fake = FakeProvider(requests_mock, [{**make_event(2), **EUR}, {**make_event(4), **EUR}])
    update(Provider(BASE))
    assert stored_figures() == {
        (1, "booked", "2024-03-01", "EUR", "", "", "Leisure"): (2, 2, 240_000),
        (1, "stay", "2024-05-01", "EUR", "", "", "Leisure"): (2, 2, 240_000),
        (1, "pace", "2024-05-01", "2024-03-01", "EUR"): (2, 2, 240_000),
    }
    cancelled = {**make_event(6, 2, "2024-03-02"), "room_reservation_id": "2"}
    fake.events.append(cancelled)
    update(Provider(BASE))
    assert stored_figures()[1, "booked", "2024-03-02", "EUR", "", "", "Leisure"] == (
        -1, -1, -120_000,
    )  # fmt: skip
    assert stored_figures() == recounted(fake.events)


def test_hotels_without_money_have_no_rows_for_it(requests_mock: Any) -> None:
    FakeProvider(requests_mock, [make_event(1), {**make_event(2), **EUR}, make_event(3)])
    update(Provider(BASE))
    assert set(RoomNightHotel.objects.values_list("hotel_id", "is_counted")) == {(1, True)}
    assert set(ReservationState.objects.values_list("hotel_id", flat=True)) == {1}


def test_a_change_changes_no_count_of_events(requests_mock: Any) -> None:
    change = {**make_event(4, 3, "2024-03-02"), "room_reservation_id": "2", "segment": "Group"}
    fake = FakeProvider(requests_mock, [{**make_event(2), **EUR}, change])
    update(Provider(BASE))
    assert stored_counts() == expected_counts(fake.events[:1])
    assert stored_figures()[1, "stay", "2024-05-01", "EUR", "", "", "Group"] == (1, 1, 120_000)


def test_a_change_that_names_nothing_is_no_earlier_event(requests_mock: Any) -> None:
    fake = FakeProvider(requests_mock, [make_event(2, 3), {**make_event(4), **EUR}], page=1)
    update(Provider(BASE))
    assert stored_figures() == recounted(fake.events)
    assert check(Provider(BASE)).differences == []


def test_earlier_events_of_a_hotel_are_counted_once_from_the_ledger(requests_mock: Any) -> None:
    fake = FakeProvider(requests_mock, [make_event(n) for n in range(2, 20, 2)])
    update(Provider(BASE))
    fake.events.append({**make_event(20), **EUR})
    update(Provider(BASE))
    assert stored_figures() == {}, "not before the earlier events were read"
    fake.events.append({**make_event(22), **EUR})
    update(Provider(BASE))
    assert rebuild_outdated(Provider(BASE)) == [1]
    assert stored_figures() == recounted(fake.events)
    fake.events.append({**make_event(24), **EUR})
    update(Provider(BASE))
    assert stored_figures() == recounted(fake.events)
    assert rebuild_outdated(Provider(BASE)) == []


def test_events_that_an_older_version_counted_are_recounted(requests_mock: Any) -> None:
    fake = FakeProvider(requests_mock, [{**make_event(2), **EUR}, {**make_event(4), **EUR}])
    update(Provider(BASE))
    before = stored_figures()
    FeedPosition.objects.update(position=2)
    PerformanceData.objects.update(room_nights=1, room_nights_with_rate=1, revenue=120_000)
    FeedPosition.objects.update(position=4)  # without room_night_position
    FeedPosition.objects.update(room_night_position=2)
    fake.events.append(make_event(6, 2))
    update(Provider(BASE))
    assert rebuild_outdated(Provider(BASE)) is None
    assert stored_figures() == recounted(fake.events)
    assert before.items() <= stored_figures().items()


@pytest.mark.parametrize(
    "fields",
    [
        {"rate": 120, "currency": "EUR"},
        {"rate": "-1", "currency": "EUR"},
        {"rate": "1"},
        {"room_type": ""},
        {"segment": 7},
        {"channel": "x" * 41},
    ],
)
def test_an_invalid_rate_or_word_counts_nothing(requests_mock: Any, fields: Any) -> None:
    FakeProvider(requests_mock, [{**make_event(2), **fields}])
    with pytest.raises(ProviderError):
        update(Provider(BASE))
    assert (stored_counts(), FeedPosition.current().position) == ({}, 0)


SPECS = st.lists(
    st.fixed_dictionaries(
        {
            "hotel_id": st.sampled_from([1, 2]),
            "event_timestamp": st.sampled_from(
                ["2024-01-01T10:00:00Z", "2024-01-01T23:30:00.500000Z", "2024-02-29T00:00:00Z"]
            ),
            "status": st.sampled_from([1, 2, 3]),
            "room_reservation_id": st.sampled_from(["a", "b"]),
            "night_of_stay": st.sampled_from(["2024-02-29", "2024-03-01"]),
        },
        optional={
            "money": st.sampled_from([("0.00", "EUR"), ("99.999", "EUR"), ("80", "JPY")]),
            "room_type": st.sampled_from(["A", "B"]),
            "segment": st.sampled_from(["C", "D"]),
        },
    ),
    max_size=25,
    unique_by=lambda event: tuple(
        event[name]
        for name in (
            "hotel_id",
            "event_timestamp",
            "status",
            "room_reservation_id",
            "night_of_stay",
        )
    ),
)


class TestAnyFeed(TestCase):
    databases = {"dashboard_service"}

    @given(SPECS, st.integers(1, 7), st.randoms(), st.booleans())
    def test_any_events_in_any_order_and_pages_equal_the_recount(
        self, specs: list[dict[str, Any]], page: int, rng: random.Random, has_zone: bool
    ) -> None:
        rng.shuffle(specs)
        events = []
        for number, spec in enumerate(specs, start=1):
            event = {"id": number, **spec}
            if "money" in event:
                event["rate"], event["currency"] = event.pop("money")
            events.append(event)
        zones = {1: "Asia/Tokyo"} if has_zone else {}
        with requests_mock.Mocker() as mock:
            fake = FakeProvider(mock, [], page)
            provider = Provider(BASE)
            while len(fake.events) < len(events):
                fake.events = events[: len(fake.events) + rng.randint(1, 9)]
                update(provider, keep_going=repeat(rng.random() < 0.5).__next__)
                if has_zone:
                    update_profile(1, time_zone="Asia/Tokyo")
                if rng.random() < 0.3:
                    rebuild(provider, rng.choice([None, 1, 2]))
                if rng.random() < 0.3:
                    rebuild_outdated(provider)
            update(provider)
            rebuild_outdated(provider)
            followed = revenue_storage.room_night_hotels()
            expected = recounted(events, zones)
            assert stored_figures() == {k: v for k, v in expected.items() if k[0] in followed}
            assert set(followed.values()) <= {True}
            assert check(provider).differences == []
            rich = {e["hotel_id"] for e in events if len(e) > 6}
            assert followed.keys() == rich
