"""Hotels with prices, made over REST, for the trials of webhooks."""

import base64
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import requests

ROOMS = 5
TIMEOUT_SECONDS = 20
WEBHOOK_SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


def priced_hotel(
    client: requests.Session, base_url: str, hotel: int, **rules: Any
) -> requests.Response:
    """Make a hotel with automatic prices; return the answer to its rules.

    Args:
        rules: further fields of the rules; None leaves one out.
    """
    far_night = datetime.now(UTC).date() + timedelta(days=200)
    _post_events(client, base_url, hotel, far_night, 1)
    client.patch(
        f"{base_url}/dashboard/hotels/{hotel}/", json={"rooms": ROOMS}, timeout=TIMEOUT_SECONDS
    ).raise_for_status()
    body = {"base_price": "100.00", "mode": "automatic", "webhook_secret": WEBHOOK_SECRET, **rules}
    told = {name: value for name, value in body.items() if value is not None}
    return client.patch(f"{base_url}/prices/hotels/{hotel}/", json=told, timeout=TIMEOUT_SECONDS)


def sell_out(client: requests.Session, base_url: str, hotel: int, night: date) -> None:
    """Book every room of a night."""
    _post_events(client, base_url, hotel, night, ROOMS)


def _post_events(
    client: requests.Session, base_url: str, hotel: int, night: date, rooms: int
) -> None:
    events = [
        {
            "hotel_id": hotel,
            "status": 1,
            "event_timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
            "room_reservation_id": str(uuid.uuid4()),
            "night_of_stay": night.isoformat(),
        }
        for _ in range(rooms)
    ]
    answer = client.post(f"{base_url}/events/", json=events, timeout=TIMEOUT_SECONDS)
    answer.raise_for_status()
