"""What the tests of the web page share: counting events, and reading the page's HTML."""

import re
from html import unescape
from typing import Any

from django.test import Client

from dashboard_service.counting.count_storage import add_counts
from dashboard_service.counting.event_counts import EventCounts


def make_events(*rows: tuple[str, str, int, int]) -> list[dict[str, Any]]:
    """Return events of hotel 7 from rows of timestamp, night, status and number of events."""
    return [
        {"hotel_id": 7, "event_timestamp": f"{time}Z", "night_of_stay": night, "status": status}
        for time, night, status, count in rows
        for _ in range(count)
    ]


def count_events(*rows: tuple[str, str, int, int]) -> None:
    """Count events of hotel 7 without a Data Provider; rows as in `make_events`."""
    counts = EventCounts({})
    counts.add(make_events(*rows))
    add_counts(counts)


def get_page(client: Client, query: str = "?hotel_id=7") -> str:
    """Return the page's HTML, of hotel 7 unless a query says otherwise, with entities decoded."""
    answer = client.get(f"/{query}")
    assert answer.status_code == 200, answer.content
    return unescape(answer.content.decode())


def card_values(html: str) -> dict[str, float | None]:
    """Return the value of each card, by its key."""
    cards = re.findall('id="figure-(\\w+)">(?:<data value="([^"]+)"|\N{EN DASH})', html)
    return {name: float(value) if value else None for name, value in cards}


def visible_text(html: str) -> str:
    """Return the text of HTML without tags."""
    return " ".join(re.sub(r"<[^>]+>", "", html).split())
