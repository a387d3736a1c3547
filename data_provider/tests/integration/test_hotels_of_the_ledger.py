"""GET /events/hotels/: every hotel that has events, once, in order, in pages."""

from typing import Any

import pytest
from django.test import Client

from data_provider import ledger
from data_provider.event_validation import parse_event

pytestmark = pytest.mark.django_db(databases=["data_provider"])

HOTELS = [2, 3, 17, 900, 2_147_483_647]


def record(hotels: list[int]) -> None:
    rows: list[Any] = []
    for hotel in hotels:
        for night in ("2025-07-04", "2025-07-05"):
            row, _ = parse_event(
                {
                    "hotel_id": hotel, "status": 1, "event_timestamp": "2025-06-01T10:00:00Z",
                    "room_reservation_id": "3f2b8c1e-0d4a-4b6e-9a51-0123456789ab",
                    "night_of_stay": night,
                }
            )  # fmt: skip
            rows.append(row)
    ledger.record(rows)


def test_pages_hold_every_hotel_once(client: Client) -> None:
    record(HOTELS[::-1])
    found, address = [], "/events/hotels?page_size=2"
    while address:
        answer = client.get(address)
        found += [row["hotel_id"] for row in answer.json()]
        link = answer.headers.get("Link", "")
        address = link[1 : link.index(">")] if link else ""
    assert found == HOTELS


def test_without_events_there_is_none(client: Client) -> None:
    assert client.get("/events/hotels/").json() == []


def test_a_wrong_parameter_is_refused(client: Client) -> None:
    assert client.get("/events/hotels/?hotel_id=1").status_code == 400
    assert client.get("/events/hotels/?after=-1").status_code == 400


def test_only_these_hotels(client: Client) -> None:
    record(HOTELS)
    own = frozenset({3, 4, 900})
    assert ledger.hotels_after(0, 10, own) == [3, 900]
    assert ledger.hotels_after(3, 10, own) == [900]
    assert ledger.hotels_after(0, 1, own) == [3]
    assert ledger.hotels_after(0, 10, frozenset()) == []
