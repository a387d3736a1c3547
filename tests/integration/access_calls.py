"""The calls of the access matrix: one or more for each endpoint, and what each requires."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.integration.access_clients import (
    OTHER_HOTEL,
    OWN_HOTEL,
)

NIGHT = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()


def new_event(hotel: int) -> dict[str, Any]:
    return {
        "hotel_id": hotel, "status": 1, "event_timestamp": "2025-06-01T10:00:00Z",
        "room_reservation_id": str(uuid.uuid4()), "night_of_stay": "2025-07-04",
    }  # fmt: skip


KNOWN = str(uuid.UUID(int=7))  # a reservation of both hotels


def statement(hotel: int) -> dict[str, Any]:
    stay = {"arrival": "2025-07-04", "departure": "2025-07-05"}
    at = "2025-06-01T10:00:00Z"
    return {
        "hotel_id": hotel, "reservation_id": str(uuid.uuid4()), "status": "confirmed",
        "booked_at": at, "updated_at": at, "rooms": [stay],
    }  # fmt: skip


@dataclass(frozen=True)
class Call:
    """A request, with the ability and the hotels that it requires; "all" for all hotels."""

    method: str
    path: str
    ability: str
    hotels: frozenset[int] | str = frozenset()
    body: Any = None

    def __str__(self) -> str:
        suffix = "" if self.body is None else f" of {set(self.hotels)}"
        return f"{self.method} {self.path}{suffix}"


def lock_decision(hotel: int) -> dict[str, Any]:
    return {"hotel_id": hotel, "nights": [NIGHT], "action": "lock"}


def note(hotel: int) -> dict[str, Any]:
    return {"hotel_id": hotel, "nights": [NIGHT], "text": "the fair"}


def group(hotel: int) -> dict[str, Any]:
    return {"hotel_id": hotel, "nights": [NIGHT], "rooms": 2, "rate": "80"}


def report(hotel: int) -> dict[str, Any]:
    at = "2026-01-05T10:20:00Z"
    row = {"night": NIGHT, "price": "80", "currency": "EUR", "confirmed_at": at}
    return {"hotel_id": hotel, "system": "Mews", "prices": [row]}


def budget(hotel: int) -> dict[str, Any]:
    return {"hotel_id": hotel, "year": 2026, "months": [{"month": 5, "room_nights": 100}]}


def export(hotel: int) -> dict[str, Any]:
    return {"hotel_id": hotel, "file_name": "export.csv", "size": 100}


def market_rate(hotel: int) -> dict[str, Any]:
    return {
        "hotel_id": hotel, "competitor": str(uuid.uuid4()), "night": NIGHT, "rate": "99",
        "currency": "EUR", "seen_at": "2025-06-01T10:00:00Z",
    }  # fmt: skip


BOTH = frozenset({OWN_HOTEL, OTHER_HOTEL})
CALLS = [
    Call("GET", "/events/", "read_events"),
    Call("GET", "/events/?hotel_id=1", "read_events", frozenset({OWN_HOTEL})),
    Call("GET", "/events?hotel_id=2", "read_events", frozenset({OTHER_HOTEL})),
    Call("GET", "/events/hotels/", "read_events"),
    Call("GET", "/events/feed/", "read_events", "all"),
    Call("GET", "/events/feed/status/", "read_events", "all"),
    Call("POST", "/events/", "write_events", frozenset({OWN_HOTEL}), new_event(OWN_HOTEL)),
    Call("POST", "/events/", "write_events", frozenset({OTHER_HOTEL}), new_event(OTHER_HOTEL)),
    Call("POST", "/events", "write_events", frozenset({OWN_HOTEL}), [new_event(OWN_HOTEL)] * 2),
    Call("POST", "/events", "write_events", BOTH, [new_event(OWN_HOTEL), new_event(OTHER_HOTEL)]),
    Call("POST", "/reservations/", "write_events", frozenset({OWN_HOTEL}), statement(OWN_HOTEL)),
    Call("POST", "/reservations", "write_events", BOTH, list(map(statement, sorted(BOTH)))),
    Call("POST", "/uploads/", "write_events", frozenset({OWN_HOTEL}), export(OWN_HOTEL)),
    Call("POST", "/uploads", "write_events", frozenset({OTHER_HOTEL}), export(OTHER_HOTEL)),
    Call("GET", f"/reservations/1/{KNOWN}/", "read_events", frozenset({OWN_HOTEL})),
    Call("GET", f"/reservations/2/{KNOWN}", "read_events", frozenset({OTHER_HOTEL})),
    Call("GET", "/dashboard/?hotel_id=1", "read_dashboard", frozenset({OWN_HOTEL})),
    Call("GET", "/dashboard?hotel_id=1&format=csv", "read_dashboard", frozenset({OWN_HOTEL})),
    Call("GET", "/dashboard/?hotel_id=2", "read_dashboard", frozenset({OTHER_HOTEL})),
    Call("GET", "/dashboard/hotels/", "read_dashboard"),
    Call("GET", "/dashboard/hotels/1/", "read_dashboard", frozenset({OWN_HOTEL})),
    Call("GET", "/dashboard/hotels/2", "read_dashboard", frozenset({OTHER_HOTEL})),
    Call("PATCH", "/dashboard/hotels/1/", "change_hotels", frozenset({OWN_HOTEL}), {"name": "A"}),
    Call("PATCH", "/dashboard/hotels/2/", "change_hotels", frozenset({OTHER_HOTEL}), {"name": "B"}),
    Call("GET", "/dashboard/performance/?hotel_id=1", "read_dashboard", frozenset({OWN_HOTEL})),
    Call("GET", "/dashboard/performance/?hotel_id=2", "read_dashboard", frozenset({OTHER_HOTEL})),
    Call("GET", "/dashboard/pace/?hotel_id=1&year=2024", "read_dashboard", frozenset({OWN_HOTEL})),
    Call(
        "GET", "/dashboard/pace/?hotel_id=2&year=2024", "read_dashboard", frozenset({OTHER_HOTEL})
    ),
    Call("GET", "/dashboard/pickup/?hotel_id=1", "read_dashboard", frozenset({OWN_HOTEL})),
    Call("GET", "/dashboard/pickup/?hotel_id=2", "read_dashboard", frozenset({OTHER_HOTEL})),
    Call(
        "GET", "/dashboard/budgets/?hotel_id=1&year=2026", "read_dashboard", frozenset({OWN_HOTEL})
    ),
    Call(
        "GET", "/dashboard/budgets?hotel_id=2&year=2026", "read_dashboard", frozenset({OTHER_HOTEL})
    ),
    Call("PUT", "/dashboard/budgets/", "change_hotels", frozenset({OWN_HOTEL}), budget(OWN_HOTEL)),
    Call(
        "PUT", "/dashboard/budgets", "change_hotels", frozenset({OTHER_HOTEL}), budget(OTHER_HOTEL)
    ),
    Call("GET", "/dashboard/status/", "read_dashboard"),
    Call("GET", "/dashboard/check/", "read_dashboard"),
    Call("GET", "/prices/?hotel_id=1", "read_prices", frozenset({OWN_HOTEL})),
    Call("GET", "/prices?hotel_id=2&format=csv", "read_prices", frozenset({OTHER_HOTEL})),
    Call("GET", f"/prices/night/?hotel_id=1&night={NIGHT}", "read_prices", frozenset({OWN_HOTEL})),
    Call("GET", "/prices/undo/?hotel_id=1", "read_prices", frozenset({OWN_HOTEL})),
    Call(
        "POST",
        "/prices/undo/",
        "set_prices",
        frozenset({OWN_HOTEL}),
        {"hotel_id": OWN_HOTEL, "step": 1},
    ),
    Call("GET", "/prices/decisions/?hotel_id=1", "read_prices", frozenset({OWN_HOTEL})),
    Call(
        "POST", "/prices/decisions/", "set_prices", frozenset({OWN_HOTEL}), lock_decision(OWN_HOTEL)
    ),
    Call(
        "POST",
        "/prices/decisions",
        "set_prices",
        frozenset({OTHER_HOTEL}),
        lock_decision(OTHER_HOTEL),
    ),
    Call(
        "POST",
        "/prices/decisions/preview/",
        "set_prices",
        frozenset({OWN_HOTEL}),
        lock_decision(OWN_HOTEL),
    ),
    Call(
        "POST",
        "/prices/decisions/preview",
        "set_prices",
        frozenset({OTHER_HOTEL}),
        lock_decision(OTHER_HOTEL),
    ),
    Call("GET", "/prices/delivered/?hotel_id=1", "read_prices", frozenset({OWN_HOTEL})),
    Call("GET", "/prices/delivered?hotel_id=2", "read_prices", frozenset({OTHER_HOTEL})),
    Call("PUT", "/prices/delivered/", "set_prices", frozenset({OWN_HOTEL}), report(OWN_HOTEL)),
    Call("PUT", "/prices/delivered", "set_prices", frozenset({OTHER_HOTEL}), report(OTHER_HOTEL)),
    Call("DELETE", "/prices/delivered/?hotel_id=1", "set_prices", frozenset({OWN_HOTEL})),
    Call("DELETE", "/prices/delivered?hotel_id=2", "set_prices", frozenset({OTHER_HOTEL})),
    Call("GET", "/prices/notes/?hotel_id=1", "read_prices", frozenset({OWN_HOTEL})),
    Call("GET", "/prices/notes?hotel_id=2", "read_prices", frozenset({OTHER_HOTEL})),
    Call("POST", "/prices/notes/", "set_prices", frozenset({OWN_HOTEL}), note(OWN_HOTEL)),
    Call("POST", "/prices/notes", "set_prices", frozenset({OTHER_HOTEL}), note(OTHER_HOTEL)),
    Call("POST", "/prices/group-quote/", "read_prices", frozenset({OWN_HOTEL}), group(OWN_HOTEL)),
    Call(
        "POST", "/prices/group-quote", "read_prices", frozenset({OTHER_HOTEL}), group(OTHER_HOTEL)
    ),
    Call("GET", "/prices/forecast/?hotel_id=1", "read_prices", frozenset({OWN_HOTEL})),
    Call("GET", "/prices/forecast?hotel_id=2", "read_prices", frozenset({OTHER_HOTEL})),
    Call("GET", "/market/rates/?hotel_id=1", "read_prices", frozenset({OWN_HOTEL})),
    Call("GET", "/market/rates?hotel_id=2&format=csv", "read_prices", frozenset({OTHER_HOTEL})),
    Call("POST", "/market/rates/", "write_events", frozenset({OWN_HOTEL}), market_rate(OWN_HOTEL)),
    Call("POST", "/market/rates", "write_events", BOTH, list(map(market_rate, sorted(BOTH)))),
    Call("GET", "/prices/hotels/1/", "read_prices", frozenset({OWN_HOTEL})),
    Call("PATCH", "/prices/hotels/1/", "set_prices", frozenset({OWN_HOTEL}), {"base_price": 90}),
    Call("PATCH", "/prices/hotels/2", "set_prices", frozenset({OTHER_HOTEL}), {"base_price": 90}),
    Call(
        "POST",
        "/prices/hotels/1/preview/",
        "read_prices",
        frozenset({OWN_HOTEL}),
        {"base_price": 1},
    ),
    Call("GET", "/prices/hotels/1/proposal/", "read_prices", frozenset({OWN_HOTEL})),
    Call("POST", "/prices/hotels/1/webhook-secret/", "set_prices", frozenset({OWN_HOTEL})),
    Call("POST", "/prices/hotels/1/send-all/", "set_prices", frozenset({OWN_HOTEL})),
    Call("GET", "/metrics", "read_metrics", "all"),
    Call("GET", "/metrics/", "read_metrics", "all"),
]
