"""Activity since a moment equals a recount of the ledger's events in the span, night by night."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import requests_mock
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from dashboard_service.counting.feed_updater import update
from dashboard_service.counting.recount import rebuild_outdated
from dashboard_service.data_provider_client import Provider
from dashboard_service.figures.activity_since import Activity, activity_since
from dashboard_service.figures.sold_room_nights import SoldRoomNights
from dashboard_service.hotel_profiles import update_profile
from dashboard_service.tests.fake_provider import BASE, FakeProvider

pytestmark = pytest.mark.django_db(databases=["dashboard_service"])

TIMES = (
    "2026-01-30T23:59:59Z", "2026-02-01T10:00:00Z", "2026-02-01T10:00:00.500000Z",
    "2026-02-02T10:00:00Z", "2026-02-09T00:00:00Z", "2026-03-01T12:00:00Z", "2027-01-01T00:00:00Z",
)  # fmt: skip
NIGHTS = ("2026-02-28", "2026-03-01")
EUR = {"rate": "120.00", "currency": "EUR"}


def event(number: int, time: str, status: int, reservation: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": number, "hotel_id": 1, "event_timestamp": time, "status": status,
        "room_reservation_id": reservation, "night_of_stay": NIGHTS[0], **fields,
    }  # fmt: skip


def count(events: list[dict[str, Any]]) -> None:
    """Count events of hotel 1, whose currency is the euro, as the feed brings them."""
    update_profile(1, currency="EUR")
    with requests_mock.Mocker() as mock:
        FakeProvider(mock, events)
        update(Provider(BASE))
        rebuild_outdated(Provider(BASE))


def recounted(events: list[dict[str, Any]], since: datetime) -> dict[date, Activity]:
    """What a person with paper gets: each room-night's events one after the other."""
    room_nights: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in events:
        key = (row["room_reservation_id"], row["night_of_stay"])
        room_nights.setdefault(key, []).append(row)
    nights: dict[date, Activity] = {}
    for (_, night), rows in room_nights.items():
        activity = nights.setdefault(date.fromisoformat(night), Activity())
        rate: int | None = None
        is_sold = False
        for time in sorted({row["event_timestamp"] for row in rows}, key=datetime.fromisoformat):
            of_time = {row["status"]: row for row in rows if row["event_timestamp"] == time}
            counts = datetime.fromisoformat(time) >= since
            for status in (2, 1, 3) if is_sold else (1, 3, 2):
                if status not in of_time or (status != 1 and not is_sold):
                    continue
                amount = of_time[status].get("rate")
                told = None if amount is None else round(float(amount) * 1000)
                if status == 2:
                    if counts:
                        activity.cancelled += 1
                        activity.cancelled_revenue += rate or 0
                        activity.without_rate += rate is None
                    is_sold, rate = False, None
                elif status == 1 and not is_sold:
                    is_sold, rate = True, told
                    if counts:
                        activity.booked += 1
                        activity.booked_revenue += rate or 0
                        activity.without_rate += rate is None
                else:
                    new = told if status == 1 or told is not None else rate
                    activity.repriced_revenue += ((new or 0) - (rate or 0)) * counts
                    rate = new
    return {night: activity for night, activity in nights.items() if activity != Activity()}


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "event_timestamp": st.sampled_from(TIMES),
            "status": st.sampled_from([1, 2, 3]),
            "room_reservation_id": st.sampled_from(["a", "b"]),
            "night_of_stay": st.sampled_from(NIGHTS),
        },
        optional={
            "rate": st.sampled_from(["0.00", "99.999", "80"]),
            "segment": st.sampled_from(["C", "D"]),
        },
    ),
    max_size=20,
    unique_by=lambda row: tuple(
        row[name] for name in ("event_timestamp", "status", "room_reservation_id", "night_of_stay")
    ),
)


class TestAnyEvents(TestCase):
    databases = {"dashboard_service"}

    @given(ROWS, st.sampled_from(TIMES), st.timedeltas(timedelta(-1), timedelta(1)))
    def test_they_equal_the_recount(
        self, rows: list[dict[str, Any]], time: str, shift: timedelta
    ) -> None:
        known = [row for row in rows if row["event_timestamp"] < "2027"]
        events = [event(1, "2025-12-01T00:00:00Z", 1, "first", **EUR)]  # it makes hotel 1 followed
        for number, row in enumerate(known, start=2):
            currency = {"currency": "EUR"} if "rate" in row else {}
            events.append({"id": number, "hotel_id": 1, **row, **currency})
        count(events)
        for since in (datetime.fromisoformat(time), datetime.fromisoformat(time) + shift):
            found = activity_since(1, since)
            assert found.nights == recounted(events, since)
            self._check_against_the_books(found.nights, events, since)

    def _check_against_the_books(
        self, found: dict[date, Activity], events: list[dict[str, Any]], since: datetime
    ) -> None:
        """What came in is what the books have now less what they had before."""
        before = recounted(
            [row for row in events if datetime.fromisoformat(row["event_timestamp"]) < since],
            datetime.min.replace(tzinfo=UTC),
        )
        now = SoldRoomNights(1).by_night(date(2026, 1, 1), date(2026, 12, 31))
        for night in map(date.fromisoformat, NIGHTS):
            activity, earlier = found.get(night, Activity()), before.get(night, Activity())
            sold = now.get(night)
            assert (sold.room_nights if sold else 0) == earlier.net + activity.net
            assert (sold.revenue if sold else 0) == earlier.net_revenue + activity.net_revenue


def test_the_moment_counts_to_the_second() -> None:
    count([event(1, "2026-02-01T10:00:00Z", 1, "a", **EUR)])
    at = datetime(2026, 2, 1, 10, tzinfo=UTC)
    assert activity_since(1, at).total() == Activity(booked=1, booked_revenue=120_000)
    assert activity_since(1, at + timedelta(microseconds=1)).total() == Activity()


def test_a_booking_that_came_twice_counts_once() -> None:
    count(
        [
            event(1, "2026-02-01T10:00:00Z", 1, "a", **EUR),
            event(2, "2026-02-01T11:00:00Z", 1, "a", rate="130.00", currency="EUR"),
            event(3, "2026-02-01T12:00:00Z", 2, "a"),
            event(4, "2026-02-01T13:00:00Z", 2, "a"),
        ]
    )
    total = activity_since(1, datetime(2026, 2, 1, tzinfo=UTC)).total()
    assert total == Activity(
        booked=1, cancelled=1, booked_revenue=120_000, cancelled_revenue=130_000,
        repriced_revenue=10_000,
    )  # fmt: skip
    assert (total.net, total.net_revenue) == (0, 0)


def test_another_currency_is_no_revenue() -> None:
    count([event(1, "2026-02-01T10:00:00Z", 1, "a", rate="120.00", currency="CHF")])
    found = activity_since(1, datetime(2026, 2, 1, tzinfo=UTC))
    assert found.total() == Activity(booked=1, without_rate=1)


def test_local_times_of_today_count_and_a_wrong_year_does_not() -> None:
    now = datetime.now(UTC)
    times = [(now + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ") for hours in (10, 9_000)]
    count([event(number, time, 1, str(number), **EUR) for number, time in enumerate(times, 1)])
    assert activity_since(1, now - timedelta(days=1)).total().booked == 1


def test_without_followed_room_nights_the_span_begins_at_midnight() -> None:
    update_profile(1, time_zone="Asia/Tokyo")
    count(
        [
            event(1, "2026-02-01T14:59:59Z", 1, "a"),  # 23:59:59 in Tokyo
            event(2, "2026-02-01T15:00:00Z", 1, "b"),
            event(3, "2026-02-02T03:00:00Z", 2, "c"),
        ]
    )
    found = activity_since(1, datetime(2026, 2, 1, 22, tzinfo=UTC))
    assert not found.is_exact
    assert found.since == datetime(2026, 2, 1, 15, tzinfo=UTC)
    assert found.nights == {date(2026, 2, 28): Activity(booked=1, cancelled=1)}
