"""Events of several hotels, and positions of a feed divided into shares, for tests."""

import random
from collections.abc import Iterable
from typing import Any

from dashboard_service.models import FeedPosition
from dashboard_service.tests.fake_provider import make_event

HOTELS = 7
DAYS = ["2019-12-31", "2023-12-31", "2024-01-01", "2024-02-29"]  # events come in any order of time


def any_events(numbers: Iterable[int], rng: random.Random) -> list[dict[str, Any]]:
    """Return events with these ids, no two with one identity: the ledger holds none twice."""
    identities: set[tuple[Any, ...]] = set()
    return [_new_event(number, rng, identities) for number in numbers]


def _new_event(number: int, rng: random.Random, identities: set[tuple[Any, ...]]) -> dict[str, Any]:
    while True:
        event = make_event(number, rng.choice([1, 1, 2]), rng.choice(DAYS), rng.choice(DAYS))
        event |= {"hotel_id": rng.randint(1, HOTELS), "room_reservation_id": str(rng.randint(1, 9))}
        identity = tuple(value for name, value in event.items() if name != "id")
        if identity not in identities:
            identities.add(identity)
            break
    if event["hotel_id"] % 3 == 0:
        event |= {"rate": "120.50", "currency": "EUR"}
    return event


def layout() -> list[tuple[int, int, int]]:
    return [(row.share, row.shares, row.position) for row in FeedPosition.all_shares()]


def set_positions(*positions: int) -> None:
    """Divide the feed into as many shares, at these positions."""
    FeedPosition.objects.all().delete()
    for share, position in enumerate(positions):
        row = FeedPosition.of_share(share, len(positions))
        row.position = row.room_night_position = position
        row.epoch = "first" if position else ""
        row.save()
