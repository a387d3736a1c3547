"""GET /events/ and GET /events/feed/."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from data_provider import ledger
from data_provider.event_validation import EventRow

START = datetime(2024, 3, 1, 10)


def rows(count: int, hotels: int = 2) -> list[EventRow]:
    return [
        EventRow(
            number % hotels + 1,
            str(START + timedelta(hours=number // 3)),
            f"{number:032x}",
            f"2024-05-{number % 28 + 1:02}",
            number % 2 + 1,
            None,
        )
        for number in range(count)
    ]


def pages(client: Client, path: str) -> list[list[dict[str, Any]]]:
    """Return all pages from a path on, following the Link header."""
    result = []
    while path:
        answer = client.get(path)
        assert answer.status_code == 200, answer.content
        result.append(answer.json())
        link = answer.headers.get("Link", "")
        path = link[link.index("/events") : link.index(">")] if link else ""
    return result


@pytest.mark.django_db(databases=["data_provider"])
def test_pages_hold_every_event_once_in_order(client: Client) -> None:
    ledger.record(rows(50))
    result = pages(client, "/events?page_size=7")
    events = [event for page in result for event in page]
    assert [len(page) for page in result] == [7] * 7 + [1]
    assert len({event["id"] for event in events}) == 50
    assert events == sorted(events, key=lambda event: (event["event_timestamp"], event["id"]))


@pytest.mark.django_db(databases=["data_provider"])
@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ({"hotel_id": 2}, lambda e: e["hotel_id"] == 2),
        ({"rpg_status": 2}, lambda e: e["status"] == 2),
        ({"room_reservation_id": f"{3:032x}"}, lambda e: e["room_reservation_id"].endswith("-000000000003")),
        ({"updated__gte": "2024-03-01T15:00:00Z"}, lambda e: e["event_timestamp"] >= "2024-03-01T15"),
        ({"updated__gt": "2024-03-01 15:00:00"}, lambda e: e["event_timestamp"] > "2024-03-01T15:00:00Z"),
        ({"updated__lte": "2024-03-01T15:00:00Z"}, lambda e: e["event_timestamp"] <= "2024-03-01T15:00:00Z"),
        ({"updated__lt": "2024-03-01T17:00:00+02:00"}, lambda e: e["event_timestamp"] < "2024-03-01T15"),
        ({"updated__lte": "2024-03-01"}, lambda e: e["event_timestamp"] < "2024-03-02"),
        ({"updated__gt": "2024-03-01"}, lambda e: e["event_timestamp"] >= "2024-03-02"),
        ({"night_of_stay__gte": "2024-05-20"}, lambda e: e["night_of_stay"] >= "2024-05-20"),
        ({"night_of_stay__lte": "2024-05-03"}, lambda e: e["night_of_stay"] <= "2024-05-03"),
    ],
)  # fmt: skip
def test_filters(client: Client, query: dict[str, Any], matches: Any) -> None:
    ledger.record(rows(60))
    everything = client.get("/events/").json()
    expected = [event for event in everything if matches(event)]
    assert 0 < len(expected) < len(everything)
    assert client.get(f"/events/?{urlencode(query)}").json() == expected


@pytest.mark.one_database
@pytest.mark.django_db(databases=["data_provider"])
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("hotel_id=abc", "hotel_id"),
        ("hotel_id=", "hotel_id"),
        ("hotel_id=0", "hotel_id"),
        ("hotel_id=1&hotel_id=2", "hotel_id"),
        ("hotel_id=1_0", "hotel_id"),
        ("hotle_id=1", "hotle_id"),
        ("rpg_status=4", "rpg_status"),
        ("room_reservation_id=x", "room_reservation_id"),
        ("updated__gte=yesterday", "updated__gte"),
        ("updated__lte=2024-02-30", "updated__lte"),
        ("night_of_stay__gte=2024-13-01", "night_of_stay__gte"),
        ("page_size=0", "page_size"),
        ("page_size=10001", "page_size"),
        ("cursor=x", "cursor"),
        ("format=xml", "format"),
    ],
)
def test_a_wrong_parameter_is_named(client: Client, query: str, field: str) -> None:
    answer = client.get(f"/events/?{query}")
    assert answer.status_code == 400
    assert list(answer.json()) == [field]


@pytest.mark.django_db(databases=["data_provider"], transaction=True)
def test_the_feed_gives_every_event_once(client: Client) -> None:
    ledger.record(rows(25))
    position, seen, more = 0, [], True
    while more:
        page = client.get(f"/events/feed?after={position}&limit=10").json()
        seen += [event["id"] for event in page["events"]]
        position, more = page["position"], page["has_more"]
    assert len(seen) == len(set(seen)) == 25
    assert seen == sorted(seen)
    assert client.get(f"/events/feed/?after={position}").json() == {
        "events": [], "position": position, "has_more": False, "epoch": ledger.current_epoch(),
    }  # fmt: skip


@pytest.mark.django_db(databases=["data_provider"])
def test_decimals_of_a_second_are_shown_as_sent(client: Client) -> None:
    ledger.record([rows(1)[0]._replace(timestamp="2024-03-01 10:00:00.500000")])
    assert client.get("/events/").json()[0]["event_timestamp"] == "2024-03-01T10:00:00.500000Z"


class TestAnyQuery(TestCase):
    databases = {"data_provider", "dashboard_service"}

    @given(
        st.sampled_from(["/events/", "/events/feed/", "/dashboard/", "/dashboard/hotels/"]),
        st.dictionaries(
            st.sampled_from(
                [
                    "hotel_id",
                    "rpg_status",
                    "updated__gte",
                    "updated__lt",
                    "cursor",
                    "after",
                    "limit",
                    "year",
                    "month",
                    "day",
                    "period",
                    "basis",
                    "page_size",
                    "format",
                ]
            )
            | st.text(min_size=1),
            st.text() | st.integers().map(str) | st.dates().map(str) | st.datetimes().map(str),
            max_size=4,
        ),
    )
    def test_no_query_makes_a_server_error(self, path: str, query: dict[str, str]) -> None:
        encoded = urlencode(query, errors="replace")
        assert self.client.get(f"{path}?{encoded}").status_code in (200, 400)


@pytest.mark.django_db(databases=["data_provider"])
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/events/?" + "a&" * 1_001, 400),
        ("/events/?cursor=2024-03-01T10:00:00Z~" + "1" * 5_000, 400),
        ("/events/?updated__lte=9999-12-31", 200),
        ("/events/?updated__gt=9999-12-31", 200),
        ("/events/?updated__gte=0001-01-01T00:00:00%2B14:00", 400),
    ],
)
@pytest.mark.parametrize("debug", [True, False])
def test_extreme_queries_get_a_response(
    client: Client, settings: Any, path: str, status: int, debug: bool
) -> None:
    settings.DEBUG = debug
    client.raise_request_exception = False
    assert client.get(path).status_code == status


@pytest.mark.one_database
@pytest.mark.django_db(databases=["data_provider"])
def test_a_body_of_unknown_length_is_refused_with_411(client: Client) -> None:
    answer = client.generic("POST", "/events/", HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="")
    assert answer.status_code == 411
