"""Events with money for the soak test: rates, currencies, words, changes and second thoughts."""

import random
import uuid
from collections import deque
from datetime import datetime, timedelta
from typing import Any

from tests.soak.events import Event

MONEY_COLUMNS = ["rate", "currency", "room_type", "channel", "segment"]
FORGOTTEN_SHARE = 0.15  # of the events leaves each field out
KNOWN_SHARE = 0.5  # of the events is about a room-night that has events already
CHANGES_PER_FILE_ROW = 0.05
RECENT_ROOM_NIGHTS = 2_000  # of a client, from which room-nights with events are chosen
WORDS = {
    "room_type": ["Double", "Suite", "Einzelzimmer"],
    "channel": ["Direct", "Agency", "Épargne"],
    "segment": ["Leisure", "Group"],
}


def random_money(rng: random.Random) -> dict[str, str]:
    """Return a rate in a currency, and words; each may be missing."""
    money: dict[str, str] = {}
    if rng.random() > FORGOTTEN_SHARE:
        decimals = rng.choice([0, 2, 2, 2, 3])
        money["rate"] = f"{rng.uniform(0, 300):.{decimals}f}"
        money["currency"] = "EUR" if rng.random() < 0.9 else "USD"
    for name, words in WORDS.items():
        if rng.random() > FORGOTTEN_SHARE:
            money[name] = rng.choice(words)
    return money


class MoneyEvents:
    """Random events of one hotel: bookings, changes and cancellations that meet, in any order."""

    def __init__(self, rng: random.Random, hotel: int) -> None:
        self._rng = rng
        self._hotel = hotel
        self._recent: deque[tuple[str, str, datetime]] = deque(maxlen=RECENT_ROOM_NIGHTS)

    def event(self, serial: int) -> Event:
        """Return the next event. Its time may lie before that of earlier events."""
        rng = self._rng
        if self._recent and rng.random() < KNOWN_SHARE:
            reservation, night, around = rng.choice(self._recent)
            # Often at the same second, where the order of the events is decided by their kind.
            timestamp = around + timedelta(hours=rng.choice([-48, -1, 0, 0, 1, 30]))
            status = rng.choice([1, 2, 3, 3])
        else:
            timestamp = datetime(2024, 1, 1) + timedelta(seconds=serial * 600 + rng.randrange(600))
            reservation = str(uuid.UUID(int=rng.getrandbits(128), version=4))
            night = str((timestamp + timedelta(days=rng.randrange(200))).date())
            status = rng.choice([1, 1, 1, 3])
            self._recent.append((reservation, night, timestamp))
        return {
            "hotel_id": self._hotel,
            "event_timestamp": f"{timestamp.isoformat()}Z",
            "status": status,
            "room_reservation_id": reservation,
            "night_of_stay": night,
            **(random_money(rng) if status != 2 else {}),
        }


def with_money(rng: random.Random, rows: list[list[str]]) -> list[list[str]]:
    """Return rows of a file (status, time, night, reservation), and changes, with MONEY_COLUMNS."""
    changes = [
        ["3", *row[1:]] for row in rows if row[0] == "1" and rng.random() < CHANGES_PER_FILE_ROW
    ]
    return [[*row, *_values(rng, row[0])] for row in (*rows, *changes)]


def _values(rng: random.Random, status: str) -> list[Any]:
    money = random_money(rng) if status != "2" else {}
    return [money.get(name, "") for name in MONEY_COLUMNS]
