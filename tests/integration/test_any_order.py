"""Any events, in any order, split, repeated and interrupted: the dashboard equals the recount.

The ledger and the dashboard are the real ones; what goes between them by HTTP is handed over in
this process.
"""

from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from unittest import mock
from urllib.parse import parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo

import requests_mock
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TransactionTestCase

from dashboard_service.counting import count_storage, feed_updater, recount
from dashboard_service.counting.consistency_check import check
from dashboard_service.data_provider_client import Provider, ProviderError
from dashboard_service.hotel_profiles import update_profile
from dashboard_service.models import DashboardData, HourlyData, PickupData

BASE = "http://provider.test"

MOMENTS = [  # twins in one second, time zones that change the day, leap days, ends of years
    "2024-02-29T23:59:59Z",
    "2024-02-29 23:59:59",
    "2024-03-01T00:00:00+00:00",
    "2024-02-29T23:30:00-05:00",
    "2024-03-01T05:00:00+05:30",
    "2023-12-31T23:59:59.999999Z",
    "2024-01-01T00:59:59+01:00",
    "2025-01-01T00:00:00Z",
]
EVENTS = st.fixed_dictionaries(
    {
        "hotel_id": st.sampled_from([1, 2]),
        "event_timestamp": st.sampled_from(MOMENTS),
        "status": st.sampled_from([1, 2, 3]),
        "room_reservation_id": st.integers(1, 3).map(lambda n: f"{n:08}-0000-4000-8000-{n:012}"),
        "night_of_stay": st.sampled_from(["2024-02-29", "2024-03-01", "2024-12-31", "2025-01-01"]),
    },
    optional={
        "rate": st.sampled_from(["0", "120.50", "33.333"]),
        "room_type": st.sampled_from(["Double", "Suite"]),
        "segment": st.sampled_from(["Leisure", "Group"]),
    },
).map(lambda event: event | {"currency": "EUR"} if "rate" in event else event)
STEPS = st.one_of(
    st.tuples(st.just("post"), st.lists(st.integers(0, 999), min_size=1, max_size=8)),
    st.tuples(st.just("update"), st.integers(1, 5)),
    st.tuples(st.just("update that dies before its commit"), st.integers(1, 5)),
    st.tuples(st.just("update without a provider"), st.just(0)),
    st.tuples(st.just("rebuild"), st.sampled_from([None, 1, 2])),
    st.tuples(
        st.just("another time zone"),
        st.tuples(st.sampled_from([1, 2]), st.sampled_from(["UTC", "Asia/Tokyo", "America/Lima"])),
    ),
    st.tuples(st.just("recount what changed"), st.just(0)),
)


def recounted(
    events: list[dict[str, Any]], zones: dict[int, str]
) -> dict[tuple[int, str, str], tuple[int, int]]:
    """What a person with paper and pencil gets: each identity once, days in the hotel's zone."""
    known = set()
    for event in events:
        moment = datetime.fromisoformat(event["event_timestamp"])
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        rest = (event["room_reservation_id"], event["night_of_stay"], event["status"])
        known.add((event["hotel_id"], moment, *rest))
    counts: Counter[tuple[int, str, str, int]] = Counter()
    for hotel, moment, _, night, status in known:
        if status == 3:
            continue
        day = str(moment.astimezone(ZoneInfo(zones.get(hotel, "UTC"))).date())
        counts[hotel, "booked", day, status] += 1
        counts[hotel, "stay", night, status] += 1
        counts[hotel, f"night {night}", day, status] += 1
        counts[hotel, "hour", f"{moment:%Y-%m-%d %H}", status] += 1
    return {key[:3]: (counts[*key[:3], 1], counts[*key[:3], 2]) for key in counts}


def shown() -> dict[tuple[int, str, str], tuple[int, int]]:
    rows: list[tuple[Any, str, str]] = []
    rows += [(row, row.basis, str(row.day)) for row in DashboardData.objects.all()]
    rows += [(row, f"night {row.night_of_stay}", str(row.day)) for row in PickupData.objects.all()]
    rows += [(row, "hour", f"{row.hour:%Y-%m-%d %H}") for row in HourlyData.objects.all()]
    return {
        (row.hotel_id, basis, time): (row.gross_booking_count, row.cancellation_count)
        for row, basis, time in rows
    }


class TestAnyOrder(TransactionTestCase):
    databases = {"data_provider", "dashboard_service"}

    def setUp(self) -> None:
        self.rest = Client()
        self.provider = Provider(BASE)
        self.page_size = 5
        self.is_up = True

    def _forward(self, request: Any, context: Any) -> bytes:
        if not self.is_up:
            context.status_code = 502
            return b"away"
        address = urlsplit(request.url)
        query = dict(parse_qsl(address.query))
        if "limit" in query:
            query["limit"] = str(self.page_size)
        answer = self.rest.get(f"{address.path}?{urlencode(query)}")
        context.status_code = answer.status_code
        return answer.content

    def _step(self, name: str, value: Any, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Do one step; the events that were sent by it."""
        if name == "post":
            batch = [events[number % len(events)] for number in value]
            body = batch[0] if len(batch) == 1 else batch
            answer = self.rest.post("/events/", body, content_type="application/json")
            assert answer.status_code in (200, 201), answer.content
            return batch
        if name == "update":
            self.page_size = value
            feed_updater.update(self.provider)
        elif name == "update that dies before its commit":
            self.page_size = value
            honest = count_storage.add_counts

            def add_and_die(rows: Any) -> None:
                honest(rows)
                raise KeyboardInterrupt

            with (
                mock.patch.object(count_storage, "add_counts", add_and_die),
                suppress(KeyboardInterrupt),
            ):
                feed_updater.update(self.provider)
        elif name == "update without a provider":
            self.is_up = False
            with suppress(ProviderError):
                feed_updater.update(self.provider)
            self.is_up = True
        elif name == "rebuild":
            recount.rebuild(self.provider, value)
        elif name == "another time zone":
            hotel, zone = value
            self.zones[hotel] = zone
            update_profile(hotel, time_zone=zone)
        else:
            recount.rebuild_outdated(self.provider)
        return []

    @given(st.lists(EVENTS, min_size=1, max_size=20), st.lists(STEPS, max_size=12))
    def test_the_dashboard_equals_the_recount(
        self, events: list[dict[str, Any]], steps: list[tuple[str, Any]]
    ) -> None:
        sent: list[dict[str, Any]] = []
        self.zones: dict[int, str] = {}
        with requests_mock.Mocker() as http:
            http.get(requests_mock.ANY, content=self._forward)
            for name, value in steps:
                sent += self._step(name, value, events)
            sent += self._step("post", range(len(events)), events)
            feed_updater.update(self.provider)
            recount.rebuild_outdated(self.provider)
            assert shown() == recounted(sent, self.zones)
            assert check(self.provider).differences == []
