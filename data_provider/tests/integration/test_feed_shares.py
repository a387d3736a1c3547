"""The feed in shares of the hotels: the shares' pages together are the whole feed, each once."""

import random
import threading
import time
from typing import Any

import pytest
from django.db import connections, transaction
from django.test import Client

from data_provider import ledger
from data_provider.event_validation import EventRow
from data_provider.ledger import feed, recording, totals
from data_provider.ledger.query_conditions import Share

pytestmark = pytest.mark.django_db(databases=["data_provider"], transaction=True)


def row(hotel: int, number: int) -> EventRow:
    return EventRow(hotel, "2024-03-01 10:00:00", f"{number:032x}", "2024-05-01", 1, None)


def whole_feed() -> list[dict[str, Any]]:
    return ledger.read_feed(0, 100_000).events


def follow(share: Share, limit: int, position: int = 0) -> tuple[list[dict[str, Any]], int]:
    """Return a share's events after a position, and its position at the end."""
    events: list[dict[str, Any]] = []
    while True:
        page = ledger.read_feed(position, limit, share=share)
        assert page.position > position or not page.has_more, "a reader would ask for ever"
        assert page.position >= max((event["id"] for event in page.events), default=position)
        events += page.events
        position = page.position
        if not page.has_more:
            return events, position


@pytest.mark.parametrize("seed", range(8))
def test_the_shares_are_the_whole_feed(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(seed)
    monkeypatch.setattr(feed, "SCANNED_IDS", rng.choice([1, 3, 50, 200_000]))
    hotels = [rng.randint(1, 12) for _ in range(rng.randint(1, 4))]
    count, limit = rng.randint(1, 5), rng.randint(1, 9)
    positions = [0] * count
    seen: list[list[int]] = [[] for _ in range(count)]
    for batch in range(4):
        rows = [row(rng.choice(hotels), rng.randrange(80)) for _ in range(rng.randint(0, 30))]
        ledger.record(rows)  # known ones among them leave gaps in the ids
        for number in range(count):
            if batch < 3 and rng.random() < 0.3:
                continue  # a share that is behind
            events, positions[number] = follow(Share(number, count), limit, positions[number])
            assert {event["hotel_id"] % count for event in events} <= {number}
            seen[number] += [event["id"] for event in events]
    assert all(ids == sorted(ids) for ids in seen)
    assert sorted(id for ids in seen for id in ids) == [event["id"] for event in whole_feed()]
    assert set(positions) == {ledger.newest_position()}


def test_a_quiet_share_moves_past_the_events_of_others() -> None:
    ledger.record([row(2, number) for number in range(7)])
    newest = ledger.newest_position()
    assert ledger.read_feed(0, 3, share=Share(1, 2))[:3] == ([], newest, False)
    page = ledger.read_feed(0, 3, share=Share(0, 2))
    assert (len(page.events), page.position, page.has_more) == (3, page.events[-1]["id"], True)


def test_a_page_looks_at_a_bounded_number_of_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "SCANNED_IDS", 10)
    ledger.record([row(2, number) for number in range(25)])
    first, newest = whole_feed()[0]["id"], ledger.newest_position()
    page = ledger.read_feed(0, 100, share=Share(1, 2))
    assert page[:3] == ([], first + 10, True)
    assert follow(Share(1, 2), 100, page.position) == ([], newest)


def test_with_one_share_it_is_the_whole_feed(client: Client) -> None:
    ledger.record([row(hotel, hotel) for hotel in range(1, 6)])
    for after in (0, whole_feed()[2]["id"], ledger.newest_position()):
        url = f"/events/feed/?after={after}&limit=2"
        assert client.get(url).json() == client.get(f"{url}&share=0&shares=1").json()


def test_the_status_of_a_share(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.record([row(number % 3 + 1, number) for number in range(40)])

    def ask(after: int, share: int, shares: int) -> dict[str, Any]:
        url = f"/events/feed/status/?after={after}&share={share}&shares={shares}"
        return dict(client.get(url).json())

    for after in (0, whole_feed()[20]["id"], whole_feed()[37]["id"], ledger.newest_position()):
        later = [event for event in whole_feed() if event["id"] > after]
        for share in range(4):
            expected = [event for event in later if event["hotel_id"] % 4 == share]
            answer = ask(after, share, 4)
            assert answer["events_after"] == len(expected)
            assert (answer["oldest_recorded_at"] is None) == (not expected)
            assert "is_estimate" not in answer
    monkeypatch.setattr(totals, "COUNTED_IDS", 8)
    answer = ask(0, 1, 4)
    assert answer["is_estimate"]
    assert 5 <= answer["events_after"] <= 20
    assert ask(0, 0, 4)["events_after"] == 0, "0 exactly where there is none, however many others"


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("share=0", "shares"),
        ("shares=2", "share"),
        ("share=2&shares=2", "share"),
        ("share=-1&shares=2", "share"),
        ("share=0&shares=0", "shares"),
        ("share=0&shares=65", "shares"),
        ("share=a&shares=2", "share"),
        ("share=0&shares=", "shares"),
        ("share=0&share=1&shares=2", "share"),
    ],
)
@pytest.mark.parametrize("path", ["/events/feed/", "/events/feed/status/"])
def test_a_wrong_share_is_refused(client: Client, path: str, query: str, wrong: str) -> None:
    answer = client.get(f"{path}?after=0&{query}")
    assert (answer.status_code, list(answer.json())) == (400, [wrong])


@pytest.mark.skipif(
    connections["data_provider"].vendor != "postgresql", reason="SQLite has one writer at a time"
)
def test_shares_with_many_open_writers() -> None:
    """Ids become visible in any order; each share's reader still gets each event once."""
    done = threading.Event()
    shares = [Share(number, 3) for number in range(3)]
    seen: dict[Share, list[int]] = {share: [] for share in shares}

    def write(writer: int) -> None:
        rng = random.Random(writer)
        try:
            for number in range(8):
                rows = [row(rng.randint(1, 9), writer * 1_000 + number * 3 + n) for n in range(3)]
                with transaction.atomic(using="data_provider", durable=True):
                    recording.append(rows)
                    time.sleep(rng.uniform(0, 0.05))
        finally:
            connections["data_provider"].close()

    def read(share: Share) -> None:
        position = 0
        try:
            is_last = False
            while not is_last:
                is_last = done.is_set()
                events, position = follow(share, 4, position)
                seen[share] += [event["id"] for event in events]
        finally:
            connections["data_provider"].close()

    readers = [threading.Thread(target=read, args=(share,)) for share in shares]
    writers = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in (*readers, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    by_share = {s: [e["id"] for e in whole_feed() if e["hotel_id"] % 3 == s.number] for s in shares}
    assert seen == by_share
