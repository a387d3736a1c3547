"""Rooms booked together are found whatever the order, repetition and paging of their events.

Ledger and dashboard are the real ones. A hotel's room-nights are followed from any moment on.
"""

import random
from collections import defaultdict
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests_mock
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TransactionTestCase

from dashboard_service.counting import feed_updater, recount
from dashboard_service.counting.consistency_check import check
from dashboard_service.data_provider_client import Provider
from dashboard_service.figures.rooms_booked_together import rooms_booked_together
from dashboard_service.hotel_profiles import follow_room_nights
from dashboard_service.models import HotelProfile

BASE = "http://provider.test"
HOTEL = 1
# Two in one minute, one in the next, one that is a day later in Tokyo.
MOMENTS = ["2026-03-01T10:15:00Z", "2026-03-01T10:15:59Z", "2026-03-01T10:16:00Z",
           "2026-03-02T23:30:00Z"]  # fmt: skip
EVENTS = st.fixed_dictionaries(
    {
        "hotel_id": st.just(HOTEL),
        "event_timestamp": st.sampled_from(MOMENTS),
        "status": st.sampled_from([1, 1, 1, 2, 3]),
        "room_reservation_id": st.integers(1, 5).map(lambda n: f"{n:08}-0000-4000-8000-{n:012}"),
        "night_of_stay": st.sampled_from(["2026-05-01", "2026-05-02", "2026-05-03"]),
    },
    optional={"rate": st.just("120.50")},
).map(lambda event: event | {"currency": "EUR"} if "rate" in event else event)


def minutes_on_paper(events: list[dict[str, Any]]) -> dict[str, set[str]]:
    """The rooms of each minute of a first booking."""
    first: dict[str, str] = {}
    for event in events:
        if event["status"] == 1:
            room, minute = event["room_reservation_id"], event["event_timestamp"][:16]
            first[room] = min(minute, first.get(room, minute))
    minutes: defaultdict[str, set[str]] = defaultdict(set)
    for room, minute in first.items():
        minutes[minute].add(room)
    return {minute: rooms for minute, rooms in minutes.items() if len(rooms) >= 2}


def nights_on_paper(events: list[dict[str, Any]], rooms: set[str]) -> dict[str, int]:
    """How many of some rooms each night was ever booked for."""
    booked = {
        (event["room_reservation_id"], event["night_of_stay"])
        for event in events
        if event["status"] == 1 and event["room_reservation_id"] in rooms
    }
    count: defaultdict[str, int] = defaultdict(int)
    for _, night in booked:
        count[night] += 1
    return dict(count)


def shown() -> Any:
    return [
        (f"{minute:%Y-%m-%dT%H:%M}", len(rooms), sorted(map(repr, rooms)))
        for minute, rooms in rooms_booked_together(HOTEL, 2)
    ]


class TestGroupsInAnyOrder(TransactionTestCase):
    databases = {"data_provider", "dashboard_service"}

    def setUp(self) -> None:
        self.rest = Client()
        self.page_size = 5

    def _forward(self, request: Any, context: Any) -> bytes:
        address = urlsplit(request.url)
        query = dict(parse_qsl(address.query))
        if "limit" in query:
            query["limit"] = str(self.page_size)
        answer = self.rest.get(f"{address.path}?{urlencode(query)}")
        context.status_code = answer.status_code
        return answer.content

    @given(
        st.lists(EVENTS, min_size=1, max_size=25),
        st.integers(1, 7),
        st.integers(0, 25),
        st.sampled_from(["UTC", "Asia/Tokyo"]),
        st.integers(0, 1000),
    )
    def test_any_order_gives_the_same_groups_as_a_recount(
        self, events: list[dict[str, Any]], page: int, followed_after: int, zone: str, seed: int
    ) -> None:
        self.page_size = page
        HotelProfile.objects.create(hotel_id=HOTEL, time_zone=zone, counted_time_zone=zone)
        sent = [*events, *events]
        random.Random(seed).shuffle(sent)
        with requests_mock.Mocker() as http:
            http.get(requests_mock.ANY, content=self._forward)
            provider = Provider(BASE)
            for number, event in enumerate(sent):
                if number == followed_after:
                    follow_room_nights([HOTEL])
                    recount.rebuild_outdated(provider)
                answer = self.rest.post("/events/", event, content_type="application/json")
                assert answer.status_code in (200, 201), answer.content
                if number % 3 == seed % 3:
                    feed_updater.update(provider)
            follow_room_nights([HOTEL])
            feed_updater.update(provider)
            recount.rebuild_outdated(provider)
            incremental = shown()
            paper = minutes_on_paper(events)
            assert [row[:2] for row in incremental] == [
                (minute, len(paper[minute])) for minute in sorted(paper)
            ]
            for minute, rooms in rooms_booked_together(HOTEL, 2):
                nights = nights_on_paper(events, paper[f"{minute:%Y-%m-%dT%H:%M}"])
                assert sum(len(room.nights) for room in rooms) == sum(nights.values())
            assert check(provider).differences == []
            recount.rebuild(provider)
            assert shown() == incremental
