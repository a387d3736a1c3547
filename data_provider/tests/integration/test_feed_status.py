"""GET /events/feed/status/: how many events were recorded after a position, and since when."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from data_provider import ledger
from data_provider.event_validation import EventRow

pytestmark = pytest.mark.django_db(databases=["data_provider"], transaction=True)

ROWS = [
    EventRow(1, "2024-03-01 10:00:00", f"{number:032x}", "2024-05-01", 1, None)
    for number in range(5)
]


def status(client: Client, after: int) -> dict[str, Any]:
    response = client.get(f"/events/feed/status/?after={after}")
    assert response.status_code == 200
    return dict(response.json())


def test_it_works(client: Client) -> None:
    before = now()
    ledger.record(ROWS[:2])
    between = now()
    ledger.record(ROWS[2:])
    ids = [event["id"] for event in ledger.read_events([], 10, order="id")]
    for after, events, earliest, latest in ((0, 5, before, between), (ids[1], 3, between, now())):
        answer = status(client, after)
        assert (answer["events_after"], answer["newest_position"]) == (events, ids[-1])
        assert earliest <= datetime.fromisoformat(answer["oldest_recorded_at"]) <= latest


def test_at_the_end_of_the_feed_no_event_is_left(client: Client) -> None:
    ledger.record(ROWS)
    newest = ledger.newest_position()
    nothing = {
        "events_after": 0, "oldest_recorded_at": None, "newest_position": newest,
        "epoch": ledger.current_epoch(),
    }  # fmt: skip
    assert status(client, newest) == nothing
    assert status(client, newest + 9) == nothing, "as after an older ledger was restored"


def test_an_empty_ledger_has_no_newest_position(client: Client) -> None:
    nothing = {
        "events_after": 0, "oldest_recorded_at": None, "newest_position": None,
        "epoch": ledger.current_epoch(),
    }  # fmt: skip
    assert status(client, 0) == nothing
