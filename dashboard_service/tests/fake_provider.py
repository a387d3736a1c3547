"""A fake Data Provider over `requests-mock`, and the counts that its events must give."""

from collections import Counter
from typing import Any

import requests_mock

from dashboard_service.models import DashboardData

BASE = "http://provider.test"


class FakeProvider:
    """Serves a list of events, which are in feed order, as the Data Provider does.

    `epoch` is the ledger's, empty for a Data Provider of before there was one. `scanned` is how many
    events a page of a share looks at.
    """

    def __init__(self, mock: requests_mock.Mocker, events: list[dict[str, Any]], page: int = 3):
        self.events = events
        self.page = page
        self.epoch = "first"
        self.scanned = 1_000_000
        self.requests: list[str] = []  # the query of each, without the listings
        mock.get(f"{BASE}/events/feed/", json=self.feed)
        mock.get(f"{BASE}/events/feed/status/", json=self.status)
        mock.get(f"{BASE}/events/", json=lambda *_: self.events)
        mock.get(f"{BASE}/events/hotels/", json=self.hotels)

    def feed(self, request: Any, context: Any) -> dict[str, Any]:
        self.requests.append(request.query)
        after = int(request.qs["after"][0])
        if self._is_refused(request, after):
            context.status_code = 409
            return {"detail": "begin anew"}
        rest = [event for event in self.events if event["id"] > after]
        if "share" in request.qs:
            scanned = rest[: self.scanned]
            found = [event for event in scanned if self._is_of_share(request, event)]
            page = found[: self.page]
            end = page if len(found) > len(page) else scanned
            position = end[-1]["id"] if end else after
            has_more = len(found) > len(page) or len(rest) > len(scanned)
        else:
            page = rest[: self.page]
            position = page[-1]["id"] if page else after
            has_more = len(rest) > len(page)
        return {"events": page, "position": position, "has_more": has_more, **self._epoch()}

    def status(self, request: Any, context: Any) -> dict[str, Any]:
        self.requests.append(request.query)
        after = int(request.qs["after"][0])
        if self._is_refused(request, after):
            context.status_code = 409
            return {"detail": "begin anew"}
        behind = [
            event
            for event in self.events
            if event["id"] > after and self._is_of_share(request, event)
        ]
        oldest = "2024-01-01T00:00:00+00:00" if behind else None
        return {
            "events_after": len(behind),
            "oldest_recorded_at": oldest,
            "newest_position": self._newest() or None,
            **self._epoch(),
        }

    def hotels(self, *_: Any) -> list[dict[str, int]]:
        hotels = sorted({event["hotel_id"] for event in self.events})
        return [{"hotel_id": hotel} for hotel in hotels]

    @staticmethod
    def _is_of_share(request: Any, event: dict[str, Any]) -> bool:
        share, shares = (int(request.qs.get(name, ["0"])[0]) for name in ("share", "shares"))
        return not shares or event["hotel_id"] % shares == share

    def _newest(self) -> int:
        return int(self.events[-1]["id"]) if self.events else 0

    def _epoch(self) -> dict[str, str]:
        return {"epoch": self.epoch} if self.epoch else {}

    def _is_refused(self, request: Any, after: int) -> bool:
        epoch = request.qs.get("epoch")
        return epoch is not None and (epoch != [self.epoch] or after > self._newest())


def make_event(
    number: int, status: int = 1, day: str = "2024-03-01", night: str = "2024-05-01"
) -> dict[str, Any]:
    """Return an event of hotel 1 or 2, for even and odd numbers."""
    return {
        "id": number, "hotel_id": number % 2 + 1, "event_timestamp": f"{day}T10:00:00Z",
        "status": status, "room_reservation_id": str(number), "night_of_stay": night,
    }  # fmt: skip


def stored_counts() -> dict[tuple[int, str, str], tuple[int, int]]:
    """Return the daily rows: bookings and cancellations by hotel, basis and day."""
    return {
        (row.hotel_id, row.basis, str(row.day)): (row.gross_booking_count, row.cancellation_count)
        for row in DashboardData.objects.all()
    }


def expected_counts(events: list[dict[str, Any]]) -> dict[tuple[int, str, str], tuple[int, int]]:
    """Return what `stored_counts` must return when exactly these events were counted."""
    keys: Counter[tuple[int, str, str, int]] = Counter()
    for event in events:
        keys[event["hotel_id"], "booked", event["event_timestamp"][:10], event["status"]] += 1
        keys[event["hotel_id"], "stay", event["night_of_stay"], event["status"]] += 1
    return {key[:3]: (keys[*key[:3], 1], keys[*key[:3], 2]) for key in keys}
